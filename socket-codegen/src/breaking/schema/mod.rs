//! A JSON Schema in serde's terms: objects with fields, tagged unions, lists, text, numbers. It
//! reads the output of schemars 1.2; anything unknown becomes [`Kind::Opaque`].

mod read;
mod resolve;
mod union;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

pub(super) use read::{perhaps, read, without_null};
pub(super) use resolve::{Defs, is_annotation, reference};
pub(super) use union::{Tagging, Union, Variant};

/// One schema, one level deep: what is inside of it is read when it is walked into.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    /// Null is allowed beside the kind.
    pub(crate) null: bool,
    pub(crate) kind: Kind,
    /// The keywords that this reader does not know.
    pub(crate) unread: Map<String, Value>,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    Any,
    /// Nothing but null, where that is allowed.
    Never,
    Bool,
    Integer(Number),
    Float(Number),
    Text(Text),
    /// Constants that are not all text.
    Literals(Vec<Value>),
    List(List),
    Object(Box<Object>),
    Union(Union),
    Opaque,
}

impl Kind {
    /// The noun for people.
    pub(super) fn noun(&self) -> &'static str {
        match self {
            Self::Any => "any value",
            Self::Never => "null",
            Self::Bool => "a boolean",
            Self::Integer(_) => "an integer",
            Self::Float(_) => "a number",
            Self::Text(_) => "text",
            Self::Literals(_) => "a constant",
            Self::List(list) if list.prefix.is_empty() => "a list",
            Self::List(_) => "a tuple",
            Self::Object(object) if object.is_map() => "a map",
            Self::Object(_) => "an object",
            Self::Union(union) if union.is_plain() => "a string enum",
            Self::Union(_) => "a union",
            Self::Opaque => "a schema that cannot be read",
        }
    }
}

/// The bounds of a number, as the keywords give them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Number {
    pub(crate) format: Option<String>,
    pub(crate) min: Option<Bound>,
    pub(crate) max: Option<Bound>,
    pub(crate) multiple_of: Option<Value>,
}

/// One end of a range.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bound {
    pub(crate) at: Value,
    pub(crate) exclusive: bool,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Text {
    pub(crate) format: Option<String>,
    pub(crate) pattern: Option<String>,
    pub(crate) min: Option<u64>,
    pub(crate) max: Option<u64>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct List {
    pub(crate) prefix: Vec<Value>,
    pub(crate) items: Option<Value>,
    pub(crate) min: Option<u64>,
    pub(crate) max: Option<u64>,
    pub(crate) unique: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Object {
    pub(crate) fields: BTreeMap<String, Field>,
    pub(crate) rest: Rest,
    /// Values by a pattern of their key.
    pub(crate) patterns: BTreeMap<String, Value>,
    /// The schema of its keys.
    pub(crate) names: Option<Value>,
    /// Enums that were flattened into it.
    pub(crate) unions: Vec<Union>,
    pub(crate) min: Option<u64>,
    pub(crate) max: Option<u64>,
    /// Names that must not come back.
    pub(crate) reserved: Vec<String>,
}

#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(crate) schema: Value,
    pub(crate) required: bool,
    pub(crate) default: Option<Value>,
    pub(crate) alias: Vec<String>,
}

/// The treatment of undeclared keys.
#[derive(Debug, Clone)]
pub(super) enum Rest {
    /// Ignored by the reader, never written.
    Open,
    /// Refused.
    Closed,
    /// Kept: the values of a map.
    Map(Value),
}

impl Object {
    /// Returns whether its keys are data and not names of fields.
    pub(super) fn is_map(&self) -> bool {
        self.fields.is_empty()
            && self.unions.is_empty()
            && (matches!(self.rest, Rest::Map(_)) || !self.patterns.is_empty())
    }

    /// Returns whether it may be a map keyed by a string enum, which schemars writes as an object
    /// that has all values of the enum as optional fields of one schema, and nothing else.
    pub(super) fn may_be_enum_map(&self) -> bool {
        let mut schemas = self.fields.values().map(|field| &field.schema);
        let first = schemas.next();
        matches!(self.rest, Rest::Closed)
            && self.patterns.is_empty()
            && self.unions.is_empty()
            && first.is_some_and(|first| schemas.all(|schema| schema == first))
            && self.fields.values().all(|field| !field.required)
    }
}
