//! The rules in a JSON Schema: what a schema can say without refusing a value that the rule takes.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::Expr;

use super::{Bounds, Mode, Rule, Rules};

impl Rules {
    /// The `#[schemars(…)]` attributes that carry the rules into the schema.
    pub(crate) fn schema(&self) -> TokenStream {
        let keys = in_schema(&self.list);
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
