//! From the keywords of one level to a shape.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::resolve::{Defs, Resolved, reference, resolve};
use super::{Bound, Field, Kind, List, Number, Object, Rest, Shape, Text, Union, union};

impl Object {
    fn empty() -> Self {
        Self {
            fields: BTreeMap::new(),
            rest: Rest::Open,
            patterns: BTreeMap::new(),
            names: None,
            unions: Vec::new(),
            min: None,
            max: None,
            reserved: Vec::new(),
        }
    }
}

impl Shape {
    fn of(kind: Kind) -> Self {
        Self {
            null: false,
            kind,
            unread: Map::new(),
        }
    }
}

/// Reads one level of a schema.
pub(in crate::breaking) fn read(schema: &Value, defs: &Defs) -> Shape {
    match resolve(schema, defs) {
        Resolved::Unknown => Shape::of(Kind::Opaque),
        Resolved::Bool(true) => Shape::of(Kind::Any),
        Resolved::Bool(false) => Shape::of(Kind::Never),
        Resolved::Keywords { map, unions } => keywords(map, unions, defs),
    }
}

fn keywords(mut map: Map<String, Value>, mut unions: Vec<Vec<Value>>, defs: &Defs) -> Shape {
    let mut null = take_null(&mut map);
    let types = types(&mut map);
    let typed_null = types
        .as_ref()
        .is_some_and(|types| types.iter().any(|name| name == "null"));
    null |= typed_null;
    let types: Option<Vec<String>> =
        types.map(|types| types.into_iter().filter(|name| name != "null").collect());
    let is_object = map.contains_key("properties")
        || types
            .as_ref()
            .is_some_and(|types| types.iter().any(|name| name == "object"));
    if unions.len() == 1 && !is_object {
        let mut members = unions.remove(0);
        let before = members.len();
        members.retain(|member| !is_null(member, defs));
        null |= members.len() < before;
        let mut shape = match members.as_slice() {
            [one] if before > 1 && map.is_empty() => read(one, defs),
            _ => Shape {
                null: false,
                kind: Kind::Union(union::read(&members, defs, false, &mut map)),
                unread: map,
            },
        };
        shape.null |= null;
        return shape;
    }
    let constant = map.remove("const").map(|value| vec![value]);
    let values = match map.remove("enum") {
        Some(Value::Array(values)) => Some(values),
        _ => constant,
    };
    let kind = match (values, types.as_deref()) {
        (Some(values), _) if values.is_empty() => Kind::Never,
        (Some(values), _) => match union::of_names(&values, &mut map) {
            Some(union) => Kind::Union(union),
            None => Kind::Literals(values),
        },
        (None, Some([])) => Kind::Never,
        (None, Some([name])) => typed(name, &mut map, unions, defs),
        (None, Some(names)) => {
            let member = |name: &String| {
                let mut member = map.clone();
                member.insert("type".to_owned(), Value::from(name.clone()));
                Value::Object(member)
            };
            let members: Vec<_> = names.iter().map(member).collect();
            map.clear();
            Kind::Union(Union::untagged(members))
        }
        (None, None) if is_object || !unions.is_empty() => typed("object", &mut map, unions, defs),
        (None, None) if map.is_empty() => Kind::Any,
        (None, None) => Kind::Opaque,
    };
    Shape {
        null,
        kind,
        unread: map,
    }
}

/// The reference inside of a schema that is a reference or null, or the reference itself.
pub(in crate::breaking) fn perhaps(schema: &Value) -> Option<&Value> {
    if reference(schema).is_some() {
        return Some(schema);
    }
    let is_null = |member: &&Value| member.get("type") == Some(&Value::from("null"));
    match schema.get("anyOf")?.as_array()?.as_slice() {
        [one, other] if is_null(&other) => reference(one).map(|_| one),
        _ => None,
    }
}

/// The same schema without null among its values, where it says so at its top.
pub(in crate::breaking) fn without_null(schema: &Value, defs: &Defs) -> Value {
    let target = reference(schema).and_then(|name| defs.get(&name));
    let Value::Object(mut map) = target.unwrap_or(schema).clone() else {
        return schema.clone();
    };
    if let Some(Value::Array(names)) = map.get_mut("type") {
        names.retain(|name| name != "null");
    }
    if let Some(Value::Array(values)) = map.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    for key in ["anyOf", "oneOf"] {
        if let Some(Value::Array(members)) = map.get_mut(key) {
            members.retain(|member| !is_null(member, defs));
        }
    }
    Value::Object(map)
}

/// Takes null out of constants.
fn take_null(map: &mut Map<String, Value>) -> bool {
    if map.get("const") == Some(&Value::Null) {
        map.remove("const");
        map.insert("type".to_owned(), Value::from("null"));
    }
    let Some(Value::Array(values)) = map.get_mut("enum") else {
        return false;
    };
    let before = values.len();
    values.retain(|value| !value.is_null());
    values.len() < before
}

