//! The parts of the wire format that schemars leaves out: the policy for 64-bit integers, and marks in
//! the schema that `socket-protocol` turns into keywords when it describes a protocol.

mod reach;

use proc_macro2::Span;
use quote::ToTokens as _;
use syn::{Attribute, LitStr, Type, parse_quote};

use self::reach::{Reach, Substitute, arguments, last};
use crate::attr::{self, Keys};
use crate::errors::{Errors, mistake};
use crate::root::Root;
use crate::serde_names::{self, Container};

/// How integers of 64 bits and more cross the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Int {
    /// As numbers, which JavaScript rounds beyond 2^53.
    Number,
    /// As text, which is text in TypeScript too.
    Text,
    /// As text, which is `bigint` in TypeScript.
    Big,
}

const POLICIES: &str = "write `int = \"bigint\"` or `int = \"string\"` (exact: text on the wire, in \
                        TypeScript a `bigint` or the text), or `int = \"number\"` (up to 2^53)";

impl Int {
    /// Reads `#[socket(int = "…")]`.
    pub(crate) fn read(attrs: &[Attribute], errors: &mut Errors) -> Option<(Self, Span)> {
        let mut found = None;
        let keys = Keys {
            attribute: "socket",
            known: &["int"],
            repeat: false,
        };
        keys.read(attrs, errors, |key, input, _| {
            let text = attr::text_value(key, input, "string")?;
            found = Some((Self::parse(&text)?, key.span()));
            Ok(())
        });
        found
    }

    /// Parses the value of `int = "…"`.
    pub(crate) fn parse(text: &LitStr) -> syn::Result<Self> {
        match text.value().as_str() {
            "number" => Ok(Self::Number),
            "string" => Ok(Self::Text),
            "bigint" => Ok(Self::Big),
            other => Err(mistake(
                text.span(),
                format_args!("unknown integer policy `{other}`"),
                POLICIES,
            )),
        }
    }

    /// `true` if the wire holds text.
    pub(crate) fn is_text(self) -> bool {
        self != Self::Number
    }
}

/// The attributes of one field, translated.
#[derive(Clone, Default)]
pub(crate) struct FieldWire {
    /// serde's attributes to add, for every build.
    pub(crate) serde: Vec<Attribute>,
    /// schemars' attributes to add, for builds that describe themselves.
    pub(crate) schemars: Vec<Attribute>,
    /// `true` if a `with` of ours writes its integers.
    pub(crate) with: bool,
    /// `true` if the protocol decides how they are written.
    pub(crate) open: bool,
}

