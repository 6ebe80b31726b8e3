//! Values that a schema allows.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::random::Random;

/// Draws values for one message.
#[derive(Debug)]
pub(super) struct Sampler<'a> {
    definitions: &'a BTreeMap<String, Value>,
    random: Random,
    /// How many values may still be more than the least.
    fuel: u32,
}

/// A value of a recursive type ends here at the latest.
const DEEPEST: u32 = 48;
const FUEL: u32 = 120;
/// The largest integer up to which JavaScript skips none.
const SAFE: f64 = 9_007_199_254_740_991.0;

impl<'a> Sampler<'a> {
    pub(super) fn new(message: &str, definitions: &'a BTreeMap<String, Value>) -> Self {
        Self {
            definitions,
            random: Random::of(message),
            fuel: FUEL,
        }
    }

    /// The next value; none when the schema allows nothing.
    pub(super) fn draw(&mut self, schema: &Value) -> Option<Value> {
        self.fuel = FUEL;
        self.value(schema, 0)
    }

    fn value(&mut self, schema: &Value, depth: u32) -> Option<Value> {
        self.fuel = self.fuel.saturating_sub(1);
        if depth > DEEPEST {
            return None;
        }
        let keywords = match schema {
            Value::Bool(false) => return None,
            Value::Object(keywords) if !keywords.is_empty() => keywords,
            _ => return Some(self.any()),
        };
        if let Some(value) = keywords.get("const") {
            return Some(value.clone());
        }
        if let Some(Value::Array(values)) = keywords.get("enum") {
            return values.get(self.random.below(values.len())).cloned();
        }
        if keywords.get("not").is_some_and(|not| not == &json!({})) {
            return None;
        }
        let mut parts = Vec::new();
        if let Some(key) = keywords.get("$ref").and_then(Value::as_str) {
            let definition = self.definitions.get(&definition_key(key))?;
            parts.push(self.value(definition, depth + 1)?);
        }
        for key in ["oneOf", "anyOf"] {
            if let Some(Value::Array(options)) = keywords.get(key) {
                parts.push(self.one_of(options, depth)?);
            }
        }
        if let Some(Value::Array(all)) = keywords.get("allOf") {
            for schema in all {
                parts.push(self.value(schema, depth + 1)?);
            }
        }
        if parts.is_empty() || keywords.contains_key("properties") {
            parts.insert(0, self.typed(keywords, depth)?);
        }
        Some(merged(parts))
    }

    fn one_of(&mut self, options: &[Value], depth: u32) -> Option<Value> {
        let first = self.random.below(options.len());
        let mut order: Vec<&Value> = options[first..].iter().chain(&options[..first]).collect();
        if self.fuel == 0 {
            order.sort_by_key(|option| option.to_string().contains("\"$ref\""));
        }
        order.into_iter().find_map(|option| match option {
            // Beside other keywords it says nothing.
            Value::Object(nothing) if nothing.is_empty() => Some(json!({})),
            option => self.value(option, depth + 1),
        })
    }

    fn typed(&mut self, keywords: &Map<String, Value>, depth: u32) -> Option<Value> {
        let kinds: Vec<&str> = match keywords.get("type") {
            Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
            Some(kind) => kind.as_str().into_iter().collect(),
            None => vec!["object"],
        };
        match self.random.pick(&kinds)? {
            "null" => Some(Value::Null),
            "boolean" => Some(self.random.coin().into()),
            "string" => Some(self.text(keywords).into()),
            "integer" => Some(self.integer(keywords)),
            "number" => Some(self.number(keywords)),
            "array" => self.array(keywords, depth),
            _ => self.object(keywords, depth),
        }
    }

    fn any(&mut self) -> Value {
        match self.random.below(5) {
            0 => Value::Null,
            1 => json!(true),
            2 => json!(7),
            3 => json!("any"),
            _ => json!({ "any": [1, null] }),
        }
    }

