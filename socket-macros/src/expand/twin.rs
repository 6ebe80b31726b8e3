//! The twin of a payload type: an item with the same fields, for which serde's and schemars' derives
//! write their code in the type's place.
//!
//! The twin's implementations ask that every field is a payload; the type's own do not, and go on to
//! the twin's where there are any. So a field whose type lacks `#[payload]` is one message, on that
//! type. Bounds on the type itself would do the same but for types that hold themselves, which the
//! compiler would follow without end.

use std::collections::BTreeSet;

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Attribute, Data, DeriveInput, Generics, LitStr, Type, Visibility, parse_quote};

use super::OwnCode;
use super::visit::{each_field, each_variant};
use crate::attr;
use crate::root::Root;
use crate::serde_names;

/// The attributes of a whole type that make serde's and schemars' derives go past its fields.
const PAST_FIELDS: &[&str] = &["from", "try_from", "into", "remote", "bound", "transparent"];

/// Names that only standard types have. What is made of them alone is a payload.
const STANDARD: &[&str] = &[
    "bool",
    "char",
    "f32",
    "f64",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "isize",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "usize",
    "String",
    "Option",
    "Vec",
    "Box",
    "BTreeMap",
    "BTreeSet",
    "HashMap",
    "HashSet",
    "std",
    "core",
    "alloc",
    "string",
    "option",
    "vec",
    "boxed",
    "collections",
];

/// The types that must be payloads, each once; none where the type is written in another way.
pub(super) fn asked(input: &DeriveInput) -> Vec<Type> {
    let past = |attrs: &[Attribute]| serde_names::has_key(attrs, |key| PAST_FIELDS.contains(&key));
    if !input.generics.params.is_empty() || input.generics.where_clause.is_some() {
        return Vec::new();
    }
    if past(&input.attrs) || serde_names::in_schemars(&input.attrs, &["with"]) {
        return Vec::new();
    }
    let mut types = Vec::new();
    match &input.data {
        Data::Struct(data) => types.extend(data.fields.iter()),
        Data::Enum(data) => {
            let plain = |attrs: &[Attribute]| !serde_names::by_hand(attrs);
            let variants = data.variants.iter().filter(|variant| plain(&variant.attrs));
            types.extend(variants.flat_map(|variant| variant.fields.iter()));
        }
        Data::Union(_) => {}
    }
    let types = types
        .into_iter()
        .filter(|field| !serde_names::by_hand(&field.attrs) && !has_condition(&field.attrs));
    let types: Vec<Type> = types
        .map(|field| outside(&field.ty, &input.ident))
        .collect();
    foreign(types.iter())
}

/// Those of the types that may be no payloads, each once.
pub(super) fn foreign<'a>(types: impl Iterator<Item = &'a Type>) -> Vec<Type> {
    let mut seen = BTreeSet::new();
    let mut foreign = Vec::new();
    for ty in types {
        let text = ty.to_token_stream().to_string();
        // serde reads bounds from a text, in which `$crate` would mean nothing.
        if !is_standard(ty.to_token_stream()) && !text.contains('$') && seen.insert(text) {
            foreign.push(ty.clone());
        }
    }
    foreign
}

/// A field's type as it is written elsewhere: `Self` is the type that the field is of.
fn outside(ty: &Type, of: &Ident) -> Type {
    fn named(tokens: TokenStream, of: &Ident) -> TokenStream {
        let named = |token| match token {
            TokenTree::Ident(word) if word == "Self" => {
                let mut of = of.clone();
                of.set_span(word.span());
                TokenTree::Ident(of)
            }
            TokenTree::Group(group) => {
                let mut inside = Group::new(group.delimiter(), named(group.stream(), of));
                inside.set_span(group.span());
                TokenTree::Group(inside)
            }
            token => token,
        };
        tokens.into_iter().map(named).collect()
    }
    syn::parse2(named(ty.to_token_stream(), of)).unwrap_or_else(|_| ty.clone())
}

fn is_standard(tokens: TokenStream) -> bool {
    tokens.into_iter().all(|token| match token {
        TokenTree::Ident(ident) => STANDARD.contains(&ident.to_string().as_str()),
        TokenTree::Group(group) => is_standard(group.stream()),
        TokenTree::Punct(_) | TokenTree::Literal(_) => true,
    })
}

fn has_condition(attrs: &[Attribute]) -> bool {
    let conditions = ["cfg", "cfg_attr"];
    attrs
        .iter()
        .any(|attr| conditions.iter().any(|name| attr.path().is_ident(name)))
}

