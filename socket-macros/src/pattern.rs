//! Channel patterns such as `room:{room}`, as the derive reads them.

use proc_macro2::TokenStream;
use quote::quote;
use syn::LitStr;

use crate::errors::Errors;

/// A pattern in its pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    pub(crate) segments: Vec<Segment>,
}

/// One piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Segment {
    Literal(String),
    Param(String),
    Rest(String),
}

impl Pattern {
    /// Reads the text; `None` when its mistakes leave nothing to go on with.
    pub(crate) fn read(literal: &LitStr, errors: &mut Errors) -> Option<Self> {
        let text = literal.value();
        let mut segments = Vec::new();
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let (before, behind) = rest.split_at(rest.find('{').unwrap_or(rest.len()));
            if !before.is_empty() {
                segments.push(Segment::Literal(before.to_owned()));
            }
            let Some(behind) = behind.strip_prefix('{') else {
                break;
            };
            let Some((name, behind)) = behind.split_once('}') else {
                errors.on(
                    literal,
                    format_args!("the pattern `{text}` has a `{{` without its `}}`"),
                    "write a parameter as `{name}`",
                );
                return None;
            };
            segments.push(match name.strip_prefix('*') {
                Some(name) => Segment::Rest(name.to_owned()),
                None => Segment::Param(name.to_owned()),
            });
            rest = behind;
        }
        let pattern = Self { segments };
        pattern.check(literal, errors).then_some(pattern)
    }

    fn check(&self, literal: &LitStr, errors: &mut Errors) -> bool {
        let before = errors.count();
        if self.segments.is_empty() {
            errors.on(
                literal,
                "the pattern is empty",
                "write how the names of these channels are made, such as \"room:{room}\"",
            );
        }
        for (i, segment) in self.segments.iter().enumerate() {
            let follows_param = i > 0 && !matches!(self.segments[i - 1], Segment::Literal(_));
            match segment {
                Segment::Literal(text) => check_literal(text, i, follows_param, literal, errors),
                Segment::Param(name) | Segment::Rest(name) => {
                    if syn::parse_str::<syn::Ident>(name).is_err() {
                        errors.on(
                            literal,
                            format_args!("`{{{name}}}` is not a parameter"),
                            "name a field of the variant between the braces: `{room}`",
                        );
                    }
                    if follows_param {
                        errors.on(
                            literal,
                            format_args!(
                                "`{{{name}}}` follows another parameter without a delimiter"
                            ),
                            "put a delimiter between them, such as `{room}:{seat}`",
                        );
                    }
                    if matches!(segment, Segment::Rest(_)) && i + 1 < self.segments.len() {
                        errors.on(
                            literal,
                            format_args!(
                                "`{{*{name}}}` takes the rest of the name, but something follows it"
                            ),
                            format_args!("put it last, or write `{{{name}}}`"),
                        );
                    }
                }
            }
        }
        errors.count() == before
    }

    /// The names of its parameters in order.
    pub(crate) fn params(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Literal(_) => None,
            Segment::Param(name) | Segment::Rest(name) => Some(name.as_str()),
        })
    }

    /// The same whatever the parameters are called.
    pub(crate) fn anonymous(&self) -> Self {
        let segments = self.segments.iter().map(|segment| match segment {
            Segment::Literal(text) => Segment::Literal(text.clone()),
            Segment::Param(_) => Segment::Param(String::new()),
            Segment::Rest(_) => Segment::Rest(String::new()),
        });
        Self {
            segments: segments.collect(),
        }
    }

    /// The characters of its literals that are neither letters nor digits, each once.
    fn delimiters(&self) -> String {
        let mut delimiters = String::new();
        for segment in &self.segments {
            if let Segment::Literal(text) = segment {
                for c in text.chars().filter(|c| !c.is_ascii_alphanumeric()) {
                    if !delimiters.contains(c) {
                        delimiters.push(c);
                    }
                }
            }
        }
        delimiters
    }

    /// The constant.
    pub(crate) fn tokens(&self, private: &TokenStream) -> TokenStream {
        let segments = self.segments.iter().map(|segment| match segment {
            Segment::Literal(text) => quote!(#private::Segment::Literal(#text)),
            Segment::Param(_) => quote!(#private::Segment::Param),
            Segment::Rest(_) => quote!(#private::Segment::Rest),
        });
        let delimiters = self.delimiters();
        quote! {
            #private::Pattern {
                segments: &[#(#segments),*],
                delimiters: #delimiters,
            }
        }
    }
}

fn check_literal(
    text: &str,
    place: usize,
    follows_param: bool,
    literal: &LitStr,
    errors: &mut Errors,
) {
    let allowed = |c: &char| c.is_ascii_alphanumeric() || "_-.:/@#~+=".contains(*c);
    if let Some(c) = text.chars().find(|c| !allowed(c)) {
        errors.on(
            literal,
            format_args!("a channel pattern cannot contain {c:?}"),
            "write letters, digits and `_ - . : / @ # ~ + =` around the parameters",
        );
    }
    if place == 0 && text.starts_with(':') {
        errors.on(
            literal,
            "channel names that begin with `:` are reserved for the protocol",
            format_args!("write \"{}\"", literal.value().trim_start_matches(':')),
        );
    }
    if follows_param && text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        errors.on(
            literal,
            format_args!("`{text}` follows a parameter and would be read as part of it"),
            format_args!("begin it with a delimiter, such as `:{text}`"),
        );
    }
}
