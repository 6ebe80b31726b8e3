//! The rules in a JSON Schema: what a schema can say without refusing a value that the rule takes.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::Expr;

use super::{Bounds, Mode, Rule, Rules};

impl Rules {
    /// The `#[schemars(…)]` attributes that carry the rules into the schema.
    pub(crate) fn schema(&self) -> TokenStream {
        let mut keys = in_schema(&self.list);
        let beyond = beyond_schema(&self.list, false);
        if !beyond.is_empty() {
            keys.push(quote!(extend("x-rules" = [#(#beyond),*])));
        }
        keys.extend(self.list.iter().find_map(|(_, rule)| simple_length(rule)));
        if keys.is_empty() {
            TokenStream::new()
        } else {
            quote!(#[schemars(#(#keys),*)])
        }
    }
}

/// schemars takes each key once; the first rule of a kind is carried.
fn in_schema(rules: &[(Span, Rule)]) -> Vec<TokenStream> {
    let mut seen = Vec::new();
    let mut keys = Vec::new();
    for (_, rule) in rules {
        if let Some((name, key)) = key(rule)
            && !seen.contains(&name)
        {
            seen.push(name);
            keys.push(key);
        }
    }
    keys
}

/// The rules that a schema cannot say, or not exactly, as texts: a change of one is seen by those who
/// compare two schemas.
fn beyond_schema(rules: &[(Span, Rule)], within: bool) -> Vec<String> {
    let text = |rule: &Rule| match rule {
        // [`simple_length`] says it better.
        Rule::Length(Mode::Simple, _) if !within => None,
        Rule::Length(mode, Bounds { min: Some(min), .. }) if !mode.exact(min) => {
            Some(format!("length(min = {})", quote!(#min)))
        }
        Rule::Pattern(regex) => Some(format!("pattern({:?})", regex.value())),
        Rule::Format(format) if format != "email" && format != "url" => Some(format.to_string()),
        Rule::Part(part, argument) => Some(format!("{part}({})", quote!(#argument))),
        Rule::Custom(function) => Some(format!("custom({})", quote!(#function))),
        Rule::Inner(rules) => {
            let inner = beyond_schema(rules, true);
            (!inner.is_empty()).then(|| format!("inner({})", inner.join(", ")))
        }
        Rule::Length(..) | Rule::Range(_) | Rule::Format(_) | Rule::Dive => None,
    };
    rules.iter().filter_map(|(_, rule)| text(rule)).collect()
}

/// A length whose unit the type decides, as a word that the description of the protocol replaces.
fn simple_length(rule: &Rule) -> Option<TokenStream> {
    let Rule::Length(Mode::Simple, Bounds { min, max }) = rule else {
        return None;
    };
    let min = min.as_ref().map(|min| quote!("min": #min,));
    let max = max.as_ref().map(|max| quote!("max": #max,));
    Some(quote!(extend("x-length" = { #min #max })))
}

impl Mode {
    /// `true` if the schema's minimum of characters or items is exactly the rule's.
    fn exact(self, min: &Expr) -> bool {
        let text = quote!(#min).to_string();
        self == Self::Chars || matches!(text.as_str(), "0" | "1")
    }
}

fn key(rule: &Rule) -> Option<(&'static str, TokenStream)> {
    match rule {
        Rule::Length(mode, bounds) => length(*mode, bounds).map(|key| ("length", key)),
        Rule::Range(Bounds { min, max }) => {
            let min = min.as_ref().map(|min| quote!(min = #min,));
            let max = max.as_ref().map(|max| quote!(max = #max));
            Some(("range", quote!(range(#min #max))))
        }
        Rule::Format(format) if format == "email" || format == "url" => {
            Some(("format", quote!(#format)))
        }
        Rule::Inner(rules) => {
            let keys = in_schema(rules);
            (!keys.is_empty()).then(|| ("inner", quote!(inner(#(#keys),*))))
        }
        // A schema's `pattern` is an ECMAScript one: the same text may mean something else there.
        Rule::Pattern(_) | Rule::Format(_) | Rule::Part(..) | Rule::Dive | Rule::Custom(_) => None,
    }
}

/// JSON Schema counts the characters of a text. A text of at most n bytes or UTF-16 units has at
/// most n characters; one of at least n bytes may have as few as n / 4, and of n units n / 2.
fn length(mode: Mode, Bounds { min, max }: &Bounds) -> Option<TokenStream> {
    let fewer = match mode {
        Mode::Chars => 1_usize,
        Mode::Utf16 => 2,
        Mode::Simple | Mode::Bytes => 4,
    };
    let min = min.as_ref().map(|min: &Expr| {
        if fewer == 1 {
            quote!(min = #min,)
        } else {
            quote!(min = ::core::primitive::usize::div_ceil(#min, #fewer),)
        }
    });
    let max = max.as_ref().map(|max| quote!(max = #max));
    (min.is_some() || max.is_some()).then(|| quote!(length(#min #max)))
}