/// Reads a field. `inherited` is the policy of its type, `generics` the names of its parameters.
pub(crate) fn field(
    attrs: &[Attribute],
    ty: &Type,
    inherited: Option<Int>,
    generics: &[String],
    root: &Root,
    errors: &mut Errors,
) -> FieldWire {
    let mut wire = FieldWire::default();
    let own = Int::read(attrs, errors);
    let by_hand = serde_names::has_key(attrs, |key| key.ends_with("with"));
    if let (Some((_, span)), true) = (own, by_hand) {
        errors.at(
            span,
            "`int` and `with` both say how the field is written",
            "keep one of them",
        );
    }
    let undeclared = serde_names::value_of(attrs, "with").is_some()
        && !serde_names::in_schemars(attrs, &["with", "schema_with", "skip"]);
    if undeclared {
        errors.on(
            ty,
            "`#[serde(with)]` decides how this field is written, and its schema is unknown",
            "write `#[schemars(with = \"String\")]` beside it, naming the type that it is written as",
        );
    }
    let int = own.map(|(int, _)| int).or(inherited).filter(|_| !by_hand);
    // What says nothing itself is written as its protocol says.
    let open = int.is_none()
        && !serde_names::by_hand(attrs)
        && !reach::names(ty, generics)
        && reach::of(ty, Reach::Certain) == Some(true);
    let mut shown = ty.clone();
    let mut substitute = Substitute {
        carrier: match int {
            Some(Int::Number) => Some("Number"),
            Some(Int::Text) => Some("Text"),
            Some(Int::Big) => Some("BigInt"),
            None if open => Some("ByProtocol"),
            None => None,
        },
        root,
        integers: false,
        keys: false,
    };
    substitute.visit(&mut shown);
    let Substitute { integers, keys, .. } = substitute;
    if let (Some((_, span)), false, false) = (own, integers, by_hand) {
        errors.at(
            span,
            "`int` has no effect: the field's type names no integer of 64 bits or more",
            "put it on the field that holds one, or above the type of this field",
        );
    }
    if (integers || keys) && !by_hand {
        let shown = shown.to_token_stream().to_string();
        wire.schemars.push(parse_quote!(#[schemars(with = #shown)]));
    }
    let text = integers && int.is_some_and(Int::is_text);
    if text && reach::of(ty, Reach::Named) != Some(true) {
        errors.on(
            ty,
            "integers become text by themselves, in options, lists, tuples and boxes and as values of maps, but not inside this type",
            "define a struct with `#[payload]` and `#[socket(int = \"string\")]` and use it here",
        );
    } else if text || open {
        let with = root.literal(if open {
            "int::by_protocol"
        } else {
            "int::text"
        });
        wire.serde.push(parse_quote!(#[serde(with = #with)]));
        let default = serde_names::has_key(attrs, |key| key == "default");
        // `with` takes from an option that it may be missing.
        if is_option(ty) && !default {
            wire.serde.push(parse_quote!(#[serde(default)]));
        }
        // schemars would write the default by serde's traits under names that need not be there.
        if is_option(ty) || default {
            wire.schemars.push(parse_quote!(#[schemars(!default)]));
            wire.schemars.push(may_be_missing());
        }
        if open {
            wire.schemars.extend(default_of_field(attrs, ty));
        }
        wire.with = true;
        wire.open = open;
    }
    wire.schemars.extend(deprecation(attrs));
    if never_null(attrs, ty, generics) {
        wire.schemars
            .push(parse_quote!(#[schemars(extend("x-never-null" = true))]));
    }
    wire
}

/// The content of `#[ts(…)]` on a field, as schemars' attributes.
pub(crate) fn typescript(attrs: &[Attribute], errors: &mut Errors) -> Vec<Attribute> {
    let mut found = Vec::new();
    // A field has no `rename`, so it is in no list of the keys; where it is written all the same, it
    // has an answer of its own.
    let renamed = attr::named(attrs, "ts").any(|attr| attr::says(attr, "rename"));
    let keys = Keys {
        attribute: "ts",
        known: if renamed {
            &["type", "as", "rename"]
        } else {
            &["type", "as"]
        },
        repeat: false,
    };
    keys.read(attrs, errors, |key, input, _| {
        if key == "type" {
            let text = attr::text_value(key, input, "Date")?;
            found.push(parse_quote!(#[schemars(extend("x-ts" = #text))]));
        } else if key == "as" {
            let text = attr::text_value(key, input, "String")?;
            found.push(parse_quote!(#[schemars(with = #text)]));
        } else {
            let name = attr::text_value(key, input, "name")?;
            return Err(mistake(
                key.span(),
                "a field has one name on the wire and in TypeScript",
                format_args!(
                    "write `#[serde(rename = {:?})]`, which names it in both",
                    name.value()
                ),
            ));
        }
        Ok(())
    });
    found
}

/// The content of `#[ts(…)]` above a type: its name, and schemars' attributes.
pub(crate) fn typescript_of_type(
    attrs: &[Attribute],
    errors: &mut Errors,
) -> (Option<LitStr>, Option<Attribute>) {
    let (mut name, mut written) = (None, None);
    let keys = Keys {
        attribute: "ts",
        known: &["type", "rename"],
        repeat: false,
    };
    keys.read(attrs, errors, |key, input, _| {
        if key == "type" {
            let text = attr::text_value(key, input, "string")?;
            written = Some(parse_quote!(#[schemars(extend("x-ts" = #text))]));
        } else {
            name = Some(attr::text_value(key, input, "Name")?);
        }
        Ok(())
    });
    (name, written)
}

/// The mark that carries the note of `#[deprecated]`, which schemars drops.
pub(crate) fn deprecation(attrs: &[Attribute]) -> Option<Attribute> {
    let note = attr::deprecated(attrs).filter(|note| !note.is_empty())?;
    Some(parse_quote!(#[schemars(extend("x-deprecated" = #note))]))
}

/// The mark of a field with a default that schemars must not see.
pub(crate) fn may_be_missing() -> Attribute {
    parse_quote!(#[schemars(extend("x-may-be-missing" = true))])
}

/// The default of a field as schemars would write it, were it let.
fn default_of_field(attrs: &[Attribute], ty: &Type) -> Option<Attribute> {
    if is_option(ty) || !serde_names::has_key(attrs, |key| key == "default") {
        return None;
    }
    Some(match serde_names::value_of(attrs, "default") {
        None => {
            parse_quote!(#[schemars(extend("default" = <#ty as ::core::default::Default>::default()))])
        }
        Some(path) => {
            let path: syn::ExprPath = syn::parse_str(&path).ok()?;
            parse_quote!(#[schemars(extend("default" = #path()))])
        }
    })
}

/// The marks of a field whose container has a default that schemars must not see.
pub(crate) fn under_hidden_default(
    container: &[Attribute],
    field: &syn::Field,
    index: usize,
    wire: &FieldWire,
) -> Vec<Attribute> {
    let attrs = &field.attrs;
    let mut marks = Vec::new();
    let own = |key: &str| key == "default" || key == "flatten" || key.starts_with("skip");
    let optional = is_option(&field.ty);
    if serde_names::has_key(attrs, own) || (wire.with && optional) {
        return marks;
    }
    marks.push(may_be_missing());
    let written_otherwise = if wire.with {
        !wire.open
    } else {
        serde_names::by_hand(attrs)
    };
    if optional || written_otherwise {
        return marks;
    }
    let member = match &field.ident {
        Some(ident) => syn::Member::Named(ident.clone()),
        None => syn::Member::Unnamed(index.into()),
    };
    let whole = match serde_names::value_of(container, "default") {
        None => Some(parse_quote!(<Self as ::core::default::Default>::default)),
        Some(path) => syn::parse_str::<syn::ExprPath>(&path).ok(),
    };
    marks.extend(whole.map(|whole| -> Attribute {
        parse_quote!(#[schemars(extend("default" = #whole().#member))])
    }));
    marks
}

/// The mark of a struct with `#[serde(tag = "…")]`, which schemars does not see.
pub(crate) fn struct_tag(attrs: &[Attribute], ident: &str) -> Option<Attribute> {
    let tag = Container::read(attrs).tag?;
    let name = serde_names::written(attrs).unwrap_or_else(|| ident.to_owned());
    let key = format!("x-tag {tag}");
    Some(parse_quote!(#[schemars(extend(#key = #name))]))
}

/// The mark of a variant whose content serde takes for `null` where it is missing.
pub(crate) fn optional_content(container: &Container, variant: &syn::Variant) -> Option<Attribute> {
    let (Some(_), Some(content)) = (&container.tag, &container.content) else {
        return None;
    };
    let missing = match &variant.fields {
        syn::Fields::Unit => true,
        syn::Fields::Unnamed(fields) => {
            fields.unnamed.len() == 1 && is_option(&fields.unnamed[0].ty)
        }
        syn::Fields::Named(_) => false,
    };
    let own = serde_names::has_key(&variant.attrs, |key| {
        key.ends_with("with") || key.starts_with("skip") || key == "untagged" || key == "other"
    });
    (missing && !own).then(|| parse_quote!(#[schemars(extend("x-optional-content" = #content))]))
}

fn is_option(ty: &Type) -> bool {
    last(ty).is_some_and(|segment| segment.ident == "Option")
}

/// `true` if a field that is left out when it is `None` holds nothing else that is written as `null`,
/// as far as its type says.
fn never_null(attrs: &[Attribute], ty: &Type, generics: &[String]) -> bool {
    let skipped = serde_names::value_of(attrs, "skip_serializing_if")
        .is_some_and(|path| path.replace(' ', "").ends_with("Option::is_none"));
    let Some(inner) = last(ty)
        .filter(|segment| segment.ident == "Option")
        .and_then(|option| arguments(option).next())
    else {
        return false;
    };
    let own_null = match inner {
        Type::Tuple(tuple) => tuple.elems.is_empty(),
        inner => last(inner).is_none_or(|segment| {
            let name = segment.ident.to_string();
            name == "Option" || name == "Value" || generics.contains(&name)
        }),
    };
    skipped && !own_null
}
