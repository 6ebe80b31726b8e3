//! `#[derive(Commands)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt as _;
use syn::{DeriveInput, Type};

use super::structs::Purpose;
use super::{
    OwnCode, calls, checked, decode, described, handler, index, json, module, note, schema,
    schema_of, whole,
};
use crate::ast::{Commands, Options, Rate, Set, Variant};
use crate::attr::{self, Keys};
use crate::check;
use crate::errors::{Errors, mistake};
use crate::fallback;
use crate::life::Life;
use crate::root::Root;

const PURPOSE: Purpose = Purpose {
    what: "The parameters of the command",
    json: true,
    checked: true,
};

pub(crate) fn expand(input: &DeriveInput, root: &Root) -> TokenStream {
    let mut errors = Errors::default();
    let Some(commands) = read(input, root, &mut errors) else {
        let stub = fallback::commands_of_anything(input, root);
        let errors = errors.into_tokens();
        return quote!(#errors #stub);
    };
    let broken = !errors.is_empty();
    let called = calls::items(&commands.set);
    let shared = [
        module(&commands.set, root, PURPOSE, broken, &called),
        handler::definition(&commands, root),
    ];
    if broken {
        let errors = errors.into_tokens();
        let stub = fallback::commands(&commands.set.ident, root);
        return quote!(#errors #(#shared)* #stub);
    }
    let protocol = implementation(&commands, root);
    let dispatch = handler::dispatch(&commands, root);
    let calls = calls::implementations(&commands, root);
    let replies = commands.options.iter();
    let replies: Vec<&Type> = replies
        .flat_map(|o| o.stream.iter().chain(&o.reply))
        .collect();
    let checked = checked(&commands.set, &replies, root);
    let description = description(&commands, root);
    quote!(#(#shared)* #checked #protocol #dispatch #calls #description)
}

fn read(input: &DeriveInput, root: &Root, errors: &mut Errors) -> Option<Commands> {
    let mut set = Set::read(input, "Commands", root, errors)?;
    check::enum_attributes(input, "command", errors);
    let options: Vec<Options> = set
        .variants
        .iter_mut()
        .map(|variant| options(variant, errors))
        .collect();
    check::variants(&set, "command", errors);
    check::names(
        &set,
        options.iter().map(|options| options.name.as_str()),
        "command",
        errors,
    );
    let names = options.iter().map(|options| options.name.as_str());
    check::reserved_names(&set, names.clone(), "command", errors);
    let aliases = options.iter().map(|options| options.alias.as_slice());
    check::aliases(&set, names.zip(aliases), errors);
    Some(Commands { set, options })
}

fn options(variant: &mut Variant, errors: &mut Errors) -> Options {
    let mut options = Options {
        name: String::new(),
        stream: None,
        reply: None,
        error: None,
        alias: Vec::new(),
        idempotent: false,
        concurrent: false,
        rate: None,
    };
    let mut renamed = None;
    let mut life = Life::default();
    let keys = Keys {
        attribute: "command",
        known: &[
            "reply",
            "stream",
            "error",
            "name",
            "idempotent",
            "concurrent",
            "rate",
            "alias",
            "since",
            "sunset",
            "stability",
            "reserved_fields",
        ],
        repeat: false,
    };
    keys.read(&variant.attrs, errors, |key, input, _| {
        match key.to_string().as_str() {
            "reply" => options.reply = Some(attr::type_value(key, input, "Pong")?),
            "stream" => options.stream = Some(attr::type_value(key, input, "LogLine")?),
            "error" => options.error = Some(attr::type_value(key, input, "JoinError")?),
            "name" => renamed = Some(attr::text_value(key, input, "join-room")?),
            "alias" => options.alias = attr::texts_value(key, input, "old-name", true)?,
            "since" | "sunset" | "stability" | "reserved_fields" => life.read(key, input)?,
            "concurrent" => options.concurrent = true,
            "rate" => {
                let text = attr::text_value(key, input, "20/s")?;
                let rate = Rate::parse(&text.value());
                options.rate = Some(rate.ok_or_else(|| {
                    mistake(
                        text.span(),
                        format_args!("`{}` is not a rate", text.value()),
                        "write how many per second, minute or hour: \"20/s\", \"100/m\", \"5/h\"",
                    )
                })?);
            }
            _ => options.idempotent = true,
        }
        Ok(())
    });
    options.name = check::name(variant, renamed.as_ref(), "command", errors);
    check::life(&life, variant, errors);
    variant.life = life;
    options
}

fn implementation(commands: &Commands, root: &Root) -> TokenStream {
    let private = root.private();
    let Commands { set, options } = commands;
    let ident = &set.ident;
    let specs = set.variants.iter().zip(options).map(|(variant, options)| {
        let (name, idempotent) = (&options.name, options.idempotent);
        let (alias, life) = (&options.alias, variant.life.spec(&private));
        let (streaming, concurrent) = (options.stream.is_some(), options.concurrent);
        let rate = match options.rate {
            Some(Rate { count, seconds }) => quote! {
                ::core::option::Option::Some(#private::definition::RateSpec::new(#count, #seconds))
            },
            None => quote!(::core::option::Option::None),
        };
        let (text, docs) = (variant.ident.unraw().to_string(), &variant.docs);
        let deprecated = note(variant.deprecated.as_deref());
        quote! {
            #private::definition::CommandSpec {
                name: #name,
                variant: #text,
                docs: #docs,
                deprecated: #deprecated,
                alias: &[#(#alias),*],
                life: #life,
                idempotent: #idempotent,
                streaming: #streaming,
                concurrent: #concurrent,
                rate: #rate,
            }
        }
    });
    let names = options.iter().map(|options| {
        let (name, alias) = (&options.name, &options.alias);
        quote!(#name #(| #alias)*)
    });
    let places = 0..options.len();
    let index = index(set);
    let decoders = set.variants.iter().enumerate().map(|(index, variant)| {
        let decode = decode(set, variant, root, true);
        quote!(#index => #decode)
    });
    let encoders = set.variants.iter().zip(options).map(|(variant, options)| {
        let (whole, json) = (whole(variant), json(set, variant, root));
        let name = &options.name;
        quote! {
            #whole => #private::envelope::encode_command(#name, id, channel, &#json)
        }
    });
    quote! {
        #[automatically_derived]
        #OwnCode
        impl #private::definition::Commands for #ident {
            const COMMANDS: &'static [#private::definition::CommandSpec] = &[#(#specs),*];

            fn index_of(name: &str) -> ::core::option::Option<usize> {
                match name {
                    #(#names => ::core::option::Option::Some(#places),)*
                    _ => ::core::option::Option::None,
                }
            }

            fn index(&self) -> usize {
                #index
            }

            #[inline]
            fn decode(
                index: usize,
                param: ::core::option::Option<&#private::serde_json::value::RawValue>,
            ) -> ::core::result::Result<Self, #private::InvalidParam> {
                use #private::{ViaNothing as _, ViaRules as _};
                match index {
                    #(#decoders,)*
                    _ => #private::no_such_index(index),
                }
            }

            #[inline]
            fn encode(
                self,
                id: ::core::option::Option<#private::RequestId>,
                channel: ::core::option::Option<&#private::ChannelName>,
            ) -> ::core::result::Result<
                #private::envelope::MessageBuf,
                #private::envelope::EncodeError,
            > {
                let channel = channel.map(#private::ChannelName::as_str);
                match self {
                    #(#encoders,)*
                }
            }
        }
    }
}

fn description(commands: &Commands, root: &Root) -> TokenStream {
    let private = root.private();
    let Commands { set, options } = commands;
    let types = set.variants.iter().zip(options).map(|(variant, options)| {
        let line = variant.line();
        let param = schema_of(set, variant, root);
        let none = quote!(::core::option::Option::None);
        let reply = options
            .reply
            .as_ref()
            .map_or_else(|| none.clone(), |reply| schema(root, &quote!(#reply)));
        let item = options
            .stream
            .as_ref()
            .map_or_else(|| none.clone(), |item| schema(root, &quote!(#item)));
        let errors = options.error.as_ref().map_or(
            none,
            |error| quote!(::core::option::Option::Some(|describer| describer.errors::<#error>())),
        );
        quote! {
            #private::manifest::collect::CommandTypes {
                line: #line,
                param: #param,
                item: #item,
                reply: #reply,
                errors: #errors,
            }
        }
    });
    let types = quote! {
        const TYPES: &'static [#private::manifest::collect::CommandTypes] = &[#(#types),*];
    };
    described(set, root, "Commands", &quote!(DescribeCommands), &types)
}
