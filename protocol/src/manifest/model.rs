//! The manifest's document. It holds nothing that moves when nothing changed: no file names, no
//! lines, no times, no versions of tools.
//!
//! A change of these types that changes the document needs a new [`FORMAT`]; a test pins both.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use crate::definition::{Delivery, History, Life, Stability};

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
    /// The commands: sent by clients.
    pub commands: Group<Command>,
    /// The events: sent by the server.
    pub events: Group<Event>,
    /// The channels.
    pub channels: Group<Channel>,
    /// How much is kept of what is sent to a user, on `:user`; absent: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_history: Option<History>,
    /// How much is kept of what is sent to everybody, on `:all`; absent: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all_history: Option<History>,
    /// The named types that messages refer to.
    pub types: Types,
    /// The longest message that the server takes, in bytes; absent: not declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_message_bytes: Option<u64>,
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
    /// Wire names that were given up and must not come back with another meaning.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reserved: Vec<String>,
}

/// The named types, per direction: JSON Schemas that may refer to each other by
/// `#/$defs/NAME` within their direction.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Types {
    /// Types in messages to the server, as serde accepts them.
    pub send: BTreeMap<String, Value>,
    /// Types in messages to clients, as serde writes them.
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
    /// Since when, until when and how firmly it stands.
    #[serde(flatten)]
    pub life: Life,
    /// Its former wire names, which the server still takes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alias: Vec<String>,
    /// `true` if it may safely run twice.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub idempotent: bool,
    /// `true` if it sends items before its reply.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub streaming: bool,
    /// The receive schema of its items; absent: it does not stream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<Value>,
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
    /// Since when, until when and how firmly it stands.
    #[serde(flatten)]
    pub life: Life,
    /// Its former wire names, under which the server still sends it too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alias: Vec<String>,
    /// How it is delivered to a connection that is slow or away.
    #[serde(default, skip_serializing_if = "Delivery::is_default")]
    pub delivery: Delivery,
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
    /// Since when, until when and how firmly it stands.
    #[serde(flatten)]
    pub life: Life,
    /// How much it keeps for those who come back; absent: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<History>,
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
    /// Since when, until when and how firmly it stands.
    #[serde(flatten)]
    pub life: Life,
    /// The receive schema of its data; absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

/// The output of the program that describes the protocols, for `socket-codegen`. It never leaves the
/// machine, so it may name files and lines.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Collected {
    /// The format of the manifests and of this document.
    pub format: u32,
    /// One manifest for each protocol, by name.
    pub protocols: Vec<Described>,
    /// Each derive that was compiled in.
    pub sites: Vec<Site>,
    /// Types that could not be described.
    pub problems: Vec<Problem>,
    /// Where serde does something else than the types say.
    #[serde(default)]
    pub faults: Vec<Fault>,
    /// The declarations by ts-rs of the payloads that derive its trait.
    #[serde(default)]
    pub opinions: Vec<Opinion>,
    /// The samples that crossed the wire, as JSON texts, by protocol and message.
    #[serde(default)]
    pub samples: BTreeMap<String, BTreeMap<String, Vec<String>>>,
}

/// A type's declaration by ts-rs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Opinion {
    /// The path of the Rust type.
    pub rust: String,
    /// `type Name = …;`
    pub text: String,
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
    /// The reason.
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
    /// The reason.
    pub reason: String,
    /// `true` if the types could not be tried, so that nothing is proven.
    #[serde(default)]
    pub untried: bool,
}