/// `for<'any> Point: Payload`, for each. A bound over any lifetime may be false without being an
/// error.
fn bound(asked: &[Type], private: &TokenStream) -> LitStr {
    let text = quote!(#(for<'any> #asked: #private::Payload),*).to_string();
    LitStr::new(&text, proc_macro2::Span::call_site())
}

/// The type's own `Serialize` and `Deserialize`, by way of the twin.
pub(super) fn serde(input: &DeriveInput, asked: &[Type], root: &Root) -> TokenStream {
    let private = root.private();
    let ident = &input.ident;
    let twin_ident = format_ident!("__Wire{}", ident.unraw());
    let (krate, bound) = (root.literal("serde"), bound(asked, &private));
    let remote = LitStr::new(&ident.to_string(), ident.span());
    let name = ident.unraw().to_string();
    let rename =
        (!serde_names::in_serde(&input.attrs, "rename")).then(|| quote!(#[serde(rename = #name)]));
    let twin = twin(input, &twin_ident, &["serde"]);
    let checks = asked
        .iter()
        .map(|ty| quote_spanned!(ty.span()=> #private::payload::<#ty>();));
    quote! {
        #OwnCode
        const _: () = {
            use #private::ViaNoTwin as _;

            const _: fn() = || {
                #(#checks)*
            };

            #[derive(#private::serde::Serialize, #private::serde::Deserialize)]
            #[serde(crate = #krate, remote = #remote, bound = #bound)]
            #rename
            #twin

            #[automatically_derived]
            impl #private::serde::Serialize for #ident {
                fn serialize<S: #private::serde::Serializer>(
                    &self,
                    serializer: S,
                ) -> ::core::result::Result<S::Ok, S::Error> {
                    #twin_ident::serialize(self, serializer)
                }
            }

            #[automatically_derived]
            impl<'de> #private::serde::Deserialize<'de> for #ident {
                fn deserialize<D: #private::serde::Deserializer<'de>>(
                    deserializer: D,
                ) -> ::core::result::Result<Self, D::Error> {
                    #twin_ident::deserialize(deserializer)
                }
            }
        };
    }
}

/// The type's own `JsonSchema`, by way of a second twin, which has that `name` and `attributes` above
/// it. schemars takes bounds for a type with parameters alone, so this one has a constant.
pub(super) fn schema(
    described: &DeriveInput,
    asked: &[Type],
    name: Option<&str>,
    attributes: &TokenStream,
    root: &Root,
) -> TokenStream {
    let private = root.private();
    let ident = &described.ident;
    let twin_ident = format_ident!("__Schema{}", ident.unraw());
    let (krate, bound) = (root.literal("schemars"), bound(asked, &private));
    let mut twin = twin(
        described,
        &twin_ident,
        &["doc", "deprecated", "serde", "schemars"],
    );
    twin.generics = parse_quote!(<const ANY: bool>);
    let own = || (!serde_names::renamed(&described.attrs)).then(|| ident.unraw().to_string());
    let rename = name.map(str::to_owned).or_else(own);
    let rename = rename.map(|name| quote!(#[schemars(rename = #name)]));
    // The defaults that the schema tells are the type's own.
    let of_default = serde_names::has_key(&described.attrs, |key| key == "default")
        && serde_names::value_of(&described.attrs, "default").is_none();
    let default = of_default.then(|| {
        quote! {
            impl<const ANY: bool> #twin_ident<ANY> {
                fn default() -> #ident {
                    ::core::default::Default::default()
                }
            }
        }
    });
    let carrier = quote! {
        use #private::{ViaNoSchema as _, ViaSchema as _};
        let carrier = &#private::Carrier::<#twin_ident<true>>::new();
    };
    quote! {
        #OwnCode
        const _: () = {
            #[derive(#private::schemars::JsonSchema)]
            #[schemars(crate = #krate, bound = #bound)]
            #rename
            #attributes
            #twin

            #default

            #[automatically_derived]
            impl #private::schemars::JsonSchema for #ident {
                fn schema_name() -> #private::Name {
                    #carrier
                    carrier.schema_name()
                }

                fn schema_id() -> #private::Name {
                    #carrier
                    carrier.schema_id()
                }

                fn inline_schema() -> bool {
                    #carrier
                    carrier.inline_schema()
                }

                fn json_schema(
                    generator: &mut #private::schemars::SchemaGenerator,
                ) -> #private::schemars::Schema {
                    #carrier
                    carrier.json_schema(generator)
                }
            }
        };
    }
}

/// The same item under another name, with those attributes alone.
fn twin(input: &DeriveInput, ident: &Ident, attributes: &[&str]) -> DeriveInput {
    let kept = |attrs: &mut Vec<Attribute>| {
        attrs.retain(|attr| {
            let is = |name: &str| attr.path().is_ident(name);
            let brings = |name: &&str| attr::says(attr, name);
            attributes.iter().any(|name| is(name))
                || is("cfg")
                || (is("cfg_attr") && attributes.iter().any(brings))
        });
    };
    let mut twin = input.clone();
    twin.ident = ident.clone();
    twin.vis = Visibility::Inherited;
    twin.generics = Generics::default();
    twin.attrs = attr::kept(&twin.attrs, attributes);
    each_variant(&mut twin.data, kept);
    each_field(&mut twin.data, |field| {
        field.ty = outside(&field.ty, &input.ident);
        kept(&mut field.attrs);
    });
    if let Data::Enum(data) = &mut twin.data {
        for variant in &mut data.variants {
            variant.discriminant = None;
        }
    }
    twin
}
