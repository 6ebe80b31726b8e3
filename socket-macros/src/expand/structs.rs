//! The module with one struct for each variant that has fields.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::DeriveInput;
use syn::ext::IdentExt as _;

use super::{OwnCode, doc, twin};
use crate::ast::{Field, Set, Variant};
use crate::life;
use crate::root::Root;
use crate::serde_names;
use crate::wire::FieldWire;

/// The purpose of the structs of a derive.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Purpose {
    /// The first half of a sentence: `The parameters of the command`.
    pub(crate) what: &'static str,
    /// `true` if they cross the wire as JSON.
    pub(crate) json: bool,
    /// `true` if they come from clients and must meet rules.
    pub(crate) checked: bool,
}

/// The module and the rules of its structs; nothing when no variant has fields. `more` stands in
/// the module too.
pub(crate) fn module(
    set: &Set,
    root: &Root,
    purpose: Purpose,
    broken: bool,
    more: &TokenStream,
) -> TokenStream {
    let with_fields: Vec<(&Variant, &[Field])> = set
        .variants
        .iter()
        .filter_map(|variant| Some((variant, variant.fields()?)))
        .collect();
    if with_fields.is_empty() && more.is_empty() {
        return TokenStream::new();
    }
    let Set {
        vis, module, ident, ..
    } = set;
    let title = doc(&format!(
        "{} of [`{ident}`](super::{ident}), one struct for each variant that has fields.{}",
        purpose
            .what
            .replace("The parameters of the ", "The parameters of each "),
        if more.is_empty() {
            ""
        } else {
            " The variants without stand beside them, for clients to call."
        }
    ));
    let json = purpose.json && !broken;
    let structs = with_fields
        .iter()
        .map(|(variant, fields)| item(variant, fields, root, purpose, json));
    let rules = with_fields
        .iter()
        .filter(|_| json && purpose.checked)
        .map(|(variant, fields)| rules(set, variant, fields, root));
    quote! {
        #title
        #[allow(
            deprecated,
            missing_docs,
            unused_imports,
            unreachable_pub,
            clippy::all,
            clippy::pedantic,
            clippy::nursery,
            reason = "the enum itself carries these lints"
        )]
        #vis mod #module {
            use super::*;

            #(#structs)*

            #more
        }
        #(#rules)*
    }
}

