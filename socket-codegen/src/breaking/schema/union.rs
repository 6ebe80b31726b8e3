//! serde's taggings, as schemars writes them.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::read::names;
use super::resolve::{Defs, Resolved, is_annotation, resolve};

/// An enum.
#[derive(Debug, Clone)]
pub(in crate::breaking) struct Union {
    pub(crate) tagging: Tagging,
    /// By name; of an untagged one without names.
    pub(crate) variants: Vec<Variant>,
    /// The reader takes variants that it does not know.
    pub(crate) open: bool,
    /// Names that must not come back.
    pub(crate) reserved: Vec<String>,
}

/// Where a variant's name stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::breaking) enum Tagging {
    /// `"A"`, `{"A": …}`.
    External,
    /// `{"t": "A", …}`, with the key. Adjacent tagging is the same, with one more key for content.
    Tag(String),
    /// Nowhere.
    Untagged,
}

#[derive(Debug, Clone)]
pub(in crate::breaking) struct Variant {
    pub(crate) name: String,
    /// The payload beside the name; `None` if the name stands alone as text.
    pub(crate) payload: Option<Value>,
    pub(crate) alias: Vec<String>,
}

impl Union {
    pub(super) fn untagged(members: Vec<Value>) -> Self {
        let variant = |payload| Variant {
            name: String::new(),
            payload: Some(payload),
            alias: Vec::new(),
        };
        Self {
            tagging: Tagging::Untagged,
            variants: members.into_iter().map(variant).collect(),
            open: false,
            reserved: Vec::new(),
        }
    }

    /// Returns whether it is an enum of names alone.
    pub(in crate::breaking) fn is_plain(&self) -> bool {
        self.tagging == Tagging::External
            && self
                .variants
                .iter()
                .all(|variant| variant.payload.is_none())
    }

    pub(in crate::breaking) fn get(&self, name: &str) -> Option<&Variant> {
        self.variants.iter().find(|variant| variant.name == name)
    }

    /// Returns whether it can be compared variant by variant, or is tagged in another way. Between
    /// names alone and an untagged enum, their values decide.
    pub(in crate::breaking) fn comparable(&self, other: &Self) -> bool {
        let untagged = |union: &Self| union.tagging == Tagging::Untagged;
        untagged(self) == untagged(other) || !(self.is_plain() || other.is_plain())
    }

    /// Each variant as a schema of its own.
    pub(in crate::breaking) fn member_schemas(&self) -> Vec<Value> {
        let member = |variant: &Variant| match (&self.tagging, &variant.payload) {
            (Tagging::External, Some(payload)) => json!({
                "type": "object",
                "properties": { &variant.name: payload },
                "required": [variant.name],
                "additionalProperties": false,
            }),
            (Tagging::Tag(tag), Some(payload)) => {
                let mut member = payload.clone();
                member["properties"][tag] = json!({ "type": "string", "const": variant.name });
                match member.get_mut("required").and_then(Value::as_array_mut) {
                    Some(required) => required.push(json!(tag)),
                    None => member["required"] = json!([tag]),
                }
                member
            }
            (Tagging::Untagged, Some(payload)) => payload.clone(),
            (_, None) => json!({ "type": "string", "const": variant.name }),
        };
        self.variants.iter().map(member).collect()
    }

    /// The keys that its variants have as objects.
    pub(in crate::breaking) fn keys(&self) -> BTreeSet<String> {
        let mut keys = BTreeSet::new();
        for member in self.member_schemas() {
            if let Some(properties) = member.get("properties").and_then(Value::as_object) {
                keys.extend(properties.keys().cloned());
            }
        }
        keys
    }

    /// The key of adjacent tagging's content: the only key beside the tag, in all variants that
    /// have one. With fewer than two of them it could as well be a variant's only field.
    pub(in crate::breaking) fn content_key(&self) -> Option<String> {
        if !matches!(self.tagging, Tagging::Tag(_)) {
            return None;
        }
        let mut keys = BTreeSet::new();
        let mut with_content = 0;
        for variant in &self.variants {
            let properties = variant.payload.as_ref()?.get("properties");
            let own = properties.and_then(Value::as_object)?;
            with_content += usize::from(!own.is_empty());
            keys.extend(own.keys().cloned());
            if own.len() > 1 {
                return None;
            }
        }
        let key = keys.pop_first()?;
        (keys.is_empty() && with_content > 1).then_some(key)
    }
}

/// A string enum out of its values.
pub(super) fn of_names(values: &[Value], map: &mut Map<String, Value>) -> Option<Union> {
    let name = |value: &Value| value.as_str().map(unit);
    let variants = values.iter().map(name).collect::<Option<Vec<_>>>()?;
    Some(finish(Tagging::External, variants, map))
}

