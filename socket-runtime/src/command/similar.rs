//! The name that was probably meant.

/// The closest of the names, where one is close: at most one edit per three characters.
pub(crate) fn similar<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // A name longer than any real one is no typing mistake, and the distance is quadratic.
    if name.len() > 64 {
        return None;
    }
    names
        .map(|known| (distance(name, known), known))
        .filter(|(edits, known)| *edits <= known.len().max(3) / 3)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, known)| known)
}

/// How many characters are to be added, dropped or changed.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, a) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in b.iter().enumerate() {
            let change = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::similar;

    #[test]
    fn only_what_is_close_is_suggested() {
        let names = ["chat", "join-room", "ping"];
        for (name, expected) in [
            ("chta", None),
            ("chatt", Some("chat")),
            ("Chat", Some("chat")),
            ("joinRoom", Some("join-room")),
            ("pong", Some("ping")),
            ("leave", None),
            ("", None),
        ] {
            assert_eq!(similar(name, names.into_iter()), expected, "{name}");
        }
    }
}
