//! How long a message stands, and the names that it and its fields had.

use std::collections::HashMap;

use proc_macro2::Ident;
use syn::LitStr;

use crate::ast::{Set, Variant};
use crate::errors::Errors;
use crate::life::Life;
use crate::name;

/// Checks what is said of the life of a variant.
pub(crate) fn life(life: &Life, variant: &Variant, errors: &mut Errors) {
    if let (Some(since), None) = (&life.since, &variant.deprecated) {
        errors.on(
            since,
            format_args!(
                "`since` is the day of a deprecation, and `{}` is not deprecated",
                variant.ident
            ),
            "write `#[deprecated = \"…\"]` above the variant, or remove `since`",
        );
    }
    // Days of this form are in the order of their texts.
    if let (Some(since), Some(sunset)) = (&life.since, &life.sunset)
        && sunset.value() <= since.value()
    {
        errors.on(
            sunset,
            format_args!("the `sunset` is not after {}", since.value()),
            "name the first day on which it may be gone, or remove `sunset`",
        );
    }
    let fields = variant.fields().unwrap_or_default();
    let names = fields
        .iter()
        .map(|field| (&field.ident, field.wire.clone()));
    unused(&life.reserved_fields, names, "field", errors);
}

/// Refuses what carries a reserved name, and a name that is reserved twice.
pub(crate) fn unused<'a>(
    reserved: &[LitStr],
    names: impl Iterator<Item = (&'a Ident, String)>,
    what: &str,
    errors: &mut Errors,
) {
    let texts: Vec<String> = reserved.iter().map(LitStr::value).collect();
    for (place, text) in texts.iter().enumerate() {
        if texts[..place].contains(text) {
            errors.on(
                &reserved[place],
                format_args!("`{text}` is reserved twice"),
                "keep one of them",
            );
        }
    }
    for (ident, name) in names {
        if texts.contains(&name) {
            errors.on(
                ident,
                format_args!("the {what} name `{name}` is reserved: it had another meaning"),
                format_args!(
                    "choose another name, or remove `{name}` from the list if it means the same as then"
                ),
            );
        }
    }
}

/// The wire names of a set against the names that it reserves.
pub(crate) fn reserved_names<'a>(
    set: &Set,
    names: impl Iterator<Item = &'a str>,
    attribute: &str,
    errors: &mut Errors,
) {
    for reserved in &set.reserved {
        kebab(reserved, "reserved(\"old-name\")", errors);
    }
    let names = set.variants.iter().zip(names);
    let names = names.map(|(variant, name)| (&variant.ident, name.to_owned()));
    unused(&set.reserved, names, attribute, errors);
}

/// The former names of the commands: each stands for one command alone.
pub(crate) fn aliases<'a>(
    set: &Set,
    commands: impl Iterator<Item = (&'a str, &'a [LitStr])> + Clone,
    errors: &mut Errors,
) {
    let named: HashMap<&str, &Ident> = commands
        .clone()
        .zip(&set.variants)
        .map(|((name, _), variant)| (name, &variant.ident))
        .collect();
    let mut seen: HashMap<String, &Ident> = HashMap::new();
    for ((_, alias), variant) in commands.zip(&set.variants) {
        for alias in alias {
            let text = alias.value();
            kebab(alias, "alias = \"old-name\"", errors);
            if let Some(owner) = named.get(text.as_str()) {
                errors.on(
                    alias,
                    format_args!("`{text}` is the name of `{owner}`"),
                    "remove this alias: aliases are for names that are no longer in use",
                );
            } else if set.reserved.iter().any(|reserved| reserved.value() == text) {
                errors.on(
                    alias,
                    format_args!("`{text}` is reserved: it had another meaning"),
                    "remove this alias, or remove the name from `#[commands(reserved(…))]`",
                );
            } else if let Some(first) = seen.insert(text.clone(), &variant.ident) {
                errors.on(
                    alias,
                    format_args!("`{text}` is a former name of `{first}` already"),
                    "keep one of the two",
                );
            }
        }
    }
}

fn kebab(text: &LitStr, example: &str, errors: &mut Errors) {
    if !name::is_kebab(&text.value()) {
        errors.on(
            text,
            format_args!(
                "{:?} is not a valid name: names are words of a-z and 0-9, joined by `-`",
                text.value()
            ),
            format_args!("write the name as it was on the wire: `{example}`"),
        );
    }
}