/// A union out of its members. In a flattened one, objects need not deny other keys, and names that
/// stand alone are keys with null.
pub(super) fn read(
    members: &[Value],
    defs: &Defs,
    flattened: bool,
    map: &mut Map<String, Value>,
) -> Union {
    let resolved: Vec<_> = members.iter().map(|member| flat(member, defs)).collect();
    let tagged = resolved
        .iter()
        .cloned()
        .collect::<Option<Vec<_>>>()
        .and_then(|objects| tagged(&objects));
    let named = tagged.or_else(|| {
        let variants = resolved
            .iter()
            .map(|member| external(member.as_ref()?, flattened))
            .collect::<Option<Vec<_>>>()?;
        Some((Tagging::External, variants.into_iter().flatten().collect()))
    });
    match named {
        Some((tagging, variants)) if distinct(&variants) => finish(tagging, variants, map),
        _ => {
            let variants = Union::untagged(members.to_vec()).variants;
            finish(Tagging::Untagged, variants, map)
        }
    }
}

fn finish(tagging: Tagging, variants: Vec<Variant>, map: &mut Map<String, Value>) -> Union {
    Union {
        tagging,
        variants,
        open: map.remove("x-open") == Some(Value::Bool(true)),
        reserved: names(map.remove("x-reserved")),
    }
}

fn unit(name: &str) -> Variant {
    Variant {
        name: name.to_owned(),
        payload: None,
        alias: Vec::new(),
    }
}

fn distinct(variants: &[Variant]) -> bool {
    let names: BTreeSet<_> = variants.iter().map(|variant| &variant.name).collect();
    names.len() == variants.len()
}

/// A member's own keywords, with the aliases that its annotations name.
fn flat(member: &Value, defs: &Defs) -> Option<Map<String, Value>> {
    let Resolved::Keywords { mut map, unions } = resolve(member, defs) else {
        return None;
    };
    if let Some(alias) = member.get("x-alias") {
        map.insert("x-alias".to_owned(), alias.clone());
    }
    unions.is_empty().then_some(map)
}

/// All members are objects that require one key with a constant text.
fn tagged(members: &[Map<String, Value>]) -> Option<(Tagging, Vec<Variant>)> {
    let properties = members.first()?.get("properties")?.as_object()?;
    let tag = properties
        .keys()
        .find(|key| members.iter().all(|member| tag_of(member, key).is_some()))?;
    let variant = |member: &Map<String, Value>| {
        let mut payload = member.clone();
        if let Some(Value::Object(properties)) = payload.get_mut("properties") {
            properties.remove(tag);
        }
        if let Some(Value::Array(required)) = payload.get_mut("required") {
            required.retain(|name| name != tag.as_str());
        }
        Some(Variant {
            name: tag_of(member, tag)?.to_owned(),
            alias: names(payload.remove("x-alias")),
            payload: Some(Value::Object(payload)),
        })
    };
    let variants = members.iter().map(variant).collect::<Option<_>>()?;
    Some((Tagging::Tag(tag.clone()), variants))
}

fn tag_of<'a>(member: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    let tag = member.get("properties")?.get(key)?;
    let only = match tag.get("enum").and_then(Value::as_array) {
        Some(values) if values.len() == 1 => values[0].as_str(),
        _ => None,
    };
    says_only(tag.as_object()?, &["type", "const", "enum"])?;
    let required = member.get("required")?.as_array()?;
    required.iter().any(|name| name == key).then_some(())?;
    tag.get("const").and_then(Value::as_str).or(only)
}

/// Nothing beside these keywords: a further one could forbid what they allow.
fn says_only(schema: &Map<String, Value>, keywords: &[&str]) -> Option<()> {
    let known = |key: &String| keywords.contains(&key.as_str()) || is_annotation(key);
    schema.keys().all(known).then_some(())
}

/// A name, several names, or an object of one key.
fn external(member: &Map<String, Value>, flattened: bool) -> Option<Vec<Variant>> {
    let alias = names(member.get("x-alias").cloned());
    if member.contains_key("const") || member.contains_key("enum") {
        says_only(member, &["type", "const", "enum"])?;
    } else {
        let object = ["type", "properties", "required", "additionalProperties"];
        says_only(member, &object)?;
    }
    if let Some(name) = member.get("const") {
        let variant = unit(name.as_str()?);
        return Some(vec![Variant { alias, ..variant }]);
    }
    if let Some(values) = member.get("enum") {
        let values = values.as_array()?.iter();
        return values.map(|value| value.as_str().map(unit)).collect();
    }
    let properties = member.get("properties")?.as_object()?;
    let required = member.get("required")?.as_array()?;
    let closed = member.get("additionalProperties") == Some(&Value::Bool(false));
    let mut entries = properties.iter();
    match (entries.next(), entries.next(), required.as_slice()) {
        (Some((name, payload)), None, [only]) if only == name && (closed || flattened) => {
            Some(vec![Variant {
                name: name.clone(),
                payload: Some(payload.clone()),
                alias,
            }])
        }
        _ => None,
    }
}
