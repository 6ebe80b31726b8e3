//! From what the user wrote to code.

mod calls;
pub(crate) mod channels;
pub(crate) mod commands;
pub(crate) mod error_codes;
pub(crate) mod events;
mod handler;
mod names;
pub(crate) mod payload;
mod policy;
pub(crate) mod protocol;
mod structs;
mod twin;
mod typescript;
mod visit;

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned as _;

use crate::ast::{Field, Set, Shape, Variant, line};
use crate::root::Root;

pub(crate) use structs::module;

/// An optional note as an expression.
fn note(deprecated: Option<&str>) -> TokenStream {
    match deprecated {
        Some(note) => quote!(::core::option::Option::Some(#note)),
        None => quote!(::core::option::Option::None),
    }
}

/// `match self { … }` to each variant's place in the list.
fn index(set: &Set) -> TokenStream {
    let arms = set.variants.iter().enumerate().map(|(index, variant)| {
        let ident = &variant.ident;
        quote!(Self::#ident { .. } => #index)
    });
    // A reference to an enum without variants has no arms to match, the enum itself needs none.
    quote!(match *self { #(#arms,)* })
}

/// The constant `PLACE` of the describing traits.
fn place(root: &Root, derive: &str, ident: &Ident, docs: &str) -> TokenStream {
    let private = root.private();
    let tail = format!("::{ident}");
    let line = line(ident.span());
    quote! {
        #private::manifest::collect::Place {
            derive: #derive,
            rust: ::core::concat!(::core::module_path!(), #tail),
            docs: #docs,
            file: ::core::file!(),
            line: #line,
        }
    }
}

/// The description of a set, under the feature `manifest`.
fn described(
    set: &Set,
    root: &Root,
    derive: &str,
    describe: &TokenStream,
    types: &TokenStream,
) -> TokenStream {
    let (path, private) = (root.path(), root.private());
    let Set {
        ident, reserved, ..
    } = set;
    let place = place(root, derive, ident, &set.docs);
    quote! {
        #path::__manifest! {
            const _: () = {
                #[automatically_derived]
                impl #private::manifest::collect::#describe for #ident {
                    const PLACE: #private::manifest::collect::Place = #place;
                    const RESERVED: &'static [&'static str] = &[#(#reserved),*];
                    #types
                }
                #private::inventory::submit! {
                    #private::manifest::collect::Registration {
                        place: <#ident as #private::manifest::collect::#describe>::PLACE,
                        describe: ::core::option::Option::None,
                    }
                }
            };
        }
    }
}

/// Stands above an item that only a derive has written: no lint of the user's is about it.
struct OwnCode;

impl ToTokens for OwnCode {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(quote! {
            #[allow(
                deprecated,
                dead_code,
                missing_debug_implementations,
                non_camel_case_types,
                unreachable_code,
                unreachable_pub,
                unused_imports,
                unused_variables,
                clippy::all,
                clippy::pedantic,
                clippy::nursery,
                reason = "the code is the derive's own"
            )]
        });
    }
}

/// The functions that describe and try what a message carries, as an `Option`.
fn schema_of(set: &Set, variant: &Variant, root: &Root) -> TokenStream {
    carried_type(set, variant).map_or_else(
        || quote!(::core::option::Option::None),
        |ty| schema(root, &ty),
    )
}

/// The same for a type.
fn schema(root: &Root, ty: &TokenStream) -> TokenStream {
    let private = root.private();
    let carrier = quote! {
        use #private::ViaDescribed as _;
        let carrier = &&#private::Carrier::<#ty>::new();
    };
    quote! {
        ::core::option::Option::Some(#private::manifest::collect::Carried {
            schema: |generator| {
                #carrier
                carrier.schema(generator)
            },
            probe: |text| {
                #carrier
                carrier.probe(text)
            },
        })
    }
}

/// The variable `carrier`, through which a value of that type goes to JSON and comes back.
fn carrier(ty: &impl ToTokens, root: &Root) -> TokenStream {
    let private = root.private();
    quote! {
        use #private::Via as _;
        let carrier = &&#private::Carrier::<#ty>::new();
    }
}

