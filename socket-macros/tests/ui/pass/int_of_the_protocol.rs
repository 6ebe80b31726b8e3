//! Types whose large integers cross the wire as their protocol says, and what only looks like them.

use std::collections::{BTreeMap, HashMap};

use socket_protocol::prelude::*;

/// Nothing of the standard library's.
#[payload]
pub struct Duration(u32);

#[payload]
#[derive(Default)]
#[serde(default)]
pub struct Defaults {
    count: u64,
    #[serde(default = "seven")]
    seven: u64,
    name: String,
    limit: Option<i64>,
}

fn seven() -> u64 {
    7
}

#[payload]
pub struct Keyed<K: Ord> {
    by_key: BTreeMap<K, u64>,
    total: u64,
}

#[payload]
pub struct Hold<T> {
    items: Vec<T>,
    pairs: Vec<(u64, String)>,
    range: std::ops::Range<u64>,
    age: Duration,
    #[serde(skip)]
    hidden: u64,
    #[serde(rename = "type", alias = "kind")]
    kind: HashMap<String, Result<u64, String>>,
    #[garde(range(min = 1))]
    checked: u64,
}

#[payload]
#[serde(untagged)]
pub enum Either {
    Big(u64),
    Text(String),
}


#[derive(Commands)]
pub enum Command {
    #[command(reply = u64, stream = Vec<u64>)]
    Count(u64),
    #[command(reply = Option<u64>)]
    Held { held: Hold<Either>, age: std::time::Duration, defaults: Defaults },
}

#[derive(Protocol)]
#[protocol(name = "whole", commands = Command, events = socket_protocol::definition::NoEvents, int = "bigint")]
pub struct Whole;

fn main() {
    use socket_protocol::{IntPolicy, definition::Protocol as _};
    assert_eq!(Whole::INT, Some(IntPolicy::BigInt));
}
