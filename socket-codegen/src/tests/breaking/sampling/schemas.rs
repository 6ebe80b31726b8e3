//! Random schemas in schemars' forms, and random edits of them.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

/// The named types that schemas refer to; one refers to itself.
pub(super) fn types() -> Value {
    json!({
        "Node": { "type": "object", "properties": {
            "value": { "type": "integer", "format": "uint8", "minimum": 0, "maximum": 255 },
            "next": { "anyOf": [{ "$ref": "#/$defs/Node" }, { "type": "null" }] },
        }, "required": ["value"] },
        "Tree": { "type": "object", "properties": {
            "value": { "type": "integer", "format": "uint16", "minimum": 0, "maximum": 65535 },
            "next": { "anyOf": [{ "$ref": "#/$defs/Tree" }, { "type": "null" }] },
        }, "required": ["value"] },
        "Color": { "type": "string", "enum": ["red", "green"] },
        "Paint": { "type": "string", "enum": ["red", "green", "blue"] },
    })
}

fn name() -> impl Strategy<Value = &'static str> + Clone {
    select(&["a", "b", "c", "d"][..])
}

fn scalar() -> impl Strategy<Value = Value> {
    let integer = select(&["int8", "uint8", "int32", "uint32", "int64", "uint64"][..]);
    let bound = prop::option::of(-5_i64..300);
    let number = (prop::bool::ANY, bound.clone(), bound).prop_map(|(whole, min, max)| {
        let kind = if whole { "integer" } else { "number" };
        let mut schema = json!({ "type": kind });
        if let Some(min) = min {
            schema["minimum"] = json!(min);
        }
        if let Some(max) = max {
            schema["exclusiveMaximum"] = json!(max + 1);
        }
        schema
    });
    let length = prop::option::of(0_u64..6);
    let format = prop::option::of(select(&["uuid", "date"][..]));
    let text = (length.clone(), length, format).prop_map(|(min, max, format)| {
        let mut schema = json!({ "type": "string" });
        if let Some(format) = format {
            schema["format"] = json!(format);
            return schema;
        }
        if let Some(min) = min {
            schema["minLength"] = json!(min);
        }
        if let Some(max) = max {
            schema["maxLength"] = json!(max);
        }
        schema
    });
    let names = prop::collection::btree_set(name(), 1..4);
    prop_oneof![
        integer.prop_map(|format| json!({ "type": "integer", "format": format })),
        number,
        text,
        names.prop_map(|names| json!({ "type": "string", "enum": names })),
        select(vec![
            json!(true),
            json!({ "type": "boolean" }),
            json!({ "type": "null" }),
            json!({ "type": "string", "const": "a" }),
            json!({ "enum": [1, 2] }),
            json!({ "type": ["string", "null"] }),
            json!({ "$ref": "#/$defs/Node" }),
            json!({ "$ref": "#/$defs/Tree" }),
            json!({ "$ref": "#/$defs/Color" }),
            json!({ "$ref": "#/$defs/Paint" }),
        ]),
    ]
}

type Fields = std::collections::BTreeMap<&'static str, (Value, bool)>;

fn object(fields: &Fields, closed: bool) -> Value {
    let named = |(name, (schema, _)): (&&str, &(Value, bool))| ((*name).to_owned(), schema.clone());
    let required: Vec<_> = fields
        .iter()
        .filter(|(_, (_, required))| *required)
        .map(|(n, _)| n)
        .collect();
    let mut schema =
        json!({ "type": "object", "properties": fields.iter().map(named).collect::<Map<_, _>>() });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    if closed {
        schema["additionalProperties"] = json!(false);
    }
    schema
}

fn tagged(name: &str, fields: &Fields) -> Value {
    let mut member = object(fields, false);
    member["properties"]["t"] = json!({ "type": "string", "const": name });
    match member.get_mut("required").and_then(Value::as_array_mut) {
        Some(required) => required.push(json!("t")),
        None => member["required"] = json!(["t"]),
    }
    member
}

fn external(name: &str, payload: Option<&Value>) -> Value {
    match payload {
        None => json!({ "type": "string", "const": name }),
        Some(payload) => json!({ "type": "object", "properties": { name: payload },
            "required": [name], "additionalProperties": false }),
    }
}

