//! TYPE_CHANGED, TYPE_WIDENED, TYPE_NARROWED, TYPE_RENAMED, NULL_ADDED, NULL_REMOVED, and UNDECIDED
//! where a schema cannot be read.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::breaking::level::Facts;
use crate::breaking::path::Path;
use crate::breaking::rule::Rule;
use crate::breaking::rules::number::is_wide;
use crate::breaking::rules::prose::wire_form;
use crate::breaking::schema::{self, Defs, Kind, Shape, Tagging, Text};
use crate::breaking::walk::{Fit, Sided, Walk};

type Read<'a> = (Sided<'a>, &'a Shape);

impl Walk<'_> {
    pub(in crate::breaking) fn null(&mut self, path: &Path, old: &Shape, new: &Shape) {
        let facts = Facts::default();
        match (old.null, new.null) {
            (false, true) => {
                let words = ("never null", "perhaps null");
                self.emit(Rule::NullAdded, path, words, "may now be null", facts);
            }
            (true, false) => {
                let words = ("perhaps null", "never null");
                self.emit(
                    Rule::NullRemoved,
                    path,
                    words,
                    "may no longer be null",
                    facts,
                );
            }
            _ => {}
        }
    }

    /// A reference to a type of another name. Where both names still stand for something, it is
    /// another type; schemars numbers types of one name, so then the names say nothing.
    pub(in crate::breaking) fn type_names(&mut self, path: &Path, old: &str, new: &str) {
        let gone = !self.new.contains_key(old) && !self.old.contains_key(new);
        if old != new && gone {
            let message = format!("the type `{old}` is now called `{new}`");
            self.emit(
                Rule::TypeRenamed,
                path,
                (old, new),
                message,
                Facts::default(),
            );
        }
    }

    /// Shapes of different kinds.
    pub(in crate::breaking) fn types(&mut self, path: &Path, old: Read<'_>, new: Read<'_>) {
        match (&old.1.kind, &new.1.kind) {
            (Kind::Integer(_), Kind::Text(Text { format, .. })) if is_wide(format.as_deref()) => {
                self.null(path, old.1, new.1);
                return self.digits_and_text(path, "a number", "text");
            }
            (Kind::Text(Text { format, .. }), Kind::Integer(_)) if is_wide(format.as_deref()) => {
                self.null(path, old.1, new.1);
                return self.digits_and_text(path, "text", "a number");
            }
            (Kind::Literals(before), Kind::Literals(after)) => {
                self.null(path, old.1, new.1);
                return self.constants(path, before, after);
            }
            (Kind::Opaque, _) | (_, Kind::Opaque) => {
                if whole(old.0) != whole(new.0) {
                    self.undecided(path, "one of the two schemas cannot be read");
                }
                return;
            }
            _ => {}
        }
        let words = (noun(old.1), noun(new.1));
        let forth = self.inclusion(false, old, new);
        let back = match self.one_way {
            true => Fit::No,
            false => self.inclusion(true, new, old),
        };
        let facts = Facts::default();
        let (rule, message) = match (forth, back) {
            (Fit::Yes, Fit::Yes) => return,
            (Fit::Yes, Fit::No) => (
                Rule::TypeWidened,
                format!("was {}, may now be {}", words.0, words.1),
            ),
            (Fit::No, Fit::Yes) => (
                Rule::TypeNarrowed,
                format!("could be {}, is now {}", words.0, words.1),
            ),
            (Fit::No, Fit::No) => (
                Rule::TypeChanged,
                format!("was {}, is now {}", words.0, words.1),
            ),
            _ => {
                let message = format!("was {}, is now {}", words.0, words.1);
                return self.undecided(path, &message);
            }
        };
        self.emit(rule, path, words, message, facts);
    }

    /// Compares whether the values of one kind are values of another.
    fn inclusion(&mut self, flip: bool, from: Read<'_>, into: Read<'_>) -> Fit {
        if from.1.null && !takes_null(into) {
            return Fit::No;
        }
        match (&from.1.kind, &into.1.kind) {
            (_, Kind::Any) | (Kind::Never, _) => Fit::Yes,
            (Kind::Any, _) => Fit::No,
            (Kind::Union(union), _) if union.tagging == Tagging::Untagged => {
                let members = union.member_schemas().into_iter();
                let fits = members.map(|member| self.fits(flip, &member, into.0.schema));
                fits.fold(Fit::Yes, Fit::and)
            }
            (Kind::Literals(values), kind) => {
                let fits = values.iter().map(|value| takes_constant(value, kind));
                fits.fold(Fit::Yes, Fit::and)
            }
            (Kind::Union(union), Kind::Text(text)) if union.is_plain() => {
                let name = |name: &str| takes_text(name, text);
                let fits = union.variants.iter().map(|variant| name(&variant.name));
                fits.fold(Fit::Yes, Fit::and)
            }
            (Kind::Union(from), Kind::Union(into)) if into.tagging == Tagging::Untagged => {
                let into = into.member_schemas();
                let each = from.member_schemas().into_iter();
                let each = each.map(|member| self.fits_any(flip, &member, &into));
                each.fold(Fit::Yes, Fit::and)
            }
            (_, Kind::Union(union)) if union.tagging == Tagging::Untagged => {
                let from = schema::without_null(from.0.schema, from.0.defs);
                self.fits_any(flip, &from, &union.member_schemas())
            }
            _ => Fit::No,
        }
    }
}

