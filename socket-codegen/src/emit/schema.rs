//! From JSON Schema, as schemars writes it for one direction of serde, to [`Ty`].
//!
//! A keyword that could narrow the wire in a way that is not understood here is refused: a missing
//! type is better than a wrong one.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::object;
use super::refusal::{Parsed, Refusal, gather, inside, refuse, stands_twice, too_large};
use super::ty::{Definition, Definitions, Docs, Member, Ty};

/// The named types of one direction. What cannot be said is left out and reported by its key.
pub(super) fn definitions<'a>(
    schemas: impl IntoIterator<Item = (&'a String, &'a Value)>,
) -> (Definitions, Vec<(String, Vec<Refusal>)>) {
    let mut definitions = Definitions::new();
    let mut refusals = Vec::new();
    for (key, schema) in schemas {
        match parse(schema) {
            Ok(ty) => {
                let rust = schema.get("x-rust").and_then(Value::as_str);
                let definition = Definition {
                    rust: rust.map(str::to_owned),
                    docs: docs(schema),
                    ty,
                };
                definitions.insert(key.clone(), definition);
            }
            Err(refused) => refusals.push((key.clone(), refused)),
        }
    }
    (definitions, refusals)
}

/// The doc comment and deprecation of a schema.
#[must_use]
pub(super) fn docs(schema: &Value) -> Docs {
    let text = |key: &str| schema.get(key).and_then(Value::as_str);
    let title = text("title").unwrap_or_default();
    let description = text("description").unwrap_or_default();
    // schemars makes a title of a doc comment's first heading.
    let text = match (title, description) {
        ("", text) | (text, "") => text.to_owned(),
        (title, text) => format!("{title}\n\n{text}"),
    };
    let note = schema.get("x-deprecated").and_then(Value::as_str);
    let deprecated = note.is_some() || schema.get("deprecated") == Some(&Value::Bool(true));
    Docs {
        text,
        deprecated: deprecated.then(|| note.unwrap_or_default().to_owned()),
    }
}

/// The type of one schema.
///
/// # Errors
/// When TypeScript or this emitter has no words for it.
pub(super) fn parse(schema: &Value) -> Result<Ty, Vec<Refusal>> {
    match schema {
        Value::Bool(true) => Ok(Ty::Json),
        Value::Bool(false) => Ok(Ty::Never),
        Value::Object(keywords) => parse_keywords(keywords),
        other => Err(refuse(format!("`{other}` is not a schema"))),
    }
}

/// Keywords that say nothing about the type, or only what no TypeScript can say of it.
const ASIDE: &[&str] = &[
    "$schema",
    "$comment",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "contentEncoding",
    "contentMediaType",
];

/// Keywords that [`parse_keywords`] and what it calls understand.
const UNDERSTOOD: &[&str] = &[
    "$ref",
    "type",
    "format",
    "const",
    "enum",
    "oneOf",
    "anyOf",
    "allOf",
    "not",
    "properties",
    "required",
    "additionalProperties",
    "unevaluatedProperties",
    "patternProperties",
    "items",
    "prefixItems",
    "minItems",
    "maxItems",
];

fn parse_keywords(keywords: &Map<String, Value>) -> Parsed<Ty> {
    if let Some(Value::String(text)) = keywords.get("x-ts") {
        return Ok(Ty::Written(text.clone()));
    }
    for key in keywords.keys().map(String::as_str) {
        if !ASIDE.contains(&key) && !UNDERSTOOD.contains(&key) && !key.starts_with("x-") {
            return Err(refuse(format!(
                "its schema says `{key}`, which has no TypeScript"
            )));
        }
    }
    if let Some(not) = keywords.get("not") {
        let nothing = not.as_object().is_some_and(Map::is_empty) || not == &Value::Bool(true);
        if nothing {
            return Ok(Ty::Never);
        }
        // `NonZeroU32` is written as `not: { const: 0 }`: no type of TypeScript's leaves 0 out.
        if not
            .as_object()
            .is_none_or(|not| !not.keys().all(|key| key == "const"))
        {
            return Err(refuse("its schema says `not`, which has no TypeScript"));
        }
    }
    let mut parts = Vec::new();
    if let Some(value) = keywords.get("const") {
        parts.push(literal(value)?);
    } else if let Some(values) = keywords.get("enum").and_then(Value::as_array) {
        let members = gather(values.iter().map(|v| literal(v).map(Member::from)));
        parts.push(Ty::union(members?));
    } else if let Some(types) = keywords.get("type") {
        parts.extend(typed(types, keywords)?);
    } else if object::has_any(keywords) {
        parts.push(object::parse(keywords)?);
    }
    if let Some(reference) = keywords.get("$ref").and_then(Value::as_str) {
        let pointer = reference.strip_prefix("#/$defs/");
        let pointer = pointer.ok_or_else(|| refuse(format!("it refers to `{reference}`")))?;
        // A JSON pointer in a URL: `%C3%B6` is `ö`, `~1` is `/`, `~0` is `~`.
        let key = percent_decode_str(pointer).decode_utf8_lossy();
        parts.push(Ty::Ref(key.replace("~1", "/").replace("~0", "~")));
    }
    let beside_fields = !parts.is_empty();
    for key in ["oneOf", "anyOf"] {
        if let Some(schemas) = keywords.get(key).and_then(Value::as_array) {
            let members = gather(schemas.iter().map(|schema| {
                let mut ty = parse(schema)?;
                if beside_fields && ty == Ty::Json {
                    ty = Ty::Open;
                }
                Ok(Member {
                    ty,
                    docs: docs(schema),
                })
            }));
            parts.push(Ty::union(members?));
        }
    }
    for schema in keywords
        .get("allOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        parts.push(parse(schema)?);
    }
    if let Some(name) = object::twice(&parts) {
        return Err(stands_twice(name));
    }
    Ok(object::intersection(parts))
}

