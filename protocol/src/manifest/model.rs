//! The manifest's document. It holds nothing that moves when nothing changed: no file names, no
//! lines, no times, no versions of tools.
//!
//! A change of these types that changes the document needs a new [`FORMAT`]; a test pins both.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The number of the document's format. Readers take this one and the older ones.
pub const FORMAT: u32 = 1;

/// One protocol.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The format of this document.
    pub format: u32,
    /// The protocol's name.
    pub protocol: String,
    /// The path of its Rust type.
    pub rust: String,
    /// The hash of all that matters on the wire.
    pub fingerprint: String,
    /// Its doc comment.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub docs: String,
    /// What clients may send.
    pub commands: Group<Command>,
    /// What the server sends.
    pub events: Group<Event>,
    /// Where.
    pub channels: Group<Channel>,
    /// The named types that messages refer to.
    pub types: Types,
}

/// The messages that one enum declares, in the order of declaration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Group<T> {
    /// The path of the enum.
    pub rust: String,
    /// Its doc comment.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub docs: String,
    /// Its variants.
    pub items: Vec<T>,
}

/// The named types, per direction: JSON Schemas that may refer to each other by
/// `#/$defs/NAME` within their direction.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Types {
    /// What clients may send: what serde accepts.
    pub send: BTreeMap<String, Value>,
    /// What clients receive: what serde writes.
    pub receive: BTreeMap<String, Value>,
}

/// One command.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Command {
    /// Its wire name.
    pub name: String,
    /// Its doc comment.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub docs: String,
    /// The note of its `#[deprecated]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
    /// Whether it may safely run twice.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub idempotent: bool,
    /// The send schema of its parameters; absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub param: Option<Value>,
    /// The receive schema of its reply; absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<Value>,
    /// Its own errors; absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errors: Option<Group<Error>>,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Its wire name.
    pub name: String,
    /// Its doc comment.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub docs: String,
    /// The note of its `#[deprecated]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
    /// The receive schema of its parameters; absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub param: Option<Value>,
}

/// One type of channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Channel {
    /// How its names are made: `room:{room}`.
    pub pattern: String,
    /// Its doc comment.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub docs: String,
    /// The note of its `#[deprecated]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
    /// The wire names of the commands that it takes.
    pub commands: Vec<String>,
    /// The wire names of the events that it carries.
    pub events: Vec<String>,
    /// The wire names of the commands that it takes from outside.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outsiders: Vec<String>,
}

/// One error of a command.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Error {
    /// Its code.
    pub code: String,
    /// Its doc comment.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub docs: String,
    /// The note of its `#[deprecated]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
    /// The receive schema of its data; absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

/// What the program that describes the protocols hands to `socket-codegen`. It never leaves the
/// machine, so it may name files and lines.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Collected {
    /// The format of the manifests and of this document.
    pub format: u32,
    /// One manifest for each protocol, by name.
    pub protocols: Vec<Described>,
    /// Each derive that was compiled in.
    pub sites: Vec<Site>,
    /// What could not be described.
    pub problems: Vec<Problem>,
    /// Where serde does something else than the types say.
    #[serde(default)]
    pub faults: Vec<Fault>,
    /// The samples that every type took, as JSON texts, by protocol's message.
    #[serde(default)]
    pub samples: BTreeMap<String, Vec<String>>,
}

/// One protocol and where it stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Described {
    /// Where its derive stands.
    pub site: Site,
    /// The protocol.
    pub manifest: Manifest,
}

/// Where a derive stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Site {
    /// Which derive: `Commands`, `Events`, `Channels`, `ErrorCodes`, `Protocol`.
    pub derive: String,
    /// The path of the type.
    pub rust: String,
    /// The source file, as the compiler was given it.
    pub file: String,
    /// The line.
    pub line: u32,
}

/// Something that could not be described.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The message it belongs to: `commands.chat.param`.
    pub message: String,
    /// Where that is declared.
    pub site: Site,
    /// What went wrong.
    pub reason: String,
}

/// A sample that serde treats otherwise than the types say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The message it belongs to: `commands.chat.param`.
    pub message: String,
    /// Where that is declared.
    pub site: Site,
    /// The sample, as JSON; empty where it is about all of them.
    pub sample: String,
    /// What happened.
    pub reason: String,
    /// Whether nothing is proven to be wrong: the types could not be tried.
    #[serde(default)]
    pub untried: bool,
}
