//! What the wire holds and schemars does not say: the policy for 64-bit integers, and marks in the
//! schema that `socket-protocol` turns into keywords when it describes a protocol.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote};
use syn::punctuated::Punctuated;
use syn::{Attribute, GenericArgument, LitStr, PathArguments, Token, Type, TypePath, parse_quote};

use crate::attr::{self, Keys};
use crate::errors::{Errors, mistake};
use crate::root::Root;
use crate::serde_names::{self, Container};

/// How integers of 64 bits and more cross the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Int {
    /// As numbers, which JavaScript rounds beyond 2^53.
    Number,
    /// As text, which is text in TypeScript too.
    Text,
    /// As text, which is `bigint` in TypeScript.
    Big,
}

const POLICIES: &str = "write `int = \"bigint\"` or `int = \"string\"` (exact: text on the wire, in \
                        TypeScript a `bigint` or the text), or `int = \"number\"` (up to 2^53)";

/// The names of the integers that JavaScript rounds.
const LARGE: &[&str] = &[
    "u64",
    "i64",
    "u128",
    "i128",
    "usize",
    "isize",
    "NonZeroU64",
    "NonZeroI64",
    "NonZeroU128",
    "NonZeroI128",
    "NonZeroUsize",
    "NonZeroIsize",
];
/// The types of the standard library that hold one.
const HOLD_LARGE: &[&str] = &["Duration", "SystemTime"];

impl Int {
    /// Reads `#[socket(int = "…")]`.
    pub(crate) fn read(attrs: &[Attribute], errors: &mut Errors) -> Option<(Self, Span)> {
        let mut found = None;
        let keys = Keys {
            attribute: "socket",
            known: &["int"],
            repeat: false,
        };
        keys.read(attrs, errors, |key, input, _| {
            let text = attr::text_value(key, input, "string")?;
            found = Some((Self::parse(&text)?, key.span()));
            Ok(())
        });
        found
    }

    /// What `int = "…"` says.
    pub(crate) fn parse(text: &LitStr) -> syn::Result<Self> {
        match text.value().as_str() {
            "number" => Ok(Self::Number),
            "string" => Ok(Self::Text),
            "bigint" => Ok(Self::Big),
            other => Err(mistake(
                text.span(),
                format_args!("there is no way `{other}` to carry integers"),
                POLICIES,
            )),
        }
    }

    fn concerns(name: &str) -> bool {
        LARGE.contains(&name) || HOLD_LARGE.contains(&name)
    }

    /// Whether the wire holds text.
    pub(crate) fn is_text(self) -> bool {
        self != Self::Number
    }
}

/// What the attributes of one field come to.
#[derive(Clone, Default)]
pub(crate) struct FieldWire {
    /// serde's attributes to add, for every build.
    pub(crate) serde: Vec<Attribute>,
    /// schemars' attributes to add, for builds that describe themselves.
    pub(crate) schemars: Vec<Attribute>,
    /// Whether it is an integer that is written as text.
    pub(crate) text: bool,
}

