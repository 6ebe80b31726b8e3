//! Where the `bigint`s stand in what is received, and the table that tells the client.
//!
//! A value that is sent needs no codec: a `bigint` is its digits wherever it stands.

mod print;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

pub(super) use print::constants;

use super::model::Model;
use super::names::Direction;
use super::ty::{Definitions, Field, Object, Ty};

/// How the text of integers in a value becomes `bigint`: the functions of `client/src/bigint.ts`.
#[derive(Debug, Clone, PartialEq)]
enum Revive {
    /// It is one, or `null`.
    Int,
    /// It is one where it is text of digits.
    Mixed,
    /// As the named type of that key.
    Named(String),
    /// Each item of a list.
    List(Box<Self>),
    /// The items of a list, each in its place.
    Tuple(Vec<Option<Self>>),
    /// Fields, and what all others hold.
    Fields(Vec<(String, Option<Self>)>, Option<Box<Self>>),
    /// The forms of a union, by the value of a field.
    Tagged(String, Vec<(String, Self)>),
    /// All of these.
    All(Vec<Self>),
    /// The wire does not say what is one.
    Ambiguous,
}

/// The named types that hold such an integer, by their keys.
pub(super) type Holding = BTreeSet<String>;

pub(super) fn holding(definitions: &Definitions) -> Holding {
    let mut holding = Holding::new();
    loop {
        let reader = Reader {
            definitions,
            holding: &holding,
        };
        let found = definitions.iter().find(|(key, definition)| {
            !holding.contains(key.as_str()) && reader.holds(&definition.ty)
        });
        match found {
            Some((key, _)) => holding.insert(key.clone()),
            None => return holding,
        };
    }
}

/// Reads the types of one direction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) definitions: &'a Definitions,
    pub(super) holding: &'a Holding,
}