pub(super) fn schema() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(3, 20, 3, |inner| {
        let fields = prop::collection::btree_map(name(), (inner.clone(), any::<bool>()), 0..4);
        let counts = (prop::option::of(0_u64..3), prop::option::of(2_u64..4));
        let variants = prop::collection::btree_map(name(), prop::option::of(inner.clone()), 1..4);
        let tagged_variants = prop::collection::btree_map(name(), fields.clone(), 1..4);
        let flat = (fields.clone(), tagged_variants.clone());
        prop_oneof![
            (fields.clone(), any::<bool>()).prop_map(|(fields, closed)| object(&fields, closed)),
            fields.prop_map(|fields| object(&fields, false)),
            (inner.clone(), counts).prop_map(|(items, (min, max))| {
                let mut schema = json!({ "type": "array", "items": items });
                if let Some(min) = min {
                    schema["minItems"] = json!(min);
                }
                if let Some(max) = max {
                    schema["maxItems"] = json!(max);
                }
                schema
            }),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|places| json!({ "type": "array",
                "minItems": places.len(), "maxItems": places.len(), "prefixItems": places })),
            inner.clone().prop_map(|values| json!({ "type": "object", "additionalProperties": values })),
            (inner.clone(), select(&[r"^\d+$", r"^-?\d+$"][..])).prop_map(|(values, pattern)| json!({
                "type": "object", "additionalProperties": false, "patternProperties": { pattern: values } })),
            inner.clone().prop_map(|one| json!({ "anyOf": [one, { "type": "null" }] })),
            prop::collection::vec(inner, 2..4).prop_map(|members| json!({ "anyOf": members })),
            variants.prop_map(|variants| {
                let member = |(name, payload): (&&str, &Option<Value>)| external(name, payload.as_ref());
                json!({ "oneOf": variants.iter().map(member).collect::<Vec<_>>() })
            }),
            tagged_variants.prop_map(|variants| {
                let member = |(name, fields): (&&str, &Fields)| tagged(name, fields);
                json!({ "oneOf": variants.iter().map(member).collect::<Vec<_>>() })
            }),
            flat.prop_map(|(fields, variants)| {
                let mut schema = object(&fields, false);
                // Only fields of their own: serde would write one key twice.
                let member = |name: &&str| tagged(name, &Fields::new());
                schema["oneOf"] = json!(variants.keys().map(member).collect::<Vec<_>>());
                schema
            }),
        ]
    })
}

