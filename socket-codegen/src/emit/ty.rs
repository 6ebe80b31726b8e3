//! The types that can cross the wire, between JSON Schema and TypeScript.

use std::collections::BTreeMap;

use serde_json::Value;

/// A type as TypeScript can say it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Ty {
    /// No value at all.
    Never,
    /// Any JSON.
    Json,
    /// Nothing is known here, beside other members of an intersection.
    Open,
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number that JavaScript holds exactly, or a float.
    Number(Option<Format>),
    /// Text.
    String(Option<Format>),
    /// An integer: its digits on the wire, `bigint` in the program.
    BigInt(Format),
    /// TypeScript as the author of the definition wrote it.
    Written(String),
    /// One value: a text, a number or a boolean.
    Literal(Value),
    /// A named type, by its key among the definitions of the direction.
    Ref(String),
    /// Any number of one type.
    Array(Box<Self>),
    /// A fixed list.
    Tuple(Vec<Self>),
    /// Fields, and perhaps more of them.
    Object(Object),
    /// One of these.
    Union(Vec<Member>),
    /// All of these at once.
    Intersection(Vec<Self>),
}

/// The meaning of a text or a number, for its doc comment.
pub(super) type Format = String;

/// An object's fields.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Object {
    /// The fields that have names, in the order of declaration.
    pub(super) fields: Vec<Field>,
    /// The type of further keys.
    pub(super) rest: Option<Box<Rest>>,
}

/// The values of undeclared keys.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rest {
    /// True if the keys are numbers, written as text.
    pub(super) numeric: bool,
    /// Their type together with every field beside them, as TypeScript demands.
    pub(super) ty: Ty,
    /// Their own type.
    pub(super) own: Ty,
}

/// One field.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field {
    /// Its name on the wire.
    pub(super) name: String,
    /// Its type.
    pub(super) ty: Ty,
    /// True if it may be missing.
    pub(super) optional: bool,
    /// Its author's docs.
    pub(super) docs: Docs,
}

/// One member of a union.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Member {
    /// Its type.
    pub(super) ty: Ty,
    /// Its author's docs.
    pub(super) docs: Docs,
}

/// The docs that the author of a definition wrote.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Docs {
    /// The doc comment.
    pub(super) text: String,
    /// The note of its deprecation, empty where it has none.
    pub(super) deprecated: Option<String>,
}

impl Docs {
    /// Returns whether there is nothing to write.
    #[must_use]
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty() && self.deprecated.is_none()
    }
}

/// A named type of one direction.
#[derive(Debug, Clone)]
pub(super) struct Definition {
    /// The path of its Rust type, where its derive wrote it down.
    pub(super) rust: Option<String>,
    /// Its author's docs.
    pub(super) docs: Docs,
    /// Its shape.
    pub(super) ty: Ty,
}

/// The named types of one direction, by their keys.
pub(super) type Definitions = BTreeMap<String, Definition>;

impl Ty {
    /// A union of types without docs; one alone is itself.
    #[must_use]
    pub(super) fn union(members: Vec<Member>) -> Self {
        let mut flat: Vec<Member> = Vec::new();
        for member in members {
            match member.ty {
                Self::Never => {}
                Self::Json => return Self::Json,
                Self::Union(inner) if member.docs.is_empty() => {
                    for member in inner {
                        push_once(&mut flat, member);
                    }
                }
                _ => push_once(&mut flat, member),
            }
        }
        match flat.len() {
            0 => Self::Never,
            1 if flat[0].docs.is_empty() => flat.remove(0).ty,
            _ => Self::Union(flat),
        }
    }

    /// Visits the keys of all named types that this one names itself, in reading order.
    pub(super) fn refs<'a>(&'a self, visit: &mut impl FnMut(&'a str)) {
        if let Self::Ref(key) = self {
            visit(key);
        }
        self.children(&mut |child| child.refs(visit));
    }

