//! The name that was meant: one rule for keys of attributes, names of commands, flags and limits.
//!
//! `socket-macros` can depend on nothing of ours and holds the same file; a test compares the two
//! (`socket-codegen/tests/tidy.rs`). All of it can run while a program is compiled.

#![allow(
    unreachable_pub,
    reason = "public in `socket-protocol` alone, and one file in both crates"
)]

/// Names that are longer are no typing mistakes, and to compare them would take long.
const LONGEST: usize = 64;

/// The search for the name that was meant among those that are known.
#[derive(Debug)]
pub struct Nearest<'a> {
    written: &'a [u8],
    distance: usize,
    found: Option<usize>,
}

impl<'a> Nearest<'a> {
    /// Looks for what may have been meant by that name.
    #[must_use]
    pub const fn new(written: &'a str) -> Self {
        Self {
            written: written.as_bytes(),
            distance: usize::MAX,
            found: None,
        }
    }

    /// Compares the known name at that place: one mistake per three letters is near, and one in a
    /// shorter name; so is a name of which only the end is left out. Of two that are equally near the
    /// first counts.
    pub const fn look_at(&mut self, known: &str, place: usize) {
        let third = known.len() / 3;
        let most = if third > 1 { third } else { 1 };
        let distance = if known.len().abs_diff(self.written.len()) <= most {
            distance(self.written, known.as_bytes())
        } else if begins(known.as_bytes(), self.written) {
            most
        } else {
            // As many letters at least were added or left out.
            return;
        };
        if distance <= most && distance < self.distance {
            self.distance = distance;
            self.found = Some(place);
        }
    }

    /// The place of the nearest name so far.
    #[must_use]
    pub const fn place(&self) -> Option<usize> {
        self.found
    }
}

/// The nearest of the known names, where one is near.
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut search = Nearest::new(written);
    let mut found = None;
    for (place, name) in known.into_iter().enumerate() {
        search.look_at(name, place);
        if search.place() == Some(place) {
            found = Some(name);
        }
    }
    found
}

/// How many letters have to be changed, added, left out or swapped with the next.
const fn distance(a: &[u8], b: &[u8]) -> usize {
    if a.len() > LONGEST || b.len() > LONGEST {
        return usize::MAX;
    }
    let mut rows = [[0; LONGEST + 1]; LONGEST + 1];
    let mut i = 0;
    while i <= a.len() {
        let mut j = 0;
        while j <= b.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let same = a[i - 1] == b[j - 1];
                let mut least = rows[i - 1][j - 1] + !same as usize;
                least = smaller(least, rows[i - 1][j] + 1);
                least = smaller(least, rows[i][j - 1] + 1);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    least = smaller(least, rows[i - 2][j - 2] + 1);
                }
                least
            };
            j += 1;
        }
        i += 1;
    }
    rows[a.len()][b.len()]
}

/// `true` if a name begins with what is written, and that with more than is common by chance.
const fn begins(known: &[u8], written: &[u8]) -> bool {
    if written.len() < 4 || written.len() >= known.len() {
        return false;
    }
    let mut i = 0;
    while i < written.len() {
        if known[i] != written[i] {
            return false;
        }
        i += 1;
    }
    true
}

const fn smaller(a: usize, b: usize) -> usize {
    if a < b { a } else { b }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, distance, nearest};

    #[test]
    fn letters_that_changed_places_are_one_mistake() {
        for (a, b, expected) in [
            ("Say", "Say", 0),
            ("Sya", "Say", 1),
            ("Sai", "Say", 1),
            ("JoinRom", "JoinRoom", 1),
            ("", "Say", 3),
        ] {
            assert_eq!(distance(a.as_bytes(), b.as_bytes()), expected, "{a} {b}");
        }
        let long = "a".repeat(LONGEST + 1);
        assert_eq!(distance(long.as_bytes(), long.as_bytes()), usize::MAX);
    }

    #[test]
    fn only_what_is_near_was_meant() {
        let known = [
            "reply",
            "error",
            "name",
            "idempotent",
            "chat",
            "join-room",
            "id",
        ];
        for (written, expected) in [
            ("repyl", Some("reply")),
            ("repl", Some("reply")),
            ("names", Some("name")),
            ("idempotence", Some("idempotent")),
            ("idem", Some("idempotent")),
            ("join", Some("join-room")),
            ("joi", None),
            ("chta", Some("chat")),
            ("cths", None),
            ("Chat", Some("chat")),
            ("joinRoom", Some("join-room")),
            ("if", Some("id")),
            ("rate", None),
            ("leave", None),
            ("", None),
        ] {
            assert_eq!(nearest(written, known), expected, "{written}");
        }
    }
}