impl Reader<'_> {
    /// Returns whether the type contains one.
    pub(super) fn holds(&self, ty: &Ty) -> bool {
        match ty {
            Ty::BigInt(_) => true,
            Ty::Ref(key) => self.holding.contains(key.as_str()),
            _ => {
                let mut found = false;
                ty.children(&mut |child| found |= self.holds(child));
                found
            }
        }
    }

    /// Returns whether the wire leaves open which form of this union or intersection it holds, so
    /// that its integers cannot be identified.
    pub(super) fn is_ambiguous(&self, ty: &Ty) -> bool {
        let several = matches!(ty, Ty::Union(_) | Ty::Intersection(_));
        several && self.holds(ty) && self.revive(ty) == Some(Revive::Ambiguous)
    }

    fn revive(&self, ty: &Ty) -> Option<Revive> {
        if !self.holds(ty) {
            return None;
        }
        match ty {
            Ty::BigInt(_) => Some(Revive::Int),
            Ty::Ref(key) => Some(Revive::Named(key.clone())),
            Ty::Array(item) => Some(Revive::List(Box::new(self.revive(item)?))),
            Ty::Tuple(items) => Some(Revive::Tuple(
                items.iter().map(|item| self.revive(item)).collect(),
            )),
            Ty::Object(object) => self.object(object),
            Ty::Union(_) => Some(self.union(ty)),
            Ty::Intersection(parts) => {
                let mut all: Vec<Revive> =
                    parts.iter().filter_map(|part| self.revive(part)).collect();
                // The entries of a map would take in the fields of other parts.
                let map = |part: &Ty| matches!(self.resolve(part), Ty::Object(Object { rest: Some(rest), .. }) if self.holds(&rest.own));
                if parts.iter().any(map) {
                    Some(Revive::Ambiguous)
                } else if all.len() == 1 {
                    all.pop()
                } else {
                    Some(Revive::All(all))
                }
            }
            _ => None,
        }
    }

    /// The errors of a command, by their code always: the protocol's own have other data.
    fn errors(&self, ty: &Ty) -> Option<Revive> {
        let mut forms = Vec::new();
        self.forms(ty, 1, &mut forms);
        let named = forms.into_iter().filter_map(|form| {
            let code = (*self.tags(form).get("code")?).to_owned();
            Some((code, self.revive(form)?))
        });
        let named: Vec<(String, Revive)> = named.collect();
        (!named.is_empty()).then(|| Revive::Tagged("code".to_owned(), named))
    }

    fn object(&self, object: &Object) -> Option<Revive> {
        let others = object.rest.as_ref().and_then(|rest| self.revive(&rest.own));
        let mut named: Vec<(String, Option<Revive>)> = object
            .fields
            .iter()
            .map(|field| (field.name.clone(), self.revive(&field.ty)))
            .collect();
        if others.is_none() {
            named.retain(|(_, revive)| revive.is_some());
        }
        let some = others.is_some() || !named.is_empty();
        some.then(|| Revive::Fields(named, others.map(Box::new)))
    }

    fn resolve<'t>(&'t self, mut ty: &'t Ty) -> &'t Ty {
        // A name may stand for another name, but a chain of them ends.
        for _ in 0..=self.definitions.len() {
            match ty {
                Ty::Ref(key) => match self.definitions.get(key) {
                    Some(definition) => ty = &definition.ty,
                    None => break,
                },
                _ => break,
            }
        }
        ty
    }

    /// The forms of a union that are no unions themselves.
    fn forms<'t>(&'t self, ty: &'t Ty, left: usize, found: &mut Vec<&'t Ty>) {
        match self.resolve(ty) {
            Ty::Union(members) if left > 0 => {
                for member in members {
                    self.forms(&member.ty, left - 1, found);
                }
            }
            _ => found.push(ty),
        }
    }

    fn union(&self, ty: &Ty) -> Revive {
        let mut forms = Vec::new();
        self.forms(ty, self.definitions.len() + 1, &mut forms);
        let (mut ints, mut texts, mut lists, mut objects) = (false, false, Vec::new(), Vec::new());
        let mut others = false;
        for form in forms {
            match self.resolve(form) {
                Ty::BigInt(_) => ints = true,
                Ty::Literal(Value::String(text)) => {
                    texts |= text
                        .bytes()
                        .all(|byte| byte.is_ascii_digit() || byte == b'-');
                    others = true;
                }
                Ty::String(_) => texts = true,
                Ty::Json | Ty::Open | Ty::Union(_) => return Revive::Ambiguous,
                Ty::Array(_) | Ty::Tuple(_) => lists.push(form),
                Ty::Object(_) | Ty::Intersection(_) => objects.push(form),
                Ty::Null => {}
                _ => others = true,
            }
        }
        if ints && texts {
            return Revive::Ambiguous;
        }
        let mixed = others || !lists.is_empty() || !objects.is_empty();
        let ints = ints.then_some(if mixed { Revive::Mixed } else { Revive::Int });
        let mut all: Vec<Revive> = ints.into_iter().collect();
        let same = |forms: &[&Ty]| {
            let first = forms.first().map(|form| self.revive(form));
            let same = forms.iter().all(|form| Some(self.revive(form)) == first);
            same.then(|| first.flatten())
        };
        match same(&lists) {
            Some(list) => all.extend(list),
            None => return Revive::Ambiguous,
        }
        match same(&objects)
            .or_else(|| self.tagged(&objects).map(Some))
            .or_else(|| self.merged(&objects).map(Some))
        {
            Some(object) => all.extend(object),
            None => return Revive::Ambiguous,
        }
        match all.len() {
            1 => all.remove(0),
            _ => Revive::All(all),
        }
    }

    /// By a field that holds another text in each.
    fn tagged(&self, forms: &[&Ty]) -> Option<Revive> {
        let tags: Vec<BTreeMap<&str, &str>> = forms.iter().map(|form| self.tags(form)).collect();
        let tells = |name: &&&str| {
            let values: BTreeSet<&str> = tags
                .iter()
                .filter_map(|tags| tags.get(**name).copied())
                .collect();
            values.len() == forms.len()
        };
        let tag = *tags.first()?.keys().find(tells)?;
        let named = forms.iter().zip(&tags).filter_map(|(form, tags)| {
            let value = (*tags.get(tag)?).to_owned();
            Some((value, self.revive(form)?))
        });
        Some(Revive::Tagged(tag.to_owned(), named.collect()))
    }

    /// The fields that hold one text, by name.
    fn tags<'t>(&'t self, form: &'t Ty) -> BTreeMap<&'t str, &'t str> {
        match self.resolve(form) {
            Ty::Object(object) => object
                .fields
                .iter()
                .filter_map(|field| match &field.ty {
                    Ty::Literal(Value::String(text)) if !field.optional => {
                        Some((field.name.as_str(), text.as_str()))
                    }
                    _ => None,
                })
                .collect(),
            Ty::Intersection(parts) => parts.iter().flat_map(|part| self.tags(part)).collect(),
            _ => BTreeMap::new(),
        }
    }

    /// As one object, where no field is an integer in one form and something else in another.
    fn merged(&self, forms: &[&Ty]) -> Option<Revive> {
        let mut named: Vec<(String, Option<Revive>)> = Vec::new();
        for form in forms {
            for field in self.fields(form)? {
                let revive = self.revive(&field.ty);
                match named.iter().find(|(name, _)| *name == field.name) {
                    Some((_, known)) if *known != revive => return None,
                    Some(_) => {}
                    None => named.push((field.name.clone(), revive)),
                }
            }
        }
        named.retain(|(_, revive)| revive.is_some());
        Some(Revive::Fields(named, None))
    }

    /// All fields; none where there may be others.
    fn fields<'t>(&'t self, form: &'t Ty) -> Option<Vec<&'t Field>> {
        match self.resolve(form) {
            Ty::Object(Object { fields, rest: None }) => Some(fields.iter().collect()),
            Ty::Intersection(parts) => {
                let fields: Option<Vec<Vec<&Field>>> =
                    parts.iter().map(|part| self.fields(part)).collect();
                Some(fields?.concat())
            }
            _ => None,
        }
    }
}

/// Returns whether a message of the protocol contains such an integer, in either direction.
pub(super) fn is_needed(model: &Model<'_>) -> bool {
    let of = |direction| model.names.definitions(direction);
    let (sent, received) = (
        holding(of(Direction::Send)),
        holding(of(Direction::Receive)),
    );
    let send = Reader {
        definitions: of(Direction::Send),
        holding: &sent,
    };
    let receive = Reader {
        definitions: of(Direction::Receive),
        holding: &received,
    };
    let commands = model.commands.iter().any(|command| {
        let received = [&command.reply, &command.item, &command.errors];
        command.param.iter().any(|ty| send.holds(ty))
            || received.into_iter().flatten().any(|ty| receive.holds(ty))
    });
    commands || model.events.iter().flatten().any(|ty| receive.holds(ty))
}
