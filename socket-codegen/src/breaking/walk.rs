//! Two schemas side by side, from the root down. What differs goes to the rule that it belongs to.
//!
//! The walk knows nothing of modes and levels: it collects changes, and the table judges them.
//! Where shapes cannot be walked side by side, [`Walk::fits`] asks whether the values of one are
//! values of the other, by the same walk and the table's verdict for what a server accepts.

use std::collections::HashSet;

use serde_json::Value;

use super::level::{Facts, Level, Mode, Position};
use super::path::Path;
use super::rule::Rule;
use super::schema::{self, Defs, Kind, Shape};

/// One change, not yet judged.
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub(crate) rule: Rule,
    pub(crate) position: Position,
    pub(crate) path: String,
    pub(crate) old: String,
    pub(crate) new: String,
    pub(crate) message: String,
    pub(crate) facts: Facts,
}

/// The result of comparing whether the values of one schema are values of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    Yes,
    No,
    Unknown,
}

impl Fit {
    /// Both must hold.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, Self::Yes) => Self::Yes,
            _ => Self::Unknown,
        }
    }

    /// One is enough.
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::No, Self::No) => Self::No,
            _ => Self::Unknown,
        }
    }
}

/// A schema with its direction's types.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sided<'m> {
    pub(crate) schema: &'m Value,
    pub(crate) defs: &'m Defs,
}

/// Which way round, and the two schemas. At least one of them holds a reference: without one a walk
/// ends by itself, and with one there are still only as many pairs as the manifests have schemas.
type Pair = (bool, String, String);

pub(super) struct Walk<'m> {
    pub(super) position: Position,
    pub(super) old: &'m Defs,
    pub(super) new: &'m Defs,
    pub(super) changes: Vec<Change>,
    /// Old and new are swapped.
    flipped: bool,
    /// Only whether the old fits into the new is asked, not the way back.
    pub(super) one_way: bool,
    /// The reader ignores unknown keys, whatever the schema says.
    pub(super) lenient: bool,
    /// The pairs being compared. One that is met again is what it will turn out to be.
    stack: Vec<Pair>,
    /// The pairs in which nothing differs, apart by `one_way`.
    equal: HashSet<(bool, Pair)>,
    /// The lowest place on the stack that was met again.
    met: usize,
}

impl<'m> Walk<'m> {
    pub(super) fn new(position: Position, old: &'m Defs, new: &'m Defs) -> Self {
        Self {
            position,
            old,
            new,
            changes: Vec::new(),
            flipped: false,
            one_way: false,
            lenient: position != Position::Param,
            stack: Vec::new(),
            equal: HashSet::new(),
            met: usize::MAX,
        }
    }

    pub(super) fn emit(
        &mut self,
        rule: Rule,
        path: &Path,
        (old, new): (impl ToString, impl ToString),
        message: impl Into<String>,
        facts: Facts,
    ) {
        self.changes.push(Change {
            rule,
            position: self.position,
            path: path.to_string(),
            old: old.to_string(),
            new: new.to_string(),
            message: message.into(),
            facts,
        });
    }

    /// Compares two schemas at one place.
    pub(super) fn compare(&mut self, path: &Path, old: &Value, new: &Value) {
        let pair = (self.flipped, old.to_string(), new.to_string());
        if ![&pair.1, &pair.2]
            .iter()
            .any(|text| text.contains("\"$ref\""))
        {
            self.compare_level(path, old, new);
            return;
        }
        if self.equal.contains(&(self.one_way, pair.clone())) {
            return;
        }
        if let Some(place) = self.stack.iter().position(|open| *open == pair) {
            self.met = self.met.min(place);
            return;
        }
        if let (Some(old), Some(new)) = (schema::reference(old), schema::reference(new)) {
            self.type_names(path, &old, &new);
        }
        let place = self.stack.len();
        let found = self.changes.len();
        let met = std::mem::replace(&mut self.met, usize::MAX);
        self.stack.push(pair.clone());
        self.compare_level(path, old, new);
        self.stack.pop();
        // Nothing differs for sure only where nothing was taken for granted on the way.
        if self.changes.len() == found && self.met >= place {
            self.equal.insert((self.one_way, pair));
        }
        let below = if self.met < place {
            self.met
        } else {
            usize::MAX
        };
        self.met = met.min(below);
    }