/// Reads a field. `inherited` is the policy of its type, `generics` the names of its parameters.
pub(crate) fn field(
    attrs: &[Attribute],
    ty: &Type,
    inherited: Option<Int>,
    generics: &[String],
    root: &Root,
    errors: &mut Errors,
) -> FieldWire {
    let mut wire = FieldWire::default();
    let own = Int::read(attrs, errors);
    let by_hand = serde_names::has_key(attrs, |key| key.ends_with("with"));
    if let (Some((_, span)), true) = (own, by_hand) {
        errors.at(
            span,
            "`int` and `with` both say how the field is written",
            "keep one of them",
        );
    }
    let undeclared = serde_names::value_of(attrs, "with").is_some()
        && !serde_names::in_schemars(attrs, &["with", "schema_with", "skip"]);
    if undeclared {
        errors.on(
            ty,
            "serde's `with` says how this is written, and nothing says what that looks like",
            "write `#[schemars(with = \"String\")]` beside it, with the type that it is written as",
        );
    }
    let int = own.map(|(int, _)| int).or(inherited).filter(|_| !by_hand);
    let mut shown = ty.clone();
    let mut substitute = Substitute {
        int,
        root,
        integers: false,
        keys: false,
    };
    substitute.visit(&mut shown);
    let Substitute { integers, keys, .. } = substitute;
    if let (Some((_, span)), false, false) = (own, integers, by_hand) {
        errors.at(
            span,
            "`int` has no effect: the field's type names no integer of 64 bits or more",
            "put it on the field that holds one, or above the type of this field",
        );
    }
    if (integers || keys) && !by_hand {
        let shown = shown.to_token_stream().to_string();
        wire.schemars.push(parse_quote!(#[schemars(with = #shown)]));
    }
    let text = integers && int.is_some_and(Int::is_text);
    if text && !reaches(ty) {
        errors.on(
            ty,
            "integers become text alone, in options, lists, sets and boxes and as values of maps, not in here",
            "write a struct with `#[payload]` and `#[socket(int = \"string\")]` for what stands here",
        );
    } else if text {
        let with = root.literal("int::text");
        wire.serde.push(parse_quote!(#[serde(with = #with)]));
        let default = serde_names::has_key(attrs, |key| key == "default");
        // `with` takes from an option that it may be missing.
        if is_option(ty) && !default {
            wire.serde.push(parse_quote!(#[serde(default)]));
        }
        // schemars would write the default by serde's traits under names that need not be there.
        if is_option(ty) || default {
            wire.schemars.push(parse_quote!(#[schemars(!default)]));
            wire.schemars.push(may_be_missing());
        }
        wire.text = true;
    }
    wire.schemars.extend(deprecation(attrs));
    if never_null(attrs, ty, generics) {
        wire.schemars
            .push(parse_quote!(#[schemars(extend("x-never-null" = true))]));
    }
    wire
}

/// What `#[ts(…)]` on a field says, as schemars' attributes.
pub(crate) fn typescript(attrs: &[Attribute], errors: &mut Errors) -> Vec<Attribute> {
    let mut found = Vec::new();
    let keys = Keys {
        attribute: "ts",
        known: &["type", "as"],
        repeat: false,
    };
    keys.read(attrs, errors, |key, input, _| {
        if key == "type" {
            let text = attr::text_value(key, input, "Date")?;
            found.push(parse_quote!(#[schemars(extend("x-ts" = #text))]));
        } else {
            let text = attr::text_value(key, input, "String")?;
            found.push(parse_quote!(#[schemars(with = #text)]));
        }
        Ok(())
    });
    found
}

/// What `#[ts(…)]` above a type says: its name, and schemars' attributes.
pub(crate) fn typescript_of_type(
    attrs: &[Attribute],
    errors: &mut Errors,
) -> (Option<LitStr>, Option<Attribute>) {
    let (mut name, mut written) = (None, None);
    let keys = Keys {
        attribute: "ts",
        known: &["type", "rename"],
        repeat: false,
    };
    keys.read(attrs, errors, |key, input, _| {
        if key == "type" {
            let text = attr::text_value(key, input, "string")?;
            written = Some(parse_quote!(#[schemars(extend("x-ts" = #text))]));
        } else {
            name = Some(attr::text_value(key, input, "Name")?);
        }
        Ok(())
    });
    (name, written)
}

/// The mark that carries the note of `#[deprecated]`, which schemars drops.
pub(crate) fn deprecation(attrs: &[Attribute]) -> Option<Attribute> {
    let note = attr::deprecated(attrs).filter(|note| !note.is_empty())?;
    Some(parse_quote!(#[schemars(extend("x-deprecated" = #note))]))
}

/// The mark of a field with a default that schemars must not see.
pub(crate) fn may_be_missing() -> Attribute {
    parse_quote!(#[schemars(extend("x-may-be-missing" = true))])
}

/// The mark of a struct with `#[serde(tag = "…")]`, which schemars does not see.
pub(crate) fn struct_tag(attrs: &[Attribute], ident: &str) -> Option<Attribute> {
    let tag = Container::read(attrs).tag?;
    let name = serde_names::written(attrs).unwrap_or_else(|| ident.to_owned());
    let key = format!("x-tag {tag}");
    Some(parse_quote!(#[schemars(extend(#key = #name))]))
}

/// The mark of a variant whose content serde takes for `null` where it is missing.
pub(crate) fn optional_content(container: &Container, variant: &syn::Variant) -> Option<Attribute> {
    let (Some(_), Some(content)) = (&container.tag, &container.content) else {
        return None;
    };
    let missing = match &variant.fields {
        syn::Fields::Unit => true,
        syn::Fields::Unnamed(fields) => {
            fields.unnamed.len() == 1 && is_option(&fields.unnamed[0].ty)
        }
        syn::Fields::Named(_) => false,
    };
    let own = serde_names::has_key(&variant.attrs, |key| {
        key.ends_with("with") || key.starts_with("skip") || key == "untagged" || key == "other"
    });
    (missing && !own).then(|| parse_quote!(#[schemars(extend("x-optional-content" = #content))]))
}

fn last(ty: &Type) -> Option<&syn::PathSegment> {
    match ty {
        Type::Path(TypePath {
            qself: None, path, ..
        }) => path.segments.last(),
        _ => None,
    }
}

fn first_argument(segment: &syn::PathSegment) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

fn is_option(ty: &Type) -> bool {
    last(ty).is_some_and(|segment| segment.ident == "Option")
}

/// Whether the integers of a type can become text where they are.
fn reaches(ty: &Type) -> bool {
    match ty {
        Type::Array(array) => return reaches(&array.elem),
        Type::Paren(inner) => return reaches(&inner.elem),
        Type::Group(inner) => return reaches(&inner.elem),
        _ => {}
    }
    let Some(segment) = last(ty) else {
        return false;
    };
    let name = segment.ident.to_string();
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return Int::concerns(&name);
    };
    let at = match name.as_str() {
        "Option" | "Vec" | "VecDeque" | "BTreeSet" | "HashSet" | "Box" | "Rc" | "Arc" => 0,
        "HashMap" | "BTreeMap" => 1,
        _ => return false,
    };
    matches!(arguments.args.iter().nth(at), Some(GenericArgument::Type(inner)) if reaches(inner))
}

/// Whether a field that is left out when it is `None` holds nothing else that is written as `null`,
/// as far as its type says.
fn never_null(attrs: &[Attribute], ty: &Type, generics: &[String]) -> bool {
    let skipped = serde_names::value_of(attrs, "skip_serializing_if")
        .is_some_and(|path| path.replace(' ', "").ends_with("Option::is_none"));
    let Some(inner) = last(ty)
        .filter(|segment| segment.ident == "Option")
        .and_then(first_argument)
    else {
        return false;
    };
    let own_null = match inner {
        Type::Tuple(tuple) => tuple.elems.is_empty(),
        inner => last(inner).is_none_or(|segment| {
            let name = segment.ident.to_string();
            name == "Option" || name == "Value" || generics.contains(&name)
        }),
    };
    skipped && !own_null
}

/// The field's type as its schema is to see it: integers by their policy, and `bool` as a key of a
/// map, which serde writes as text.
struct Substitute<'a> {
    int: Option<Int>,
    root: &'a Root,
    integers: bool,
    keys: bool,
}

impl Substitute<'_> {
    fn visit(&mut self, ty: &mut Type) {
        let private = self.root.private();
        let name = last(ty).map(|segment| segment.ident.to_string());
        let name = name.unwrap_or_default();
        if let Some(int) = self.int.filter(|_| Int::concerns(&name)) {
            self.integers = true;
            let shown: TokenStream = match int {
                Int::Number => quote!(#private::int::Number<#ty>),
                Int::Text => quote!(#private::int::Text<#ty>),
                Int::Big => quote!(#private::int::BigInt<#ty>),
            };
            *ty = parse_quote!(#shown);
            return;
        }
        match ty {
            Type::Path(path) => {
                for segment in &mut path.path.segments {
                    if let PathArguments::AngleBracketed(arguments) = &mut segment.arguments {
                        self.arguments(name.ends_with("Map"), &mut arguments.args);
                    }
                }
            }
            Type::Tuple(tuple) => tuple.elems.iter_mut().for_each(|ty| self.visit(ty)),
            Type::Array(array) => self.visit(&mut array.elem),
            Type::Paren(inner) => self.visit(&mut inner.elem),
            Type::Group(inner) => self.visit(&mut inner.elem),
            _ => {}
        }
    }

    /// The keys of a map are text whatever they are.
    fn arguments(&mut self, map: bool, arguments: &mut Punctuated<GenericArgument, Token![,]>) {
        let private = self.root.private();
        for (at, argument) in arguments.iter_mut().enumerate() {
            match argument {
                GenericArgument::Type(key) if map && at == 0 => {
                    let is_bool = last(key).is_some_and(|segment| segment.ident == "bool");
                    if is_bool {
                        self.keys = true;
                        *key = parse_quote!(#private::int::BoolKey);
                    }
                }
                GenericArgument::Type(ty) => self.visit(ty),
                _ => {}
            }
        }
    }
}
