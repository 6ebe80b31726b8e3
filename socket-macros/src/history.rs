//! The history of a channel: `history`, `history(events = 500, keep = "10m")`.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::parse::ParseStream;
use syn::{LitInt, LitStr, parenthesized};

use crate::attr::{self, Keys};
use crate::errors::{Errors, mistake};

/// Absent values stand for the default of `HistorySpec`.
#[derive(Default)]
pub(crate) struct History {
    events: Option<u32>,
    /// In seconds.
    keep: Option<u64>,
}

const KEYS: Keys<'static> = Keys {
    attribute: "history",
    known: &["events", "keep"],
    repeat: false,
};

/// No program means more by "for those who come back", and what is kept is kept in memory.
const MOST_EVENTS: u32 = 100_000;
const LONGEST_DAYS: u64 = 30;

impl History {
    /// Reads what stands behind the key.
    pub(crate) fn read(
        key: &Ident,
        input: ParseStream<'_>,
        errors: &mut Errors,
    ) -> syn::Result<Self> {
        let mut history = Self::default();
        if input.peek(syn::Token![=]) {
            return Err(mistake(
                key.span(),
                format_args!("`{key}` takes no value"),
                format_args!("write `{key}(events = 500, keep = \"10m\")`, or `{key}` alone"),
            ));
        }
        if input.peek(syn::token::Paren) {
            let content;
            parenthesized!(content in input);
            let mut seen = Vec::new();
            KEYS.read_list(&content, &mut seen, errors, &mut |key, input, _| {
                if key == "events" {
                    history.events = Some(events(key, input)?);
                } else {
                    history.keep = Some(keep(key, input)?);
                }
                Ok(())
            })?;
        }
        Ok(history)
    }

    /// The `HistorySpec` of it.
    pub(crate) fn spec(history: Option<&Self>, private: &TokenStream) -> TokenStream {
        let Some(Self { events, keep }) = history else {
            return quote!(::core::option::Option::None);
        };
        let default = quote!(#private::definition::HistorySpec::DEFAULT);
        let events = events.map_or_else(|| quote!(#default.events), |events| quote!(#events));
        let keep = keep.map_or_else(|| quote!(#default.keep.as_secs()), |keep| quote!(#keep));
        quote! {
            ::core::option::Option::Some(#private::definition::HistorySpec::new(#events, #keep))
        }
    }
}

fn events(key: &Ident, input: ParseStream<'_>) -> syn::Result<u32> {
    let number: LitInt = attr::value(key, input, "a number of events", "500")?;
    let events = number.base10_parse::<u32>().ok();
    let events = events.filter(|events| (1..=MOST_EVENTS).contains(events));
    events.ok_or_else(|| {
        mistake(
            number.span(),
            format_args!("a channel keeps 1 to {MOST_EVENTS} events"),
            "write a number in that range, or remove `history` to keep nothing",
        )
    })
}

fn keep(key: &Ident, input: ParseStream<'_>) -> syn::Result<u64> {
    let text = attr::text_value(key, input, "10m")?;
    let seconds = seconds(&text).ok_or_else(|| {
        mistake(
            text.span(),
            format_args!("{:?} is not a duration", text.value()),
            "write a number of seconds, minutes, hours or days: `keep = \"90s\"`, `\"10m\"`, `\"2h\"`, `\"1d\"`",
        )
    })?;
    if (1..=LONGEST_DAYS * DAY).contains(&seconds) {
        return Ok(seconds);
    }
    Err(mistake(
        text.span(),
        format_args!("a channel keeps events for 1 second to {LONGEST_DAYS} days"),
        "write a duration in that range: `keep = \"10m\"`",
    ))
}

const DAY: u64 = 24 * 60 * 60;

fn seconds(text: &LitStr) -> Option<u64> {
    let text = text.value();
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => DAY,
        _ => return None,
    };
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = number.parse::<u64>().unwrap_or(u64::MAX);
    Some(number.saturating_mul(unit))
}
