//! Values of a schema: what a typed writer writes, which is declared keys only.

use serde_json::{Map, Value, json};

pub(super) struct Draw<'t> {
    types: &'t Value,
    state: u64,
}

impl<'t> Draw<'t> {
    pub(super) fn new(types: &'t Value, seed: u64) -> Self {
        Self {
            types,
            state: seed | 1,
        }
    }

    /// xorshift64*: small, and the same on every machine.
    fn next(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next()).unwrap() % end
    }

    /// A value, or `None` where there is none within that depth.
    pub(super) fn value(&mut self, schema: &Value, depth: u32) -> Option<Value> {
        let Value::Object(map) = schema else {
            let any = [
                json!(null),
                json!("a"),
                json!(1.5),
                json!({ "a": [] }),
                json!(-7),
            ];
            return (schema == &json!(true)).then(|| any[self.below(any.len())].clone());
        };
        let depth = depth.checked_sub(1)?;
        if let Some(name) = map.get("$ref").and_then(Value::as_str) {
            let name = name.strip_prefix("#/$defs/").unwrap();
            return self.value(&self.types[name].clone(), depth);
        }
        if let Some(value) = map.get("const") {
            return Some(value.clone());
        }
        if let Some(values) = map.get("enum").and_then(Value::as_array) {
            return Some(values[self.below(values.len())].clone());
        }
        let members = map
            .get("oneOf")
            .or_else(|| map.get("anyOf"))
            .and_then(Value::as_array);
        if let Some(members) = members {
            let start = self.below(members.len());
            let order = members[start..].iter().chain(&members[..start]);
            let member = order
                .into_iter()
                .find_map(|member| self.value(member, depth))?;
            return match map.contains_key("properties") {
                false => Some(member),
                true => {
                    let mut object = self.object(map, depth)?;
                    object.extend(member.as_object()?.clone());
                    Some(Value::Object(object))
                }
            };
        }
        match map.get("type") {
            Some(Value::Array(kinds)) => {
                let kind = kinds[self.below(kinds.len())].clone();
                self.typed(kind.as_str()?, map, depth)
            }
            kind => self.typed(kind?.as_str()?, map, depth),
        }
    }

    fn typed(&mut self, kind: &str, map: &Map<String, Value>, depth: u32) -> Option<Value> {
        match kind {
            "null" => Some(Value::Null),
            "boolean" => Some(json!(self.below(2) == 0)),
            "integer" => self.integer(map).map(|value| json!(value)),
            "number" => {
                let whole = self.integer(map)?;
                let half = whole as f64 + 0.5;
                let top =
                    end(map, "maximum", "exclusiveMaximum").map_or(f64::INFINITY, |top| top as f64);
                Some(if half < top {
                    json!(half)
                } else {
                    json!(whole)
                })
            }
            "string" => {
                let format = map.get("format").and_then(Value::as_str);
                let count = self.count(map, "minLength", "maxLength")?;
                Some(json!(format.map_or_else(
                    || "x".repeat(count),
                    |format| format!("{format}:x")
                )))
            }
            "array" => match map.get("prefixItems").and_then(Value::as_array) {
                Some(places) => places
                    .iter()
                    .map(|place| self.value(place, depth))
                    .collect(),
                None => {
                    let count = self.count(map, "minItems", "maxItems")?;
                    (0..count)
                        .map(|_| self.value(&map["items"], depth))
                        .collect()
                }
            },
            "object" => self.object(map, depth).map(Value::Object),
            other => panic!("no type {other}"),
        }
    }

    fn object(&mut self, map: &Map<String, Value>, depth: u32) -> Option<Map<String, Value>> {
        let mut object = Map::new();
        let none = Map::new();
        let properties = map
            .get("properties")
            .and_then(Value::as_object)
            .unwrap_or(&none);
        for (name, schema) in properties {
            let required = map.get("required").and_then(Value::as_array);
            let required = required.is_some_and(|names| names.contains(&json!(name)));
            if required || self.below(3) > 0 {
                match self.value(schema, depth) {
                    Some(value) => drop(object.insert(name.clone(), value)),
                    None if required => return None,
                    None => {}
                }
            }
        }
        let patterns = map.get("patternProperties").and_then(Value::as_object);
        for (pattern, schema) in patterns.unwrap_or(&none) {
            let key = if pattern.contains('-') { "-12" } else { "12" };
            if let Some(value) = self.value(schema, depth) {
                object.insert(key.to_owned(), value);
            }
        }
        if let Some(values @ Value::Object(_)) = map.get("additionalProperties") {
            // A key of a map may have any name, a field's name of the other side too.
            let key = ["a", "b", "other", "12"][self.below(4)];
            if !properties.contains_key(key)
                && let Some(value) = self.value(values, depth)
            {
                object.insert(key.to_owned(), value);
            }
        }
        Some(object)
    }

    fn count(&mut self, map: &Map<String, Value>, least: &str, most: &str) -> Option<usize> {
        let bound = |key| {
            map.get(key)
                .and_then(Value::as_u64)
                .map(|n| usize::try_from(n).unwrap())
        };
        let least = bound(least).unwrap_or(0);
        let most = bound(most).unwrap_or(least + 4);
        (least <= most).then(|| [least, most, least + self.below(most - least + 1)][self.below(3)])
    }

    fn integer(&mut self, map: &Map<String, Value>) -> Option<i128> {
        let (low, high) = range(map);
        let (low, high) = (low.unwrap_or(-1 << 60), high.unwrap_or(1 << 60));
        if low > high {
            return None;
        }
        let span = (high - low).min(1 << 30);
        let inside = low + i128::from(self.next()) % (span + 1);
        Some([low, high, inside, 0.clamp(low, high)][self.below(4)])
    }
}

/// The least and the greatest integer of a schema.
pub(super) fn range(map: &Map<String, Value>) -> (Option<i128>, Option<i128>) {
    let format = match map.get("format").and_then(Value::as_str) {
        Some("int8") => (Some(-128), Some(127)),
        Some("uint8") => (Some(0), Some(255)),
        Some("uint16") => (Some(0), Some(65535)),
        Some("int32") => (Some(-(1 << 31)), Some((1 << 31) - 1)),
        Some("uint32") => (Some(0), Some((1 << 32) - 1)),
        Some("int64") => (Some(-(1 << 63)), Some((1 << 63) - 1)),
        Some("uint64") => (Some(0), Some((1 << 64) - 1)),
        _ => (None, None),
    };
    let low = end(map, "minimum", "exclusiveMinimum");
    let high = end(map, "maximum", "exclusiveMaximum");
    (
        low.max(format.0),
        [high, format.1].into_iter().flatten().min(),
    )
}

fn end(map: &Map<String, Value>, inclusive: &str, exclusive: &str) -> Option<i128> {
    let at = |key| map.get(key).and_then(Value::as_i64).map(i128::from);
    let step = if exclusive.contains("Max") { -1 } else { 1 };
    let ends = [at(inclusive), at(exclusive).map(|at| at + step)];
    let ends = ends.into_iter().flatten();
    if step < 0 { ends.min() } else { ends.max() }
}
