//! Suggests the name that was probably meant.

/// The closest of the names, if one is close: at most one edit per three characters. Two swapped
/// letters count as one edit.
pub(crate) fn similar<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // A name longer than any real one is not a typing mistake, and the distance takes quadratic
    // time.
    if name.len() > 64 {
        return None;
    }
    names
        .map(|known| (strsim::osa_distance(name, known), known))
        .filter(|(edits, known)| *edits <= known.len().max(3) / 3)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::similar;

    #[test]
    fn only_what_is_close_is_suggested() {
        let names = ["chat", "join-room", "ping"];
        for (name, expected) in [
            ("chta", Some("chat")),
            ("cths", None),
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