    /// Visits what this type is made of, one step down, in reading order.
    pub(super) fn children<'a>(&'a self, visit: &mut impl FnMut(&'a Self)) {
        match self {
            Self::Array(item) => visit(item),
            Self::Tuple(items) | Self::Intersection(items) => items.iter().for_each(visit),
            Self::Object(object) => {
                object.fields.iter().for_each(|field| visit(&field.ty));
                if let Some(rest) = &object.rest {
                    visit(&rest.ty);
                }
            }
            Self::Union(members) => members.iter().for_each(|member| visit(&member.ty)),
            Self::Never
            | Self::Json
            | Self::Open
            | Self::Null
            | Self::Bool
            | Self::Number(_)
            | Self::String(_)
            | Self::BigInt(_)
            | Self::Written(_)
            | Self::Literal(_)
            | Self::Ref(_) => {}
        }
    }

    /// Returns whether two types allow the same values; `same` decides on named types. Docs do not
    /// count.
    pub(super) fn same(&self, other: &Self, same: &impl Fn(&str, &str) -> bool) -> bool {
        let all = |a: &[Self], b: &[Self]| {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same(b, same))
        };
        match (self, other) {
            (Self::Ref(a), Self::Ref(b)) => same(a, b),
            (Self::Array(a), Self::Array(b)) => a.same(b, same),
            (Self::Tuple(a), Self::Tuple(b)) | (Self::Intersection(a), Self::Intersection(b)) => {
                all(a, b)
            }
            (Self::Union(a), Self::Union(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.ty.same(&b.ty, same))
            }
            (Self::Object(a), Self::Object(b)) => {
                let rest = match (&a.rest, &b.rest) {
                    (None, None) => true,
                    (Some(a), Some(b)) => a.numeric == b.numeric && a.ty.same(&b.ty, same),
                    _ => false,
                };
                let field = |(a, b): (&Field, &Field)| {
                    a.name == b.name && a.optional == b.optional && a.ty.same(&b.ty, same)
                };
                rest && a.fields.len() == b.fields.len()
                    && a.fields.iter().zip(&b.fields).all(field)
            }
            _ => self == other,
        }
    }

    /// The text literals that this type is made of, when it is made of nothing else.
    #[must_use]
    pub(super) fn text_literals(&self) -> Option<Vec<&str>> {
        match self {
            Self::Literal(Value::String(text)) => Some(vec![text]),
            Self::Union(members) => members
                .iter()
                .map(|member| match &member.ty {
                    Self::Literal(Value::String(text)) => Some(text.as_str()),
                    _ => None,
                })
                .collect(),
            _ => None,
        }
    }

    /// Returns whether [`Self::format`] describes that kind.
    #[must_use]
    pub(super) fn is_made_of(&self, kind: &impl Fn(&Self) -> bool) -> bool {
        match self {
            Self::Array(item) => item.is_made_of(kind),
            Self::Union(members) => members.iter().any(|member| member.ty.is_made_of(kind)),
            Self::Object(object) => object
                .rest
                .as_ref()
                .is_some_and(|rest| rest.ty.is_made_of(kind)),
            other => kind(other),
        }
    }

    /// The meaning of its texts and numbers, also inside lists and beside `null`.
    #[must_use]
    pub(super) fn format(&self) -> Option<&str> {
        match self {
            Self::Number(format) | Self::String(format) => format.as_deref(),
            Self::BigInt(format) => Some(format),
            Self::Array(item) => item.format(),
            Self::Object(Object {
                fields,
                rest: Some(rest),
            }) if fields.is_empty() => rest.ty.format(),
            Self::Union(members) => {
                let mut values = members.iter().filter(|member| member.ty != Self::Null);
                match (values.next(), values.next()) {
                    (Some(only), None) => only.ty.format(),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

fn push_once(members: &mut Vec<Member>, member: Member) {
    if !members.contains(&member) {
        members.push(member);
    }
}

impl From<Ty> for Member {
    fn from(ty: Ty) -> Self {
        Self {
            ty,
            docs: Docs::default(),
        }
    }
}