fn item(
    variant: &Variant,
    fields: &[Field],
    root: &Root,
    purpose: Purpose,
    json: bool,
) -> TokenStream {
    let path = root.path();
    let private = root.private();
    let ident = &variant.ident;
    let docs = if variant.docs.is_empty() {
        doc(&format!("{} `{ident}`.", purpose.what))
    } else {
        doc(&variant.docs)
    };
    let struct_of = |attributes: &dyn Fn(&Field) -> TokenStream| {
        let fields = fields.iter().map(|field| {
            let Field {
                ident, inner: ty, ..
            } = field;
            let attributes = attributes(field);
            quote!(#attributes pub #ident: #ty)
        });
        quote! {
            #docs
            pub struct #ident {
                #(#fields,)*
            }
        }
    };
    let traits = conditional_traits(variant, fields);
    if !json {
        let item = struct_of(&|field| {
            let attrs = field.attrs.iter();
            let docs = attrs.filter(|attr| attr.path().is_ident("doc"));
            quote!(#(#docs)*)
        });
        return quote!(#item #traits);
    }
    let plain = struct_of(&|field| {
        let attrs = field.attrs.iter();
        let attrs = attrs.filter(|attr| !attr.path().is_ident("schemars"));
        let serde = &field.added.serde;
        quote!(#(#attrs)* #(#serde)*)
    });
    let described = struct_of(&|field| {
        let (attrs, rules) = (&field.attrs, field.rules.schema());
        let alias = serde_names::alias_in_schema(&field.attrs);
        let FieldWire {
            serde, schemars, ..
        } = &field.added;
        quote!(#(#attrs)* #rules #alias #(#serde)* #(#schemars)*)
    });
    let (serde, schemars) = (root.literal("serde"), root.literal("schemars"));
    let bound = bound(fields, root);
    let reserved = life::schema(&variant.life.reserved_fields);
    let plain = quote! {
        #[derive(#private::serde::Serialize, #private::serde::Deserialize)]
        #[serde(crate = #serde, bound = #bound)]
        #plain
    };
    // schemars' derive would report a field that is no payload once more.
    let foreign = twin::foreign(
        fields
            .iter()
            .filter(|field| !field.by_hand)
            .map(|field| &field.ty),
    );
    let schema = (!foreign.is_empty())
        .then(|| syn::parse2::<DeriveInput>(described.clone()).ok())
        .flatten()
        .map(|described| {
            let asked = twin::asked(&described);
            twin::schema(
                &described,
                &asked,
                None,
                &quote!(#[schemars(inline)] #reserved),
                root,
            )
        });
    if let Some(schema) = schema {
        return quote!(#plain #path::__manifest! { #schema } #traits);
    }
    quote! {
        #path::__payload! {
            { #plain }
            {
                #[derive(
                    #private::serde::Serialize,
                    #private::serde::Deserialize,
                    #private::schemars::JsonSchema,
                )]
                #[serde(crate = #serde, bound = #bound)]
                #[schemars(crate = #schemars, inline)]
                #reserved
                #described
            }
        }
        #traits
    }
}

/// The bound under which serde's derives compile for any field type: a type that is no payload is
/// reported once, on its own token, and not by each of them.
fn bound(fields: &[Field], root: &Root) -> String {
    let private = root.private();
    let bounds = fields.iter().filter(|field| !field.by_hand).map(|field| {
        let ty = &field.inner;
        quote!(for<'any> #ty: #private::Payload)
    });
    quote!(#(#bounds),*).to_string()
}

/// `Debug`, `Clone` and `PartialEq` where every field has them. A bound over any lifetime may be
/// false without being an error, so a field type that lacks one of them only takes that one away.
fn conditional_traits(variant: &Variant, fields: &[Field]) -> TokenStream {
    let ident = &variant.ident;
    let types: Vec<_> = fields.iter().map(|field| &field.inner).collect();
    let names: Vec<_> = fields.iter().map(|field| &field.ident).collect();
    let texts = names.iter().map(|name| name.unraw().to_string());
    let title = ident.unraw().to_string();
    quote! {
        #[automatically_derived]
        impl ::core::fmt::Debug for #ident
        where
            #(for<'any> #types: ::core::fmt::Debug,)*
        {
            #[inline]
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct(#title)#(.field(#texts, &self.#names))*.finish()
            }
        }

        #[automatically_derived]
        impl ::core::clone::Clone for #ident
        where
            #(for<'any> #types: ::core::clone::Clone,)*
        {
            #[inline]
            fn clone(&self) -> Self {
                Self { #(#names: ::core::clone::Clone::clone(&self.#names),)* }
            }
        }

        #[automatically_derived]
        impl ::core::cmp::PartialEq for #ident
        where
            #(for<'any> #types: ::core::cmp::PartialEq,)*
        {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                #(::core::cmp::PartialEq::eq(&self.#names, &other.#names))&&*
            }
        }
    }
}

/// The rules stand beside the enum, where the paths of `custom` and of bounds are resolved.
fn rules(set: &Set, variant: &Variant, fields: &[Field], root: &Root) -> TokenStream {
    let private = root.private();
    let (module, ident) = (&set.module, &variant.ident);
    let value: Ident = format_ident!("field", span = proc_macro2::Span::mixed_site());
    let checks = fields.iter().map(|field| {
        let (name, wire) = (&field.ident, &field.wire);
        let checks = field.rules.check(&private, &value, &quote!(#wire));
        quote! {
            let #value = &self.#name;
            #checks
        }
    });
    validate(
        &private,
        &quote!(#module::#ident),
        &quote!(),
        &quote!(),
        &quote!(#(#checks)*),
    )
}

/// An implementation of `Validate`.
pub(crate) fn validate(
    private: &TokenStream,
    ty: &TokenStream,
    generics: &TokenStream,
    bounds: &TokenStream,
    checks: &TokenStream,
) -> TokenStream {
    quote! {
        #[automatically_derived]
        #OwnCode
        impl #generics #private::Validate for #ty #bounds {
            #[inline]
            fn validate(&self) -> ::core::result::Result<(), #private::InvalidParam> {
                use #private::{ViaNothing as _, ViaRules as _};
                #checks
                ::core::result::Result::Ok(())
            }
        }
    }
}