    fn text(&mut self, keywords: &Map<String, Value>) -> String {
        let format = keywords.get("format").and_then(Value::as_str);
        let pattern = keywords.get("pattern").and_then(Value::as_str);
        let known: &[&str] = match (format, pattern) {
            (Some("uint64"), _) => &["0", "18446744073709551615"],
            (Some("int64"), _) => &["-9223372036854775808", "9223372036854775807", "0"],
            (Some("uint128"), _) => &["1", "340282366920938463463374607431768211455"],
            (Some("int128"), _) => &["-170141183460469231731687303715884105728", "1"],
            (Some("uint"), _) => &["1", "4294967295"],
            (Some("int"), _) => &["-2147483648", "1"],
            (Some("uuid"), _) => &["67e55044-10b1-426f-9247-bb680e5fe0c8"],
            (Some("date-time"), _) => &["2024-02-29T12:30:45Z", "1999-12-31T23:59:59.5+01:00"],
            (Some("partial-date-time"), _) => &["2024-02-29T12:30:45"],
            (Some("zoned-date-time"), _) => &["2024-02-29T12:30:45+00:00[UTC]"],
            (Some("date"), _) => &["2024-02-29", "1999-12-31"],
            (Some("time" | "partial-time"), _) => &["12:30:45"],
            (Some("duration"), _) => &["PT1H30M"],
            (Some("uri" | "url"), _) => &["https://example.com/a?b=c"],
            (Some("ip" | "ipv4"), _) => &["127.0.0.1"],
            (Some("ipv6"), _) => &["::1"],
            (Some("email"), _) => &["ann@example.com"],
            (_, Some(digits)) if digits.starts_with(r"^-?\d+(\.") => &["12.5", "-3"],
            (_, Some(version)) if version.starts_with(r"^(0|[1-9]\d*)\.") => &["1.2.3"],
            _ => &["", "a", "Grüße 🦀", "two words", "quote\" \\ \n"],
        };
        let drawn = self.random.pick(known).unwrap_or_default().to_owned();
        let length = |key: &str| {
            let length = keywords.get(key).and_then(Value::as_u64);
            length.and_then(|length| usize::try_from(length).ok())
        };
        let drawn: String = match length("maxLength") {
            Some(most) => drawn.chars().take(most).collect(),
            None => drawn,
        };
        let missing = length("minLength").unwrap_or_default();
        let missing = missing.saturating_sub(drawn.chars().count());
        drawn + &"x".repeat(missing)
    }

