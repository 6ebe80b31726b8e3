//! The rules of `#[garde(…)]`: reading them, and the code that checks them.

mod schema;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::parse::ParseStream;
use syn::spanned::Spanned as _;
use syn::{Attribute, Expr, ExprPath, LitStr, parenthesized};

use crate::attr::{self, Keys};
use crate::errors::{Errors, mistake, options};

/// The rules of one field.
#[derive(Default)]
pub(crate) struct Rules {
    list: Vec<(Span, Rule)>,
    /// Not even the rules of its own type count.
    skip: bool,
}

enum Rule {
    Length(Mode, Bounds),
    Range(Bounds),
    Pattern(LitStr),
    /// `email`, `url`, `ascii`, `alphanumeric`.
    Format(Ident),
    /// `contains`, `prefix`, `suffix`.
    Part(Ident, Expr),
    Dive,
    Inner(Vec<(Span, Self)>),
    Custom(ExprPath),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Simple,
    Bytes,
    Chars,
    Utf16,
}

#[derive(Default)]
struct Bounds {
    min: Option<Expr>,
    max: Option<Expr>,
}

const RULES: Keys<'static> = Keys {
    attribute: "garde",
    known: &[
        "length",
        "range",
        "pattern",
        "email",
        "url",
        "ascii",
        "alphanumeric",
        "contains",
        "prefix",
        "suffix",
        "dive",
        "inner",
        "custom",
        "skip",
    ],
    repeat: true,
};

/// Reads the rules of a field.
pub(crate) fn read(attrs: &[Attribute], errors: &mut Errors) -> Rules {
    let mut rules = Rules::default();
    let mut skip = None;
    RULES.read(attrs, errors, |key, input, errors| {
        if key == "skip" {
            skip = Some(key.span());
        } else {
            rules.list.push((key.span(), rule(key, input, errors)?));
        }
        Ok(())
    });
    if let (Some(span), false) = (skip, rules.list.is_empty()) {
        errors.at(
            span,
            "`skip` stands beside other rules",
            "remove `skip`, or the other rules",
        );
    }
    rules.skip = skip.is_some();
    rules
}

fn rule(key: &Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Rule> {
    Ok(match key.to_string().as_str() {
        "length" => {
            let (mode, bounds) = bounds(key, input, errors, true)?;
            Rule::Length(mode, bounds)
        }
        "range" => Rule::Range(bounds(key, input, errors, false)?.1),
        "pattern" => Rule::Pattern(argument(key, input, "\"^[a-z]+$\"")?),
        "contains" | "prefix" | "suffix" => {
            Rule::Part(key.clone(), argument(key, input, "\"text\"")?)
        }
        "dive" => Rule::Dive,
        "inner" => {
            let content = parentheses(key, input, "length(max = 20)")?;
            let mut rules = Vec::new();
            RULES.read_list(
                &content,
                &mut Vec::new(),
                errors,
                &mut |key, input, errors| {
                    if key == "skip" {
                        return Err(mistake(
                            key.span(),
                            "`skip` has no effect inside `inner(…)`",
                            "remove it",
                        ));
                    }
                    rules.push((key.span(), rule(key, input, errors)?));
                    Ok(())
                },
            )?;
            Rule::Inner(rules)
        }
        "custom" => Rule::Custom(argument(key, input, "check_it")?),
        _ => Rule::Format(key.clone()),
    })
}

fn parentheses<'a>(
    key: &Ident,
    input: ParseStream<'a>,
    example: &str,
) -> syn::Result<syn::parse::ParseBuffer<'a>> {
    if !input.peek(syn::token::Paren) {
        return Err(mistake(
            key.span(),
            format_args!("`{key}` needs an argument"),
            format_args!("write `{key}({example})`"),
        ));
    }
    let content;
    parenthesized!(content in input);
    Ok(content)
}

fn argument<T: syn::parse::Parse>(
    key: &Ident,
    input: ParseStream<'_>,
    example: &str,
) -> syn::Result<T> {
    let content = parentheses(key, input, example)?;
    let span = content.span();
    let wrong = || {
        mistake(
            span,
            format_args!("invalid argument for `{key}`"),
            format_args!("write `{key}({example})`"),
        )
    };
    let argument = content.parse();
    // What is left would be a second message for the same mistake.
    let rest: TokenStream = content.parse()?;
    match argument {
        Ok(argument) if rest.is_empty() => Ok(argument),
        Ok(_) | Err(_) => Err(wrong()),
    }
}

