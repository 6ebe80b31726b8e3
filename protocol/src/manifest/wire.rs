//! The parts of serde's behaviour that schemars leaves out: the derives leave marks in a schema, which
//! become keywords here.
//!
//! | mark | left on | becomes |
//! | --- | --- | --- |
//! | `x-never-null` | a field that is left out when it is `None` | no `null` in what is received |
//! | `x-may-be-missing` | a field with a default | not required in what is sent |
//! | `x-tag NAME` | a struct with `#[serde(tag)]` | the tag: required in what is received |
//! | `x-by-protocol` | an integer that says nothing itself | what the protocol's `int` says |
//! | `x-optional-content` | a variant with content that may be missing | that content, not required in what is sent |

use schemars::Schema;
use schemars::transform::{RecursiveTransform, Transform as _};
use serde_json::{Map, Value, json};

use super::words;
use crate::int::IntPolicy;

/// The way of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the client.
    Send,
    /// To the client.
    Receive,
}

/// The key under which a schema says what its integer is in TypeScript.
const POLICY: &str = "x-int";
/// The mark of an integer that crosses the wire as its protocol says.
const OPEN: &str = "x-by-protocol";
const MAY_BE_MISSING: &str = "x-may-be-missing";
const NEVER_NULL: &str = "x-never-null";
const OPTIONAL_CONTENT: &str = "x-optional-content";
const TAG: &str = "x-tag ";

/// Turns the marks and the words of a schema into keywords. `int` is the protocol's.
pub(super) fn finish(schema: &mut Value, direction: Direction, int: Option<IntPolicy>) {
    if let Ok(schema) = <&mut Schema>::try_from(&mut *schema) {
        match direction {
            Direction::Send => RecursiveTransform(words::lengths).transform(schema),
            Direction::Receive => RecursiveTransform(words::written).transform(schema),
        }
    }
    each(schema, &mut |keywords| marks(keywords, direction));
    match int {
        None => {}
        Some(IntPolicy::Number) => round_integers(schema),
        Some(IntPolicy::Text) => open_as_text(schema, false),
        Some(IntPolicy::BigInt) => open_as_text(schema, true),
    }
    each(schema, &mut |keywords| {
        keywords.remove(OPEN);
    });
}

/// Leaves it to the protocol how these integers cross the wire.
pub(crate) fn open_integers(schema: &mut Value) {
    large_integers(schema, &mut |keywords| {
        keywords.insert(OPEN.to_owned(), true.into());
    });
}

/// Says of every integer that JavaScript would round that it may be.
pub(crate) fn round_integers(schema: &mut Value) {
    large_integers(schema, &mut |keywords| {
        keywords.insert(POLICY.to_owned(), "number".into());
    });
}

/// Makes text of every integer that JavaScript would round, which it is on the wire then.
pub(crate) fn integers_as_text(schema: &mut Value, bigint: bool) {
    large_integers(schema, &mut |keywords| as_text(keywords, bigint));
}

/// The same where it was left to the protocol.
fn open_as_text(schema: &mut Value, bigint: bool) {
    each(schema, &mut |keywords| {
        if keywords.contains_key(OPEN) {
            as_text(keywords, bigint);
        }
    });
}

fn as_text(keywords: &mut Map<String, Value>, bigint: bool) {
    match keywords.get_mut("type") {
        Some(Value::Array(kinds)) => {
            for kind in kinds.iter_mut().filter(|kind| *kind == "integer") {
                *kind = "string".into();
            }
        }
        _ => {
            keywords.insert("type".to_owned(), "string".into());
        }
    }
    let format = keywords.get("format").and_then(Value::as_str);
    let pattern = if format.is_some_and(|format| format.starts_with('u')) {
        r"^\d+$"
    } else {
        r"^-?\d+$"
    };
    // What bounds a number says nothing of a text.
    for bound in ["minimum", "maximum", "not"] {
        keywords.remove(bound);
    }
    keywords.insert("pattern".to_owned(), pattern.into());
    if bigint {
        keywords.insert(POLICY.to_owned(), "bigint".into());
    }
    if let Some(default) = keywords
        .get_mut("default")
        .filter(|default| default.is_number())
    {
        *default = default.to_string().into();
    }
}

/// Visits the schemas of all integers that JavaScript would round.
fn large_integers(schema: &mut Value, visit: &mut impl FnMut(&mut Map<String, Value>)) {
    each(schema, &mut |keywords| {
        let large = keywords
            .get("format")
            .and_then(Value::as_str)
            .is_some_and(|format| {
                ["int64", "uint64", "int128", "uint128", "int", "uint"].contains(&format)
            });
        let number = match keywords.get("type") {
            Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "integer"),
            kind => kind.is_some_and(|kind| kind == "integer"),
        };
        if large && number {
            visit(keywords);
        }
    });
}

