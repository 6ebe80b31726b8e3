//! A validator of the keywords that the random schemas have, written apart from the check.

use serde_json::{Map, Value};

use super::draw::range;

pub(super) struct Validator<'t> {
    pub types: &'t Value,
    /// Unknown keys are ignored, as clients do.
    pub lenient: bool,
}

impl Validator<'_> {
    pub(super) fn accepts(&self, schema: &Value, value: &Value) -> bool {
        let Value::Object(map) = schema else {
            return schema == &Value::Bool(true);
        };
        map.iter()
            .all(|(key, rule)| self.keyword(map, key, rule, value))
    }

    fn keyword(&self, map: &Map<String, Value>, key: &str, rule: &Value, value: &Value) -> bool {
        let length = |value: &Value| value.as_str().map(|text| text.chars().count() as u64);
        let items = |value: &Value| value.as_array().map(|items| items.len() as u64);
        let most = |count: Option<u64>| count.is_none_or(|count| count <= rule.as_u64().unwrap());
        let least = |count: Option<u64>| count.is_none_or(|count| count >= rule.as_u64().unwrap());
        let number = value.as_f64();
        let bound = || rule.as_f64().unwrap();
        match key {
            "$ref" => {
                let name = rule.as_str().unwrap().strip_prefix("#/$defs/").unwrap();
                self.accepts(&self.types[name], value)
            }
            "const" => rule == value,
            "enum" => rule.as_array().unwrap().contains(value),
            "oneOf" | "anyOf" => rule
                .as_array()
                .unwrap()
                .iter()
                .any(|member| self.accepts(member, value)),
            "type" => match rule {
                Value::Array(kinds) => kinds.iter().any(|kind| is(kind.as_str().unwrap(), value)),
                kind => is(kind.as_str().unwrap(), value),
            },
            "format" => match map.get("type").and_then(Value::as_str) {
                Some("string") => {
                    let text = value.as_str();
                    text.is_none_or(|text| {
                        text.starts_with(&format!("{}:", rule.as_str().unwrap()))
                    })
                }
                _ => {
                    let (low, high) = range(map);
                    let whole = value
                        .as_i64()
                        .map(i128::from)
                        .or(value.as_u64().map(i128::from));
                    whole.is_none_or(|n| {
                        low.is_none_or(|low| n >= low) && high.is_none_or(|high| n <= high)
                    })
                }
            },
            "minimum" => number.is_none_or(|n| n >= bound()),
            "maximum" => number.is_none_or(|n| n <= bound()),
            "exclusiveMinimum" => number.is_none_or(|n| n > bound()),
            "exclusiveMaximum" => number.is_none_or(|n| n < bound()),
            "minLength" => least(length(value)),
            "maxLength" => most(length(value)),
            "minItems" => least(items(value)),
            "maxItems" => most(items(value)),
            "items" => value
                .as_array()
                .is_none_or(|items| items.iter().all(|item| self.accepts(rule, item))),
            "prefixItems" => value.as_array().is_none_or(|items| {
                let places = rule.as_array().unwrap();
                items
                    .iter()
                    .zip(places)
                    .all(|(item, place)| self.accepts(place, item))
            }),
            "required" => value.as_object().is_none_or(|object| {
                rule.as_array()
                    .unwrap()
                    .iter()
                    .all(|name| object.contains_key(name.as_str().unwrap()))
            }),
            "properties" => value.as_object().is_none_or(|object| {
                let declared = rule.as_object().unwrap();
                declared
                    .iter()
                    .all(|(name, schema)| object.get(name).is_none_or(|v| self.accepts(schema, v)))
            }),
            "patternProperties" => value.as_object().is_none_or(|object| {
                let patterns = rule.as_object().unwrap();
                patterns.iter().all(|(pattern, schema)| {
                    let mut keys = object.iter().filter(|(key, _)| matches(pattern, key));
                    keys.all(|(_, v)| self.accepts(schema, v))
                })
            }),
            "additionalProperties" => value.as_object().is_none_or(|object| {
                let mut rest = object.iter().filter(|(name, _)| !declared(map, name));
                match rule {
                    Value::Bool(false) => self.lenient || rest.next().is_none(),
                    schema => rest.all(|(_, v)| self.accepts(schema, v)),
                }
            }),
            other => panic!("no keyword {other}"),
        }
    }
}

fn declared(map: &Map<String, Value>, name: &str) -> bool {
    let has = |key: &str| map.get(key).and_then(Value::as_object);
    has("properties").is_some_and(|fields| fields.contains_key(name))
        || has("patternProperties")
            .is_some_and(|all| all.keys().any(|pattern| matches(pattern, name)))
}

/// The two patterns that there are.
fn matches(pattern: &str, key: &str) -> bool {
    let digits = if pattern.contains('-') {
        key.strip_prefix('-').unwrap_or(key)
    } else {
        key
    };
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn is(kind: &str, value: &Value) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("no type {other}"),
    }
}
