//! The rules that a definition must meet.

mod life;

use std::collections::HashMap;

use proc_macro2::Ident;
use syn::ext::IdentExt as _;
use syn::visit::{self, Visit};
use syn::{Data, DeriveInput, LitStr, TypePath};

use crate::ast::{Set, Shape, Variant};
use crate::attr;
use crate::errors::{Errors, options, suggest};
use crate::name;
use crate::pattern::Pattern;

pub(crate) use life::{aliases, life, reserved_names, unused};

/// The names that the protocol itself uses in the place of a command or an event.
const RESERVED: &[&str] = &["close-connection", "online-update", "presence-update"];

/// The built-in error codes. They are made in `socket-protocol`, which this crate cannot depend
/// on; a test there compares the two lists.
const BUILT_IN: &[&str] = &[
    "invalid-message",
    "unknown-command",
    "invalid-param",
    "unauthorized",
    "forbidden",
    "not-joined",
    "unknown-channel",
    "invalid-channel",
    "rate-limited",
    "too-large",
    "too-many",
    "timeout",
    "cancelled",
    "outcome-unknown",
    "unavailable",
    "upgrade-required",
    "internal",
    "disconnected",
    "aborted",
    "queue-full",
];

/// Refuses what would change the wire behind the derive's back, and attributes that stand on the
/// enum instead of a variant.
pub(crate) fn enum_attributes(input: &DeriveInput, attribute: &str, errors: &mut Errors) {
    let instead = if attribute == "channel" {
        "remove it: a channel is its name, made by `#[channel(\"…\")]`".to_owned()
    } else {
        format!(
            "rename variants by `#[{attribute}(name = \"…\")]`, fields by `#[serde(rename = \"…\")]`"
        )
    };
    attr::refuse_serde(&input.attrs, "this enum", &instead, errors);
    let on_fields = match &input.data {
        Data::Enum(data) => data.variants.iter().flat_map(|variant| &variant.fields),
        Data::Struct(_) | Data::Union(_) => return,
    };
    let misplaced = on_fields
        .flat_map(|field| &field.attrs)
        .chain(&input.attrs)
        .filter(|attr| attr.path().is_ident(attribute));
    for misplaced in misplaced {
        errors.on(
            misplaced,
            format_args!("`#[{attribute}(…)]` belongs to a variant"),
            "put it above the variant that it is about",
        );
    }
    on_the_enum(input, errors);
}

/// Refuses attributes of the enum that stand on a variant.
fn on_the_enum(input: &DeriveInput, errors: &mut Errors) {
    let Data::Enum(data) = &input.data else {
        return;
    };
    for attribute in ["commands", "events", "channels", "error_codes"] {
        let attrs = data.variants.iter().flat_map(|variant| &variant.attrs);
        for misplaced in attrs.filter(|attr| attr.path().is_ident(attribute)) {
            errors.on(
                misplaced,
                format_args!("`#[{attribute}(…)]` belongs to the enum"),
                format_args!("put it above `enum {}`", input.ident),
            );
        }
    }
}

/// The rules for the variants of every derive.
pub(crate) fn variants(set: &Set, attribute: &str, errors: &mut Errors) {
    let rules_count = attribute == "command";
    for variant in &set.variants {
        let instead = match attribute {
            "channel" => "remove it: a channel is its name, made by `#[channel(\"…\")]`".to_owned(),
            _ => format!("write `#[{attribute}(name = \"…\")]`, or put it on the fields"),
        };
        attr::refuse_serde(&variant.attrs, "a variant", &instead, errors);
        for garde in attr::named(&variant.attrs, "garde") {
            errors.on(
                garde,
                "`#[garde(…)]` has no effect on a variant",
                "put it on the field that it is about",
            );
        }
        for field in variant.fields().unwrap_or_default() {
            if let (false, Some(span)) = (rules_count, field.rules.span()) {
                errors.at(
                    span,
                    "rules apply to the parameters of commands alone: what the server sends is not checked",
                    "remove `#[garde(…)]`",
                );
            }
            shadowed(set, &field.ty, errors);
        }
    }
    methods(set, errors);
}

/// Inside the module with the structs, a variant's name means its struct.
fn shadowed(set: &Set, ty: &syn::Type, errors: &mut Errors) {
    struct Paths<'a> {
        set: &'a Set,
        errors: &'a mut Errors,
    }

    impl<'ast> Visit<'ast> for Paths<'_> {
        fn visit_type_path(&mut self, path: &'ast TypePath) {
            let first = path.path.segments.first().map(|segment| &segment.ident);
            if let (None, None, Some(first)) = (&path.qself, path.path.leading_colon, first) {
                let struct_of = |variant: &&Variant| {
                    variant.ident == *first && matches!(variant.shape, Shape::Fields(_))
                };
                if let Some(variant) = self.set.variants.iter().find(struct_of) {
                    let (module, variant) = (&self.set.module, &variant.ident);
                    self.errors.on(
                        first,
                        format_args!("`{first}` means the struct `{module}::{variant}` here"),
                        format_args!(
                            "write `self::{first}` for the type of that name, or rename the variant"
                        ),
                    );
                }
            }
            visit::visit_type_path(self, path);
        }
    }

    Paths { set, errors }.visit_type(ty);
}

/// Two variants with one method name would make a trait that does not compile.
fn methods(set: &Set, errors: &mut Errors) {
    let mut seen: HashMap<String, &Ident> = HashMap::new();
    for variant in &set.variants {
        let method = name::snake(&variant.ident.unraw().to_string());
        if let Some(first) = seen.insert(method.clone(), &variant.ident) {
            errors.on(
                &variant.ident,
                format_args!(
                    "`{}` and `{first}` are both `{method}` in snake_case",
                    variant.ident
                ),
                "rename one of the variants",
            );
        }
    }
}

