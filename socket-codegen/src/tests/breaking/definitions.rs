//! Two versions of a real definition, as its derives describe them.

use crate::breaking::{Mode, compare};
use socket_protocol::manifest::Manifest;
use socket_protocol::manifest::collect::collect;

use crate::tests::breaking::support::{lines, options};

/// Each version of the protocol in a module of its own.
macro_rules! versions {
    ($($version:ident { $($item:item)* })*) => {
        $(mod $version {
            #![allow(dead_code, reason = "only its description is looked at")]
            use socket_protocol::prelude::*;
            $($item)*
        })*
    };
}

versions! {
    names_1 {
        #[derive(Commands)]
        pub(super) enum Command {
            Say { #[garde(length(chars, min = 1, max = 2000))] text: String },
            #[command(stability = "draft")]
            Draw { color: String },
            #[deprecated = "use `say`"]
            #[command(since = "2026-01-31", sunset = "2026-06-30")]
            Shout,
            #[deprecated = "use `say`"]
            #[command(since = "2026-10-31", sunset = "2027-06-30")]
            Whisper,
        }
        #[derive(Protocol)]
        #[protocol(name = "names", commands = Command, events = socket_protocol::definition::NoEvents)]
        pub(super) struct Names;
    }
    names_with_alias {
        #[derive(Commands)]
        #[commands(reserved("shout", "draw"))]
        pub(super) enum Command {
            #[command(alias = "say")]
            Speak { #[garde(length(chars, min = 1, max = 2000))] text: String },
            #[deprecated = "use `speak`"]
            #[command(since = "2026-10-31", sunset = "2027-06-30")]
            Whisper,
        }
        #[derive(Protocol)]
        #[protocol(name = "names", commands = Command, events = socket_protocol::definition::NoEvents)]
        pub(super) struct Names;
    }
    names_without_alias {
        #[derive(Commands)]
        pub(super) enum Command {
            Speak { #[garde(length(chars, min = 1, max = 2000))] text: String },
            #[command(stability = "draft")]
            Draw { color: String, width: u32 },
            Shout,
        }
        #[derive(Protocol)]
        #[protocol(name = "names", commands = Command, events = socket_protocol::definition::NoEvents)]
        pub(super) struct Names;
    }
    names_reused {
        #[derive(Commands)]
        pub(super) enum Command {
            #[command(alias = "say")]
            Speak { #[garde(length(chars, min = 2, max = 200))] text: String },
            Whisper,
            Shout,
        }
        #[derive(Protocol)]
        #[protocol(name = "names", commands = Command, events = socket_protocol::definition::NoEvents)]
        pub(super) struct Names;
    }
    fields_1 {
        #[payload]
        pub(super) struct Point { x: i32, old: Option<u32> }
        #[payload]
        pub(super) enum Color { Red, Green, #[serde(other)] Other }
        #[derive(Commands)]
        pub(super) enum Command {
            #[command(reply = Point)]
            Move { to: Point, color: Color, note: Option<String> },
        }
        #[derive(Events)]
        pub(super) enum Event {
            Moved { to: Point, color: Color },
        }
        #[derive(Protocol)]
        #[protocol(name = "fields", commands = Command, events = Event)]
        pub(super) struct Fields;
    }
    fields_renamed {
        #[payload(reserved("old"))]
        pub(super) struct Point { #[serde(alias = "x")] across: i32 }
        #[payload]
        pub(super) enum Color { Red, #[serde(alias = "Green")] Lime, Blue, #[serde(other)] Other }
        #[derive(Commands)]
        pub(super) enum Command {
            #[command(reply = Point, reserved_fields("note"))]
            Move { to: Point, color: Color },
        }
        #[derive(Events)]
        pub(super) enum Event {
            Moved { to: Point, color: Color },
        }
        #[derive(Protocol)]
        #[protocol(name = "fields", commands = Command, events = Event)]
        pub(super) struct Fields;
    }
    fields_reused {
        #[payload]
        pub(super) struct Point { #[serde(alias = "x")] across: i32, old: Option<bool> }
        #[payload]
        pub(super) enum Color { Red, #[serde(alias = "Green")] Lime, Blue, #[serde(other)] Other }
        #[derive(Commands)]
        pub(super) enum Command {
            #[command(reply = Point)]
            Move { to: Point, color: Color, note: Option<u32> },
        }
        #[derive(Events)]
        pub(super) enum Event {
            Moved { to: Point, color: Color },
        }
        #[derive(Protocol)]
        #[protocol(name = "fields", commands = Command, events = Event)]
        pub(super) struct Fields;
    }
}

versions! {
    rules_1 {
        #[payload]
        pub(super) struct Title(#[garde(length(chars, max = 80))] String);
        #[derive(Commands)]
        pub(super) enum Command {
            Write {
                title: Title,
                #[garde(length(utf16, min = 4, max = 80))] text: String,
                #[garde(length(chars, max = 80))] by: Option<String>,
                #[garde(length(min = 1, max = 9))] tags: Vec<String>,
                #[garde(length(min = 2))] links: Vec<String>,
                #[garde(length(max = 9))] marks: std::collections::BTreeMap<String, u8>,
                #[garde(inner(length(chars, max = 9)))] words: Vec<String>,
                #[garde(range(min = 1, max = 9))] stars: Option<u8>,
                #[garde(range(min = 0.5))] weight: f64,
                #[garde(pattern("^[a-z]+$"))] slug: String,
                #[garde(ascii)] code: String,
                #[garde(inner(prefix("http")))] more: Vec<String>,
                mail: String,
            },
        }
        #[derive(Protocol)]
        #[protocol(name = "rules", commands = Command, events = socket_protocol::definition::NoEvents)]
        pub(super) struct Rules;
    }
    rules_tightened {
        #[payload]
        pub(super) struct Title(#[garde(length(chars, max = 40))] String);
        #[derive(Commands)]
        pub(super) enum Command {
            Write {
                title: Title,
                #[garde(length(utf16, min = 4, max = 79))] text: String,
                #[garde(length(chars, max = 79))] by: Option<String>,
                #[garde(length(min = 1, max = 8))] tags: Vec<String>,
                #[garde(length(min = 3))] links: Vec<String>,
                #[garde(length(max = 8))] marks: std::collections::BTreeMap<String, u8>,
                #[garde(inner(length(chars, max = 8)))] words: Vec<String>,
                #[garde(range(min = 1, max = 8))] stars: Option<u8>,
                #[garde(range(min = 0.6))] weight: f64,
                #[garde(pattern("^[a-y]+$"))] slug: String,
                #[garde(ascii, alphanumeric)] code: String,
                #[garde(inner(prefix("https")))] more: Vec<String>,
                #[garde(email)] mail: String,
            },
        }
        #[derive(Protocol)]
        #[protocol(name = "rules", commands = Command, events = socket_protocol::definition::NoEvents)]
        pub(super) struct Rules;
    }
}

fn manifest(version: &str) -> Manifest {
    let module = format!("::{version}::");
    let collected = collect(0);
    assert!(collected.problems.is_empty(), "{:?}", collected.problems);
    let mut protocols = collected.protocols.into_iter();
    let found = protocols.find(|described| described.manifest.rust.contains(&module));
    found.expect(version).manifest
}

/// What a change from one version to the other does, docs and the names of Rust types apart.
fn change(old: &str, new: &str) -> Vec<String> {
    let report = compare(&manifest(old), &manifest(new), &options(Mode::Backward));
    let mut lines = lines(&report);
    lines.retain(|line| !line.contains("TYPE_RENAMED") && !line.contains("DOC_CHANGED"));
    lines
}

#[test]
fn a_command_that_keeps_its_former_name_is_renamed_without_a_break() {
    assert_eq!(
        change("names_1", "names_with_alias"),
        [
            "source MESSAGE_RENAMED say: `say` is now `speak`",
            "warning MESSAGE_REMOVED shout: is gone",
        ]
    );
}

#[test]
fn a_command_without_its_former_name_breaks_and_drafts_do_not() {
    assert_eq!(
        change("names_1", "names_without_alias"),
        [
            "breaking MESSAGE_RENAMED say: `say` is now `speak`",
            "breaking MESSAGE_REMOVED whisper: is gone",
            "breaking DEPRECATION_SKIPPED whisper: was removed before 2027-06-30, the promised day",
        ]
    );
}

#[test]
fn a_reserved_name_that_is_back_and_a_tightened_rule_break() {
    assert_eq!(
        change("names_with_alias", "names_reused"),
        [
            "breaking NAME_REUSED shout: `shout` was reserved and is back",
            "breaking CONSTRAINT_TIGHTENED speak.param.text: the number of characters was 1 to 2000, is now 2 to 200",
            "warning RESERVATION_DROPPED draw: `draw` is no longer reserved",
            "compatible MESSAGE_ADDED shout: is new",
        ]
    );
}

#[test]
fn a_field_that_keeps_its_former_name_breaks_no_param_but_breaks_who_reads_it() {
    assert_eq!(
        change("fields_1", "fields_renamed"),
        [
            "breaking ENUM_ADDED events.moved.param.color(Blue): `Blue` is new",
            "breaking ENUM_ADDED events.moved.param.color(Lime): `Lime` is new",
            "breaking FIELD_REMOVED_REQUIRED events.moved.param.to.old: is gone",
            "breaking FIELD_RENAMED events.moved.param.to.x: `x` is now `across`",
            "breaking FIELD_REMOVED_REQUIRED move.reply.old: is gone",
            "breaking FIELD_RENAMED move.reply.x: `x` is now `across`",
            "source ENUM_REMOVED events.moved.param.color(Green): `Green` is gone",
            "source FIELD_RENAMED move.param.color(Green): `Green` is now `Lime`",
            "source FIELD_RENAMED move.param.to.x: `x` is now `across`",
            "warning FIELD_REMOVED_OPTIONAL move.param.note: is gone: the server ignores it",
            "warning FIELD_REMOVED_OPTIONAL move.param.to.old: is gone: the server ignores it",
            "compatible ENUM_ADDED move.param.color(Blue): `Blue` is new",
        ]
    );
}

#[test]
fn a_reserved_field_that_is_back_breaks() {
    assert_eq!(
        change("fields_renamed", "fields_reused"),
        [
            "breaking NAME_REUSED events.moved.param.to.old: `old` was reserved and is back",
            "breaking NAME_REUSED move.param.note: `note` was reserved and is back",
            "breaking NAME_REUSED move.param.to.old: `old` was reserved and is back",
            "breaking NAME_REUSED move.reply.old: `old` was reserved and is back",
            "compatible FIELD_ADDED_REQUIRED events.moved.param.to.old: is new and required",
            "compatible FIELD_ADDED_OPTIONAL move.param.note: is new and optional",
            "compatible FIELD_ADDED_OPTIONAL move.param.to.old: is new and optional",
            "compatible FIELD_ADDED_REQUIRED move.reply.old: is new and required",
        ]
    );
}

#[test]
fn a_rule_that_is_tightened_is_never_silent() {
    assert_eq!(
        change("rules_1", "rules_tightened"),
        [
            "breaking CONSTRAINT_TIGHTENED write.param.by: the number of characters was at most 80, is now at most 79",
            "breaking CONSTRAINT_TIGHTENED write.param.links: the number of items was at least 2, is now at least 3",
            "breaking CONSTRAINT_TIGHTENED write.param.mail: must now have the format email",
            "breaking CONSTRAINT_TIGHTENED write.param.marks: the number of keys was at most 9, is now at most 8",
            "breaking CONSTRAINT_TIGHTENED write.param.stars: its range was >= 1 and <= 9, is now >= 1 and <= 8",
            "breaking CONSTRAINT_TIGHTENED write.param.tags: the number of items was 1 to 9, is now 1 to 8",
            "breaking CONSTRAINT_TIGHTENED write.param.text: the number of characters was 2 to 80, is now 2 to 79",
            "breaking CONSTRAINT_TIGHTENED write.param.title: the number of characters was at most 80, is now at most 40",
            "breaking CONSTRAINT_TIGHTENED write.param.weight: its range was >= 0.5, is now >= 0.6",
            "breaking CONSTRAINT_TIGHTENED write.param.words[]: the number of characters was at most 9, is now at most 8",
            "warning UNDECIDED write.param.code: a keyword of the schema changed that has no rule",
            "warning UNDECIDED write.param.more: a keyword of the schema changed that has no rule",
            "warning UNDECIDED write.param.slug: a keyword of the schema changed that has no rule",
        ]
    );
    assert_eq!(change("rules_1", "rules_1"), [""; 0]);
}

#[test]
fn the_rules_of_the_chat_are_in_its_committed_manifest() {
    let manifest = include_str!("../../../../generated-ts/chat/chat.manifest.json");
    let manifest: Manifest = serde_json::from_str(manifest).unwrap();
    let mut commands = manifest.commands.items.iter();
    let chat = commands.find(|command| command.name == "chat").unwrap();
    let text = &chat.param.as_ref().unwrap()["properties"]["text"];
    assert_eq!(text["minLength"], 1);
    assert_eq!(text["maxLength"], 2000);
}