fn types(map: &mut Map<String, Value>) -> Option<Vec<String>> {
    match map.remove("type")? {
        Value::String(name) => Some(vec![name]),
        Value::Array(names) => {
            let name = |name: Value| name.as_str().map(str::to_owned);
            Some(names.into_iter().filter_map(name).collect())
        }
        _ => None,
    }
}

fn is_null(schema: &Value, defs: &Defs) -> bool {
    match resolve(schema, defs) {
        Resolved::Keywords { map, .. } => {
            map.get("type") == Some(&Value::from("null")) || map.get("const") == Some(&Value::Null)
        }
        _ => false,
    }
}

fn typed(name: &str, map: &mut Map<String, Value>, unions: Vec<Vec<Value>>, defs: &Defs) -> Kind {
    match name {
        "boolean" => Kind::Bool,
        "integer" => Kind::Integer(number(map)),
        "number" => Kind::Float(number(map)),
        "string" => Kind::Text(Text {
            format: text(map, "format"),
            pattern: text(map, "pattern"),
            min: count(map, "minLength"),
            max: count(map, "maxLength"),
        }),
        "array" => Kind::List(list(map)),
        "object" => Kind::Object(Box::new(object(map, unions, defs))),
        _ => Kind::Opaque,
    }
}

fn text(map: &mut Map<String, Value>, key: &str) -> Option<String> {
    map.remove(key)?.as_str().map(str::to_owned)
}

fn count(map: &mut Map<String, Value>, key: &str) -> Option<u64> {
    map.remove(key)?.as_u64()
}

fn number(map: &mut Map<String, Value>) -> Number {
    let mut bound = |inclusive: &str, exclusive: &str, tighter: Ordering| {
        let mut read = |key, exclusive| {
            Some(Bound {
                at: map.remove(key)?,
                exclusive,
            })
        };
        match (read(inclusive, false), read(exclusive, true)) {
            // Both may be there; the exclusive one binds where they are equal.
            (Some(closed), Some(open)) => {
                let order = closed.at.as_f64().partial_cmp(&open.at.as_f64());
                Some(if order == Some(tighter) { closed } else { open })
            }
            (closed, open) => closed.or(open),
        }
    };
    Number {
        min: bound("minimum", "exclusiveMinimum", Ordering::Greater),
        max: bound("maximum", "exclusiveMaximum", Ordering::Less),
        format: text(map, "format"),
        multiple_of: map.remove("multipleOf"),
    }
}

fn list(map: &mut Map<String, Value>) -> List {
    let prefix = match map.remove("prefixItems") {
        Some(Value::Array(prefix)) => prefix,
        _ => Vec::new(),
    };
    List {
        prefix,
        items: map.remove("items"),
        min: count(map, "minItems"),
        max: count(map, "maxItems"),
        unique: map.remove("uniqueItems") == Some(Value::Bool(true)),
    }
}

fn object(map: &mut Map<String, Value>, unions: Vec<Vec<Value>>, defs: &Defs) -> Object {
    let mut object = Object::empty();
    let required = names(map.remove("required"));
    if let Some(Value::Object(properties)) = map.remove("properties") {
        for (name, schema) in properties {
            let field = Field {
                required: required.contains(&name),
                default: schema.get("default").cloned(),
                alias: names(schema.get("x-alias").cloned()),
                schema,
            };
            object.fields.insert(name, field);
        }
    }
    for name in required {
        object.fields.entry(name).or_insert_with(|| Field {
            schema: Value::Bool(true),
            required: true,
            default: None,
            alias: Vec::new(),
        });
    }
    if let Some(Value::Object(patterns)) = map.remove("patternProperties") {
        object.patterns = patterns.into_iter().collect();
    }
    let denied = map.remove("unevaluatedProperties") == Some(Value::Bool(false));
    object.rest = match map.remove("additionalProperties") {
        Some(Value::Bool(false)) => Rest::Closed,
        Some(values) => Rest::Map(values),
        None if denied => Rest::Closed,
        None => Rest::Open,
    };
    object.names = map.remove("propertyNames");
    object.min = count(map, "minProperties");
    object.max = count(map, "maxProperties");
    let unions = unions.into_iter();
    object.unions = unions
        .map(|members| union::read(&members, defs, true, &mut Map::new()))
        .collect();
    object.reserved = names(map.remove("x-reserved"));
    object
}

/// A list of names, where the value is one.
pub(super) fn names(value: Option<Value>) -> Vec<String> {
    let Some(Value::Array(names)) = value else {
        return Vec::new();
    };
    let name = |name: Value| name.as_str().map(str::to_owned);
    names.into_iter().filter_map(name).collect()
}
