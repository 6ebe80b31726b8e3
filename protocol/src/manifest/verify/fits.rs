//! Checks that a value matches its schema exactly.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::sample::definition_key;

/// Where a value is something else, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Misfit {
    path: String,
    reason: String,
}

impl Misfit {
    pub(super) fn reason(&self) -> String {
        match self.path.as_str() {
            "" => self.reason.clone(),
            path => format!("{path}: {}", self.reason),
        }
    }
}

/// The keys of an object that a schema knows.
enum Known {
    All,
    Some(BTreeSet<String>),
}

impl Known {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Some(mut a), Self::Some(b)) => {
                a.extend(b);
                Self::Some(a)
            }
            _ => Self::All,
        }
    }
}

/// Compares values with the schemas of one direction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fits<'a> {
    pub(super) definitions: &'a BTreeMap<String, Value>,
}

impl Fits<'_> {
    /// Checks that the value fits and that all its keys are declared.
    ///
    /// # Errors
    /// The first misfit.
    pub(super) fn check(self, schema: &Value, value: &Value, path: &str) -> Result<(), Misfit> {
        let known = self.part(schema, value, path)?;
        if let (Known::Some(known), Value::Object(fields)) = (known, value)
            && let Some(key) = fields.keys().find(|key| !known.contains(*key))
        {
            return misfit(&join(path, key), "the type does not declare this key");
        }
        Ok(())
    }

    fn part(self, schema: &Value, value: &Value, path: &str) -> Result<Known, Misfit> {
        let keywords = match schema {
            Value::Bool(false) => return misfit(path, "the type allows no value here"),
            Value::Object(keywords) => keywords,
            _ => return Ok(Known::All),
        };
        let says = [
            "$ref",
            "type",
            "const",
            "enum",
            "oneOf",
            "anyOf",
            "allOf",
            "properties",
        ];
        if !says.iter().any(|key| keywords.contains_key(*key)) {
            return Ok(Known::All);
        }
        one_value(keywords, value, path)?;
        let mut known = match value {
            Value::Object(fields) => self.fields(keywords, fields, path)?,
            Value::Array(items) => {
                self.items(keywords, items, path)?;
                Known::All
            }
            _ => Known::All,
        };
        if let Some(reference) = keywords.get("$ref").and_then(Value::as_str) {
            let open = Value::Bool(true);
            let definition = self.definitions.get(&definition_key(reference));
            known = known.and(self.part(definition.unwrap_or(&open), value, path)?);
        }
        for schema in list(keywords, "allOf") {
            known = known.and(self.part(schema, value, path)?);
        }
        for key in ["oneOf", "anyOf"] {
            if keywords.contains_key(key) {
                known = known.and(self.any(list(keywords, key), value, path)?);
            }
        }
        match (keywords.get("unevaluatedProperties"), value, &known) {
            (Some(Value::Bool(false)) | None, ..) => {}
            (Some(schema), Value::Object(fields), Known::Some(names)) => {
                for (key, value) in fields.iter().filter(|(key, _)| !names.contains(*key)) {
                    self.check(schema, value, &join(path, key))?;
                }
                known = Known::All;
            }
            _ => {}
        }
        Ok(known)
    }

    /// The keys that all fitting options know.
    fn any(self, options: &[Value], value: &Value, path: &str) -> Result<Known, Misfit> {
        let mut known: Option<Known> = None;
        let mut nearest: Option<Misfit> = None;
        for option in options {
            // Beside other keywords it says nothing.
            let nothing = option.as_object().is_some_and(Map::is_empty);
            let outcome = if nothing {
                Ok(Known::Some(BTreeSet::new()))
            } else {
                self.part(option, value, path)
            };
            match outcome {
                Ok(more) => {
                    known = Some(match known {
                        Some(known) => known.and(more),
                        None => more,
                    });
                }
                Err(misfit) => {
                    let nearer = nearest
                        .as_ref()
                        .is_none_or(|other| misfit.path.len() > other.path.len());
                    if nearer {
                        nearest = Some(misfit);
                    }
                }
            }
        }
        match (known, nearest) {
            (Some(known), _) => Ok(known),
            (None, Some(misfit)) => Err(misfit),
            (None, None) => misfit(path, "the type allows no value here"),
        }
    }

    fn fields(
        self,
        keywords: &Map<String, Value>,
        fields: &Map<String, Value>,
        path: &str,
    ) -> Result<Known, Misfit> {
        for name in list(keywords, "required").iter().filter_map(Value::as_str) {
            if !fields.contains_key(name) {
                return misfit(&join(path, name), "the required key is missing");
            }
        }
        let properties = keywords.get("properties").and_then(Value::as_object);
        let patterns = keywords.get("patternProperties").and_then(Value::as_object);
        let mut known = BTreeSet::new();
        let mut rest = Vec::new();
        for (key, value) in fields {
            let of_pattern = || patterns?.iter().find(|(pattern, _)| matches(pattern, key));
            let schema = properties.and_then(|properties| properties.get(key));
            match schema.or_else(|| of_pattern().map(|(_, schema)| schema)) {
                Some(schema) => {
                    self.check(schema, value, &join(path, key))?;
                    known.insert(key.clone());
                }
                None => rest.push((key, value)),
            }
        }
        match keywords.get("additionalProperties") {
            None => Ok(Known::Some(known)),
            Some(Value::Bool(false)) => match rest.first() {
                Some((key, _)) => misfit(&join(path, key), "the type does not declare this key"),
                None => Ok(Known::Some(known)),
            },
            Some(schema) => {
                for (key, value) in rest {
                    self.check(schema, value, &join(path, key))?;
                }
                Ok(Known::All)
            }
        }
    }

    fn items(
        self,
        keywords: &Map<String, Value>,
        items: &[Value],
        path: &str,
    ) -> Result<(), Misfit> {
        let first = list(keywords, "prefixItems");
        for (at, item) in items.iter().enumerate() {
            if let Some(schema) = first.get(at).or_else(|| keywords.get("items")) {
                self.check(schema, item, &format!("{path}[{at}]"))?;
            }
        }
        let length = |key: &str| keywords.get(key).and_then(Value::as_u64);
        let count = items.len() as u64;
        if length("minItems").is_some_and(|least| count < least)
            || length("maxItems").is_some_and(|most| count > most)
        {
            return misfit(
                path,
                &format!("a list of {count} items is too short or too long"),
            );
        }
        Ok(())
    }
}

