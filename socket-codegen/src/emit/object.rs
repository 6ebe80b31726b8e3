//! Objects: fields, maps, and what `flatten` and tags put together.

use serde_json::{Map, Value};

use super::refusal::{Parsed, gather, inside};
use super::schema::{docs, parse as parse_schema};
use super::ty::{Definitions, Field, Member, Object, Rest, Ty};

/// Returns whether these keywords describe an object's fields.
pub(super) fn has_any(keywords: &Map<String, Value>) -> bool {
    ["properties", "patternProperties", "additionalProperties"]
        .iter()
        .any(|key| keywords.contains_key(*key))
        || keywords
            .get("unevaluatedProperties")
            .is_some_and(|rest| rest != &Value::Bool(false))
}

pub(super) fn parse(keywords: &Map<String, Value>) -> Parsed<Ty> {
    let required: Vec<&str> = keywords
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let properties = keywords.get("properties").and_then(Value::as_object);
    let fields = gather(properties.into_iter().flatten().map(|(name, schema)| {
        Ok(Field {
            name: name.clone(),
            ty: parse_schema(schema).map_err(inside(name))?,
            optional: !required.contains(&name.as_str()),
            docs: docs(schema),
        })
    }))?;
    let rest = rest(keywords)?
        .map(|rest| widened(rest, &fields))
        .map(Box::new);
    Ok(Ty::Object(Object { fields, rest }))
}

/// The patterns that schemars writes for maps whose keys are integers.
const NUMERIC: &[&str] = &[r"^\d+$", r"^-?\d+$"];

fn rest(keywords: &Map<String, Value>) -> Parsed<Option<Rest>> {
    let mut rests = Vec::new();
    let patterns = keywords.get("patternProperties").and_then(Value::as_object);
    for (pattern, schema) in patterns.into_iter().flatten() {
        let ty = parse_schema(schema).map_err(inside("[key]"))?;
        let numeric = NUMERIC.contains(&pattern.as_str());
        rests.push(rest_of(numeric, ty));
    }
    for key in ["additionalProperties", "unevaluatedProperties"] {
        match keywords.get(key) {
            None | Some(Value::Bool(false)) => {}
            Some(schema) => {
                let ty = parse_schema(schema).map_err(inside("[key]"))?;
                rests.push(rest_of(false, ty));
            }
        }
    }
    let Some(first) = rests.first() else {
        return Ok(None);
    };
    let numeric = rests.iter().all(|rest| rest.numeric);
    let ty = if rests.iter().all(|rest| rest.ty == first.ty) {
        first.ty.clone()
    } else {
        Ty::union(rests.into_iter().map(|rest| rest.ty.into()).collect())
    };
    Ok(Some(rest_of(numeric, ty)))
}

fn rest_of(numeric: bool, ty: Ty) -> Rest {
    Rest {
        numeric,
        own: ty.clone(),
        ty,
    }
}

/// In TypeScript a field must fit the index signature beside it, so that one is made wider.
fn widened(rest: Rest, fields: &[Field]) -> Rest {
    // A numeric key is no name of a Rust field.
    if fields.is_empty() || rest.numeric || rest.ty == Ty::Json {
        return rest;
    }
    let members = std::iter::once(Member::from(rest.ty))
        .chain(fields.iter().map(|field| field.ty.clone().into()))
        .collect();
    Rest {
        numeric: false,
        ty: Ty::union(members),
        own: rest.own,
    }
}

/// The field that two of these have, which stand side by side in one object on the wire.
pub(super) fn twice(parts: &[Ty]) -> Option<&str> {
    let mut seen: Vec<&str> = Vec::new();
    for part in parts {
        let mut own = Vec::new();
        names(part, &mut own);
        if let Some(name) = own.iter().find(|name| seen.contains(name)) {
            return Some(name);
        }
        seen.extend(own);
    }
    None
}

fn names<'a>(ty: &'a Ty, found: &mut Vec<&'a str>) {
    match ty {
        Ty::Object(object) => found.extend(object.fields.iter().map(|field| field.name.as_str())),
        Ty::Intersection(parts) => parts.iter().for_each(|part| names(part, found)),
        Ty::Union(members) => members.iter().for_each(|member| names(&member.ty, found)),
        _ => {}
    }
}

/// All of these at once; fields of objects that stand side by side become one object.
pub(super) fn intersection(parts: Vec<Ty>) -> Ty {
    let mut merged: Vec<Ty> = Vec::new();
    for part in parts {
        let flat = match part {
            Ty::Intersection(inner) => inner,
            other => vec![other],
        };
        for part in flat {
            match (part, merged.first_mut()) {
                (Ty::Json, _) => {}
                (Ty::Object(more), Some(Ty::Object(object)))
                    if object.rest.is_none() && more.rest.is_none() =>
                {
                    for field in more.fields {
                        if !object.fields.iter().any(|known| known.name == field.name) {
                            object.fields.push(field);
                        }
                    }
                }
                (part, _) => merged.push(part),
            }
        }
    }
    match merged.len() {
        0 => Ty::Json,
        1 => merged.remove(0),
        _ => {
            // An object without fields says nothing beside others.
            merged.retain(|part| part != &Ty::Object(Object::default()));
            if merged.len() == 1 {
                merged.remove(0)
            } else {
                Ty::Intersection(merged)
            }
        }
    }
}

/// Returns whether a map stands beside other types: in TypeScript all of their fields would have to
/// fit it.
pub(super) fn map_beside_others(ty: &Ty, definitions: &Definitions) -> bool {
    let Ty::Intersection(parts) = ty else {
        return false;
    };
    parts.iter().any(|part| {
        let mut part = part;
        // A name may stand for another name, but a chain of them ends.
        for _ in 0..definitions.len() {
            match part {
                Ty::Ref(key) => match definitions.get(key) {
                    Some(definition) => part = &definition.ty,
                    None => break,
                },
                _ => break,
            }
        }
        matches!(part, Ty::Object(Object { rest: Some(rest), .. }) if !rest.numeric)
    })
}