/// One edit: which schema of the document, counted from the root, and what happens to it.
#[derive(Debug, Clone)]
pub(super) struct Edit {
    place: prop::sample::Index,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Replace(Value),
    AddField(&'static str, Value, bool),
    RemoveField(prop::sample::Index),
    Require(prop::sample::Index),
    Close,
    Bound(&'static str, Option<i64>),
    Null,
    DropMember(prop::sample::Index),
    AddMember(Value),
}

pub(super) fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let bounds = &[
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "format",
    ];
    let index = any::<prop::sample::Index>;
    let kind = prop_oneof![
        schema().prop_map(Kind::Replace),
        scalar().prop_map(Kind::Replace),
        (name(), scalar(), any::<bool>())
            .prop_map(|(name, schema, must)| Kind::AddField(name, schema, must)),
        index().prop_map(Kind::RemoveField),
        index().prop_map(Kind::Require),
        Just(Kind::Close),
        (select(&bounds[..]), prop::option::of(0_i64..9))
            .prop_map(|(key, to)| Kind::Bound(key, to)),
        Just(Kind::Null),
        index().prop_map(Kind::DropMember),
        (name(), scalar())
            .prop_map(|(name, schema)| Kind::AddMember(external(name, Some(&schema)))),
        name().prop_map(|name| Kind::AddMember(tagged(name, &Fields::new()))),
        scalar().prop_map(Kind::AddMember),
    ];
    prop::collection::vec(
        (index(), kind).prop_map(|(place, kind)| Edit { place, kind }),
        0..3,
    )
}

pub(super) fn edit(schema: &Value, edits: &[Edit]) -> Value {
    let mut edited = schema.clone();
    for edit in edits {
        let mut places = Vec::new();
        pointers(&edited, "", &mut places);
        let place = edit.place.get(&places).clone();
        if let Some(target) = edited.pointer_mut(&place) {
            apply(target, &edit.kind);
        }
    }
    edited
}

/// Where schemas stand in a schema.
fn pointers(schema: &Value, at: &str, places: &mut Vec<String>) {
    places.push(at.to_owned());
    let Value::Object(map) = schema else {
        return;
    };
    for (key, value) in map {
        match (key.as_str(), value) {
            ("properties" | "patternProperties", Value::Object(named)) => {
                for (name, schema) in named {
                    // The tag is edited through its variant alone.
                    if name != "t" {
                        pointers(schema, &format!("{at}/{key}/{name}"), places);
                    }
                }
            }
            ("oneOf" | "anyOf" | "prefixItems", Value::Array(members)) => {
                for (index, schema) in members.iter().enumerate() {
                    pointers(schema, &format!("{at}/{key}/{index}"), places);
                }
            }
            ("items" | "additionalProperties", Value::Object(_)) => {
                pointers(value, &format!("{at}/{key}"), places);
            }
            _ => {}
        }
    }
}

fn apply(schema: &mut Value, kind: &Kind) {
    let is_object = schema.get("properties").is_some();
    match kind {
        Kind::Replace(other) => *schema = other.clone(),
        Kind::AddField(name, field, required) if is_object => {
            schema["properties"][*name] = field.clone();
            if *required {
                require(schema, name, true);
            }
        }
        Kind::RemoveField(index) if is_object => {
            let names: Vec<_> = schema["properties"]
                .as_object()
                .unwrap()
                .keys()
                .cloned()
                .collect();
            if names.iter().any(|name| name != "t") {
                let names: Vec<_> = names.into_iter().filter(|name| name != "t").collect();
                let name = index.get(&names);
                schema["properties"].as_object_mut().unwrap().remove(name);
                require(schema, name, false);
            }
        }
        Kind::Require(index) if is_object => {
            let names: Vec<_> = schema["properties"]
                .as_object()
                .unwrap()
                .keys()
                .cloned()
                .collect();
            if let Some(name) = (!names.is_empty())
                .then(|| index.get(&names))
                .filter(|name| *name != "t")
            {
                let required = schema["required"]
                    .as_array()
                    .is_some_and(|r| r.contains(&json!(name)));
                require(schema, name, !required);
            }
        }
        Kind::Close if is_object => {
            let map = schema.as_object_mut().unwrap();
            if map.remove("additionalProperties").is_none() && !map.contains_key("oneOf") {
                map.insert("additionalProperties".to_owned(), json!(false));
            }
        }
        Kind::Bound(key, to) => {
            let Some(map) = schema.as_object_mut() else {
                return;
            };
            let fits = match map.get("type").and_then(Value::as_str) {
                Some("integer" | "number") => key.contains("imum"),
                Some("string") => key.contains("Length") && !map.contains_key("format"),
                Some("array") => key.contains("Items") && map.contains_key("items"),
                _ => false,
            };
            match to {
                Some(to) if fits => drop(map.insert((*key).to_owned(), json!(to))),
                _ => drop(map.remove(*key)),
            }
        }
        Kind::Null => *schema = json!({ "anyOf": [schema.clone(), { "type": "null" }] }),
        Kind::DropMember(index) => {
            for key in ["oneOf", "anyOf", "enum"] {
                if let Some(members) = schema.get_mut(key).and_then(Value::as_array_mut)
                    && members.len() > 1
                {
                    members.remove(index.index(members.len()));
                }
            }
        }
        Kind::AddMember(member) => {
            for key in ["oneOf", "anyOf"] {
                if let Some(members) = schema.get_mut(key).and_then(Value::as_array_mut) {
                    members.push(member.clone());
                }
            }
        }
        Kind::AddField(..) | Kind::RemoveField(_) | Kind::Require(_) | Kind::Close => {}
    }
}

fn require(schema: &mut Value, name: &str, must: bool) {
    let mut required = schema["required"].as_array().cloned().unwrap_or_default();
    required.retain(|other| other != name);
    if must {
        required.push(json!(name));
    }
    schema["required"] = json!(required);
}
