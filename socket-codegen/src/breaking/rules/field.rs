//! FIELD_ADDED_…, FIELD_REMOVED_…, FIELD_BECAME_…, FIELD_RENAMED, UNKNOWN_DENIED,
//! UNKNOWN_ALLOWED, DEFAULT_CHANGED: the fields of objects.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::breaking::level::{Facts, Sides};
use crate::breaking::path::Path;
use crate::breaking::rule::Rule;
use crate::breaking::rules::message::reserved_names;
use crate::breaking::rules::prose::wire_form;
use crate::breaking::schema::{Field, Object, Rest};
use crate::breaking::walk::{Fit, Walk};

type Named<'o> = BTreeMap<&'o str, &'o Field>;

impl Walk<'_> {
    pub(in crate::breaking) fn objects(&mut self, path: &Path, old: &Object, new: &Object) {
        if self.maps(path, old, new) {
            return;
        }
        let found = self.changes.len();
        let only = |these: &'_ Object, those: &Object| {
            let gone = these
                .fields
                .keys()
                .filter(|name| !those.fields.contains_key(*name));
            gone.cloned().collect::<Vec<_>>()
        };
        for (name, before) in &old.fields {
            if let Some(after) = new.fields.get(name) {
                self.field(&path.field(name), before, after);
            }
        }
        let mut removed: Named<'_> = BTreeMap::new();
        for name in &only(old, new) {
            if let Some((name, field)) = old.fields.get_key_value(name) {
                removed.insert(name, field);
            }
        }
        let mut added: Named<'_> = BTreeMap::new();
        for name in &only(new, old) {
            if let Some((name, field)) = new.fields.get_key_value(name) {
                added.insert(name, field);
            }
        }
        let denies = self.denies(old, new);
        self.renamed_fields(path, &mut removed, &mut added);
        for (name, field) in removed {
            self.field_removed(&path.field(name), field, denies, &new.rest);
        }
        let news: Vec<String> = added.keys().map(|name| (*name).to_owned()).collect();
        for (name, field) in added {
            self.field_added(&path.field(name), field, denies, &old.rest);
        }
        let names = |object: &Object| object.fields.keys().cloned().collect::<Vec<_>>();
        for (rule, name, message) in
            reserved_names(&old.reserved, &new.reserved, &news, &names(new))
        {
            self.emit(
                rule,
                &path.field(&name),
                ("reserved", ""),
                message,
                Facts::default(),
            );
        }
        self.rest(path, old, new, denies);
        self.counts(path, "keys", (old.min, old.max), (new.min, new.max), false);
        self.flattened(path, old, new);
        if self.changes.len() > found && (tangled(old, new) || tangled(new, old)) {
            self.undecided(
                path,
                "a flattened enum shares its keys with fields or a map",
            );
        }
    }

    /// The sides that refuse unknown keys; a client never does.
    fn denies(&self, old: &Object, new: &Object) -> Sides {
        let denies = |object: &Object| !self.lenient && matches!(object.rest, Rest::Closed);
        Sides {
            old: denies(old),
            new: denies(new),
        }
    }

    fn field(&mut self, path: &Path, old: &Field, new: &Field) {
        let facts = Facts::default();
        match (old.required, new.required) {
            (false, true) => self.emit(
                Rule::FieldBecameRequired,
                path,
                ("optional", "required"),
                "must now be there",
                facts,
            ),
            (true, false) => self.emit(
                Rule::FieldBecameOptional,
                path,
                ("required", "optional"),
                "may now be absent",
                facts,
            ),
            (false, false) if old.default != new.default => {
                let word = |field: &Field| {
                    field
                        .default
                        .as_ref()
                        .map_or_else(|| "nothing".to_owned(), Value::to_string)
                };
                let words = (word(old), word(new));
                let message = format!("left out, it meant {} and now means {}", words.0, words.1);
                self.emit(Rule::DefaultChanged, path, words, message, facts);
            }
            _ => {}
        }
        for alias in old.alias.iter().filter(|alias| !new.alias.contains(alias)) {
            let message = format!("is no longer read under its former name `{alias}`");
            self.emit(Rule::AliasDropped, path, (alias, ""), message, facts);
        }
        self.compare(path, &old.schema, &new.schema);
    }

    /// Takes pairs out that are one field under two names: by an alias, or by the looks of it.
    fn renamed_fields(&mut self, path: &Path, removed: &mut Named<'_>, added: &mut Named<'_>) {
        let old_names: Vec<_> = removed.keys().copied().collect();
        for old_name in old_names {
            let old = removed[old_name];
            let by_alias = |field: &Field| field.alias.iter().any(|alias| alias == old_name);
            let alias = added.iter().find(|(_, field)| by_alias(field));
            let looks = || {
                let new_name = alike(added, (old_name, old))?;
                let back = alike(removed, (new_name, added[new_name]))?;
                (back == old_name).then_some(new_name)
            };
            let Some(new_name) = alias.map(|(name, _)| *name).or_else(looks) else {
                continue;
            };
            let new = added[new_name];
            let facts = Facts {
                kept: by_alias(new),
                ..Facts::default()
            };
            let message = format!("`{old_name}` is now `{new_name}`");
            let place = path.field(old_name);
            self.emit(
                Rule::FieldRenamed,
                &place,
                (old_name, new_name),
                message,
                facts,
            );
            removed.remove(old_name);
            added.remove(new_name);
            self.field(&path.field(new_name), old, new);
        }
    }

    fn field_removed(&mut self, path: &Path, field: &Field, denies: Sides, rest: &Rest) {
        let facts = Facts {
            denies,
            ..Facts::default()
        };
        let (rule, word) = match field.required {
            true => (Rule::FieldRemovedRequired, "required"),
            false => (Rule::FieldRemovedOptional, "optional"),
        };
        let fate = match (self.lenient, denies.new) {
            (true, _) => "is gone",
            (false, false) => "is gone: the server ignores it",
            (false, true) => "is gone: the server refuses messages that carry it",
        };
        self.emit(rule, path, (word, ""), fate, facts);
        if let Rest::Map(values) = rest {
            self.compare(path, &field.schema, values);
        }
    }

    fn field_added(&mut self, path: &Path, field: &Field, denies: Sides, rest: &Rest) {
        let facts = Facts {
            denies,
            ..Facts::default()
        };
        let (rule, word) = match field.required {
            true => (Rule::FieldAddedRequired, "required"),
            false => (Rule::FieldAddedOptional, "optional"),
        };
        self.emit(rule, path, ("", word), format!("is new and {word}"), facts);
        if let Rest::Map(values) = rest {
            self.compare(path, values, &field.schema);
        }
    }

    fn rest(&mut self, path: &Path, old: &Object, new: &Object, denies: Sides) {
        let facts = Facts {
            denies,
            ..Facts::default()
        };
        let words = ("ignored", "refused");
        match (&old.rest, &new.rest) {
            (Rest::Open, Rest::Closed) => {
                self.emit(
                    Rule::UnknownDenied,
                    path,
                    words,
                    "unknown keys are now refused",
                    facts,
                );
            }
            (Rest::Closed, Rest::Open) => {
                let words = (words.1, words.0);
                let message = "unknown keys are now ignored";
                self.emit(Rule::UnknownAllowed, path, words, message, facts);
            }
            (Rest::Map(old), Rest::Map(new)) => self.compare(&path.values(), old, new),
            (Rest::Map(_), _) => {
                let message = "further keys are no longer kept";
                self.emit(
                    Rule::FieldRemovedOptional,
                    &path.values(),
                    ("kept", ""),
                    message,
                    facts,
                );
            }
            (_, Rest::Map(_)) => {
                let message = "further keys are now kept";
                self.emit(
                    Rule::FieldAddedOptional,
                    &path.values(),
                    ("", "kept"),
                    message,
                    facts,
                );
            }
            _ => {}
        }
        if old.names.as_ref().map(wire_form) != new.names.as_ref().map(wire_form) {
            self.undecided(path, "the rules for its keys changed");
        }
    }

    /// Enums that are flattened into the object.
    fn flattened(&mut self, path: &Path, old: &Object, new: &Object) {
        for (old, new) in old.unions.iter().zip(&new.unions) {
            self.unions(path, old, new);
        }
        let shared = old.unions.len().min(new.unions.len());
        let empty = Value::Object(serde_json::Map::from_iter([(
            "type".to_owned(),
            Value::from("object"),
        )]));
        let gone = old.unions.iter().skip(shared).map(|union| (union, true));
        let more = new.unions.iter().skip(shared).map(|union| (union, false));
        for (union, removed) in gone.chain(more) {
            let optional = union
                .member_schemas()
                .iter()
                .any(|member| self.fits(removed, &empty, member) == Fit::Yes);
            let rule = match (removed, optional) {
                (true, true) => Rule::FieldRemovedOptional,
                (true, false) => Rule::FieldRemovedRequired,
                (false, true) => Rule::FieldAddedOptional,
                (false, false) => Rule::FieldAddedRequired,
            };
            let facts = Facts {
                denies: self.denies(old, new),
                ..Facts::default()
            };
            let names: Vec<_> = union.variants.iter().map(|v| v.name.as_str()).collect();
            let place = path.variant(&names.join(" | "));
            let (words, message) = match removed {
                true => (("flattened", ""), "the enum flattened into it is gone"),
                false => (("", "flattened"), "an enum is flattened into it"),
            };
            self.emit(rule, &place, words, message, facts);
        }
    }
}

