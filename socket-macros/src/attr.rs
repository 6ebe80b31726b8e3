//! Attributes: docs, deprecation, and the lists of keys that the derives take.

use proc_macro2::{Ident, Span, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Lit, LitStr, Meta, Token, Type, parenthesized};

use crate::errors::{Errors, mistake, options, suggest};
use crate::nearest::nearest;

/// The doc comment, each line without its leading space.
pub(crate) fn docs(attrs: &[Attribute]) -> String {
    let lines: Vec<String> = attrs
        .iter()
        .filter(|attr| attr.path().is_ident("doc"))
        .filter_map(|attr| match &attr.meta {
            Meta::NameValue(pair) => text_of(&pair.value),
            Meta::Path(_) | Meta::List(_) => None,
        })
        .flat_map(|text| {
            text.split('\n')
                .map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end().to_owned())
                .collect::<Vec<_>>()
        })
        .collect();
    lines.join("\n").trim().to_owned()
}

/// The note of `#[deprecated]`, empty where it has none.
pub(crate) fn deprecated(attrs: &[Attribute]) -> Option<String> {
    let attr = attrs
        .iter()
        .find(|attr| attr.path().is_ident("deprecated"))?;
    let mut note = String::new();
    match &attr.meta {
        Meta::Path(_) => {}
        Meta::NameValue(pair) => note = text_of(&pair.value).unwrap_or_default(),
        // rustc itself reports what is malformed here.
        Meta::List(_) => {
            let _ = attr.parse_nested_meta(|meta| {
                let value: LitStr = meta.value()?.parse()?;
                if meta.path.is_ident("note") {
                    note = value.value();
                }
                Ok(())
            });
        }
    }
    Some(note)
}

fn text_of(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Some(text.value()),
        _ => None,
    }
}

/// The attributes of that name.
pub(crate) fn named<'a>(
    attrs: &'a [Attribute],
    name: &'a str,
) -> impl Iterator<Item = &'a Attribute> {
    attrs.iter().filter(move |attr| attr.path().is_ident(name))
}

/// `true` if a word stands in the list of an attribute.
pub(crate) fn says(attr: &Attribute, word: &str) -> bool {
    attr.meta.require_list().is_ok_and(|list| {
        let mut tokens = list.tokens.clone().into_iter();
        tokens.any(|token| matches!(token, TokenTree::Ident(ident) if ident == word))
    })
}

/// The attributes that the generated item keeps.
pub(crate) fn kept(attrs: &[Attribute], names: &[&str]) -> Vec<Attribute> {
    let keeps = |attr: &&Attribute| names.iter().any(|name| attr.path().is_ident(name));
    attrs.iter().filter(keeps).cloned().collect()
}

/// The keys that an attribute takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Keys<'a> {
    /// As it is written: `command`.
    pub(crate) attribute: &'a str,
    pub(crate) known: &'a [&'a str],
    /// `true` if a key may come twice.
    pub(crate) repeat: bool,
}