/// The wire name of a variant: as it is given, else from the variant's own.
pub(crate) fn name(
    variant: &Variant,
    renamed: Option<&LitStr>,
    attribute: &str,
    errors: &mut Errors,
) -> String {
    let own = name::kebab(&variant.ident.unraw().to_string());
    let (wire, tokens) = match renamed {
        Some(renamed) => (renamed.value(), quote::quote!(#renamed)),
        None => {
            let ident = &variant.ident;
            (own.clone(), quote::quote!(#ident))
        }
    };
    let near = name::kebab(&wire.replace([' ', '-', '.', ':'], "_"));
    let example = [near, own, "a-name".to_owned()]
        .into_iter()
        .find(|name| name::is_kebab(name))
        .unwrap_or_default();
    if wire.starts_with(':') {
        errors.on(
            tokens,
            format_args!("`{wire}` begins with `:`, which is reserved for the protocol"),
            format_args!("write `name = {example:?}`"),
        );
    } else if !name::is_kebab(&wire) {
        errors.on(
            tokens,
            format_args!(
                "{wire:?} is not a valid name: names are words of a-z and 0-9, joined by `-`"
            ),
            format_args!("write `#[{attribute}(name = {example:?})]`"),
        );
    } else if attribute == "code" && BUILT_IN.contains(&wire.as_str()) {
        errors.on(
            tokens,
            format_args!("`{wire}` is a built-in error code"),
            format_args!(
                "make it by `Reject`, or give this one a name: `#[code(name = \"my-{wire}\")]`"
            ),
        );
    } else if attribute != "code" && RESERVED.contains(&wire.as_str()) {
        errors.on(
            tokens,
            format_args!("`{wire}` is the name of one of the protocol's own messages"),
            format_args!("write `#[{attribute}(name = \"my-{wire}\")]`"),
        );
    }
    wire
}

/// No two variants have the same wire name.
pub(crate) fn names<'a>(
    set: &Set,
    names: impl Iterator<Item = &'a str>,
    attribute: &str,
    errors: &mut Errors,
) {
    let mut seen: HashMap<&str, &Ident> = HashMap::new();
    for (variant, wire) in set.variants.iter().zip(names) {
        if let Some(first) = seen.insert(wire, &variant.ident) {
            errors.on(
                &variant.ident,
                format_args!(
                    "`{}` and `{first}` are both `{wire}` on the wire",
                    variant.ident
                ),
                format_args!("write `#[{attribute}(name = \"…\")]` above one of them"),
            );
        }
    }
}

/// The fields of a channel are the parameters of its pattern.
pub(crate) fn channel(variant: &Variant, pattern: &Pattern, literal: &LitStr, errors: &mut Errors) {
    if let Shape::Newtype(ty) = &variant.shape {
        errors.on(
            ty,
            format_args!("the parameter of `{}` has no name", variant.ident),
            format_args!(
                "name it as the pattern does: `{} {{ room: … }}`",
                variant.ident
            ),
        );
        return;
    }
    let fields = variant.fields().unwrap_or_default();
    let names: Vec<String> = fields
        .iter()
        .map(|field| field.ident.unraw().to_string())
        .collect();
    let known: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut seen = Vec::new();
    for param in pattern.params() {
        if seen.contains(&param) {
            errors.on(
                literal,
                format_args!("the pattern has `{{{param}}}` twice"),
                "write each parameter once",
            );
        } else if !known.contains(&param) {
            let what = format!("`{}` has no field `{param}`", variant.ident);
            if known.is_empty() {
                let ident = &variant.ident;
                let help = format!("write `{ident} {{ {param}: String }}`, or another type");
                errors.on(literal, what, help);
            } else {
                errors.on(literal, what, suggest(param, &known));
            }
        }
        seen.push(param);
    }
    for (field, name) in fields.iter().zip(&names) {
        if !seen.contains(&name.as_str()) {
            errors.on(
                &field.ident,
                format_args!("the pattern \"{}\" does not have `{name}`", literal.value()),
                format_args!("write `{{{name}}}` in the pattern, or remove the field"),
            );
        }
    }
}

/// A message names fields of its variant.
pub(crate) fn message(variant: &Variant, message: &LitStr, errors: &mut Errors) {
    let names: Vec<String> = match &variant.shape {
        Shape::Unit => Vec::new(),
        Shape::Newtype(_) => vec!["0".to_owned()],
        Shape::Fields(fields) => fields
            .iter()
            .map(|field| field.ident.unraw().to_string())
            .collect(),
    };
    for placeholder in placeholders(&message.value()) {
        if names.contains(&placeholder) {
            continue;
        }
        let help = if names.is_empty() {
            "write `{{` and `}}` for braces".to_owned()
        } else {
            let braced: Vec<String> = names.iter().map(|name| format!("{{{name}}}")).collect();
            format!("{}; write `{{{{` for a brace", options(&braced))
        };
        errors.on(
            message,
            format_args!("`{{{placeholder}}}` names no field of `{}`", variant.ident),
            help,
        );
    }
}

/// The names in the braces of a format string.
fn placeholders(text: &str) -> Vec<String> {
    let text = text.replace("{{", "");
    let parts = text.split('{').skip(1);
    parts
        .map(|part| {
            let inside = part.split('}').next().unwrap_or_default();
            let name = inside.split(':').next().unwrap_or_default();
            name.trim().to_owned()
        })
        .collect()
}
