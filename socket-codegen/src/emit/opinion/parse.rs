//! From the text of a declaration, as ts-rs writes it, to a type. What is not understood is
//! [`Ty::Open`], of which nothing is claimed.

use serde_json::Value;

use crate::emit::ty::{Docs, Field, Member, Object, Rest, Ty};

/// The name and the type of `type Name = …;`. `None` for a generic one.
pub(super) fn declaration(text: &str) -> Option<(String, Ty)> {
    let mut parser = Parser {
        tokens: tokens(text),
        at: 0,
    };
    parser.take("export");
    if !parser.take("type") {
        return None;
    }
    let name = parser.next()?;
    if !parser.take("=") {
        return None;
    }
    let ty = parser.union();
    parser.take(";");
    // Left-over tokens mean that the text was not understood.
    let whole = parser.at == parser.tokens.len();
    Some((name, ty.filter(|_| whole).unwrap_or(Ty::Open)))
}

/// Words, texts with their quotes, and single signs; no comments.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if let Some(comment) = rest.strip_prefix("/*") {
            let end = comment.find("*/").map_or(rest.len(), |end| end + 4);
            rest = rest[end..].trim_start();
            continue;
        } else if first == '"' {
            text_length(rest)
        } else if is_word(first) {
            rest.find(|c| !is_word(c)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        tokens.push(rest[..length].to_owned());
        rest = rest[length..].trim_start();
    }
    tokens
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$' || c == '.' || c == '-'
}

/// The length of a text with its quotes.
fn text_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

struct Parser {
    tokens: Vec<String>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> Option<&str> {
        self.tokens.get(self.at).map(String::as_str)
    }

    fn next(&mut self) -> Option<String> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn take(&mut self, token: &str) -> bool {
        let is = self.peek() == Some(token);
        self.at += usize::from(is);
        is
    }

    fn union(&mut self) -> Option<Ty> {
        self.take("|");
        let mut members = vec![self.intersection()?];
        while self.take("|") {
            members.push(self.intersection()?);
        }
        let members = members.into_iter().map(|ty| Member {
            ty,
            docs: Docs::default(),
        });
        Some(Ty::union(members.collect()))
    }

    fn intersection(&mut self) -> Option<Ty> {
        let mut parts = vec![self.postfix()?];
        while self.take("&") {
            parts.push(self.postfix()?);
        }
        Some(if parts.len() == 1 {
            parts.remove(0)
        } else {
            Ty::Intersection(parts)
        })
    }

    fn postfix(&mut self) -> Option<Ty> {
        let mut ty = self.primary()?;
        while self.peek() == Some("[") && self.tokens.get(self.at + 1).is_some_and(|t| t == "]") {
            self.at += 2;
            ty = Ty::Array(Box::new(ty));
        }
        Some(ty)
    }

    fn primary(&mut self) -> Option<Ty> {
        let token = self.next()?;
        Some(match token.as_str() {
            "(" => {
                let ty = self.union()?;
                self.take(")").then_some(ty)?
            }
            "[" => Ty::Tuple(self.list("]")?),
            "{" => self.object()?,
            "string" => Ty::String(None),
            "number" => Ty::Number(None),
            "bigint" => Ty::BigInt(String::new()),
            "boolean" => Ty::Bool,
            "null" => Ty::Null,
            "never" => Ty::Never,
            "unknown" | "any" => Ty::Open,
            "true" | "false" => Ty::Literal(Value::Bool(token == "true")),
            "Array" if self.take("<") => Ty::Array(Box::new(self.one(">")?)),
            "Record" if self.take("<") => match &self.list(">")?[..] {
                [Ty::Ref(symbol), Ty::Never] if symbol == "symbol" => Ty::Object(Object::default()),
                _ => Ty::Open,
            },
            text if text.starts_with('"') => Ty::Literal(serde_json::from_str(text).ok()?),
            word if word.starts_with(|c: char| c.is_ascii_digit() || c == '-') => {
                Ty::Literal(serde_json::from_str(word).ok()?)
            }
            word if word.starts_with(is_word) => {
                if self.take("<") {
                    // A generic type of which nothing more is known here.
                    self.list(">")?;
                    Ty::Open
                } else {
                    Ty::Ref(word.to_owned())
                }
            }
            _ => return None,
        })
    }

    fn one(&mut self, end: &str) -> Option<Ty> {
        let ty = self.union()?;
        self.take(end).then_some(ty)
    }

    fn list(&mut self, end: &str) -> Option<Vec<Ty>> {
        let mut items = Vec::new();
        while !self.take(end) {
            items.push(self.union()?);
            self.take(",");
        }
        Some(items)
    }

    fn object(&mut self) -> Option<Ty> {
        let mut object = Object::default();
        while !self.take("}") {
            if self.take("[") {
                self.next()?;
                // `[key: string]`, or `[key in Keys]`.
                let open = self.take(":");
                if !open && !self.take("in") {
                    return None;
                }
                let keys = self.union()?;
                if !self.take("]") {
                    return None;
                }
                self.take("?");
                self.take(":").then_some(())?;
                let own = self.union()?;
                // Keys of a closed set would be fields, which only their type could tell.
                if !matches!(keys, Ty::String(_) | Ty::Number(_)) {
                    self.take(",");
                    self.object()?;
                    return Some(Ty::Open);
                }
                object.rest = Some(Box::new(Rest {
                    numeric: matches!(keys, Ty::Number(_)),
                    ty: own.clone(),
                    own,
                }));
            } else {
                let name = self.next()?;
                let name = if name.starts_with('"') {
                    serde_json::from_str(&name).ok()?
                } else {
                    name
                };
                let optional = self.take("?");
                self.take(":").then_some(())?;
                object.fields.push(Field {
                    name,
                    ty: self.union()?,
                    optional,
                    docs: Docs::default(),
                });
            }
            let _ = self.take(",") || self.take(";");
        }
        Some(Ty::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ts_rs_writes_is_understood() {
        let (name, ty) = declaration(
            "type Note = { /** A `}`. */ text: string, \"kind-of\"?: \"a\" | \"b\\\"\", \
             list: Array<[number, bigint | null]>, map: { [key in string]?: boolean }, } & Part;",
        )
        .unwrap();
        assert_eq!(name, "Note");
        let Ty::Intersection(parts) = ty else {
            panic!("{ty:?}")
        };
        assert_eq!(parts[1], Ty::Ref("Part".to_owned()));
        let Ty::Object(object) = &parts[0] else {
            panic!("{parts:?}")
        };
        let fields: Vec<(&str, bool)> = object
            .fields
            .iter()
            .map(|field| (&*field.name, field.optional))
            .collect();
        let expected = [
            ("text", false),
            ("kind-of", true),
            ("list", false),
            ("map", false),
        ];
        assert_eq!(fields, expected);
        assert!(matches!(&object.fields[3].ty, Ty::Object(map) if map.rest.is_some()));
    }

    #[test]
    fn what_is_not_understood_claims_nothing() {
        assert_eq!(declaration("type Page<T> = { items: Array<T> };"), None);
        for text in [
            "type A = (x: number) => void;",
            "type A = keyof B;",
            "type A = {",
        ] {
            let (_, ty) = declaration(text).unwrap();
            assert_eq!(ty, Ty::Open, "{text}");
        }
    }
}
