//! `#[derive(Events)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;
use syn::ext::IdentExt as _;

use super::structs::Purpose;
use super::{OwnCode, checked, decode, described, index, json, module, note, whole};
use crate::ast::{Set, Variant};
use crate::attr::{self, Keys};
use crate::check;
use crate::delivery::Delivery;
use crate::errors::Errors;
use crate::fallback;
use crate::life::Life;
use crate::root::Root;

const PURPOSE: Purpose = Purpose {
    what: "The parameters of the event",
    json: true,
    checked: false,
};

pub(crate) fn expand(input: &DeriveInput, root: &Root) -> TokenStream {
    let mut errors = Errors::default();
    let Some(mut set) = Set::read(input, "Events", root, &mut errors) else {
        let stub = fallback::events_of_anything(input, root);
        let errors = errors.into_tokens();
        return quote!(#errors #stub);
    };
    check::enum_attributes(input, "event", &mut errors);
    let (names, deliveries): (Vec<String>, Vec<Delivery>) = set
        .variants
        .iter_mut()
        .map(|variant| read(variant, &mut errors))
        .unzip();
    check::variants(&set, "event", &mut errors);
    check::names(&set, names.iter().map(String::as_str), "event", &mut errors);
    check::reserved_names(&set, names.iter().map(String::as_str), "event", &mut errors);

    let broken = !errors.is_empty();
    let structs = module(&set, root, PURPOSE, broken, &TokenStream::new());
    let conversions = conversions(&set);
    if broken {
        let errors = errors.into_tokens();
        let stub = fallback::events(&set.ident, root);
        return quote!(#errors #structs #conversions #stub);
    }
    let implementation = implementation(&set, &names, &deliveries, root);
    let checked = checked(&set, &[], root);
    let description = description(&set, root);
    quote!(#structs #conversions #checked #implementation #description)
}

/// The name of an event on the wire, and its class.
fn read(variant: &mut Variant, errors: &mut Errors) -> (String, Delivery) {
    let mut renamed = None;
    let mut life = Life::default();
    let mut delivery = Delivery::default();
    let keys = Keys {
        attribute: "event",
        known: &[
            "name",
            "latest",
            "volatile",
            "since",
            "sunset",
            "stability",
            "reserved_fields",
        ],
        repeat: false,
    };
    keys.read(&variant.attrs, errors, |key, input, _| {
        match key.to_string().as_str() {
            "name" => renamed = Some(attr::text_value(key, input, "user-joined")?),
            "latest" | "volatile" => delivery.read(key, input)?,
            _ => life.read(key, input)?,
        }
        Ok(())
    });
    check::life(&life, variant, errors);
    variant.life = life;
    delivery.check(variant, errors);
    let name = check::name(variant, renamed.as_ref(), "event", errors);
    (name, delivery)
}

/// From each struct to its variant.
fn conversions(set: &Set) -> TokenStream {
    let Set { ident, module, .. } = set;
    let conversions = set.variants.iter().filter_map(|variant| {
        let names = variant.fields()?.iter().map(|field| &field.ident);
        let names = quote!(#(#names),*);
        let name = &variant.ident;
        Some(quote! {
            #[automatically_derived]
            #[allow(deprecated, reason = "the code is the derive's own")]
            impl ::core::convert::From<#module::#name> for #ident {
                #[inline]
                fn from(#module::#name { #names }: #module::#name) -> Self {
                    Self::#name { #names }
                }
            }
        })
    });
    quote!(#(#conversions)*)
}

fn implementation(
    set: &Set,
    names: &[String],
    deliveries: &[Delivery],
    root: &Root,
) -> TokenStream {
    let private = root.private();
    let ident = &set.ident;
    let each = set.variants.iter().zip(names).zip(deliveries);
    let specs = each.map(|((variant, name), delivery)| {
        let (text, docs) = (variant.ident.unraw().to_string(), &variant.docs);
        let deprecated = note(variant.deprecated.as_deref());
        let life = variant.life.spec(&private);
        let delivery = delivery.spec(&private);
        quote! {
            #private::definition::EventSpec {
                name: #name,
                variant: #text,
                docs: #docs,
                deprecated: #deprecated,
                life: #life,
                delivery: #delivery,
            }
        }
    });
    let index = index(set);
    let keys: Vec<TokenStream> = set
        .variants
        .iter()
        .zip(deliveries)
        .filter_map(|(variant, delivery)| delivery.arm(variant, root))
        .collect();
    // A set without such events has no arms, and the trait says it for it.
    let key = (!keys.is_empty()).then(|| {
        quote! {
            fn key(&self) -> ::core::option::Option<::std::string::String> {
                #[allow(unreachable_patterns, reason = "each variant may have a key")]
                match self {
                    #(#keys)*
                    _ => ::core::option::Option::None,
                }
            }
        }
    });
    let encoders = set.variants.iter().zip(names).map(|(variant, name)| {
        let (whole, json) = (whole(variant), json(set, variant, root));
        quote!(#whole => #private::envelope::OpenMessage::event(#name, head, &#json))
    });
    let decoders = set.variants.iter().zip(names).map(|(variant, name)| {
        let decode = decode(set, variant, root, false);
        quote!(#name => ::core::option::Option::Some(#decode))
    });
    quote! {
        #[automatically_derived]
        #OwnCode
        impl #private::definition::Events for #ident {
            const EVENTS: &'static [#private::definition::EventSpec] = &[#(#specs),*];

            fn index(&self) -> usize {
                #index
            }

            #key

            #[inline]
            fn encode(
                self,
                head: #private::envelope::EventHead<'_>,
            ) -> ::core::result::Result<
                #private::envelope::OpenMessage,
                #private::envelope::EncodeError,
            > {
                match self {
                    #(#encoders,)*
                }
            }

            #[inline]
            fn decode(
                name: &str,
                param: ::core::option::Option<&#private::serde_json::value::RawValue>,
            ) -> ::core::option::Option<::core::result::Result<Self, #private::InvalidParam>> {
                match name {
                    #(#decoders,)*
                    _ => ::core::option::Option::None,
                }
            }
        }
    }
}

fn description(set: &Set, root: &Root) -> TokenStream {
    let types = super::variant_types(set, root);
    described(set, root, "Events", &quote!(DescribeEvents), &types)
}
