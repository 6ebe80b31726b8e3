//! DOC_CHANGED, DEPRECATED_ADDED: what people read and the wire does not hold.

use serde_json::{Map, Value};

use crate::breaking::level::Facts;
use crate::breaking::path::Path;
use crate::breaking::rule::Rule;
use crate::breaking::schema::is_annotation;
use crate::breaking::walk::Walk;

impl Walk<'_> {
    pub(in crate::breaking) fn prose(&mut self, path: &Path, old: &Value, new: &Value) {
        let docs = |schema: &Value| schema.get("description").cloned().unwrap_or_default();
        if docs(old) != docs(new) {
            self.docs(path);
        }
        let marked = |schema: &Value| schema.get("deprecated") == Some(&Value::Bool(true));
        if marked(new) && !marked(old) {
            self.deprecated(path);
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
