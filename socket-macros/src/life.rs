//! The life of a message: its deprecation, its sunset, its stability, and the names that it or its
//! fields had.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::parse::ParseStream;
use syn::{Attribute, LitStr, parse_quote};

use crate::attr::{self, Keys};
use crate::errors::{Errors, mistake, suggest};
use crate::name;

const STABILITIES: &[&str] = &["draft", "beta", "stable"];

/// The life of one message.
#[derive(Default)]
pub(crate) struct Life {
    pub(crate) since: Option<LitStr>,
    pub(crate) sunset: Option<LitStr>,
    stability: Option<&'static str>,
    /// The names of fields that were given up.
    pub(crate) reserved_fields: Vec<LitStr>,
}

impl Life {
    /// Reads one of `since`, `sunset`, `stability` and `reserved_fields`.
    pub(crate) fn read(&mut self, key: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
        match key.to_string().as_str() {
            "since" => self.since = Some(day(key, input)?),
            "sunset" => self.sunset = Some(day(key, input)?),
            "stability" => self.stability = Some(stability(key, input)?),
            _ => self.reserved_fields = attr::texts_value(key, input, "old_name", false)?,
        }
        Ok(())
    }

    /// The `LifeSpec` of it.
    pub(crate) fn spec(&self, private: &TokenStream) -> TokenStream {
        let option = |value: Option<TokenStream>| match value {
            Some(value) => quote!(::core::option::Option::Some(#value)),
            None => quote!(::core::option::Option::None),
        };
        let since = option(self.since.as_ref().map(|since| quote!(#since)));
        let sunset = option(self.sunset.as_ref().map(|sunset| quote!(#sunset)));
        let stability = option(self.stability.map(|stability| {
            let variant = match stability {
                "draft" => quote!(Draft),
                "beta" => quote!(Beta),
                _ => quote!(Stable),
            };
            quote!(#private::definition::Stability::#variant)
        }));
        quote! {
            #private::definition::LifeSpec {
                since: #since,
                sunset: #sunset,
                stability: #stability,
            }
        }
    }
}

/// The attribute of a derive on the enum itself: `#[commands(reserved("old-name"))]`.
pub(crate) fn reserved(attrs: &[Attribute], derive: &str, errors: &mut Errors) -> Vec<LitStr> {
    let mut reserved = Vec::new();
    let attribute = name::snake(derive);
    let example = if derive == "Channels" {
        "room:{room}"
    } else {
        "old-name"
    };
    let keys = Keys {
        attribute: &attribute,
        known: &["reserved"],
        repeat: false,
    };
    keys.read(attrs, errors, |key, input, _| {
        reserved = attr::texts_value(key, input, example, false)?;
        Ok(())
    });
    reserved
}

fn stability(key: &Ident, input: ParseStream<'_>) -> syn::Result<&'static str> {
    let text = attr::text_value(key, input, "beta")?;
    let word = text.value();
    let known = STABILITIES.iter().find(|stability| **stability == word);
    known.copied().ok_or_else(|| {
        mistake(
            text.span(),
            format_args!("unknown stability {word:?}"),
            suggest(&word, STABILITIES),
        )
    })
}

fn day(key: &Ident, input: ParseStream<'_>) -> syn::Result<LitStr> {
    let text = attr::text_value(key, input, "2026-01-31")?;
    if is_day(&text.value()) {
        Ok(text)
    } else {
        Err(mistake(
            text.span(),
            format_args!("{:?} is not a date", text.value()),
            format_args!("write year, month and day: `{key} = \"2026-01-31\"`"),
        ))
    }
}

fn is_day(text: &str) -> bool {
    let digits = |part: &str, count| {
        (part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse::<u32>().ok())
            .flatten()
    };
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts[..] else {
        return false;
    };
    let (Some(year), Some(month), Some(day)) = (digits(year, 4), digits(month, 2), digits(day, 2))
    else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=last).contains(&day)
}

/// The word for a schema that says which names are reserved.
pub(crate) fn schema(reserved: &[LitStr]) -> Option<Attribute> {
    (!reserved.is_empty())
        .then(|| parse_quote!(#[schemars(extend("x-reserved" = [#(#reserved),*]))]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for day in ["2026-01-31", "2028-02-29", "2000-02-29", "2026-12-01"] {
            assert!(is_day(day), "{day}");
        }
        for other in [
            "2026-02-29",
            "2100-02-29",
            "2026-04-31",
            "2026-13-01",
            "2026-00-10",
            "2026-01-00",
            "2026-1-31",
            "26-01-31",
            "31.1.2026",
            "2026-01-31T00",
            "+026-01-31",
            "",
        ] {
            assert!(!is_day(other), "{other}");
        }
    }
}
