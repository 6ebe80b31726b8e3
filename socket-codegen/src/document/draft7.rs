//! AsyncAPI's schemas are those of draft 7; ours are of 2020-12.

use serde_json::{Map, Value, json};

use super::schemas::definition;

/// The same schema in draft 7; `refer` says where a named type stands.
pub(super) fn convert(schema: &Value, refer: &dyn Fn(&str) -> String) -> Value {
    let Value::Object(fields) = schema else {
        return schema.clone();
    };
    let mut converted = Map::new();
    let mut reference = None;
    for (key, value) in fields {
        let value = match (key.as_str(), value) {
            ("$ref", Value::String(to)) => {
                reference = definition(to).map(|name| json!({ "$ref": refer(&name) }));
                continue;
            }
            ("$schema", _) => continue,
            ("prefixItems", Value::Array(items)) => {
                let rest = fields.get("items").map(|rest| convert(rest, refer));
                converted.extend(rest.map(|rest| ("additionalItems".to_owned(), rest)));
                let items = items.iter().map(|item| convert(item, refer)).collect();
                converted.insert("items".to_owned(), items);
                continue;
            }
            ("items", _) if fields.contains_key("prefixItems") => continue,
            // Draft 7 would ignore these unknown keywords.
            ("unevaluatedProperties" | "unevaluatedItems", _) => continue,
            ("properties" | "patternProperties", Value::Object(named)) => {
                let named = named
                    .iter()
                    .map(|(name, value)| (name.clone(), convert(value, refer)));
                Value::Object(named.collect())
            }
            ("oneOf" | "anyOf" | "allOf", Value::Array(items)) => {
                items.iter().map(|item| convert(item, refer)).collect()
            }
            (
                "items"
                | "additionalProperties"
                | "propertyNames"
                | "contains"
                | "not"
                | "if"
                | "then"
                | "else",
                value,
            ) => convert(value, refer),
            (_, value) => value.clone(),
        };
        converted.insert(key.clone(), value);
    }
    match reference {
        None => converted.into(),
        Some(reference) if converted.is_empty() => reference,
        // Draft 7 sees nothing beside a `$ref`.
        Some(reference) => {
            let all = converted.entry("allOf").or_insert_with(|| json!([]));
            if let Value::Array(all) = all {
                all.insert(0, reference);
            }
            converted.into()
        }
    }
}