/// Checks the keywords that concern the value itself, without looking inside it.
fn one_value(keywords: &Map<String, Value>, value: &Value, path: &str) -> Result<(), Misfit> {
    if let Some(only) = keywords.get("const")
        && only != value
    {
        return misfit(path, &format!("expected {only}, found {value}"));
    }
    if keywords.contains_key("enum") && !list(keywords, "enum").contains(value) {
        return misfit(path, &format!("{value} is not one of the allowed values"));
    }
    let kinds: Vec<&str> = match keywords.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        Some(kind) => kind.as_str().into_iter().collect(),
        None => return Ok(()),
    };
    let is = |kind: &&str| match *kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "array" => value.is_array(),
        _ => value.is_object(),
    };
    if kinds.iter().any(is) {
        Ok(())
    } else {
        misfit(
            path,
            &format!("it is {value} and should be {}", kinds.join(" or ")),
        )
    }
}

fn matches(pattern: &str, key: &str) -> bool {
    let digits = match pattern {
        r"^\d+$" => key,
        r"^-?\d+$" => key.strip_prefix('-').unwrap_or(key),
        // Other patterns are the user's own; what they mean is not looked at.
        _ => return true,
    };
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn list<'a>(keywords: &'a Map<String, Value>, key: &str) -> &'a [Value] {
    let items = keywords.get(key).and_then(Value::as_array);
    items.map(Vec::as_slice).unwrap_or_default()
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

fn misfit<T>(path: &str, reason: &str) -> Result<T, Misfit> {
    Err(Misfit {
        path: path.to_owned(),
        reason: reason.to_owned(),
    })
}
