//! From what the user wrote to code.

pub(crate) mod channels;
pub(crate) mod commands;
pub(crate) mod error_codes;
pub(crate) mod events;
pub(crate) mod payload;
pub(crate) mod protocol;
mod structs;

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;

use crate::ast::{Set, Shape, Variant, line};
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

/// What describes a set: under the feature `manifest` alone.
fn described(
    set: &Set,
    root: &Root,
    derive: &str,
    describe: &TokenStream,
    types: &TokenStream,
) -> TokenStream {
    let (path, private) = (root.path(), root.private());
    let ident = &set.ident;
    let place = place(root, derive, ident, &set.docs);
    quote! {
        #path::__manifest! {
            const _: () = {
                #[automatically_derived]
                impl #private::manifest::collect::#describe for #ident {
                    const PLACE: #private::manifest::collect::Place = #place;
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

/// The function that makes the schema of what a message carries, as an `Option`.
fn schema_of(set: &Set, variant: &Variant, root: &Root) -> TokenStream {
    let module = &set.module;
    let ident = &variant.ident;
    match &variant.shape {
        Shape::Unit => quote!(::core::option::Option::None),
        Shape::Newtype(ty) => schema(root, &quote!(#ty)),
        Shape::Fields(_) => schema(root, &quote!(#module::#ident)),
    }
}

/// The same for a type.
fn schema(root: &Root, ty: &TokenStream) -> TokenStream {
    let private = root.private();
    quote! {
        ::core::option::Option::Some(
            #private::schemars::SchemaGenerator::subschema_for::<#ty>
        )
    }
}

/// `Self::Chat { text }`, as a pattern and as an expression; a newtype's payload is `param`.
fn whole(variant: &Variant) -> TokenStream {
    let ident = &variant.ident;
    match &variant.shape {
        Shape::Unit => quote!(Self::#ident {}),
        Shape::Newtype(_) => quote!(Self::#ident(param)),
        Shape::Fields(fields) => {
            let names = fields.iter().map(|field| &field.ident);
            quote!(Self::#ident { #(#names),* })
        }
    }
}

/// What [`whole`] has taken apart, as the one value that crosses the wire.
fn carried(set: &Set, variant: &Variant, root: &Root) -> TokenStream {
    let private = root.private();
    let (module, ident) = (&set.module, &variant.ident);
    match &variant.shape {
        Shape::Unit => quote!(#private::envelope::Empty),
        Shape::Newtype(_) => quote!(param),
        Shape::Fields(fields) => {
            let names = fields.iter().map(|field| &field.ident);
            quote!(#module::#ident { #(#names),* })
        }
    }
}

/// Decodes what a variant carries and, where it comes from a client, checks its rules; an
/// expression of `Result<Self, InvalidParam>`.
fn decode(set: &Set, variant: &Variant, root: &Root, from_client: bool) -> TokenStream {
    let private = root.private();
    let (module, ident) = (&set.module, &variant.ident);
    match &variant.shape {
        Shape::Unit => quote! {
            #private::decode_empty(param).map(|()| Self::#ident {})
        },
        Shape::Newtype(ty) => {
            let check = from_client.then(|| {
                quote! {
                    let own_rules = &#private::Field(&param);
                    own_rules.check("")?;
                }
            });
            let decode = quote_spanned!(ty.span()=> #private::decode_payload::<#ty>);
            quote! {
                #decode(param).and_then(|param| {
                    #check
                    ::core::result::Result::Ok(Self::#ident(param))
                })
            }
        }
        Shape::Fields(fields) => {
            let names = fields.iter().map(|field| &field.ident);
            let names = quote!(#(#names),*);
            let decode = if from_client {
                quote!(decode_valid)
            } else {
                quote!(decode)
            };
            quote! {
                #private::#decode::<#module::#ident>(param)
                    .map(|#module::#ident { #names }| Self::#ident { #names })
            }
        }
    }
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
