//! What a definition says of itself under the feature `manifest`.
#![cfg(feature = "manifest")]
#![allow(
    missing_docs,
    missing_debug_implementations,
    reason = "a definition in a test"
)]

use std::collections::BTreeMap;

use serde_json::{Value, json};
use socket_protocol::manifest::assert_fresh;
use socket_protocol::manifest::collect::collect;
use socket_protocol::prelude::*;

/// A page of things.
#[payload]
#[derive(Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    /// The things.
    #[garde(length(max = 50))]
    items: Vec<T>,
    next_page: Option<u32>,
}

/// A note.
#[payload]
#[derive(Debug, PartialEq)]
pub struct Note {
    #[garde(length(chars, min = 1, max = 200))]
    text: String,
    #[garde(email)]
    author: String,
}

#[payload]
#[serde(tag = "kind")]
pub enum Shape {
    Circle { radius: f64 },
    Square { side: f64 },
}

/// What may be asked.
#[derive(Commands)]
pub enum NoteCommand {
    /// Lists the notes.
    #[command(reply = Page<Note>, idempotent)]
    List {
        /// From where.
        #[garde(range(min = 1, max = 9))]
        page: u32,
        #[garde(length(min = 5, max = 20))]
        text: String,
        #[garde(inner(length(chars, max = 3)))]
        tags: Vec<String>,
        #[serde(rename = "mail", default)]
        #[garde(email)]
        address: Option<String>,
    },
    /// Adds one.
    #[deprecated = "use `put`"]
    #[command(error = NoteError)]
    Add(Note),
    #[command(reply = Page<Shape>)]
    Clear,
    /// Every note from now on.
    #[command(stream = Note, reply = u32)]
    Watch,
}

#[derive(Events)]
pub enum NoteEvent {
    Added { note: Note, shape: Shape },
}

#[derive(Channels)]
pub enum NoteChannel {
    /// One board.
    #[channel("board:{board}", commands(Add), events(Added), outsiders(List))]
    Board { board: String },
}

#[derive(ErrorCodes)]
pub enum NoteError {
    /// There are too many notes.
    BoardFull { max: u32 },
}

/// Notes.
#[derive(Protocol)]
#[protocol(name = "notes", commands = NoteCommand, events = NoteEvent, channels = NoteChannel)]
pub struct Notes;

fn manifest() -> Value {
    let collected = collect(0);
    assert!(collected.problems.is_empty(), "{:?}", collected.problems);
    let described = collected
        .protocols
        .iter()
        .find(|described| described.manifest.protocol == "notes")
        .expect("the protocol registered itself");
    serde_json::to_value(&described.manifest).expect("JSON")
}

#[test]
fn the_whole_manifest_is_as_it_was() {
    let expected = include_str!("manifest.json");
    let actual = format!("{:#}\n", manifest());
    if std::env::var_os("UPDATE").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/manifest.json");
        std::fs::write(path, &actual).expect("written");
        return;
    }
    assert_eq!(
        actual, expected,
        "run again with UPDATE=1 when this is meant"
    );
}

#[test]
fn types_say_their_rust_path_generic_ones_too() {
    let manifest = manifest();
    for (direction, name, path) in [
        ("receive", "Page_for_Note", "manifest::Page"),
        ("receive", "Page_for_Shape", "manifest::Page"),
        ("receive", "Note", "manifest::Note"),
        ("send", "Note", "manifest::Note"),
        ("receive", "Shape", "manifest::Shape"),
    ] {
        assert_eq!(manifest["types"][direction][name]["x-rust"], path, "{name}");
    }
}

#[test]
fn rules_are_in_the_schema_as_far_as_it_can_say_them() {
    let manifest = manifest();
    let fields = &manifest["commands"]["items"][0]["param"]["properties"];
    assert_eq!(fields["page"]["minimum"], 1);
    assert_eq!(fields["page"]["maximum"], 9);
    // Five bytes may be two characters.
    assert_eq!(fields["text"]["minLength"], 2);
    assert_eq!(fields["text"]["maxLength"], 20);
    assert_eq!(fields["tags"]["items"]["maxLength"], 3);
    assert_eq!(fields["mail"]["format"], "email");
    assert_eq!(
        manifest["types"]["receive"]["Note"]["properties"]["text"]["minLength"],
        1
    );
}

#[test]
fn every_derive_registers_itself_with_its_place() {
    let sites: BTreeMap<_, _> = collect(0)
        .sites
        .into_iter()
        .map(|site| (site.rust.clone(), site))
        .collect();
    for (rust, derive, starts) in [
        ("manifest::NoteCommand", "Commands", "pub enum NoteCommand"),
        ("manifest::NoteEvent", "Events", "pub enum NoteEvent"),
        ("manifest::NoteChannel", "Channels", "pub enum NoteChannel"),
        ("manifest::NoteError", "ErrorCodes", "pub enum NoteError"),
        ("manifest::Notes", "Protocol", "pub struct Notes"),
    ] {
        let site = &sites[rust];
        assert_eq!(site.derive, derive);
        assert!(site.file.ends_with("tests/manifest.rs"), "{}", site.file);
        let line = include_str!("manifest.rs")
            .lines()
            .nth(site.line as usize - 1);
        assert!(line.expect(rust).starts_with(starts), "{line:?}");
    }
}

#[test]
fn deprecation_and_docs_are_carried() {
    let manifest = manifest();
    assert_eq!(manifest["docs"], "Notes.");
    assert_eq!(manifest["commands"]["docs"], "What may be asked.");
    let add = &manifest["commands"]["items"][1];
    assert_eq!(add["deprecated"], "use `put`");
    assert_eq!(add["errors"]["items"][0]["code"], "board-full");
    assert_eq!(manifest["channels"]["items"][0]["commands"], json!(["add"]));
}

#[test]
fn a_stale_manifest_fails_a_test() {
    let mut committed = manifest();
    assert_fresh(&committed.to_string());
    // Docs do not matter on the wire.
    committed["docs"] = "Other words.".into();
    assert_fresh(&committed.to_string());
    let mut said = Vec::new();
    for (key, value) in [("fingerprint", "0123456789abcdef"), ("protocol", "noets")] {
        let mut wrong = committed.clone();
        wrong[key] = value.into();
        said.push(panic_of(&wrong.to_string()));
    }
    said.push(panic_of("{}"));
    let fingerprint = committed["fingerprint"].as_str().unwrap_or_default();
    assert_eq!(
        said,
        [
            format!(
                "the manifest of `notes` is stale: its fingerprint is 0123456789abcdef, \
                 the definition's is {fingerprint}\n  help: socket-codegen generate"
            ),
            "the protocol `noets` is not compiled into this program\n  \
             help: only a crate that your code names is linked: add `use my_protocol as _;`"
                .to_owned(),
            "this is not a manifest: missing field `format` at line 1 column 2\n  \
             help: socket-codegen generate"
                .to_owned(),
        ]
    );
}

fn panic_of(text: &str) -> String {
    let panic = std::panic::catch_unwind(|| assert_fresh(text)).expect_err("no panic");
    panic.downcast_ref::<String>().cloned().unwrap_or_default()
}
