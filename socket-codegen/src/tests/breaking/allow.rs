//! The allow list, as it stands in the configuration.

use crate::breaking::Allow;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Config {
    allow: Vec<Allow>,
}

fn parse(text: &str) -> Result<Vec<Allow>, String> {
    let config = toml::from_str::<Config>(text).map_err(|error| error.message().to_owned());
    config.map(|config| config.allow)
}

#[test]
fn days_are_text_or_dates() {
    for until in ["2026-12-31", "\"2026-12-31\""] {
        let entry = format!(
            "[[allow]]\nrule = \"NULL_ADDED\"\npath = \"chat.reply.*\"\nreason = \"old\"\nuntil = {until}\n"
        );
        let list = parse(&entry).unwrap();
        assert_eq!(list[0].until.unwrap().to_string(), "2026-12-31");
    }
}

#[test]
fn mistakes_say_what_is_wrong() {
    let entry =
        |rule: &str, rest: &str| format!("[[allow]]\nrule = \"{rule}\"\npath = \"a\"\n{rest}\n");
    for (text, expected) in [
        (
            entry("NULL_ADED", "reason = \"x\""),
            "unknown rule `NULL_ADED`",
        ),
        (entry("NULL_ADDED", ""), "missing field `reason`"),
        (
            entry("NULL_ADDED", "reason = \" \""),
            "an accepted break needs a reason",
        ),
        (
            entry("NULL_ADDED", "reason = \"x\"\nuntil = \"soon\""),
            "`soon` is not a date such as 2026-11-21",
        ),
        (
            entry("NULL_ADDED", "reason = \"x\"\nunitl = 1"),
            "unknown field `unitl`",
        ),
    ] {
        let message = parse(&text).unwrap_err();
        assert!(message.contains(expected), "{message}");
    }
}
