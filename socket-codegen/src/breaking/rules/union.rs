//! UNION_ADDED, UNION_REMOVED, ENUM_ADDED, ENUM_REMOVED, TAGGING_CHANGED: the variants of enums.

use std::mem::discriminant;

use serde_json::Value;

use crate::breaking::level::{Facts, Sides};
use crate::breaking::path::Path;
use crate::breaking::rule::Rule;
use crate::breaking::rules::message::reserved_names;
use crate::breaking::rules::prose::wire_form;
use crate::breaking::schema::{self, Tagging, Union, Variant};
use crate::breaking::walk::{Fit, Walk};

impl Walk<'_> {
    pub(in crate::breaking) fn unions(&mut self, path: &Path, old: &Union, new: &Union) {
        if old.tagging == Tagging::Untagged && new.tagging == Tagging::Untagged {
            self.untagged(path, old, new);
            return;
        }
        if old.tagging != new.tagging || content_moved(old, new) {
            let words = (describe(old), describe(new));
            let message = format!("was tagged {}, is now tagged {}", words.0, words.1);
            self.emit(Rule::TaggingChanged, path, words, message, Facts::default());
            return;
        }
        let open = Sides {
            old: old.open,
            new: new.open,
        };
        let facts = Facts {
            open,
            ..Facts::default()
        };
        let plain = old.is_plain() && new.is_plain();
        let mut renamed = Vec::new();
        for before in &old.variants {
            if let Some(after) = new.get(&before.name) {
                self.variant(path, before, after);
                continue;
            }
            let aliased = |after: &&Variant| after.alias.contains(&before.name);
            if let Some(after) = new.variants.iter().find(aliased) {
                let message = format!("`{}` is now `{}`", before.name, after.name);
                let words = (&before.name, &after.name);
                let facts = Facts {
                    kept: true,
                    ..facts
                };
                let place = path.variant(&before.name);
                self.emit(Rule::FieldRenamed, &place, words, message, facts);
                self.variant(path, before, after);
                renamed.push(&after.name);
                continue;
            }
            let rule = if plain {
                Rule::EnumRemoved
            } else {
                Rule::UnionRemoved
            };
            let place = path.variant(&before.name);
            let message = format!("`{}` is gone", before.name);
            self.emit(rule, &place, (&before.name, ""), message, facts);
        }
        let is_new = |variant: &&Variant| {
            old.get(&variant.name).is_none() && !renamed.contains(&&variant.name)
        };
        let added: Vec<_> = new.variants.iter().filter(is_new).collect();
        for after in &added {
            let rule = if plain {
                Rule::EnumAdded
            } else {
                Rule::UnionAdded
            };
            let place = path.variant(&after.name);
            let message = format!("`{}` is new", after.name);
            self.emit(rule, &place, ("", &after.name), message, facts);
        }
        let names: Vec<_> = added.iter().map(|variant| variant.name.clone()).collect();
        let all: Vec<_> = new
            .variants
            .iter()
            .map(|variant| variant.name.clone())
            .collect();
        for (rule, name, message) in reserved_names(&old.reserved, &new.reserved, &names, &all) {
            self.emit(
                rule,
                &path.variant(&name),
                ("reserved", ""),
                message,
                Facts::default(),
            );
        }
    }

    fn variant(&mut self, path: &Path, old: &Variant, new: &Variant) {
        let path = path.variant(&new.name);
        for alias in old.alias.iter().filter(|alias| !new.alias.contains(alias)) {
            let message = format!("is no longer read under its former name `{alias}`");
            self.emit(
                Rule::AliasDropped,
                &path,
                (alias, ""),
                message,
                Facts::default(),
            );
        }
        let words = match (&old.payload, &new.payload) {
            (Some(old), Some(new)) => return self.compare(&path, old, new),
            (None, None) => return,
            (None, Some(_)) => ("a name alone", "a name with a value"),
            (Some(_), None) => ("a name with a value", "a name alone"),
        };
        let message = format!("was {}, is now {}", words.0, words.1);
        self.emit(Rule::TypeChanged, &path, words, message, Facts::default());
    }

    /// Enums of numbers and other constants.
    pub(in crate::breaking) fn constants(&mut self, path: &Path, old: &[Value], new: &[Value]) {
        let facts = Facts::default();
        for value in old.iter().filter(|value| !new.contains(value)) {
            let place = path.variant(&value.to_string());
            self.emit(
                Rule::EnumRemoved,
                &place,
                (value, ""),
                format!("`{value}` is gone"),
                facts,
            );
        }
        for value in new.iter().filter(|value| !old.contains(value)) {
            let place = path.variant(&value.to_string());
            self.emit(
                Rule::EnumAdded,
                &place,
                ("", value),
                format!("`{value}` is new"),
                facts,
            );
        }
    }

    /// Variants without names: a variant is the same where it looks the same, and what is left is
    /// asked whether it fits into the other side.
    fn untagged(&mut self, path: &Path, old: &Union, new: &Union) {
        let (old_all, new_all) = (old.member_schemas(), new.member_schemas());
        let mut new_left: Vec<&Value> = new_all.iter().collect();
        let mut old_left = Vec::new();
        for member in &old_all {
            let same = |other: &&Value| wire_form(other) == wire_form(member);
            match new_left.iter().position(same) {
                Some(place) => {
                    let other = new_left.remove(place);
                    self.compare(path, member, other);
                }
                None => old_left.push(member),
            }
        }
        if let ([before], [after]) = (old_left.as_slice(), new_left.as_slice())
            && self.alike(before, after)
        {
            self.compare(path, before, after);
            return;
        }
        let removed = old_left
            .iter()
            .map(|member| self.fits_any(false, member, &new_all));
        let removed = removed.fold(Fit::Yes, Fit::and);
        let added = match self.one_way {
            true => Fit::Yes,
            false => {
                let added = new_left
                    .iter()
                    .map(|member| self.fits_any(true, member, &old_all));
                added.fold(Fit::Yes, Fit::and)
            }
        };
        let open = Sides {
            old: old.open,
            new: new.open,
        };
        let facts = Facts {
            open,
            ..Facts::default()
        };
        if removed == Fit::No {
            let message = "some values of an untagged variant are no longer valid";
            self.emit(Rule::UnionRemoved, path, ("untagged", ""), message, facts);
        }
        if added == Fit::No {
            let message = "an untagged variant is new or allows more values";
            self.emit(Rule::UnionAdded, path, ("", "untagged"), message, facts);
        }
        if removed == Fit::Unknown || added == Fit::Unknown {
            self.undecided(path, "the variants of an untagged enum cannot be compared");
        }
    }

    /// Returns whether two schemas are of one kind, so that a walk says more than a verdict.
    fn alike(&self, old: &Value, new: &Value) -> bool {
        let (old, new) = (schema::read(old, self.old), schema::read(new, self.new));
        discriminant(&old.kind) == discriminant(&new.kind)
    }

    pub(in crate::breaking) fn fits_any(
        &mut self,
        flip: bool,
        from: &Value,
        into: &[Value],
    ) -> Fit {
        let mut fit = Fit::No;
        for member in into {
            fit = fit.or(self.fits(flip, from, member));
            if fit == Fit::Yes {
                break;
            }
        }
        fit
    }
}