/// Checks each type that the user wrote on its own token.
fn checked(set: &Set, replies: &[&Type], root: &Root) -> TokenStream {
    let private = root.private();
    let params = set
        .variants
        .iter()
        .flat_map(|variant| match &variant.shape {
            Shape::Unit => Vec::new(),
            Shape::Newtype(ty) => vec![&**ty],
            Shape::Fields(fields) => fields
                .iter()
                .filter(|field| !field.by_hand)
                .map(|field| &field.ty)
                .collect(),
        });
    let payloads = params
        .chain(replies.iter().copied())
        .map(|ty| quote_spanned!(ty.span()=> #private::payload::<#ty>();));
    quote! {
        #OwnCode
        const _: fn() = || {
            #(#payloads)*
        };
    }
}

/// `Self::Chat { text }`, as a pattern and as an expression; a newtype's payload is `param`.
fn whole(variant: &Variant) -> TokenStream {
    let ident = &variant.ident;
    match &variant.shape {
        Shape::Unit => quote!(Self::#ident {}),
        Shape::Newtype(_) => quote!(Self::#ident(param)),
        Shape::Fields(fields) => {
            let fields = bound(fields);
            quote!(Self::#ident { #fields })
        }
    }
}

/// `text: field_text`
fn bound(fields: &[Field]) -> TokenStream {
    let (names, variables) = (
        fields.iter().map(|field| &field.ident),
        fields.iter().map(|field| &field.bound),
    );
    quote!(#(#names: #variables),*)
}

/// The parts bound by [`whole`], as the one value that crosses the wire.
fn carried(set: &Set, variant: &Variant) -> TokenStream {
    let (module, ident) = (&set.module, &variant.ident);
    match &variant.shape {
        Shape::Unit => TokenStream::new(),
        Shape::Newtype(_) => quote!(param),
        Shape::Fields(fields) => {
            let fields = bound(fields);
            quote!(#module::#ident { #fields })
        }
    }
}

/// The type of what it carries.
fn carried_type(set: &Set, variant: &Variant) -> Option<TokenStream> {
    let (module, ident) = (&set.module, &variant.ident);
    match &variant.shape {
        Shape::Unit => None,
        Shape::Newtype(ty) => Some(quote!(#ty)),
        Shape::Fields(_) => Some(quote!(#module::#ident)),
    }
}

/// Its content, ready to be written as JSON.
fn json(set: &Set, variant: &Variant, root: &Root) -> TokenStream {
    let private = root.private();
    let carried = carried(set, variant);
    carried_type(set, variant).map_or_else(
        || quote!(#private::envelope::Empty),
        |ty| {
            let carrier = carrier(&ty, root);
            quote!({
                #carrier
                carrier.json(#carried)
            })
        },
    )
}

/// Decodes what a variant carries and, where it comes from a client, checks its rules; an
/// expression of `Result<Self, InvalidParam>`.
fn decode(set: &Set, variant: &Variant, root: &Root, from_client: bool) -> TokenStream {
    let private = root.private();
    let ident = &variant.ident;
    let Some(ty) = carried_type(set, variant) else {
        return quote!(#private::decode_empty(param).map(|()| Self::#ident {}));
    };
    let carried = carried(set, variant);
    let check = from_client.then(|| {
        quote! {
            let own_rules = &#private::Field(&decoded);
            own_rules.check("")?;
        }
    });
    let whole = whole(variant);
    // serde would take an array for the struct, field by field; no client is told so.
    let param = match &variant.shape {
        Shape::Fields(_) => quote!(#private::object(param)),
        Shape::Unit | Shape::Newtype(_) => quote!(::core::result::Result::Ok(param)),
    };
    let carrier = carrier(&ty, root);
    quote!({
        #carrier
        #param.and_then(|param| carrier.decode(param)).and_then(|decoded| {
            #check
            let #carried = decoded;
            ::core::result::Result::Ok(#whole)
        })
    })
}

/// Docs for what the user sees of the expansion.
fn doc(text: &str) -> TokenStream {
    quote!(#[doc = #text])
}

/// The constant `TYPES` of events and errors.
fn variant_types(set: &Set, root: &Root) -> TokenStream {
    let private = root.private();
    let types = set.variants.iter().map(|variant| {
        let line = variant.line();
        let fields = schema_of(set, variant, root);
        quote! {
            #private::manifest::collect::VariantTypes { line: #line, fields: #fields }
        }
    });
    quote! {
        const TYPES: &'static [#private::manifest::collect::VariantTypes] = &[#(#types),*];
    }
}