    fn integer(&mut self, keywords: &Map<String, Value>) -> Value {
        let format = keywords.get("format").and_then(Value::as_str);
        let (least, most) = match format {
            Some("int8") => (-128.0, 127.0),
            Some("int16") => (-32_768.0, 32_767.0),
            Some("int32") => (-2_147_483_648.0, 2_147_483_647.0),
            Some("uint8") => (0.0, 255.0),
            Some("uint16") => (0.0, 65_535.0),
            Some("uint32") => (0.0, 4_294_967_295.0),
            Some(unsigned) if unsigned.starts_with('u') => (0.0, SAFE),
            _ => (-SAFE, SAFE),
        };
        let drawn = self.between(keywords, least, most, 1.0).round();
        #[allow(
            clippy::cast_possible_truncation,
            reason = "it is a whole number within 2^53"
        )]
        let whole = drawn as i64;
        let zero = whole == 0 && keywords.contains_key("not");
        if zero { json!(1) } else { json!(whole) }
    }

    fn number(&mut self, keywords: &Map<String, Value>) -> Value {
        json!(self.between(keywords, -1000.5, 1000.5, 0.25))
    }

    /// One of both ends, what is next to them, and the middle.
    fn between(&mut self, keywords: &Map<String, Value>, least: f64, most: f64, step: f64) -> f64 {
        let bound = |key: &str| keywords.get(key).and_then(Value::as_f64);
        let above = bound("exclusiveMinimum").map(|bound| bound + step);
        let below = bound("exclusiveMaximum").map(|bound| bound - step);
        let least = bound("minimum").or(above).unwrap_or(least).max(-SAFE);
        let most = bound("maximum")
            .or(below)
            .unwrap_or(most.max(least))
            .min(SAFE);
        let near_zero = 0.0_f64.clamp(least, most.max(least));
        match self.random.below(5) {
            0 => least,
            1 => most,
            2 => (least + step).min(most),
            3 => near_zero,
            _ => (near_zero + 7.0 * step).min(most),
        }
    }

    fn array(&mut self, keywords: &Map<String, Value>, depth: u32) -> Option<Value> {
        let mut items = Vec::new();
        if let Some(Value::Array(first)) = keywords.get("prefixItems") {
            for schema in first {
                items.push(self.value(schema, depth + 1)?);
            }
        }
        let length = |key: &str| {
            let length = keywords.get(key).and_then(Value::as_u64);
            length.and_then(|length| usize::try_from(length).ok())
        };
        let least = length("minItems").unwrap_or_default();
        let most = length("maxItems").unwrap_or(usize::MAX);
        let beyond = if self.fuel == 0 || !keywords.contains_key("items") {
            0
        } else {
            self.random.below(3)
        };
        let wanted = least.max(items.len().saturating_add(beyond)).min(most);
        let open = Value::Bool(true);
        let schema = keywords.get("items").unwrap_or(&open);
        while items.len() < wanted {
            match self.value(schema, depth + 1) {
                Some(item) => items.push(item),
                None if items.len() >= least => break,
                None => return None,
            }
        }
        Some(items.into())
    }

    fn object(&mut self, keywords: &Map<String, Value>, depth: u32) -> Option<Value> {
        let required: Vec<&str> = keywords
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let mut fields = Map::new();
        let properties = keywords.get("properties").and_then(Value::as_object);
        for (name, schema) in properties.into_iter().flatten() {
            let needed = required.contains(&name.as_str());
            if !needed && (self.fuel == 0 || self.random.coin()) {
                continue;
            }
            match self.value(schema, depth + 1) {
                Some(value) => {
                    fields.insert(name.clone(), value);
                }
                None if needed => return None,
                None => {}
            }
        }
        let patterns = keywords.get("patternProperties").and_then(Value::as_object);
        for (pattern, schema) in patterns.into_iter().flatten() {
            let keys: &[&str] = match pattern.as_str() {
                r"^\d+$" => &["1", "42"],
                r"^-?\d+$" => &["1", "-42"],
                _ => continue,
            };
            self.further(keys, schema, &mut fields, depth);
        }
        for key in ["additionalProperties", "unevaluatedProperties"] {
            match keywords.get(key) {
                None | Some(Value::Bool(false)) => {}
                Some(schema) => self.further(&["key", "Größe"], schema, &mut fields, depth),
            }
        }
        Some(fields.into())
    }

    fn further(
        &mut self,
        keys: &[&str],
        schema: &Value,
        fields: &mut Map<String, Value>,
        depth: u32,
    ) {
        for key in keys {
            if self.fuel > 0 && self.random.coin() && !fields.contains_key(*key) {
                let value = self.value(schema, depth + 1);
                fields.extend(value.map(|value| ((*key).to_owned(), value)));
            }
        }
    }
}

/// The key of a definition out of a reference to it, a JSON pointer in a URL.
pub(super) fn definition_key(reference: &str) -> String {
    let pointer = reference.strip_prefix("#/$defs/").unwrap_or(reference);
    let key = percent_encoding::percent_decode_str(pointer).decode_utf8_lossy();
    key.replace("~1", "/").replace("~0", "~")
}

/// Objects that stand side by side are one; else the first says it all.
fn merged(parts: Vec<Value>) -> Value {
    let mut all = Map::new();
    let mut first = None;
    for part in parts {
        match part {
            Value::Object(fields) => {
                for (key, value) in fields {
                    all.entry(key).or_insert(value);
                }
            }
            other => first = first.or(Some(other)),
        }
    }
    match first {
        Some(first) if all.is_empty() => first,
        _ => all.into(),
    }
}
