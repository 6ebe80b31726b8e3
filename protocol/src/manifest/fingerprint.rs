//! The fingerprint of a manifest: a hash of what matters on the wire, and of nothing else.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::model::Manifest;

/// The hash of names, shapes and wire attributes. Docs, deprecations, Rust paths and the order of
/// declaration do not count.
#[must_use]
pub fn fingerprint(manifest: &Manifest) -> String {
    let wire = match serde_json::to_value(manifest) {
        Ok(Value::Object(fields)) => wire_only(fields),
        // A manifest is made of strings, lists and maps by string: JSON holds all of them.
        _ => Value::Null,
    };
    let digest = Sha256::digest(wire.to_string().as_bytes());
    digest[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn wire_only(mut fields: Map<String, Value>) -> Value {
    for aside in ["format", "fingerprint", "docs", "rust"] {
        fields.remove(aside);
    }
    for group in ["commands", "events", "channels"] {
        if let Some(group) = fields.get_mut(group) {
            let items = group.get_mut("items").and_then(Value::as_array_mut);
            *group = items.map(std::mem::take).map_or(Value::Null, |items| {
                sorted(items.into_iter().map(without_prose).collect())
            });
        }
    }
    canonical(&Value::Object(fields))
}

/// A message without its docs and its dates; its schemas keep theirs until [`canonical`] drops them.
fn without_prose(mut message: Value) -> Value {
    if let Some(fields) = message.as_object_mut() {
        for aside in ["docs", "deprecated", "since", "sunset", "stability"] {
            fields.remove(aside);
        }
        if let Some(errors) = fields.get_mut("errors") {
            let items = errors.get_mut("items").and_then(Value::as_array_mut);
            *errors = items.map(std::mem::take).map_or(Value::Null, |items| {
                sorted(items.into_iter().map(without_prose).collect())
            });
        }
    }
    message
}

fn sorted(mut items: Vec<Value>) -> Value {
    items.sort_by_key(|item| {
        let name = ["name", "pattern", "code"]
            .iter()
            .find_map(|key| item.get(key));
        name.and_then(Value::as_str).unwrap_or_default().to_owned()
    });
    Value::Array(items)
}

/// The keys of a schema that say nothing about the wire. Inside `properties` and `$defs` a key is a
/// field's or type's name, never one of these.
const PROSE: &[&str] = &[
    "description",
    "title",
    "deprecated",
    "examples",
    "x-rust",
    "x-deprecated",
    "x-int",
    "x-ts",
];

/// The same value with its keys in one order and its prose gone.
fn canonical(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut entries: Vec<_> = fields
                .iter()
                .filter(|(key, _)| !PROSE.contains(&key.as_str()))
                .map(|(key, value)| {
                    let value = match (key.as_str(), value) {
                        (
                            "properties" | "patternProperties" | "send" | "receive",
                            Value::Object(named),
                        ) => named_values(named),
                        _ => canonical(value),
                    };
                    (key.clone(), value)
                })
                .collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(entries.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(canonical).collect()),
        other => other.clone(),
    }
}

fn named_values(named: &Map<String, Value>) -> Value {
    let mut entries: Vec<_> = named
        .iter()
        .map(|(name, value)| (name.clone(), canonical(value)))
        .collect();
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    Value::Object(entries.into_iter().collect())
}
