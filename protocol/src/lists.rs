//! Whether what a channel lists is what its protocol has. The compiler asks, on each name; so all of
//! this runs while it compiles, and writes its message in a buffer of its own.

use crate::definition::{Commands, Events, Protocol};

/// What a set of channels lists, in the protocol that it belongs to.
pub trait Lists {
    /// Stops the compiler at a name that the protocol does not have.
    const KNOWN: ();
}

impl Lists for () {
    const KNOWN: () = ();
}

macro_rules! questions {
    ($($(#[$docs:meta])* $ask:ident of $Set:ident, $ALL:ident;)*) => {$(
        $(#[$docs])*
        ///
        /// # Panics
        /// While the protocol is compiled, where it has none of that name.
        #[track_caller]
        pub const fn $ask<P: Protocol>(channel: &str, listed: &str) {
            // What a definition with mistakes does not have is no further mistake.
            if <P::$Set as $Set>::IS_STUB {
                return;
            }
            let all = <P::$Set as $Set>::$ALL;
            // Every name that is right goes this way, and the compiler gives up on what takes long.
            let mut i = 0;
            while i < all.len() {
                if same(all[i].variant.as_bytes(), listed.as_bytes()) {
                    return;
                }
                i += 1;
            }
            let mut near = Near::new(listed);
            let mut message = Message::new();
            message.begin(channel, stringify!($ask), listed);
            let mut i = 0;
            while i < all.len() {
                near.look_at(all[i].variant, i);
                i += 1;
            }
            if let Some(i) = near.at {
                message.suggest(all[i].variant);
            }
            if all.is_empty() {
                message.none();
            }
            let mut i = 0;
            while i < all.len() {
                message.name(all[i].variant, i, all.len());
                i += 1;
            }
            panic!("{}", message.text());
        }
    )*};
}

questions! {
    /// Stands on a command that a channel lists.
    command of Commands, COMMANDS;
    /// Stands on an event that a channel lists.
    event of Events, EVENTS;
}

/// Looks from the end: names that begin alike are many, and the compiler is slow at this.
const fn same(a: &[u8], b: &[u8]) -> bool {
    let mut i = a.len();
    if i != b.len() {
        return false;
    }
    while i > 0 {
        i -= 1;
        if a[i] != b[i] {
            return false;
        }
    }
    true
}

/// The name that was probably meant.
struct Near<'a> {
    listed: &'a [u8],
    distance: usize,
    at: Option<usize>,
}

impl<'a> Near<'a> {
    const fn new(listed: &'a str) -> Self {
        Self {
            listed: listed.as_bytes(),
            distance: usize::MAX,
            at: None,
        }
    }

    const fn look_at(&mut self, name: &str, at: usize) {
        let third = name.len() / 3;
        let most = if third > 1 { third } else { 1 };
        // As many letters at least are added or taken away.
        if name.len().abs_diff(self.listed.len()) > most {
            return;
        }
        let distance = distance(self.listed, name.as_bytes());
        if distance <= most && distance < self.distance {
            self.distance = distance;
            self.at = Some(at);
        }
    }
}

/// Names that are longer are not compared letter by letter.
const LONGEST: usize = 64;

/// How many letters have to be changed, added, taken away or swapped with the next.
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

const fn smaller(a: usize, b: usize) -> usize {
    if a < b { a } else { b }
}

/// How many bytes a message has at most; names that have no room are not told.
const ROOM: usize = 512;

/// A text that grows while the compiler runs.
struct Message {
    bytes: [u8; ROOM],
    length: usize,
    /// Whether there were more names than it has room for.
    cut: bool,
}

impl Message {
    const fn new() -> Self {
        Self {
            bytes: [0; ROOM],
            length: 0,
            cut: false,
        }
    }

    /// Adds a text, or nothing where it has no room.
    const fn add(&mut self, text: &str) {
        let text = text.as_bytes();
        if self.length + text.len() > ROOM {
            return;
        }
        let mut i = 0;
        while i < text.len() {
            self.bytes[self.length] = text[i];
            self.length += 1;
            i += 1;
        }
    }

    const fn begin(&mut self, channel: &str, kind: &str, listed: &str) {
        self.add("the channel `");
        self.add(channel);
        self.add("` lists the ");
        self.add(kind);
        self.add(" `");
        self.add(listed);
        self.add("`, which the protocol does not have\nhelp: ");
    }

    const fn suggest(&mut self, name: &str) {
        self.add("write `");
        self.add(name);
        self.add("`; ");
    }

    const fn none(&mut self) {
        self.add("declare it, or take it out of the list: there are none");
    }

    /// One of all names there are.
    const fn name(&mut self, name: &str, at: usize, of: usize) {
        if at == 0 {
            self.add("there are ");
        } else if self.cut {
            return;
        } else if self.length + name.len() + 16 > ROOM {
            self.cut = true;
            self.add(" and more");
            return;
        } else if at + 1 == of {
            self.add(" and ");
        } else {
            self.add(", ");
        }
        self.add("`");
        self.add(name);
        self.add("`");
    }

    const fn text(&self) -> &str {
        let (written, _) = self.bytes.split_at(self.length);
        match std::str::from_utf8(written) {
            Ok(text) => text,
            Err(_) => "a channel lists what the protocol does not have",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn names_are_compared_whole() {
        let long = "a".repeat(LONGEST + 1);
        for (a, b, expected) in [
            ("Say", "Say", true),
            ("Say", "Sai", false),
            ("Say", "SayAll", false),
            ("", "", true),
            (&long, &long, true),
        ] {
            assert_eq!(same(a.as_bytes(), b.as_bytes()), expected, "{a} {b}");
        }
    }

    #[test]
    fn a_message_has_an_end() {
        let mut message = Message::new();
        message.begin("Lobby", "command", "Sya");
        message.suggest("Say");
        for at in 0..1000 {
            message.name("SomethingLong", at, 1000);
        }
        let text = message.text();
        assert!(text.starts_with(
            "the channel `Lobby` lists the command `Sya`, which the protocol does not have\n\
             help: write `Say`; there are `SomethingLong`, `SomethingLong`"
        ));
        assert!(
            text.len() <= ROOM && text.ends_with("`SomethingLong` and more"),
            "{text}"
        );
    }
}
