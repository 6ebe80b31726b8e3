//! Compares whether values of one type fit where another type is required.

use std::collections::BTreeMap;

use crate::emit::ty::{Definition, Definitions, Field, Member, Object, Ty};

/// The types that ts-rs declares, by name.
pub(super) type Opinions = BTreeMap<String, Named>;

/// One declaration.
#[derive(Debug)]
pub(super) struct Named {
    /// The path of its Rust type.
    pub(super) rust: String,
    pub(super) ty: Ty,
}

/// Which way the values go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The server's messages, as received by a program that believes ts-rs.
    Receive,
    /// Messages from such a program.
    Send,
}

/// Where the two differ, and what each of them says there.
#[derive(Debug)]
pub(super) struct Difference {
    /// The fields on the way, outermost first.
    pub(super) path: Vec<String>,
    wire: String,
    said: String,
}

impl Difference {
    pub(super) fn says(&self, rust: &str, side: Side) -> String {
        let Self { path, wire, said } = self;
        let whole: String = path
            .iter()
            .map(|step| match step.starts_with('[') {
                true => step.clone(),
                false => format!(".{step}"),
            })
            .collect();
        let way = match side {
            Side::Receive => "received",
            Side::Send => "sent",
        };
        format!("`{rust}{whole}`, {way}: ts-rs says `{said}`, the wire says `{wire}`")
    }
}

/// Where what ts-rs says would let a program go wrong.
pub(super) fn differ(
    wire: &Ty,
    said: &Ty,
    side: Side,
    definitions: &Definitions,
    opinions: &Opinions,
) -> Vec<Difference> {
    let comparison = Comparison {
        side,
        definitions,
        opinions,
    };
    comparison.differ(wire, said, MOST_STEPS)
}

/// How deep is looked: a recursive type has no end.
const MOST_STEPS: usize = 24;

#[derive(Clone, Copy)]
struct Comparison<'a> {
    side: Side,
    definitions: &'a Definitions,
    opinions: &'a Opinions,
}

impl Comparison<'_> {
    fn differ(self, wire: &Ty, said: &Ty, left: usize) -> Vec<Difference> {
        let Some(left) = left.checked_sub(1) else {
            return Vec::new();
        };
        if let (Ty::Ref(wire), Ty::Ref(said)) = (wire, said) {
            let (wire, said) = (self.definitions.get(wire), self.opinions.get(said));
            let same = |wire: &Definition, said: &Named| wire.rust.as_ref() == Some(&said.rust);
            // Each type is judged by itself.
            if wire.zip(said).is_some_and(|(wire, said)| same(wire, said)) {
                return Vec::new();
            }
        }
        let wire = self.of_wire(wire);
        let said = match said {
            Ty::Ref(name) => self.opinions.get(name).map_or(said, |found| &found.ty),
            ty => ty,
        };
        let (wire, said) = (merged(wire, &|ty| self.of_wire(ty)), merged(said, &|ty| ty));
        let claims = |ty: &Ty| !matches!(ty, Ty::Json | Ty::Open | Ty::Written(_) | Ty::Ref(_));
        if !claims(&wire) || !claims(&said) {
            return Vec::new();
        }
        let here = || {
            vec![Difference {
                path: Vec::new(),
                wire: shown(&wire),
                said: shown(&said),
            }]
        };
        let (from, to) = match self.side {
            Side::Receive => (&wire, &said),
            Side::Send => (&said, &wire),
        };
        // Back from the way of the values to who said it.
        let inner = |from: &Ty, to: &Ty| match self.side {
            Side::Receive => self.differ(from, to, left),
            Side::Send => self.differ(to, from, left),
        };
        match (from, to) {
            (Ty::Union(members), to) => {
                let wrong = |member: &Member| !inner(&member.ty, to).is_empty();
                if members.iter().any(wrong) {
                    here()
                } else {
                    Vec::new()
                }
            }
            (from, Ty::Union(members)) => {
                let fits = |member: &Member| inner(from, &member.ty).is_empty();
                if members.iter().any(fits) {
                    Vec::new()
                } else {
                    here()
                }
            }
            (Ty::Array(from), Ty::Array(to)) => at("[]", inner(from, to)),
            (Ty::Tuple(from), Ty::Array(to)) => {
                let each = from.iter().enumerate();
                each.flat_map(|(index, from)| at(&format!("[{index}]"), inner(from, to)))
                    .collect()
            }
            (Ty::Tuple(from), Ty::Tuple(to)) if from.len() == to.len() => {
                let each = from.iter().zip(to).enumerate();
                each.flat_map(|(index, (from, to))| at(&format!("[{index}]"), inner(from, to)))
                    .collect()
            }
            (Ty::Object(from), Ty::Object(to)) => self.objects(from, to, &inner),
            // Which of its parts hold, only TypeScript can tell.
            (Ty::Intersection(_), _) | (_, Ty::Intersection(_)) => Vec::new(),
            _ if fits(from, to) => Vec::new(),
            _ => here(),
        }
    }

    fn objects(
        self,
        from: &Object,
        to: &Object,
        inner: &impl Fn(&Ty, &Ty) -> Vec<Difference>,
    ) -> Vec<Difference> {
        let differ = |name: &str, given: &str, asked: String| {
            let (wire, said) = match self.side {
                Side::Receive => (given.to_owned(), asked),
                Side::Send => (asked, given.to_owned()),
            };
            let path = vec![name.to_owned()];
            vec![Difference { path, wire, said }]
        };
        let field = |asked: &Field| {
            let name = &asked.name;
            match from.fields.iter().find(|field| field.name == *name) {
                None if asked.optional || from.rest.is_some() => Vec::new(),
                None => differ(name, "undefined", shown(&asked.ty)),
                Some(given) if given.optional && !asked.optional => {
                    let given = format!("{name}?: {}", shown(&given.ty));
                    differ(name, &given, format!("{name}: {}", shown(&asked.ty)))
                }
                Some(given) => at(name, inner(&given.ty, &asked.ty)),
            }
        };
        to.fields.iter().flat_map(field).collect()
    }

    fn of_wire<'t>(self, ty: &'t Ty) -> &'t Ty
    where
        Self: 't,
    {
        match ty {
            Ty::Ref(key) => self.definitions.get(key).map_or(ty, |found| &found.ty),
            ty => ty,
        }
    }
}

