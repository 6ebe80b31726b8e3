//! Which integers a field's type names, and whether they can be written as text where they stand.

use proc_macro2::TokenTree;
use quote::{ToTokens as _, format_ident};
use syn::punctuated::Punctuated;
use syn::{GenericArgument, PathArguments, Token, Type, TypePath, parse_quote};

use crate::root::Root;

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
/// Types that may stand beside them in tuples.
const PLAIN: &[&str] = &[
    "bool", "char", "String", "u8", "u16", "u32", "i8", "i16", "i32", "f32", "f64",
];

/// How sure a name must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Somebody said that there are integers: `Duration` is that of the standard library.
    Named,
    /// Nobody said so: a `Duration` may be anybody's.
    Certain,
}

fn concerns(name: &str) -> bool {
    LARGE.contains(&name) || HOLD_LARGE.contains(&name)
}

pub(super) fn last(ty: &Type) -> Option<&syn::PathSegment> {
    match ty {
        Type::Path(TypePath {
            qself: None, path, ..
        }) => path.segments.last(),
        _ => None,
    }
}

/// The types between the angle brackets; none where there are no brackets.
pub(super) fn arguments(segment: &syn::PathSegment) -> impl Iterator<Item = &Type> {
    let arguments = match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        PathArguments::None | PathArguments::Parenthesized(_) => None,
    };
    arguments
        .into_iter()
        .flatten()
        .filter_map(|argument| match argument {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        })
}

/// `true` if a type names one of these parameters.
pub(super) fn names(ty: &Type, generics: &[String]) -> bool {
    fn any(tokens: proc_macro2::TokenStream, generics: &[String]) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(ident) => generics.contains(&ident.to_string()),
            TokenTree::Group(group) => any(group.stream(), generics),
            _ => false,
        })
    }
    !generics.is_empty() && any(ty.to_token_stream(), generics)
}

/// `Some(true)` if a type holds such integers and all of them can become text, `Some(false)` if it
/// holds none and may stand beside them.
pub(super) fn of(ty: &Type, sure: Reach) -> Option<bool> {
    match ty {
        Type::Array(array) => return of(&array.elem, sure),
        Type::Paren(inner) => return of(&inner.elem, sure),
        Type::Group(inner) => return of(&inner.elem, sure),
        Type::Tuple(tuple) => {
            let parts: Option<Vec<bool>> = tuple.elems.iter().map(|ty| of(ty, sure)).collect();
            return parts.map(|parts| parts.contains(&true));
        }
        _ => {}
    }
    let segment = last(ty)?;
    let name = segment.ident.to_string();
    if !matches!(segment.arguments, PathArguments::AngleBracketed(_)) {
        return if LARGE.contains(&name.as_str()) {
            Some(true)
        } else if HOLD_LARGE.contains(&name.as_str()) {
            (sure == Reach::Named || is_of_std(ty)).then_some(true)
        } else {
            PLAIN.contains(&name.as_str()).then_some(false)
        };
    }
    let types: Vec<&Type> = arguments(segment).collect();
    match (name.as_str(), &types[..]) {
        ("Option" | "Vec" | "VecDeque" | "BTreeSet" | "Box" | "Rc" | "Arc", [inner])
        | ("HashSet", [inner, ..])
        | ("HashMap" | "BTreeMap", [_, inner, ..]) => of(inner, sure),
        ("Result", [value, error]) => Some(of(value, sure)? | of(error, sure)?),
        _ => None,
    }
}

fn is_of_std(ty: &Type) -> bool {
    let Type::Path(path) = ty else {
        return false;
    };
    let first = path.path.segments.first();
    path.path.segments.len() > 1
        && first.is_some_and(|first| first.ident == "std" || first.ident == "core")
}

/// The field's type as its schema is to see it: integers by their policy, and `bool` as a key of a
/// map, which serde writes as text.
pub(super) struct Substitute<'a> {
    /// The carrier that replaces an integer, one of `socket_protocol::int`.
    pub(super) carrier: Option<&'static str>,
    pub(super) root: &'a Root,
    /// `true` if there was one.
    pub(super) integers: bool,
    /// `true` if there was such a key.
    pub(super) keys: bool,
}

impl Substitute<'_> {
    pub(super) fn visit(&mut self, ty: &mut Type) {
        let private = self.root.private();
        let name = last(ty).map(|segment| segment.ident.to_string());
        let name = name.unwrap_or_default();
        if let Some(carrier) = self.carrier.filter(|_| concerns(&name)) {
            self.integers = true;
            let carrier = format_ident!("{carrier}");
            *ty = parse_quote!(#private::int::#carrier<#ty>);
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
