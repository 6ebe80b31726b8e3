//! `#[derive(ErrorCodes)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt as _;
use syn::{DeriveInput, LitStr};

use super::structs::Purpose;
use super::{OwnCode, checked, decode, described, json, module, note, variant_types, whole};
use crate::ast::{Set, Shape, Variant};
use crate::attr::{self, Keys};
use crate::check;
use crate::errors::Errors;
use crate::fallback;
use crate::life::Life;
use crate::name;
use crate::root::Root;

const PURPOSE: Purpose = Purpose {
    what: "The data of the error",
    json: true,
    checked: false,
};

/// The content of `#[code(…)]`.
struct Options {
    name: String,
    message: Option<LitStr>,
}

pub(crate) fn expand(input: &DeriveInput, root: &Root) -> TokenStream {
    let mut errors = Errors::default();
    let Some(mut set) = Set::read(input, "ErrorCodes", root, &mut errors) else {
        let stub = fallback::error_codes(input, root);
        let errors = errors.into_tokens();
        return quote!(#errors #stub);
    };
    check::enum_attributes(input, "code", &mut errors);
    let options: Vec<Options> = set
        .variants
        .iter_mut()
        .map(|variant| read(variant, &mut errors))
        .collect();
    check::variants(&set, "code", &mut errors);
    let codes = options.iter().map(|options| options.name.as_str());
    check::names(&set, codes.clone(), "code", &mut errors);
    check::reserved_names(&set, codes, "code", &mut errors);

    let broken = !errors.is_empty();
    let structs = module(&set, root, PURPOSE, broken, &TokenStream::new());
    if broken {
        let errors = errors.into_tokens();
        let stub = fallback::error_codes(input, root);
        return quote!(#errors #structs #stub);
    }
    let implementation = implementation(&set, &options, root);
    let checked = checked(&set, &[], root);
    let types = variant_types(&set, root);
    let description = described(&set, root, "ErrorCodes", &quote!(DescribeErrors), &types);
    quote!(#structs #checked #implementation #description)
}

fn read(variant: &mut Variant, errors: &mut Errors) -> Options {
    let mut life = Life::default();
    let (mut renamed, mut message) = (None, None);
    let keys = Keys {
        attribute: "code",
        known: &[
            "name",
            "message",
            "since",
            "sunset",
            "stability",
            "reserved_fields",
        ],
        repeat: false,
    };
    keys.read(&variant.attrs, errors, |key, input, _| {
        match key.to_string().as_str() {
            "name" => renamed = Some(attr::text_value(key, input, "room-full")?),
            "message" => message = Some(attr::text_value(key, input, "the room is full")?),
            _ => life.read(key, input)?,
        }
        Ok(())
    });
    check::life(&life, variant, errors);
    variant.life = life;
    if let Some(message) = &message {
        check::message(variant, message, errors);
    }
    Options {
        name: check::name(variant, renamed.as_ref(), "code", errors),
        message,
    }
}

fn implementation(set: &Set, options: &[Options], root: &Root) -> TokenStream {
    let private = root.private();
    let ident = &set.ident;
    let specs = set.variants.iter().zip(options).map(|(variant, options)| {
        let code = &options.name;
        let (text, docs) = (variant.ident.unraw().to_string(), &variant.docs);
        let deprecated = note(variant.deprecated.as_deref());
        let life = variant.life.spec(&private);
        quote! {
            #private::definition::ErrorSpec {
                code: #code,
                variant: #text,
                docs: #docs,
                deprecated: #deprecated,
                life: #life,
            }
        }
    });
    let arms = set.variants.iter().zip(options).map(|(variant, options)| {
        let (whole, code) = (whole(variant), &options.name);
        let message = message(variant, options);
        // The message names its fields as the user does.
        let fields = variant.fields().unwrap_or_default();
        let names = fields.iter().map(|field| &field.ident);
        let variables = fields.iter().map(|field| &field.bound);
        let data = match variant.shape {
            Shape::Unit => quote!(::core::option::Option::None::<&()>),
            Shape::Newtype(_) | Shape::Fields(_) => {
                let json = json(set, variant, root);
                quote!(::core::option::Option::Some(&#json))
            }
        };
        quote! {
            #whole => {
                let text = {
                    #(let #names = &#variables;)*
                    #message
                };
                #private::wire_error(#code, text, #data)
            }
        }
    });
    let codes = options.iter().map(|options| &options.name);
    let decoders = set
        .variants
        .iter()
        .map(|variant| decode(set, variant, root, false));
    quote! {
        #[automatically_derived]
        #OwnCode
        impl #private::definition::ErrorCodes for #ident {
            const CODES: &'static [#private::definition::ErrorSpec] = &[#(#specs),*];

            #[inline]
            fn into_wire(self) -> #private::WireError {
                match self {
                    #(#arms,)*
                }
            }

            #[inline]
            fn from_wire(
                error: &#private::WireError,
            ) -> ::core::option::Option<::core::result::Result<Self, #private::InvalidParam>> {
                let param = error.data.as_deref();
                match &*error.code {
                    #(#codes => ::core::option::Option::Some(#decoders),)*
                    _ => ::core::option::Option::None,
                }
            }
        }
    }
}

/// The message for people: as it is given, else the first line of the docs, else the name in words.
fn message(variant: &Variant, options: &Options) -> TokenStream {
    if let Some(message) = &options.message {
        return match variant.shape {
            Shape::Newtype(_) if message.value().contains("{0") => {
                quote!(::std::format!(#message, param))
            }
            Shape::Newtype(_) | Shape::Unit | Shape::Fields(_) => quote!(::std::format!(#message)),
        };
    }
    let first = variant.docs.lines().next().unwrap_or_default();
    let text = match first.trim_end_matches('.') {
        "" => name::kebab(&variant.ident.unraw().to_string()).replace('-', " "),
        first => first.to_owned(),
    };
    quote!(::std::string::String::from(#text))
}