impl Keys<'_> {
    /// Reads `#[command(key, key = value, key(…))]`: `each` parses what follows its key. Unknown
    /// and repeated keys are mistakes; what comes behind a mistake is still read.
    pub(crate) fn read(
        self,
        attrs: &[Attribute],
        errors: &mut Errors,
        mut each: impl FnMut(&Ident, ParseStream<'_>, &mut Errors) -> syn::Result<()>,
    ) {
        let Self {
            attribute, known, ..
        } = self;
        let mut seen = Vec::new();
        for attr in named(attrs, attribute) {
            if !matches!(attr.meta, Meta::List(_)) {
                errors.on(
                    attr,
                    format_args!("`#[{attribute}]` takes a list"),
                    format_args!("write `#[{attribute}(…)]`; {}", options(known)),
                );
                continue;
            }
            let read = attr.parse_args_with(|input: ParseStream<'_>| {
                self.read_list(input, &mut seen, errors, &mut each)
            });
            if let Err(error) = read {
                errors.push(error);
            }
        }
    }

    /// The same for what stands between the parentheses.
    pub(crate) fn read_list(
        self,
        input: ParseStream<'_>,
        seen: &mut Vec<String>,
        errors: &mut Errors,
        each: &mut dyn FnMut(&Ident, ParseStream<'_>, &mut Errors) -> syn::Result<()>,
    ) -> syn::Result<()> {
        while !input.is_empty() {
            let one = self.key(input, seen).and_then(|key| {
                if seen.last().is_some_and(|last| key == last) {
                    return each(&key, input, errors);
                }
                // The key that was probably meant is followed, so that what hangs on it is no
                // second mistake.
                if let Some(meant) = nearest(&key.to_string(), self.known.iter().copied()) {
                    let meant = Ident::new(meant, key.span());
                    let _ = each(&meant, &input.fork(), &mut Errors::default());
                }
                Err(self.unknown(&key))
            });
            if let Err(error) = one {
                errors.push(error);
                skip_to_comma(input)?;
            } else if input.peek(Token![=])
                && let Some(key) = seen.last()
            {
                errors.at(
                    input.span(),
                    format_args!("`{key}` takes no value"),
                    format_args!("write `{key}`, or leave it out"),
                );
                skip_to_comma(input)?;
            } else if !input.is_empty() && !input.peek(Token![,]) {
                errors.at(
                    input.span(),
                    "unexpected text behind a key",
                    format_args!("separate the keys of `{}(…)` by commas", self.attribute),
                );
                skip_to_comma(input)?;
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(())
    }

    fn unknown(self, key: &Ident) -> syn::Error {
        let (attribute, word) = (self.attribute, key.to_string());
        mistake(
            key.span(),
            format_args!("`{attribute}(…)` has no key `{word}`"),
            suggest(&word, self.known),
        )
    }

    /// The next key, which becomes the last one seen where it is known.
    fn key(self, input: ParseStream<'_>, seen: &mut Vec<String>) -> syn::Result<Ident> {
        let Self {
            attribute, known, ..
        } = self;
        let key = input.call(Ident::parse_any).map_err(|error| {
            mistake(
                error.span(),
                format_args!("`{attribute}(…)` takes keys"),
                options(known),
            )
        })?;
        let word = key.to_string();
        if !known.contains(&word.as_str()) {
            return Ok(key);
        }
        if seen.contains(&word) && !self.repeat {
            return Err(mistake(
                key.span(),
                format_args!("`{word}` is given twice"),
                "keep one of them",
            ));
        }
        seen.push(word);
        Ok(key)
    }
}

/// Skips what belongs to a key that could not be read, up to the comma behind it.
pub(crate) fn skip_to_comma(input: ParseStream<'_>) -> syn::Result<()> {
    let mut angles = 0_usize;
    while !input.is_empty() {
        if angles == 0 && input.peek(Token![,]) {
            return Ok(());
        }
        match input.parse::<TokenTree>()? {
            TokenTree::Punct(punct) if punct.as_char() == '<' => angles += 1,
            TokenTree::Punct(punct) if punct.as_char() == '>' => angles = angles.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

/// Parses `= VALUE` behind a key; `example` is what to write when that fails.
pub(crate) fn value<T: Parse>(
    key: &Ident,
    input: ParseStream<'_>,
    what: &str,
    example: &str,
) -> syn::Result<T> {
    let wrong = |span: Span| {
        mistake(
            span,
            format_args!("`{key}` takes {what}"),
            format_args!("write `{key} = {example}`"),
        )
    };
    if !input.peek(Token![=]) {
        return Err(wrong(key.span()));
    }
    input.parse::<Token![=]>()?;
    let fork = input.fork();
    match fork.parse::<T>() {
        Ok(_) => input.parse(),
        Err(_) if input.is_empty() => Err(wrong(key.span())),
        Err(_) => Err(wrong(input.span())),
    }
}

/// Parses `= "text"` behind a key.
pub(crate) fn text_value(
    key: &Ident,
    input: ParseStream<'_>,
    example: &str,
) -> syn::Result<LitStr> {
    value(key, input, "a string", &format!("{example:?}"))
}

/// Parses `("text", "text")` behind a key, or `= "text"` where it is `one`.
pub(crate) fn texts_value(
    key: &Ident,
    input: ParseStream<'_>,
    example: &str,
    one: bool,
) -> syn::Result<Vec<LitStr>> {
    if one && input.peek(Token![=]) {
        return Ok(vec![text_value(key, input, example)?]);
    }
    let wrong = || {
        mistake(
            key.span(),
            format_args!("`{key}` takes a list of strings"),
            if one {
                format!("write `{key} = {example:?}`, or `{key}({example:?}, …)`")
            } else {
                format!("write `{key}({example:?})`, with commas between several")
            },
        )
    };
    if !input.peek(syn::token::Paren) {
        return Err(wrong());
    }
    let content;
    parenthesized!(content in input);
    let texts = Punctuated::<LitStr, Token![,]>::parse_terminated(&content);
    // What is left would be a second message for the same mistake.
    content.parse::<proc_macro2::TokenStream>()?;
    let texts: Vec<LitStr> = texts.map_err(|_| wrong())?.into_iter().collect();
    if texts.is_empty() {
        return Err(wrong());
    }
    Ok(texts)
}

/// Parses `= Type` behind a key.
pub(crate) fn type_value(key: &Ident, input: ParseStream<'_>, example: &str) -> syn::Result<Type> {
    value(key, input, "a type", example)
}

/// Refuses serde's attributes where they would change the wire behind the derive's back.
pub(crate) fn refuse_serde(attrs: &[Attribute], place: &str, instead: &str, errors: &mut Errors) {
    for attr in named(attrs, "serde").chain(named(attrs, "schemars")) {
        let name = attr.path().get_ident().map(Ident::to_string);
        let name = name.unwrap_or_default();
        errors.on(
            attr,
            format_args!("`#[{name}(…)]` has no effect on {place}"),
            instead,
        );
    }
}