/// Reads `type`, which names one kind or several. `object` adds nothing beside keywords that say
/// more.
fn typed(types: &Value, keywords: &Map<String, Value>) -> Parsed<Option<Ty>> {
    match types {
        Value::String(kind) => {
            let elsewhere = ["$ref", "oneOf", "anyOf", "allOf"]
                .iter()
                .any(|key| keywords.contains_key(*key));
            if kind == "object" && elsewhere && !object::has_any(keywords) {
                return Ok(None);
            }
            one(kind, keywords).map(Some)
        }
        Value::Array(kinds) => {
            let members =
                gather(kinds.iter().map(|kind| {
                    one(kind.as_str().unwrap_or_default(), keywords).map(Member::from)
                }));
            Ok(Some(Ty::union(members?)))
        }
        other => Err(refuse(format!("`{other}` is not a type"))),
    }
}

fn one(kind: &str, keywords: &Map<String, Value>) -> Parsed<Ty> {
    let format = keywords.get("format").and_then(Value::as_str);
    match kind {
        "null" => Ok(Ty::Null),
        "boolean" => Ok(Ty::Bool),
        "string" => Ok(match format {
            Some(format) if keywords.get("x-int").is_some_and(|way| way == "bigint") => {
                Ty::BigInt(format.to_owned())
            }
            format => Ty::String(format.map(str::to_owned)),
        }),
        "number" => Ok(Ty::Number(None)),
        "integer" => integer(format, keywords),
        "array" => array(keywords),
        "object" => object::parse(keywords),
        other => Err(refuse(format!("`{other}` is not a type"))),
    }
}

/// The largest integer up to which JavaScript skips none.
const SAFE: f64 = 9_007_199_254_740_991.0;

fn integer(format: Option<&str>, keywords: &Map<String, Value>) -> Parsed<Ty> {
    let rust = match format {
        Some("int8" | "int16" | "int32" | "uint8" | "uint16" | "uint32") => {
            return Ok(Ty::Number(None));
        }
        Some("epoch-millis") => return Ok(Ty::Number(Some("epoch-millis".to_owned()))),
        Some("int64") => "i64",
        Some("uint64") => "u64",
        Some("int128") => "i128",
        Some("uint128") => "u128",
        Some("int") => "isize",
        Some("uint") => "usize",
        _ => {
            let bound = |key: &str| keywords.get(key).and_then(Value::as_f64);
            return match (bound("minimum"), bound("maximum")) {
                (Some(min), Some(max)) if min >= -SAFE && max <= SAFE => Ok(Ty::Number(None)),
                _ => Err(too_large("an integer without bounds")),
            };
        }
    };
    if keywords.get("x-int").is_some_and(|way| way == "number") {
        return Ok(Ty::Number(format.map(str::to_owned)));
    }
    Err(too_large(&format!("`{rust}`")))
}

/// Longer lists of a fixed length are written as lists of any length.
const LONGEST_TUPLE: u64 = 64;

fn array(keywords: &Map<String, Value>) -> Parsed<Ty> {
    let length = |key: &str| keywords.get(key).and_then(Value::as_u64);
    let first = keywords.get("prefixItems").and_then(Value::as_array);
    let first = gather(
        first
            .into_iter()
            .flatten()
            .enumerate()
            .map(|(at, item)| parse(item).map_err(inside(&format!("[{at}]")))),
    );
    let first = first?;
    let item = match keywords.get("items") {
        Some(items) => parse(items).map_err(inside("[]"))?,
        None => Ty::Json,
    };
    let count = first.len() as u64;
    if !first.is_empty() {
        if length("minItems") == Some(count) && length("maxItems") == Some(count) {
            return Ok(Ty::Tuple(first));
        }
        return Err(refuse(
            "its schema is a list with a fixed beginning and an open end",
        ));
    }
    match (length("minItems"), length("maxItems")) {
        (_, Some(0)) => Ok(Ty::Tuple(Vec::new())),
        (Some(min), Some(max)) if min == max && max <= LONGEST_TUPLE => {
            Ok(Ty::Tuple((0..max).map(|_| item.clone()).collect()))
        }
        _ => Ok(Ty::Array(Box::new(item))),
    }
}

fn literal(value: &Value) -> Parsed<Ty> {
    match value {
        Value::Null => Ok(Ty::Null),
        Value::String(_) | Value::Bool(_) | Value::Number(_) => Ok(Ty::Literal(value.clone())),
        Value::Array(_) | Value::Object(_) => Err(refuse("its schema is one fixed list or object")),
    }
}
