//! Samples through the user's serde code: what it does otherwise than the types say.

use crate::project::{CHAT, Project};

/// The chat, with this type as what `Said` carries beside its fields.
fn with(field: &str, types: &str) -> String {
    CHAT.replace("at: Timestamp }", &format!("at: Timestamp, {field} }}")) + types
}

#[track_caller]
fn reported(project: &Project, expected: &[&str]) {
    for command in ["generate", "check"] {
        let run = project.run(&[command]);
        assert_eq!(run.code, 1, "{}\n{}", run.stdout, run.stderr);
        for expected in expected {
            assert!(
                run.stdout.contains(expected),
                "expected {expected:?} in:\n{}",
                run.stdout
            );
        }
    }
    assert_eq!(project.names("generated-ts"), [""; 0]);
    let run = project.run(&["generate", "--no-verify"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
}

#[test]
fn a_key_that_stands_twice() {
    let types = r#"
#[payload]
pub struct Twice {
    a: Option<u8>,
    #[serde(flatten)]
    inner: Inner,
}

#[payload]
pub struct Inner {
    a: Option<u8>,
}
"#;
    let project = Project::new("twice", &[("src/lib.rs", &with("twice: Twice", types))]);
    reported(
        &project,
        &[
            "events.said.param: given {",
            "which does not match the receive type: the key `a` stands twice",
            "\n  --> src/lib.rs:12\n  help: the types say something else than serde does",
        ],
    );
}

#[test]
fn a_schema_that_says_something_else() {
    let types = r#"
pub struct Liar(bool);

impl serde::Serialize for Liar {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Liar {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        serde::Deserialize::deserialize(from).map(Self)
    }
}

impl schemars::JsonSchema for Liar {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Liar".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        bool::json_schema(generator)
    }
}
"#;
    let project = Project::new("liar", &[("src/lib.rs", &with("liar: Liar", types))]);
    project.manifest("liar", "schemars = \"1.2\"\nserde = \"1\"\n", "");
    reported(
        &project,
        &["which does not match the receive type: liar: it is \"false\" and should be boolean"],
    );
    let source = with("liar: Liar", &types.replace("bool::json", "u8::json"));
    let project = Project::new("liar-too", &[("src/lib.rs", &source)]);
    project.manifest("liar-too", "schemars = \"1.2\"\nserde = \"1\"\n", "");
    reported(
        &project,
        &["the send type allows this value, but serde refuses it: invalid type: integer"],
    );
}

#[test]
fn what_cannot_be_tried_is_a_warning() {
    let types = r#"
#[payload]
#[derive(Clone)]
#[serde(try_from = "String", into = "String")]
pub struct Even(String);

impl From<Even> for String {
    fn from(even: Even) -> Self {
        even.0
    }
}

impl TryFrom<String> for Even {
    type Error = &'static str;

    fn try_from(_: String) -> Result<Self, Self::Error> {
        Err("odd")
    }
}
"#;
    let project = Project::new("untried", &[("src/lib.rs", &with("even: Even", types))]);
    let run = project.run(&["generate"]);
    assert_eq!(run.code, 0, "{}\n{}", run.stdout, run.stderr);
    assert!(
        run.stderr
            .contains("warning: events.said.param is not verified: of {"),
        "{}",
        run.stderr
    );
}

#[test]
fn the_samples_as_a_file() {
    let project = Project::new("samples", &[("src/lib.rs", CHAT)]);
    let run = project.run(&["generate", "--samples", "samples.json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let first = project.read("samples.json");
    let samples: serde_json::Value = serde_json::from_str(&first).unwrap();
    let said = samples["chat"]["events.said.param"].as_array().unwrap();
    assert!(said.len() > 3, "{first}");
    assert!(said.iter().all(|sample| sample["text"].is_string()));
    assert_eq!(project.run(&["check", "--samples", "again.json"]).code, 0);
    assert_eq!(project.read("again.json"), first, "the same in every run");
}

#[test]
fn a_protocol_may_round_its_integers() {
    let chat = CHAT.replace("at: Timestamp", "at: u64, sizes: Vec<Option<i64>>");
    let project = Project::new("rounds", &[("src/lib.rs", &chat)]);
    assert_eq!(project.run(&["generate"]).code, 2);
    let chat = chat.replace("events = Event", "events = Event, int = \"number\"");
    project.write("src/lib.rs", &chat);
    let run = project.run(&["generate"]);
    assert_eq!(run.code, 0, "{}\n{}", run.stdout, run.stderr);
    let text = project.read("generated-ts/chat.ts");
    assert!(
        text.contains("/** A Rust `u64`, at most 2^53 - 1. */\n    readonly at: number;"),
        "{text}"
    );
    assert!(
        text.contains("readonly sizes: readonly (number | null)[];"),
        "{text}"
    );
}

#[test]
fn what_did_not_change_is_not_tried_again() {
    let types = "
pub struct Counted;
impl schemars::JsonSchema for Counted {
    fn schema_name() -> std::borrow::Cow<'static, str> { \"Counted\".into() }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        use std::io::Write;
        let runs = concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/runs\");
        let file = std::fs::OpenOptions::new().create(true).append(true).open(runs);
        file.unwrap().write_all(format!(\"{}\\n\", std::process::id()).as_bytes()).unwrap();
        schemars::json_schema!({ \"type\": \"string\" })
    }
}
#[payload]
pub struct Text {
    #[schemars(with = \"Counted\")]
    text: String,
}
";
    let source = with("counted: Text", types);
    let project = Project::new("not-again", &[("src/lib.rs", &source)]);
    project.manifest("not-again", "schemars = \"1.2\"\n", "");
    let runs = || {
        let mut ids: Vec<_> = project.read("runs").lines().map(str::to_owned).collect();
        ids.dedup();
        ids.len()
    };
    for (arguments, expected) in [
        (&["generate"][..], 1),
        (&["generate"], 1),
        (&["check"], 1),
        // Another question.
        (&["check", "--no-verify"], 2),
        (&["check"], 3),
    ] {
        let run = project.run(arguments);
        assert_eq!(run.code, 0, "{arguments:?}: {}\n{}", run.stdout, run.stderr);
        assert_eq!(runs(), expected, "{arguments:?}");
    }
    project.write("src/lib.rs", &format!("{source}\npub struct More;\n"));
    assert_eq!(project.run(&["check"]).code, 0);
    assert_eq!(runs(), 4);
}

const TS_RS: &str = r#"use socket_protocol::prelude::*;
use ts_rs::TS;

/// Both say the same of it, or ts-rs says no more than serde does.
#[payload]
#[derive(TS)]
pub struct Agreed {
    text: String,
    #[ts(type = "Date")]
    day: String,
    limit: Option<u32>,
    #[serde(rename = "kind-of")]
    kind: Kind,
    list: Vec<(u8, Kind)>,
    parent: Option<Box<Agreed>>,
}

#[payload]
#[derive(ts_rs::TS)]
#[serde(tag = "t", rename_all = "lowercase")]
pub enum Kind {
    None,
    Some { a: bool },
}

/// serde does something else than ts-rs says.
#[payload]
#[derive(TS)]
pub struct Differs {
    #[socket(int = "number")]
    count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[ts(optional)]
    late: Option<u8>,
    #[serde(skip_deserializing)]
    only_received: u8,
}

#[derive(Commands)]
pub enum Command {
    #[command(reply = Agreed)]
    Agree(Agreed),
    #[command(reply = Differs)]
    Differ(Differs),
}

#[derive(Protocol)]
#[protocol(name = "opinions", commands = Command, events = socket_protocol::definition::NoEvents)]
pub struct Opinions;
"#;

#[test]
fn where_ts_rs_says_something_else() {
    let project = Project::new("opinions", &[]);
    project.manifest("opinions", "ts-rs = \"12\"\n", "");
    project.lock();
    project.write("src/lib.rs", TS_RS);
    let run = project.run(&["generate"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let said: Vec<&str> = run
        .stderr
        .lines()
        .filter(|line| line.contains("ts-rs says"))
        .collect();
    assert_eq!(
        said,
        [
            "warning: `opinions::Differs.count`, received: ts-rs says `bigint`, the wire says `number`",
            "warning: `opinions::Differs.late`, received: ts-rs says `number`, the wire says `number | null`",
            "warning: `opinions::Differs.note`, received: ts-rs says `note: string | null`, the wire says `note?: string`",
        ],
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("  --> src/lib.rs:"), "{}", run.stderr);
}