fn bounds(
    key: &Ident,
    input: ParseStream<'_>,
    errors: &mut Errors,
    modes: bool,
) -> syn::Result<(Mode, Bounds)> {
    let content = parentheses(key, input, "min = 1, max = 100")?;
    let mut mode = Mode::Simple;
    let mut found = Bounds::default();
    let attribute = key.to_string();
    let keys = Keys {
        attribute: &attribute,
        known: if modes {
            &["min", "max", "equal", "simple", "bytes", "chars", "utf16"]
        } else {
            &["min", "max", "equal"]
        },
        repeat: false,
    };
    keys.read_list(&content, &mut Vec::new(), errors, &mut |key, input, _| {
        match key.to_string().as_str() {
            "min" => found.min = Some(attr::value(key, input, "a number", "1")?),
            "max" => found.max = Some(attr::value(key, input, "a number", "100")?),
            "equal" => {
                let equal: Expr = attr::value(key, input, "a number", "10")?;
                found.min = Some(equal.clone());
                found.max = Some(equal);
            }
            "bytes" => mode = Mode::Bytes,
            "chars" => mode = Mode::Chars,
            "utf16" => mode = Mode::Utf16,
            _ => {}
        }
        Ok(())
    })?;
    if found.min.is_none() && found.max.is_none() && errors.is_empty() {
        return Err(mistake(
            key.span(),
            format_args!("`{key}` has no bounds"),
            format_args!("write `{key}(min = 1, max = 100)`; {}", options(keys.known)),
        ));
    }
    Ok((mode, found))
}

impl Rules {
    /// Where the first of them stands.
    pub(crate) fn span(&self) -> Option<Span> {
        self.list.first().map(|(span, _)| *span)
    }

    /// Checks the field: `value` is a reference to it, `path` its path as a `&str`.
    pub(crate) fn check(
        &self,
        private: &TokenStream,
        value: &Ident,
        path: &TokenStream,
    ) -> TokenStream {
        if self.skip {
            return TokenStream::new();
        }
        let checks = self
            .list
            .iter()
            .map(|(span, rule)| rule.check(*span, private, value, path));
        let dives = self.list.iter().any(|(_, rule)| matches!(rule, Rule::Dive));
        let own = (!dives).then(|| {
            quote! {
                let own_rules = &#private::Field(#value);
                own_rules.check(#path)?;
            }
        });
        quote!(#(#checks)* #own)
    }
}

impl Rule {
    fn check(
        &self,
        span: Span,
        private: &TokenStream,
        value: &Ident,
        path: &TokenStream,
    ) -> TokenStream {
        // The compiler reports a rule that does not fit its field where the value stands.
        let value = &Ident::new(&value.to_string(), span.resolved_at(value.span()));
        let rule = |name: TokenStream, argument: TokenStream| {
            quote_spanned! {span=>
                #private::checks::#name(#path, #value, #argument)?;
            }
        };
        match self {
            Self::Length(mode, Bounds { min, max }) => {
                let name = match mode {
                    Mode::Simple => quote!(length_simple),
                    Mode::Bytes => quote!(length_bytes),
                    Mode::Chars => quote!(length_chars),
                    Mode::Utf16 => quote!(length_utf16),
                };
                let min = min.as_ref().map_or_else(|| quote!(0), |min| quote!(#min));
                let max = max
                    .as_ref()
                    .map_or_else(|| quote!(::core::primitive::usize::MAX), |max| quote!(#max));
                rule(name, quote!((#min, #max)))
            }
            Self::Range(Bounds { min, max }) => {
                let bound = |bound: &Option<Expr>| match bound {
                    Some(bound) => quote!(::core::option::Option::Some(#bound)),
                    None => quote!(::core::option::Option::None),
                };
                let (min, max) = (bound(min), bound(max));
                rule(quote!(range), quote!((#min, #max)))
            }
            Self::Pattern(regex) => quote_spanned! {span=>
                {
                    static PATTERN: #private::RulePattern =
                        #private::RulePattern::new(|| #private::RulePattern::compile(#regex));
                    PATTERN.check(#path, #value)?;
                }
            },
            Self::Format(name) => rule(quote!(#name), quote!(())),
            Self::Part(name, text) => rule(quote!(#name), quote!((#text,))),
            Self::Dive => quote_spanned! {span=>
                #private::checks::dive(#path, #value)?;
            },
            Self::Inner(rules) => {
                let inner = Ident::new("inner_value", Span::mixed_site());
                let at = Ident::new("inner_path", Span::mixed_site());
                let checks = rules
                    .iter()
                    .map(|(span, rule)| rule.check(*span, private, &inner, &quote!(#at)));
                quote_spanned! {span=>
                    #private::Inner::try_each(#value, #path, &mut |#inner, #at| {
                        #(#checks)*
                        ::core::result::Result::Ok(())
                    })?;
                }
            }
            Self::Custom(function) => {
                let spanned = function.span();
                quote_spanned! {spanned=>
                    #private::checks::custom(#path, #function(#value))?;
                }
            }
        }
    }
}
