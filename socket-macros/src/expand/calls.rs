//! The client's side of commands: the calls, and their answers.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Type;

use super::{OwnCode, bound, carried_type, carrier, doc};
use crate::ast::{Commands, Options, Set, Shape, Variant};
use crate::root::Root;

/// The items beside the structs in the module: a constant for each variant without fields, and a
/// function for each that carries a type of the user's. They live among values, so that no type of
/// the same name is hidden by them.
pub(super) fn items(set: &Set) -> TokenStream {
    let (mut types, mut values) = (TokenStream::new(), TokenStream::new());
    for variant in &set.variants {
        let ident = &variant.ident;
        let docs = doc(if variant.docs.is_empty() {
            "The command."
        } else {
            &variant.docs
        });
        match variant.shape {
            Shape::Unit => {
                types.extend(quote!(#[derive(Debug, Clone, Copy)] pub struct #ident;));
                values.extend(quote! {
                    #docs
                    #[allow(non_upper_case_globals, reason = "named as the variant is")]
                    pub const #ident: __call::#ident = __call::#ident;
                });
            }
            Shape::Newtype(_) => {
                types.extend(quote!(#[derive(Debug, Clone, Copy)] pub struct #ident<T>(pub T);));
                values.extend(quote! {
                    #docs
                    #[allow(non_snake_case, reason = "named as the variant is")]
                    pub const fn #ident<T>(param: T) -> __call::#ident<T> {
                        __call::#ident(param)
                    }
                });
            }
            Shape::Fields(_) => {}
        }
    }
    if types.is_empty() {
        return TokenStream::new();
    }
    quote! {
        #[doc(hidden)]
        #[allow(non_camel_case_types, reason = "the enum itself carries this lint")]
        pub mod __call {
            #types
        }

        #values
    }
}

/// `Command` for each of them.
pub(super) fn implementations(commands: &Commands, root: &Root) -> TokenStream {
    let Commands { set, options } = commands;
    let implementations = set
        .variants
        .iter()
        .zip(options)
        .map(|(variant, options)| implementation(set, variant, options, root));
    quote!(#(#implementations)*)
}

fn implementation(set: &Set, variant: &Variant, options: &Options, root: &Root) -> TokenStream {
    let private = root.private();
    let (enum_ident, module, ident) = (&set.ident, &set.module, &variant.ident);
    let (called, taken, made) = match &variant.shape {
        Shape::Unit => (
            quote!(#module::__call::#ident),
            quote!(_),
            quote!(#enum_ident::#ident {}),
        ),
        Shape::Newtype(_) => {
            let ty = carried_type(set, variant);
            (
                quote!(#module::__call::#ident<#ty>),
                quote!(#module::__call::#ident(param)),
                quote!(#enum_ident::#ident(param)),
            )
        }
        Shape::Fields(fields) => {
            let fields = bound(fields);
            (
                quote!(#module::#ident),
                quote!(#module::#ident { #fields }),
                quote!(#enum_ident::#ident { #fields }),
            )
        }
    };
    let (reply, decode_reply) = reply(options.reply.as_ref(), root);
    let (item, decode_item) = item(options.stream.as_ref(), root);
    let (error, decode_error) = match &options.error {
        Some(error) => (
            quote!(#error),
            quote! {
                let carrier = &#private::Carrier::<#error>::new();
                carrier.declared(error)
            },
        ),
        None => (
            quote!(#private::NoError),
            quote!(::core::result::Result::Err(error)),
        ),
    };
    quote! {
        #[automatically_derived]
        #OwnCode
        impl #private::definition::Command<#enum_ident> for #called {
            type Reply = #reply;
            type Item = #item;
            type Error = #error;

            #[inline]
            fn into_command(self) -> #enum_ident {
                let #taken = self;
                #made
            }

            #[inline]
            fn decode_reply(
                param: ::core::option::Option<&#private::serde_json::value::RawValue>,
            ) -> ::core::result::Result<Self::Reply, #private::InvalidParam> {
                #decode_reply
            }

            #[inline]
            fn decode_item(
                item: ::core::option::Option<&#private::serde_json::value::RawValue>,
            ) -> ::core::result::Result<Self::Item, #private::InvalidParam> {
                #decode_item
            }

            #[inline]
            fn decode_error(
                error: #private::WireError,
            ) -> ::core::result::Result<Self::Error, #private::WireError> {
                use #private::{ViaCodes as _, ViaNoCodes as _};
                #decode_error
            }
        }
    }
}

/// The type of the reply, and how it is decoded.
fn reply(reply: Option<&Type>, root: &Root) -> (TokenStream, TokenStream) {
    let Some(reply) = reply else {
        let private = root.private();
        return (quote!(()), quote!(#private::decode_empty(param)));
    };
    let carrier = carrier(reply, root);
    (quote!(#reply), quote!(#carrier carrier.decode(param)))
}

/// The type of the items, and how one is decoded.
fn item(item: Option<&Type>, root: &Root) -> (TokenStream, TokenStream) {
    let Some(item) = item else {
        let private = root.private();
        return (quote!(#private::NoItem), quote!(#private::no_items()));
    };
    let carrier = carrier(item, root);
    (quote!(#item), quote!(#carrier carrier.decode(item)))
}