/// Returns whether a key is ambiguous: a key of a flattened enum that is also a key of the object
/// or of another flattened enum (serde writes it twice, and each reader takes another one), or a
/// key that a map on either side would take.
fn tangled(object: &Object, other: &Object) -> bool {
    let is_map = |object: &Object| matches!(object.rest, Rest::Map(_));
    if !object.unions.is_empty() && (is_map(object) || is_map(other)) {
        return true;
    }
    let mut known: BTreeSet<String> = object.fields.keys().cloned().collect();
    object.unions.iter().any(|union| {
        let keys = union.keys();
        let twice = keys.iter().any(|key| known.contains(key));
        known.extend(keys);
        twice
    })
}

/// The only one that looks like that field.
fn alike<'o>(fields: &Named<'o>, field: (&str, &Field)) -> Option<&'o str> {
    let alike = |other: &(&&'o str, &&'o Field)| looks_like(field, (*other.0, *other.1));
    let mut found = fields.iter().filter(alike).map(|(name, _)| *name);
    found.next().filter(|_| found.next().is_none())
}

/// One field under two names, as far as one can see: the same shape in the same place. An optional
/// field often has the shape of another, so there the names must be alike too.
fn looks_like(old: (&str, &Field), new: (&str, &Field)) -> bool {
    let letters = |name: &str| {
        let letters = name.chars().filter(|c| !matches!(c, '_' | '-'));
        letters.flat_map(char::to_lowercase).collect::<String>()
    };
    old.1.required == new.1.required
        && wire_form(&old.1.schema) == wire_form(&new.1.schema)
        && (old.1.required || letters(old.0) == letters(new.0))
}
