//! DOC_CHANGED, DEPRECATED_ADDED, TYPESCRIPT_CHANGED: what people read and the wire does not hold.

use serde_json::{Map, Value};

use crate::breaking::level::Facts;
use crate::breaking::path::Path;
use crate::breaking::rule::Rule;
use crate::breaking::rules::number::is_wide;
use crate::breaking::schema::{Defs, is_annotation, reference};
use crate::breaking::walk::Walk;

impl Walk<'_> {
    pub(in crate::breaking) fn prose(&mut self, path: &Path, old: &Value, new: &Value) {
        let marked = |schema: &Value| schema.get("deprecated") == Some(&Value::Bool(true));
        if marked(new) && !marked(old) {
            self.deprecated(path);
        }
        let said = |schema: &Value, word: &str| schema.get(word).cloned().unwrap_or_default();
        let differ = |word: &str| said(old, word) != said(new, word);
        // The note of what was deprecated before, too.
        if differ("description") || (marked(old) && marked(new) && differ("x-deprecated")) {
            self.docs(path);
        }
        self.typescript(path, old, new);
    }

    /// Checks for a value that is the same on the wire and another type in the page's code.
    fn typescript(&mut self, path: &Path, old: &Value, new: &Value) {
        let (before, after) = match (written(old, self.old), written(new, self.new)) {
            (None, None) => match (text_of_integer(old), text_of_integer(new)) {
                (Some(before), Some(after)) => (before.to_owned(), after.to_owned()),
                _ => return,
            },
            (before, after) => {
                let own = || "derived from its schema".to_owned();
                (before.unwrap_or_else(own), after.unwrap_or_else(own))
            }
        };
        if before != after {
            let message = format!("in TypeScript it was {before}, now it is {after}");
            let facts = Facts::default();
            self.emit(
                Rule::TypescriptChanged,
                path,
                (before, after),
                message,
                facts,
            );
        }
    }

    pub(in crate::breaking) fn docs(&mut self, path: &Path) {
        self.emit(
            Rule::DocChanged,
            path,
            ("", ""),
            "has other docs",
            Facts::default(),
        );
    }

    pub(in crate::breaking) fn deprecated(&mut self, path: &Path) {
        let words = ("", "deprecated");
        self.emit(
            Rule::DeprecatedAdded,
            path,
            words,
            "is now deprecated",
            Facts::default(),
        );
    }
}

/// The TypeScript that a schema is given by hand, where it is used or where its type is declared.
fn written(schema: &Value, defs: &Defs) -> Option<String> {
    let own = schema.get("x-ts").and_then(Value::as_str);
    let declared = || {
        let declared = defs.get(&reference(schema)?)?;
        declared.get("x-ts").and_then(Value::as_str)
    };
    own.or_else(declared).map(str::to_owned)
}

/// The TypeScript type of an integer that is written as text.
fn text_of_integer(schema: &Value) -> Option<&'static str> {
    let text = match schema.get("type")? {
        Value::Array(kinds) => kinds.iter().any(|kind| kind == "string"),
        kind => kind == "string",
    };
    let wide = is_wide(schema.get("format").and_then(Value::as_str));
    let policy = schema.get("x-int").and_then(Value::as_str);
    (text && wide).then_some(match policy {
        Some("bigint") => "bigint",
        _ => "string",
    })
}

/// A schema without what only people read.
pub(in crate::breaking) fn wire_form(schema: &Value) -> Value {
    let named = |map: &Map<String, Value>| {
        let entries = map
            .iter()
            .map(|(name, schema)| (name.clone(), wire_form(schema)));
        Value::Object(entries.collect())
    };
    match schema {
        Value::Object(map) => {
            let entries = map.iter().filter(|(key, _)| !is_annotation(key));
            let entries = entries.map(|(key, value)| {
                let value = match (key.as_str(), value) {
                    // Here a key is a field's name, and may be `description`.
                    ("properties" | "patternProperties", Value::Object(fields)) => named(fields),
                    _ => wire_form(value),
                };
                (key.clone(), value)
            });
            Value::Object(entries.collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(wire_form).collect()),
        other => other.clone(),
    }
}