    fn compare_level(&mut self, path: &Path, old: &Value, new: &Value) {
        self.prose(path, old, new);
        let (before, after) = (schema::read(old, self.old), schema::read(new, self.new));
        if !same_unread(&before, &after) {
            self.undecided(path, "a keyword of the schema changed that has no rule");
        }
        // Through the reference, so that a recursive type is met as the same pair again.
        if let (Some(old_inner), Some(new_inner)) = (schema::perhaps(old), schema::perhaps(new))
            && (old_inner, new_inner) != (old, new)
        {
            let nullable = |inner, defs| schema::read(inner, defs).null;
            if nullable(old_inner, self.old) == nullable(new_inner, self.new) {
                self.null(path, &before, &after);
                self.compare(path, old_inner, new_inner);
                return;
            }
        }
        match (&before.kind, &after.kind) {
            (Kind::Any, Kind::Any) => {}
            (Kind::Never, Kind::Never) | (Kind::Bool, Kind::Bool) => {
                self.null(path, &before, &after);
            }
            (Kind::Integer(old), Kind::Integer(new)) => {
                self.null(path, &before, &after);
                self.integers(path, old, new);
            }
            (Kind::Float(old), Kind::Float(new)) => {
                self.null(path, &before, &after);
                self.floats(path, old, new);
            }
            (Kind::Integer(old), Kind::Float(new)) => {
                self.null(path, &before, &after);
                self.integer_to_float(path, old, new);
            }
            (Kind::Float(old), Kind::Integer(new)) => {
                self.null(path, &before, &after);
                self.float_to_integer(path, old, new);
            }
            (Kind::Text(old), Kind::Text(new)) => {
                self.null(path, &before, &after);
                self.texts(path, old, new);
            }
            (Kind::List(old), Kind::List(new)) => {
                self.null(path, &before, &after);
                self.lists(path, old, new);
            }
            (Kind::Object(old), Kind::Object(new)) => {
                self.null(path, &before, &after);
                self.objects(path, old, new);
            }
            (Kind::Union(before_union), Kind::Union(after_union))
                if before_union.comparable(after_union) =>
            {
                self.null(path, &before, &after);
                self.unions(path, before_union, after_union);
            }
            _ => {
                let old = Sided {
                    schema: old,
                    defs: self.old,
                };
                let new = Sided {
                    schema: new,
                    defs: self.new,
                };
                self.types(path, (old, &before), (new, &after));
            }
        }
    }

    pub(super) fn undecided(&mut self, path: &Path, message: &str) {
        self.emit(Rule::Undecided, path, ("", ""), message, Facts::default());
    }

    /// Checks that the other side accepts what the old side (or, flipped, the new one) writes.
    pub(super) fn fits(&mut self, flip: bool, from: &Value, into: &Value) -> Fit {
        let (old, new) = match flip {
            false => (self.old, self.new),
            true => (self.new, self.old),
        };
        let mut inner = Walk {
            position: Position::Param,
            old,
            new,
            changes: Vec::new(),
            flipped: self.flipped ^ flip,
            one_way: true,
            lenient: self.lenient,
            stack: std::mem::take(&mut self.stack),
            equal: std::mem::take(&mut self.equal),
            met: self.met,
        };
        inner.compare(&Path::root(""), from, into);
        self.stack = inner.stack;
        self.equal = inner.equal;
        self.met = inner.met;
        let judged = |change: &Change| {
            let level = change
                .rule
                .judge(&change.facts, Position::Param, Mode::Backward);
            match (level, change.rule) {
                (Level::Breaking, _) => Fit::No,
                (_, Rule::Undecided) => Fit::Unknown,
                _ => Fit::Yes,
            }
        };
        inner.changes.iter().map(judged).fold(Fit::Yes, Fit::and)
    }
}

/// Keywords of schemas that nobody reads count as equal by their text.
fn same_unread(old: &Shape, new: &Shape) -> bool {
    let known = |shape: &Shape| {
        let mut unread = shape.unread.clone();
        unread.retain(|key, _| !schema::is_annotation(key));
        unread
    };
    known(old) == known(new)
}