/// The content of adjacent tagging is under another key, or beside the tag, or was.
fn content_moved(old: &Union, new: &Union) -> bool {
    let moved = |these: &Union, those: &Union| {
        let Some(key) = these.content_key() else {
            return false;
        };
        let keys = |variant: &Variant| {
            let properties = variant.payload.as_ref()?.get("properties")?.as_object()?;
            Some(properties.keys().cloned().collect::<Vec<_>>())
        };
        let shared = these.variants.iter().filter_map(|variant| {
            let (own, other) = (keys(variant)?, keys(those.get(&variant.name)?)?);
            own.contains(&key).then_some(other)
        });
        let shared: Vec<_> = shared.collect();
        // One such variant alone could be one that got other fields.
        shared.len() > 1
            && shared
                .iter()
                .all(|other| !other.is_empty() && !other.contains(&key))
    };
    moved(old, new) || moved(new, old)
}

fn describe(union: &Union) -> String {
    match (&union.tagging, union.content_key()) {
        (Tagging::External, _) => "externally".to_owned(),
        (Tagging::Tag(tag), None) => format!("by `{tag}`"),
        (Tagging::Tag(tag), Some(content)) => format!("by `{tag}` with `{content}`"),
        (Tagging::Untagged, _) => "not at all".to_owned(),
    }
}
