//! A manifest in, TypeScript out: each folder of `tests/emit` holds `manifest.json` and either the
//! expected files or the expected `errors.txt`. `UPDATE=1` writes what comes out.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::emit::{Emit, emit};
use socket_protocol::manifest::Manifest;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/emit")
}

/// The files that a case expects. The copy of the client is the same for all of them, and the
/// manifest is written as it is read.
fn emitted(manifest: &Manifest) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for form in [Emit::Ts, Emit::Js] {
        match emit(std::slice::from_ref(manifest), form, &|_| None) {
            Ok(emitted) => files.extend(emitted.into_iter().map(|file| (file.name, file.text))),
            Err(failure) => {
                let findings: Vec<String> =
                    failure.findings.iter().map(ToString::to_string).collect();
                files.insert("errors.txt".to_owned(), findings.join("\n\n") + "\n");
            }
        }
    }
    files.retain(|name, _| !name.starts_with("socket.") && !name.starts_with("index."));
    files.remove(&format!("{}.manifest.json", manifest.protocol));
    files
}

fn check(case: &str) {
    let folder = folder().join(case);
    let text = fs::read_to_string(folder.join("manifest.json")).unwrap();
    let manifest: Manifest = serde_json::from_str(&text).unwrap();
    let mut emitted = emitted(&manifest);
    if case != "chat" {
        // One case holds the JavaScript form; the types are the same in all forms.
        emitted.retain(|name, _| {
            name == "errors.txt" || name.ends_with(".ts") && !name.ends_with(".d.ts")
        });
    }
    if std::env::var_os("UPDATE").is_some() {
        for (name, text) in &emitted {
            fs::write(folder.join(name), text).unwrap();
        }
        return;
    }
    let mut expected = BTreeMap::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name != "manifest.json" {
            let text = fs::read_to_string(folder.join(&name)).unwrap();
            expected.insert(name, text);
        }
    }
    for (name, text) in &emitted {
        let expected = expected.get(name).map_or("", String::as_str);
        let diff = similar::TextDiff::from_lines(expected, text)
            .unified_diff()
            .header("expected", "emitted")
            .to_string();
        assert!(diff.is_empty(), "{case}/{name}:\n{diff}");
    }
    assert!(
        expected.keys().eq(emitted.keys()),
        "{case}: {:?}",
        expected.keys()
    );
}

#[test]
fn every_case_is_emitted_as_expected() {
    let mut cases: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    cases.sort();
    assert!(!cases.is_empty());
    for case in cases {
        check(&case);
    }
}

/// What the client is written against, and tested with.
#[test]
fn the_clients_fixture_is_what_is_emitted() {
    let client = Path::new(env!("CARGO_MANIFEST_DIR")).join("client/test/fixtures");
    let pairs = [
        ("chat/chat.ts", "chat/chat.ts"),
        ("chat-js/chat.js", "chat/chat.js"),
        ("chat-js/chat.d.ts", "chat/chat.d.ts"),
        ("kept/kept.ts", "history/kept.ts"),
    ];
    for (fixture, name) in pairs {
        let fixture = fs::read_to_string(client.join(fixture)).unwrap();
        let emitted = fs::read_to_string(folder().join(name)).unwrap();
        let diff = similar::TextDiff::from_lines(&fixture, &emitted)
            .unified_diff()
            .header("client", "emitted")
            .to_string();
        assert!(diff.is_empty(), "{name}:\n{diff}");
    }
}

/// One more command is one more entry: the review of a change shows the change.
#[test]
fn a_new_command_changes_no_other_line() {
    let text = fs::read_to_string(folder().join("directions/manifest.json")).unwrap();
    let mut manifest: Manifest = serde_json::from_str(&text).unwrap();
    let before = emitted(&manifest).remove("directions.ts").unwrap();
    // The first, though it uses what only the last one did.
    let mut command = manifest.commands.items.last().unwrap().clone();
    command.name = "another".to_owned();
    manifest.commands.items.insert(0, command);
    let after = emitted(&manifest).remove("directions.ts").unwrap();
    let diff = similar::TextDiff::from_lines(&before, &after);
    let removed = diff
        .iter_all_changes()
        .filter(|change| change.tag() == similar::ChangeTag::Delete);
    assert_eq!(removed.count(), 0, "{}", diff.unified_diff());
}

#[test]
fn protocols_that_cannot_share_a_folder() {
    let text = fs::read_to_string(folder().join("chat/manifest.json")).unwrap();
    let chat: Manifest = serde_json::from_str(&text).unwrap();
    let named = |name: &str| Manifest {
        protocol: name.to_owned(),
        rust: format!("a::{name}"),
        ..chat.clone()
    };
    let refused = |names: &[&str]| {
        let manifests: Vec<Manifest> = names.iter().map(|name| named(name)).collect();
        emit(&manifests, Emit::Ts, &|_| None).unwrap_err().findings[0]
            .what
            .clone()
    };
    assert_eq!(
        refused(&["chat", "Chat"]),
        "two protocols are called `chat` and `Chat`: `a::chat` and `a::Chat`"
    );
    assert_eq!(
        refused(&["my-chat", "my_chat"]),
        "two protocols are called `my-chat` and `my_chat`: `a::my-chat` and `a::my_chat`"
    );
    assert_eq!(
        refused(&["socket"]),
        "a protocol called `socket` (Rust: `a::socket`) cannot have a file of its name"
    );
    assert!(refused(&["../x"]).starts_with("a protocol called `../x`"));
    let files = emit(&[named("chat"), named("my-game")], Emit::Ts, &|_| None).unwrap();
    let index = files.iter().find(|file| file.name == "index.ts").unwrap();
    assert!(index.text.ends_with(
        "\nexport * as chat from \"./chat.js\";\nexport * as myGame from \"./my-game.js\";\n"
    ));
}
