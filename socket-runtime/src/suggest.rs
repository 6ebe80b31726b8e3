//! Suggests the name that was probably meant.

pub(crate) use socket_protocol::nearest::nearest as similar;

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
            assert_eq!(similar(name, names), expected, "{name}");
        }
    }
}