fn noun(shape: &Shape) -> String {
    match (&shape.kind, shape.null) {
        (Kind::Never | Kind::Any, _) | (_, false) => shape.kind.noun().to_owned(),
        (kind, true) => format!("{} or null", kind.noun()),
    }
}

fn takes_null((sided, shape): Read<'_>) -> bool {
    let member_takes = |member: &Value| {
        let member = schema::read(member, sided.defs);
        member.null || matches!(member.kind, Kind::Any)
    };
    match &shape.kind {
        Kind::Any => true,
        Kind::Union(union) if union.tagging == Tagging::Untagged => {
            shape.null || union.member_schemas().iter().any(member_takes)
        }
        _ => shape.null,
    }
}

fn takes_constant(value: &Value, kind: &Kind) -> Fit {
    let yes = match (value, kind) {
        (Value::Bool(_), Kind::Bool) => true,
        (Value::String(text), Kind::Text(rules)) => return takes_text(text, rules),
        (Value::String(text), Kind::Union(union)) => union
            .get(text)
            .is_some_and(|variant| variant.payload.is_none()),
        (_, Kind::Literals(values)) => values.contains(value),
        // Bounds are the business of numbers; here it is enough to be honest about them.
        (Value::Number(_), Kind::Integer(_) | Kind::Float(_)) => return Fit::Unknown,
        (Value::Array(_) | Value::Object(_), _) | (_, Kind::Opaque) => return Fit::Unknown,
        (_, Kind::Union(union)) => {
            return match union.tagging {
                Tagging::Untagged => Fit::Unknown,
                _ => Fit::No,
            };
        }
        _ => false,
    };
    if yes { Fit::Yes } else { Fit::No }
}

fn takes_text(value: &str, rules: &Text) -> Fit {
    let length = u64::try_from(value.chars().count()).unwrap_or(u64::MAX);
    let fits =
        rules.min.is_none_or(|min| length >= min) && rules.max.is_none_or(|max| length <= max);
    match (fits, &rules.pattern, &rules.format) {
        (false, _, _) => Fit::No,
        (true, None, None) => Fit::Yes,
        _ => Fit::Unknown,
    }
}

/// A schema with all the types that it refers to: what cannot be read can still be equal.
fn whole(sided: Sided<'_>) -> (Value, BTreeMap<String, Value>) {
    let mut types = BTreeMap::new();
    references(sided.schema, sided.defs, &mut types);
    (wire_form(sided.schema), types)
}

fn references(schema: &Value, defs: &Defs, types: &mut BTreeMap<String, Value>) {
    if let Some(name) = schema::reference(schema)
        && !types.contains_key(&name)
        && let Some(target) = defs.get(&name)
    {
        types.insert(name, wire_form(target));
        references(target, defs, types);
    }
    match schema {
        Value::Object(map) => map
            .values()
            .for_each(|inner| references(inner, defs, types)),
        Value::Array(items) => items
            .iter()
            .for_each(|inner| references(inner, defs, types)),
        _ => {}
    }
}
