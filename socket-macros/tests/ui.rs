//! One file per rule of a definition: what is refused, with its message, and what is taken.
//!
//! Behind each case that is refused stands what its messages say to write instead: `//- ` and what
//! stands there, `//+ ` and what is written in its place. Applied, the case compiles.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

fn refused() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui/fail")
}

#[test]
fn mistakes_are_refused_with_what_to_write_instead() {
    trybuild::TestCases::new().compile_fail("tests/ui/fail/*.rs");
}

#[test]
fn what_the_messages_say_to_write_compiles() {
    let mut cases: Vec<PathBuf> = fs::read_dir(refused())
        .expect("the cases")
        .map(|entry| entry.expect("a case").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect();
    cases.sort();
    let mut all = "#![allow(warnings)]\nfn main() {}\n".to_owned();
    for case in cases {
        let name = case.file_stem().expect("a name").to_string_lossy();
        let mended = mended(&name, &fs::read_to_string(&case).expect("the case"));
        write!(all, "mod {name} {{\n{mended}}}\n").expect("a text takes all");
    }
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mended.rs");
    fs::write(&file, all).expect("written");
    trybuild::TestCases::new().pass(file);
}

/// The case with what stands behind it applied.
fn mended(name: &str, case: &str) -> String {
    let (case, mends) = case.split_once("\n//- ").expect(name);
    let mends = mends.split("\n//- ");
    mends.fold(case.to_owned(), |text, mend| {
        let (old, new) = mend.trim_end().split_once("\n//+").expect(name);
        assert_eq!(text.matches(old).count(), 1, "{name}: {old}");
        text.replace(old, new.strip_prefix(' ').unwrap_or(new))
    })
}

#[test]
fn definitions_are_taken() {
    trybuild::TestCases::new().pass("tests/ui/pass/*.rs");
}

#[test]
fn each_message_is_short_and_says_what_to_write_instead() {
    for entry in fs::read_dir(refused()).expect("the cases") {
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