/// The differences, one step further in.
fn at(step: &str, mut differences: Vec<Difference>) -> Vec<Difference> {
    for difference in &mut differences {
        difference.path.insert(0, step.to_owned());
    }
    differences
}

/// Objects that hold at once, as one.
fn merged<'t>(ty: &'t Ty, resolve: &impl Fn(&'t Ty) -> &'t Ty) -> Ty {
    let Ty::Intersection(parts) = ty else {
        return ty.clone();
    };
    let mut whole = Object::default();
    for part in parts {
        let Ty::Object(part) = resolve(part) else {
            return ty.clone();
        };
        whole.fields.extend(part.fields.iter().cloned());
        whole.rest = whole.rest.take().or_else(|| part.rest.clone());
    }
    Ty::Object(whole)
}

/// Compares types other than lists and objects.
fn fits(from: &Ty, to: &Ty) -> bool {
    match (from, to) {
        (Ty::Never, _)
        | (Ty::Null, Ty::Null)
        | (Ty::Bool, Ty::Bool)
        | (Ty::Number(_), Ty::Number(_))
        | (Ty::String(_), Ty::String(_))
        | (Ty::BigInt(_), Ty::BigInt(_)) => true,
        (Ty::Literal(from), Ty::Literal(to)) => from == to,
        (Ty::Literal(value), Ty::String(_)) => value.is_string(),
        (Ty::Literal(value), Ty::Number(_)) => value.is_number(),
        (Ty::Literal(value), Ty::Bool) => value.is_boolean(),
        _ => false,
    }
}

/// A type in short.
fn shown(ty: &Ty) -> String {
    match ty {
        Ty::Never => "never".to_owned(),
        Ty::Json | Ty::Open => "unknown".to_owned(),
        Ty::Null => "null".to_owned(),
        Ty::Bool => "boolean".to_owned(),
        Ty::Number(_) => "number".to_owned(),
        Ty::String(_) => "string".to_owned(),
        Ty::BigInt(_) => "bigint".to_owned(),
        Ty::Written(text) | Ty::Ref(text) => text.clone(),
        Ty::Literal(value) => value.to_string(),
        Ty::Array(item) => format!("Array<{}>", shown(item)),
        Ty::Tuple(items) => {
            let items: Vec<String> = items.iter().map(shown).collect();
            format!("[{}]", items.join(", "))
        }
        Ty::Object(object) => {
            let mut fields: Vec<String> = object
                .fields
                .iter()
                .map(|field| {
                    let optional = if field.optional { "?" } else { "" };
                    format!("{}{optional}: {}", field.name, shown(&field.ty))
                })
                .collect();
            if let Some(rest) = &object.rest {
                fields.push(format!("[key: string]: {}", shown(&rest.own)));
            }
            match fields.is_empty() {
                true => "{}".to_owned(),
                false => format!("{{ {} }}", fields.join(", ")),
            }
        }
        Ty::Union(members) => {
            let members: Vec<String> = members.iter().map(|member| shown(&member.ty)).collect();
            members.join(" | ")
        }
        Ty::Intersection(parts) => {
            let parts: Vec<String> = parts.iter().map(shown).collect();
            parts.join(" & ")
        }
    }
}
