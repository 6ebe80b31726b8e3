//! A JSON Schema as a JavaScript object: what checks, and nothing of the prose.

use serde_json::{Map, Value};

use crate::document::schemas::definition;

/// The constant of a named type.
pub(super) fn identifier(direction: &str, name: &str) -> String {
    let mut identifier = format!("{direction}_");
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            identifier.push(c);
        } else {
            // `_` too, so that no two names become one.
            identifier.push_str(&format!("_{:x}_", u32::from(c)));
        }
    }
    identifier
}

/// The names of the types that a schema refers to.
pub(super) fn references(schema: &Value) -> Vec<String> {
    let mut names = Vec::new();
    let mut queue = vec![schema];
    while let Some(schema) = queue.pop() {
        if let Some(Value::String(to)) = schema.get("$ref") {
            names.extend(definition(to));
        }
        for (key, value) in schema.as_object().into_iter().flatten() {
            match (key.as_str(), value) {
                (key, Value::Object(named)) if NAMED.contains(&key) => queue.extend(named.values()),
                (key, Value::Array(items)) if LISTS.contains(&key) => queue.extend(items),
                (key, value) if SCHEMAS.contains(&key) => queue.push(value),
                _ => {}
            }
        }
    }
    names
}

/// Keywords that hold schemas by name, lists of schemas, a schema, and what is not a schema.
const NAMED: &[&str] = &["properties", "patternProperties"];
const LISTS: &[&str] = &["anyOf", "oneOf", "allOf", "prefixItems"];
const SCHEMAS: &[&str] = &["additionalProperties", "propertyNames", "items", "not"];
const RULES: &[&str] = &[
    "type",
    "const",
    "enum",
    "required",
    "minProperties",
    "maxProperties",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
];

/// The integers that Rust's types hold; a schema says it in `format` alone.
const RANGES: &[(&str, i64, i64)] = &[
    ("int8", i8::MIN as i64, i8::MAX as i64),
    ("int16", i16::MIN as i64, i16::MAX as i64),
    ("int32", i32::MIN as i64, i32::MAX as i64),
    ("uint8", 0, u8::MAX as i64),
    ("uint16", 0, u16::MAX as i64),
    ("uint32", 0, u32::MAX as i64),
];

/// The integers that are `bigint`: the value that the program holds is checked, not its text.
const BIGINTS: &[(&str, &str, &str)] = &[
    ("int64", "-9223372036854775808n", "9223372036854775807n"),
    ("uint64", "0n", "18446744073709551615n"),
    (
        "int128",
        "-170141183460469231731687303715884105728n",
        "170141183460469231731687303715884105727n",
    ),
    ("uint128", "0n", "340282366920938463463374607431768211455n"),
    ("int", "-9223372036854775808n", "9223372036854775807n"),
    ("uint", "0n", "18446744073709551615n"),
];

/// The numbers that JavaScript holds exactly.
const SAFE: i64 = 9_007_199_254_740_991;

/// The schema of an integer that exceeds JavaScript's numbers, as keywords.
fn large(fields: &Map<String, Value>) -> Option<Vec<(String, String)>> {
    let policy = fields.get("x-int").and_then(Value::as_str)?;
    let format = fields.get("format").and_then(Value::as_str)?;
    let bounds = |least: &str, most: &str| {
        [("minimum", least), ("maximum", most)]
            .map(|(key, bound)| (key.to_owned(), bound.to_owned()))
    };
    if policy == "bigint" {
        let (_, least, most) = BIGINTS.iter().find(|(name, _, _)| *name == format)?;
        let kind = fields
            .get("type")?
            .to_string()
            .replace("\"string\"", "\"bigint\"");
        let mut entries = vec![("type".to_owned(), kind)];
        entries.extend(bounds(least, most));
        return Some(entries);
    }
    let least = if format.starts_with('u') { 0 } else { -SAFE };
    let kind = fields.get("type")?.to_string();
    let mut entries = vec![("type".to_owned(), kind)];
    for (key, own) in bounds(&least.to_string(), &SAFE.to_string()) {
        let given = fields
            .get(&key)
            .filter(|given| given.as_i64().is_some_and(|n| n.abs() <= SAFE));
        entries.push((key, given.map_or(own, Value::to_string)));
    }
    Some(entries)
}

/// A schema as source text, its first line unindented.
pub(super) fn literal(schema: &Value, direction: &str, depth: usize) -> String {
    let Some(fields) = schema.as_object() else {
        return schema.to_string();
    };
    if let Some(entries) = large(fields) {
        return braces(entries.into_iter(), depth);
    }
    let inner = |schema: &Value, by: usize| literal(schema, direction, depth + by);
    let mut entries = Vec::new();
    for (key, value) in fields {
        let text = match (key.as_str(), value) {
            ("$ref", Value::String(to)) => match definition(to) {
                Some(name) => format!("() => {}", identifier(direction, &name)),
                None => continue,
            },
            (key, Value::Object(named)) if NAMED.contains(&key) => {
                let named = named
                    .iter()
                    .map(|(name, schema)| (property(name), inner(schema, 2)));
                braces(named, depth + 1)
            }
            (key, Value::Array(items)) if LISTS.contains(&key) => {
                let items: Vec<String> = items.iter().map(|item| inner(item, 1)).collect();
                format!("[{}]", items.join(", "))
            }
            (key, value) if SCHEMAS.contains(&key) => inner(value, 1),
            (key, value) if RULES.contains(&key) => value.to_string(),
            _ => continue,
        };
        entries.push((key.clone(), text));
    }
    let format = fields.get("format").and_then(Value::as_str);
    if let Some((_, least, most)) = RANGES.iter().find(|(name, _, _)| format == Some(name)) {
        for (key, bound) in [("minimum", least), ("maximum", most)] {
            if !fields.contains_key(key) {
                entries.push((key.to_owned(), bound.to_string()));
            }
        }
    }
    braces(entries.into_iter(), depth)
}

/// An object of these keys and values, each on a line of its own.
pub(super) fn braces(entries: impl Iterator<Item = (String, String)>, depth: usize) -> String {
    let indent = "  ".repeat(depth + 1);
    let lines: Vec<String> = entries
        .map(|(key, value)| format!("{indent}{key}: {value},\n"))
        .collect();
    if lines.is_empty() {
        return "{}".to_owned();
    }
    format!("{{\n{}{}}}", lines.concat(), "  ".repeat(depth))
}

/// The key of a field. `__proto__` as it stands would set the prototype.
pub(super) fn property(name: &str) -> String {
    let quoted = Value::from(name).to_string();
    if name == "__proto__" {
        format!("[{quoted}]")
    } else {
        quoted
    }
}
