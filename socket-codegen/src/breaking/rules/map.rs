//! MAP_KEY_CHANGED: which keys a map has.

use serde_json::Value;

use crate::breaking::level::Facts;
use crate::breaking::path::Path;
use crate::breaking::rule::Rule;
use crate::breaking::schema::{Object, Rest};
use crate::breaking::walk::Walk;

/// Which keys a map has.
#[derive(Debug, PartialEq)]
enum Keys<'o> {
    Any,
    Pattern(&'o str),
    Names(Vec<&'o str>),
}

impl Walk<'_> {
    /// Compares two maps; `false` when they are not both maps.
    pub(in crate::breaking) fn maps(&mut self, path: &Path, old: &Object, new: &Object) -> bool {
        let (before, after) = match (keys(old, new), keys(new, old)) {
            (Some(before), Some(after)) => (before, after),
            // Patterns beside fields, or several of them: no map of serde's own.
            _ if old.patterns.is_empty() && new.patterns.is_empty() => return false,
            _ => {
                self.undecided(path, "the patterns of its keys cannot be compared");
                return false;
            }
        };
        self.counts(path, "keys", (old.min, old.max), (new.min, new.max), false);
        if let (Some(old), Some(new)) = (values(old), values(new)) {
            self.compare(&path.values(), old, new);
        }
        if old.names != new.names {
            self.undecided(path, "the rules for its keys changed");
        }
        if before == after {
            return true;
        }
        let (words, change) = (
            (describe(&before), describe(&after)),
            difference(&before, &after),
        );
        let message = format!("its keys were {}, they are now {}", words.0, words.1);
        match change {
            Some((narrowed, widened)) => {
                let facts = Facts {
                    narrowed,
                    widened,
                    ..Facts::default()
                };
                self.emit(Rule::MapKeyChanged, path, words, message, facts);
            }
            None => self.undecided(path, &message),
        }
        true
    }
}

/// The keys of a map. An object that may be a map by an enum is taken for one beside a map, and
/// beside another one that differs in its names.
fn keys<'o>(object: &'o Object, other: &Object) -> Option<Keys<'o>> {
    if object.may_be_enum_map() && (other.is_map() || other.may_be_enum_map()) {
        return Some(Keys::Names(
            object.fields.keys().map(String::as_str).collect(),
        ));
    }
    if !object.is_map() {
        return None;
    }
    let mut patterns = object.patterns.keys();
    match (&object.rest, patterns.next(), patterns.next()) {
        (Rest::Map(_), None, _) => Some(Keys::Any),
        (Rest::Closed, Some(pattern), None) => Some(Keys::Pattern(pattern)),
        _ => None,
    }
}

fn values(object: &Object) -> Option<&Value> {
    match &object.rest {
        Rest::Map(values) => Some(values),
        Rest::Open | Rest::Closed => {
            let field = object.fields.values().map(|field| &field.schema).next();
            object.patterns.values().next().or(field)
        }
    }
}

fn describe(keys: &Keys<'_>) -> String {
    match keys {
        Keys::Any => "any text".to_owned(),
        Keys::Pattern(WHOLE) => "whole numbers from 0".to_owned(),
        Keys::Pattern(SIGNED) => "whole numbers".to_owned(),
        Keys::Pattern(pattern) => format!("what `{pattern}` matches"),
        Keys::Names(names) => names.join(", "),
    }
}

/// The patterns that schemars writes for unsigned and signed integers.
const WHOLE: &str = r"^\d+$";
const SIGNED: &str = r"^-?\d+$";

/// Returns whether keys were removed and whether keys were added; `None` if that cannot be decided.
fn difference(old: &Keys<'_>, new: &Keys<'_>) -> Option<(bool, bool)> {
    match (old, new) {
        (Keys::Any, _) => Some((true, false)),
        (_, Keys::Any) | (Keys::Pattern(WHOLE), Keys::Pattern(SIGNED)) => Some((false, true)),
        (Keys::Pattern(SIGNED), Keys::Pattern(WHOLE)) => Some((true, false)),
        (Keys::Names(old), Keys::Names(new)) => {
            let gone = old.iter().any(|name| !new.contains(name));
            let more = new.iter().any(|name| !old.contains(name));
            Some((gone, more))
        }
        _ => None,
    }
}
