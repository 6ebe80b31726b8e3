//! One file per rule of a definition: what is refused, with its message, and what is taken.

use std::fs;
use std::path::Path;

#[test]
fn mistakes_are_refused_with_what_to_write_instead() {
    trybuild::TestCases::new().compile_fail("tests/ui/fail/*.rs");
}

#[test]
fn definitions_are_taken() {
    trybuild::TestCases::new().pass("tests/ui/pass/*.rs");
}

#[test]
fn each_message_is_short_and_says_what_to_write_instead() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui/fail");
    for entry in fs::read_dir(folder).expect("the cases") {
        let path = entry.expect("a case").path();
        if path
            .extension()
            .is_none_or(|extension| extension != "stderr")
        {
            continue;
        }
        let text = fs::read_to_string(&path).expect("the message");
        let lines: Vec<&str> = text.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            if let Some(message) = line.strip_prefix("error: ") {
                assert!(
                    message.chars().count() <= 120,
                    "{}: {message}",
                    path.display()
                );
                let help = lines.get(index + 1).copied().unwrap_or_default();
                assert!(
                    help.trim_start().starts_with("help: "),
                    "{}: {message}",
                    path.display()
                );
            }
        }
    }
}
