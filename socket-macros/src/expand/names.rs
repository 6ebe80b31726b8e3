//! The names that a payload had: `#[payload(reserved("old-name"))]`, and what serde reads beside what
//! it writes.

use proc_macro2::{Ident, TokenStream};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Attribute, Data, DeriveInput, LitStr, parse_quote};

use super::visit::{each_field, each_variant};
use crate::attr::{self, Keys};
use crate::check;
use crate::errors::Errors;
use crate::life;
use crate::serde_names::{self, Container};

/// Reads the arguments of the attribute and checks them: the names that no field of the struct, or
/// no variant of the enum, may have.
pub(super) fn reserved(
    arguments: &TokenStream,
    input: &DeriveInput,
    errors: &mut Errors,
) -> Vec<LitStr> {
    let mut reserved = Vec::new();
    let first = arguments.clone().into_iter().next();
    if first.is_some_and(|first| first.to_string() != "reserved") {
        errors.on(
            arguments,
            "`#[payload]` takes nothing but the names that are reserved: `reserved(\"old_name\")`",
            "write `#[payload]`; serde's attributes go below it: `#[serde(rename_all = \"…\")]`",
        );
        return reserved;
    }
    let keys = Keys {
        attribute: "payload",
        known: &["reserved"],
        repeat: false,
    };
    let read = |tokens: ParseStream<'_>| {
        keys.read_list(tokens, &mut Vec::new(), errors, &mut |key, tokens, _| {
            reserved = attr::texts_value(key, tokens, "old_name", false)?;
            Ok(())
        })
    };
    if let Err(error) = read.parse2(arguments.clone()) {
        errors.push(error);
    }
    let what = match input.data {
        Data::Enum(_) => "variant",
        Data::Struct(_) | Data::Union(_) => "field",
    };
    check::unused(&reserved, names(input).into_iter(), what, errors);
    reserved
}

/// The names on the wire of the fields, or of the variants.
fn names(input: &DeriveInput) -> Vec<(&Ident, String)> {
    let rule = Container::read(&input.attrs).rename_all;
    let name = |ident, attrs: &[Attribute], rename: fn(&str, Option<&str>) -> String| {
        let ident: &Ident = ident;
        let wire = serde_names::received(attrs)
            .unwrap_or_else(|| rename(&ident.unraw().to_string(), rule.as_deref()));
        (ident, wire)
    };
    match &input.data {
        Data::Struct(data) => data
            .fields
            .iter()
            .filter_map(|field| {
                let ident = field.ident.as_ref()?;
                Some(name(ident, &field.attrs, serde_names::field))
            })
            .collect(),
        Data::Enum(data) => data
            .variants
            .iter()
            .map(|variant| name(&variant.ident, &variant.attrs, serde_names::variant))
            .collect(),
        Data::Union(_) => Vec::new(),
    }
}

/// Lets the schema say which names were given up, and what serde reads beside what it writes.
pub(super) fn in_schema(described: &mut DeriveInput, reserved: &[LitStr]) {
    let mut open = false;
    each_field(&mut described.data, |field| {
        field
            .attrs
            .extend(serde_names::alias_in_schema(&field.attrs));
    });
    each_variant(&mut described.data, |attrs| {
        open |= serde_names::is_other(attrs);
        attrs.extend(serde_names::alias_in_schema(attrs));
    });
    if open {
        let open = parse_quote!(#[schemars(extend("x-open" = true))]);
        described.attrs.push(open);
    }
    described.attrs.extend(life::schema(reserved));
}
