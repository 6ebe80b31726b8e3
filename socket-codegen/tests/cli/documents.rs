//! `manifest`, `asyncapi` and `schemas`.

use serde_json::Value;
use socket_protocol::manifest::Manifest;

use crate::project::{CHAT, Folder, Project, read_here};

#[test]
fn tells_a_protocol_in_other_documents() {
    let folder = Folder::new("documents");
    folder.write("chat.json", &read_here("tests/emit/chat/manifest.json"));
    let given = ["--manifest", "chat.json"];
    let run = folder.run(&[&["manifest"], &given[..]].concat());
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let parsed = |text: &str| serde_json::from_str::<Manifest>(text).unwrap();
    let expected = parsed(&read_here("tests/emit/chat/manifest.json"));
    assert_eq!(parsed(&run.stdout), expected);
    let run = folder.run(&[&["asyncapi", "--out", "docs/chat.json"], &given[..]].concat());
    assert_eq!(
        (run.code, run.stderr.as_str()),
        (0, "wrote docs/chat.json\n")
    );
    assert_eq!(
        folder.read("docs/chat.json"),
        read_here("tests/document/chat.asyncapi.json")
    );
    let run = folder.run(&[&["asyncapi", "--out", "docs/chat.json"], &given[..]].concat());
    assert_eq!(run.stderr, "docs/chat.json is up to date\n");

    let run = folder.run(&[&["schemas"], &given[..]].concat());
    assert_eq!(run.stdout, read_here("tests/document/chat.schemas.json"));
    folder.write("schemas/mine.schema.json", "{}");
    folder.write(
        "schemas/chat.commands.gone.param.schema.json",
        "{\"$comment\": \"Made by socket-codegen 0.0.1\"}",
    );
    let run = folder.run(&[&["schemas", "--out", "schemas"], &given[..]].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    let names = folder.names("schemas");
    assert!(names.contains(&"mine.schema.json".to_owned()), "{names:?}");
    assert!(
        names.contains(&"chat.commands.chat.param.schema.json".to_owned()),
        "{names:?}"
    );
    assert!(!names.iter().any(|name| name.contains("gone")), "{names:?}");
}

#[test]
fn of_several_protocols_one_is_named() {
    let two = CHAT.to_owned()
        + "\n#[derive(Protocol)]\n#[protocol(name = \"game\", commands = Command, events = Event)]\npub struct Game;\n";
    let project = Project::new("two-protocols", &[("src/lib.rs", &two)]);
    let run = project.run(&["manifest"]);
    assert_eq!(run.code, 2);
    let expected =
        "this workspace has 2 protocols: chat, game\n  help: choose one: --protocol chat";
    assert!(run.stderr.contains(expected), "{}", run.stderr);
    let run = project.run(&["manifest", "--protocol", "gaem"]);
    assert!(
        run.stderr.contains("did you mean `game`?"),
        "{}",
        run.stderr
    );
    let run = project.run(&["manifest", "--protocol", "game"]);
    let manifest: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(manifest["protocol"], "game");
}
