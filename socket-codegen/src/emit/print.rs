//! [`Ty`] as TypeScript text.

use super::docs::Comment;
use super::ident::{property, string};
use super::names::{Direction, Names};
use super::ty::{Field, Member, Object, Rest, Ty};
use serde_json::Value;

/// No line that could be broken is longer.
pub(super) const WIDTH: usize = 100;

/// Prints the types of one direction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Printer<'a> {
    pub(super) names: &'a Names,
    pub(super) direction: Direction,
}

impl Printer<'_> {
    fn readonly(self) -> &'static str {
        match self.direction {
            Direction::Send => "",
            Direction::Receive => "readonly ",
        }
    }

    /// The text of a type that begins on a line of that indent. Where it needs lines of its own
    /// from the start, it begins with a line end.
    pub(super) fn ty(self, ty: &Ty, indent: usize) -> String {
        match ty {
            Ty::Never => "never".to_owned(),
            Ty::Json => "JsonValue".to_owned(),
            Ty::Open => "{}".to_owned(),
            Ty::Null => "null".to_owned(),
            Ty::Bool => "boolean".to_owned(),
            Ty::Number(_) => "number".to_owned(),
            Ty::String(_) => "string".to_owned(),
            Ty::BigInt(_) => "bigint".to_owned(),
            Ty::Written(text) => text.clone(),
            Ty::Literal(Value::String(text)) => string(text),
            Ty::Literal(value) => value.to_string(),
            Ty::Ref(key) => self.names.get(self.direction, key).to_owned(),
            Ty::Array(item) => {
                let mut text = self.operand(item, indent);
                if matches!(**item, Ty::Array(_) | Ty::Tuple(_)) && !self.readonly().is_empty() {
                    text = format!("({text})");
                }
                format!("{}{text}[]", self.readonly())
            }
            Ty::Tuple(items) => {
                let items: Vec<String> =
                    items.iter().map(|item| self.inline(item, indent)).collect();
                format!("{}[{}]", self.readonly(), items.join(", "))
            }
            Ty::Object(object) => self.object(object, indent),
            Ty::Union(members) => self.union(members, indent),
            Ty::Intersection(parts) => match self.telling(parts)[..] {
                [] => "socket.Empty".to_owned(),
                [only] => self.ty(only, indent),
                ref parts => {
                    let parts: Vec<String> = parts
                        .iter()
                        .map(|part| self.operand(part, indent))
                        .collect();
                    parts.join(" & ")
                }
            },
        }
    }

    /// The members of an intersection that say something. `Empty` denies all fields, so it must
    /// not stand beside others.
    fn telling(self, parts: &[Ty]) -> Vec<&Ty> {
        let empty = Ty::Object(Object::default());
        parts
            .iter()
            .filter(|part| *self.names.resolve(self.direction, part) != empty)
            .collect()
    }

    /// The type where only one operand can stand.
    fn operand(self, ty: &Ty, indent: usize) -> String {
        match ty {
            Ty::Union(_) => self.parenthesized(ty, indent),
            // Nothing is known of it, so that it may be a union too.
            Ty::Written(text) if !text.chars().all(|c| c.is_alphanumeric() || c == '_') => {
                self.parenthesized(ty, indent)
            }
            Ty::Intersection(parts) if self.telling(parts).len() > 1 => {
                self.parenthesized(ty, indent)
            }
            _ => self.ty(ty, indent),
        }
    }

    /// The type where it must not begin with a line end.
    fn inline(self, ty: &Ty, indent: usize) -> String {
        match ty {
            Ty::Union(_) if self.ty(ty, indent).starts_with('\n') => self.parenthesized(ty, indent),
            _ => self.ty(ty, indent),
        }
    }

    fn parenthesized(self, ty: &Ty, indent: usize) -> String {
        let text = self.ty(ty, indent);
        if text.starts_with('\n') {
            format!("({text}\n{})", " ".repeat(indent))
        } else {
            format!("({text})")
        }
    }

    pub(super) fn object(self, object: &Object, indent: usize) -> String {
        if object.fields.is_empty() && object.rest.is_none() {
            return "socket.Empty".to_owned();
        }
        format!(
            "{{\n{}{}}}",
            self.fields(object, indent + 2),
            " ".repeat(indent)
        )
    }

    /// The fields line by line.
    pub(super) fn fields(self, object: &Object, indent: usize) -> String {
        let mut lines: String = object
            .fields
            .iter()
            .map(|field| self.field(field, indent))
            .collect();
        if let Some(rest) = &object.rest {
            lines.push_str(&self.rest(rest, &object.fields, indent));
        }
        lines
    }

    fn field(self, field: &Field, indent: usize) -> String {
        let mark = if field.optional { "?" } else { "" };
        let head = format!("{}{}{mark}:", self.readonly(), property(&field.name));
        let comment = Comment::of_field(field).print(indent);
        comment + &self.entry(&head, &field.ty, indent)
    }

    /// `head: type;` with what it needs between.
    pub(super) fn entry(self, head: &str, ty: &Ty, indent: usize) -> String {
        let text = self.ty(ty, indent);
        let gap = if text.starts_with('\n') { "" } else { " " };
        format!("{}{head}{gap}{text};\n", " ".repeat(indent))
    }

    fn rest(self, rest: &Rest, fields: &[Field], indent: usize) -> String {
        let key = if rest.numeric {
            "`${number}`"
        } else {
            "string"
        };
        let head = format!("{}[key: {key}]:", self.readonly());
        if fields.is_empty() || rest.numeric {
            return self.entry(&head, &rest.ty, indent);
        }
        // Every field must fit the index signature: what is any JSON has to be `unknown` then,
        // since an interface does not fit the recursive type of JSON.
        let text = match &rest.ty {
            Ty::Json => "unknown".to_owned(),
            ty if fields.iter().any(|field| field.optional) => {
                let text = self.inline(ty, indent);
                format!("{text} | undefined")
            }
            ty => self.inline(ty, indent),
        };
        format!("{}{head} {text};\n", " ".repeat(indent))
    }

    fn union(self, members: &[Member], indent: usize) -> String {
        let plain = members.iter().all(|member| member.docs.is_empty());
        if plain {
            let texts: Vec<String> = members
                .iter()
                .map(|member| self.operand(&member.ty, indent))
                .collect();
            let line = texts.join(" | ");
            if !line.contains('\n') && indent + line.len() <= WIDTH - 20 {
                return line;
            }
        }
        let mut text = String::new();
        for member in members {
            let (docs, ty) = docs_inside(member);
            let comment = Comment::new(&docs).print(indent + 2);
            text.push('\n');
            text.push_str(&comment);
            let member = self.operand(&ty, indent + 4);
            text.push_str(&format!("{}| {member}", " ".repeat(indent + 2)));
        }
        text
    }
}

/// Docs of a variant belong where editors show them: on its tag, or on its only field.
fn docs_inside(member: &Member) -> (super::ty::Docs, std::borrow::Cow<'_, Ty>) {
    use std::borrow::Cow;
    if let Ty::Object(object) = &member.ty {
        let only = object.fields.len() == 1;
        let tag = object
            .fields
            .iter()
            .position(|field| only || matches!(field.ty, Ty::Literal(_)));
        if let Some(at) = tag.filter(|at| object.fields[*at].docs.is_empty()) {
            let mut object = object.clone();
            object.fields[at].docs = member.docs.clone();
            return (super::ty::Docs::default(), Cow::Owned(Ty::Object(object)));
        }
    }
    (member.docs.clone(), Cow::Borrowed(&member.ty))
}
