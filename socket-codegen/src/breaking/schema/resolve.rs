//! From a schema with references and conjunctions to one flat list of keywords.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// The named types of one direction.
pub(in crate::breaking) type Defs = BTreeMap<String, Value>;

/// The keywords that say nothing about which values are allowed.
const ANNOTATIONS: &[&str] = &[
    "$comment",
    "default",
    "deprecated",
    "description",
    "examples",
    "readOnly",
    "title",
    "writeOnly",
    "x-alias",
    "x-deprecated",
    "x-int",
    "x-rust",
    "x-ts",
];

pub(in crate::breaking) fn is_annotation(key: &str) -> bool {
    ANNOTATIONS.contains(&key)
}

/// A schema without references at its top.
#[derive(Debug)]
pub(super) enum Resolved {
    /// `true`, `{}`: everything; `false`: nothing.
    Bool(bool),
    /// Keywords that all hold. `oneOf` and `anyOf` stand apart, because there may be several.
    Keywords {
        map: Map<String, Value>,
        unions: Vec<Vec<Value>>,
    },
    /// Something that this reader does not know.
    Unknown,
}

/// The name that a bare reference has: `NAME` of `#/$defs/NAME`.
pub(in crate::breaking) fn reference(schema: &Value) -> Option<String> {
    let name = schema.get("$ref")?.as_str()?.strip_prefix("#/$defs/")?;
    // JSON Pointer and then URI: schemars escapes both in the names of generic types.
    let name = percent_decode(name).replace("~1", "/").replace("~0", "~");
    Some(name)
}

fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, behind)) = rest.split_first() {
        let hex = behind
            .get(..2)
            .and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(decoded) if byte == b'%' => {
                bytes.push(decoded);
                rest = &behind[2..];
            }
            _ => {
                bytes.push(byte);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

pub(super) fn resolve(schema: &Value, defs: &Defs) -> Resolved {
    let mut parts = Vec::new();
    let mut unions = Vec::new();
    match gather(schema, defs, &mut Vec::new(), &mut parts, &mut unions) {
        None => Resolved::Unknown,
        Some(false) => Resolved::Bool(false),
        Some(true) => match conjunction(parts) {
            None => Resolved::Unknown,
            Some(map) if map.is_empty() && unions.is_empty() => Resolved::Bool(true),
            Some(map) => Resolved::Keywords { map, unions },
        },
    }
}

/// Collects what must hold together. `Some(false)`: nothing can; `None`: it cannot be read.
fn gather(
    schema: &Value,
    defs: &Defs,
    within: &mut Vec<String>,
    parts: &mut Vec<Map<String, Value>>,
    unions: &mut Vec<Vec<Value>>,
) -> Option<bool> {
    let map = match schema {
        Value::Bool(all) => return Some(*all),
        Value::Object(map) => map,
        _ => return None,
    };
    let mut own = Map::new();
    let mut possible = true;
    for (key, value) in map {
        match key.as_str() {
            "$ref" => {
                let name = reference(schema)?;
                let target = defs.get(&name)?;
                if within.contains(&name) {
                    return None;
                }
                within.push(name);
                possible &= gather(target, defs, within, parts, unions)?;
                within.pop();
            }
            "allOf" => {
                for part in value.as_array()? {
                    possible &= gather(part, defs, within, parts, unions)?;
                }
            }
            "oneOf" | "anyOf" => unions.push(value.as_array()?.clone()),
            "not" if matches!(value, Value::Object(all) if all.is_empty()) => possible = false,
            key if is_annotation(key) => {}
            _ => {
                own.insert(key.clone(), value.clone());
            }
        }
    }
    if !own.is_empty() {
        parts.push(own);
    }
    Some(possible)
}

/// All parts as one, where keywords do not contradict each other.
fn conjunction(parts: Vec<Map<String, Value>>) -> Option<Map<String, Value>> {
    // A key that one part calls additional may be declared by another, so only a part by itself is
    // unambiguous.
    let has =
        |part: &Map<String, Value>, keys: &[&str]| keys.iter().any(|key| part.contains_key(*key));
    let objects = ["properties", "additionalProperties", "patternProperties"];
    let declaring = parts.iter().filter(|part| has(part, &objects)).count();
    if declaring > 1 && parts.iter().any(|part| has(part, &objects[1..])) {
        return None;
    }
    let mut whole = Map::new();
    for part in parts {
        for (key, value) in part {
            let Some(present) = whole.get_mut(&key) else {
                whole.insert(key, value);
                continue;
            };
            match (key.as_str(), present, value) {
                ("properties", Value::Object(present), Value::Object(more)) => {
                    for (name, schema) in more {
                        if present.get(&name).is_some_and(|known| *known != schema) {
                            return None;
                        }
                        present.insert(name, schema);
                    }
                }
                ("required", Value::Array(present), Value::Array(more)) => {
                    for name in more {
                        if !present.contains(&name) {
                            present.push(name);
                        }
                    }
                }
                (_, present, value) if *present == value => {}
                _ => return None,
            }
        }
    }
    Some(whole)
}