/// Visits a schema and those inside it.
fn each(schema: &mut Value, visit: &mut impl FnMut(&mut Map<String, Value>)) {
    let Value::Object(keywords) = schema else {
        return;
    };
    visit(keywords);
    for (key, value) in keywords.iter_mut() {
        match (key.as_str(), value) {
            ("properties" | "patternProperties" | "$defs", Value::Object(schemas)) => {
                schemas.values_mut().for_each(|schema| each(schema, visit));
            }
            ("oneOf" | "anyOf" | "allOf" | "prefixItems", Value::Array(schemas)) => {
                schemas.iter_mut().for_each(|schema| each(schema, visit));
            }
            (
                "items" | "additionalProperties" | "unevaluatedProperties" | "not",
                schema @ Value::Object(_),
            ) => each(schema, visit),
            _ => {}
        }
    }
}

fn marks(keywords: &mut Map<String, Value>, direction: Direction) {
    let mut missing = Vec::new();
    if let Some(Value::Object(fields)) = keywords.get_mut("properties") {
        for (name, schema) in fields {
            let marked = schema.as_object_mut();
            if marked.is_some_and(|schema| schema.remove(MAY_BE_MISSING).is_some()) {
                missing.push(Value::from(name.as_str()));
            }
        }
    }
    if direction == Direction::Send && !missing.is_empty() {
        list(keywords, "required").retain(|name| !missing.contains(name));
    }
    if keywords.remove(NEVER_NULL).is_some() && direction == Direction::Receive {
        remove_null(keywords);
    }
    // serde takes an item twice for a set, and keeps one.
    if direction == Direction::Send {
        keywords.remove("uniqueItems");
    }
    let tags: Vec<String> = keywords
        .keys()
        .filter(|key| key.starts_with(TAG))
        .cloned()
        .collect();
    for mark in tags {
        let name = mark[TAG.len()..].to_owned();
        if let Some(value) = keywords.remove(&mark) {
            let schema = match direction {
                Direction::Send => json!({ "type": "string" }),
                Direction::Receive => json!({ "type": "string", "const": value }),
            };
            first_property(keywords, &name, schema);
            if direction == Direction::Receive {
                list(keywords, "required").insert(0, name.into());
            }
        }
    }
    if let Some(Value::String(content)) = keywords.remove(OPTIONAL_CONTENT)
        && direction == Direction::Send
    {
        list(keywords, "required").retain(|name| *name != content);
        properties(keywords)
            .entry(content)
            .or_insert_with(|| json!({ "type": "null" }));
    }
}

fn remove_null(keywords: &mut Map<String, Value>) {
    if let Some(Value::Array(kinds)) = keywords.get_mut("type") {
        kinds.retain(|kind| kind != "null");
        if let [only] = &kinds[..] {
            let only = only.clone();
            keywords.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(values)) = keywords.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    if let Some(Value::Array(schemas)) = keywords.get_mut("anyOf") {
        schemas.retain(|schema| schema.get("type").is_none_or(|kind| kind != "null"));
        if let [only] = &mut schemas[..] {
            let only = only.take();
            keywords.remove("anyOf");
            match only {
                Value::Object(only) => keywords.extend(only),
                other => {
                    keywords.insert("allOf".to_owned(), vec![other].into());
                }
            }
        }
    }
}

fn first_property(keywords: &mut Map<String, Value>, name: &str, schema: Value) {
    let properties = properties(keywords);
    let others = std::mem::take(properties);
    properties.insert(name.to_owned(), schema);
    properties.extend(others.into_iter().filter(|(other, _)| other != name));
}

fn properties(keywords: &mut Map<String, Value>) -> &mut Map<String, Value> {
    let value = keywords.entry("properties").or_insert_with(|| json!({}));
    if !value.is_object() {
        *value = json!({});
    }
    match value {
        Value::Object(properties) => properties,
        _ => unreachable!("it was made an object"),
    }
}

fn list<'a>(keywords: &'a mut Map<String, Value>, key: &str) -> &'a mut Vec<Value> {
    let value = keywords.entry(key).or_insert_with(|| json!([]));
    if !value.is_array() {
        *value = json!([]);
    }
    match value {
        Value::Array(items) => items,
        _ => unreachable!("it was made a list"),
    }
}
