//! `#[derive(Protocol)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields, LitStr, Type};

use super::place;
use crate::attr::{self, Keys};
use crate::errors::Errors;
use crate::fallback;
use crate::history::History;
use crate::name;
use crate::root::Root;
use crate::wire::Int;

/// The content of `#[protocol(…)]`.
#[derive(Default)]
struct Options {
    name: Option<LitStr>,
    commands: Option<Type>,
    events: Option<Type>,
    channels: Option<Type>,
    int: Option<Int>,
    user_history: Option<History>,
    all_history: Option<History>,
}

pub(crate) fn expand(input: &DeriveInput, root: &Root) -> TokenStream {
    let mut errors = Errors::default();
    check_item(input, &mut errors);
    let options = read(input, &mut errors);
    let (Some(name), Some(commands), Some(events), true) = (
        &options.name,
        &options.commands,
        &options.events,
        errors.is_empty(),
    ) else {
        let errors = errors.into_tokens();
        let stub = fallback::protocol(input, root);
        return quote!(#errors #stub);
    };
    let private = root.private();
    let ident = &input.ident;
    let none = syn::parse_quote!(#private::definition::NoChannels);
    let channels = options.channels.as_ref().unwrap_or(&none);
    let channels_of = quote! {
        <<#ident as #private::definition::Protocol>::Channels as #private::definition::Channels>
    };
    let user_history = History::spec(options.user_history.as_ref(), &private);
    let all_history = History::spec(options.all_history.as_ref(), &private);
    let description = description(input, root);
    let int = match options.int {
        None => quote!(::core::option::Option::None),
        Some(Int::Number) => quote!(::core::option::Option::Some(#private::IntPolicy::Number)),
        Some(Int::Text) => quote!(::core::option::Option::Some(#private::IntPolicy::Text)),
        Some(Int::Big) => quote!(::core::option::Option::Some(#private::IntPolicy::BigInt)),
    };
    quote! {
        #[automatically_derived]
        impl #private::definition::Protocol for #ident {
            const NAME: &'static str = #name;
            const INT: ::core::option::Option<#private::IntPolicy> = #int;
            const USER_HISTORY: ::core::option::Option<#private::definition::HistorySpec> =
                #user_history;
            const ALL_HISTORY: ::core::option::Option<#private::definition::HistorySpec> =
                #all_history;
            type Commands = #commands;
            type Events = #events;
            type Channels = #channels;
        }
        const _: () = <#channels_of::Lists<#ident> as #private::definition::Lists>::KNOWN;
        #description
    }
}

fn check_item(input: &DeriveInput, errors: &mut Errors) {
    let ident = &input.ident;
    let unit = matches!(&input.data, Data::Struct(data) if matches!(data.fields, Fields::Unit));
    if !unit || !input.generics.params.is_empty() {
        errors.on(
            ident,
            "`#[derive(Protocol)]` is for a struct without fields and parameters",
            format_args!("write `struct {ident};`"),
        );
    }
    let instead = "remove it: a protocol is a name for its messages and is never serialized";
    attr::refuse_serde(&input.attrs, "a protocol", instead, errors);
}

fn read(input: &DeriveInput, errors: &mut Errors) -> Options {
    let mut options = Options::default();
    let keys = Keys {
        attribute: "protocol",
        known: &[
            "name",
            "commands",
            "events",
            "channels",
            "user_history",
            "all_history",
            "int",
        ],
        repeat: false,
    };
    let before = errors.count();
    keys.read(&input.attrs, errors, |key, input, errors| {
        match key.to_string().as_str() {
            "name" => options.name = Some(attr::text_value(key, input, "chat")?),
            "commands" => options.commands = Some(attr::type_value(key, input, "ChatCommand")?),
            "events" => options.events = Some(attr::type_value(key, input, "ChatEvent")?),
            "int" => options.int = Some(Int::parse(&attr::text_value(key, input, "bigint")?)?),
            "user_history" => options.user_history = Some(History::read(key, input, errors)?),
            "all_history" => options.all_history = Some(History::read(key, input, errors)?),
            _ => options.channels = Some(attr::type_value(key, input, "ChatChannel")?),
        }
        Ok(())
    });
    let missing: Vec<&str> = [
        ("name = \"chat\"", options.name.is_none()),
        ("commands = ChatCommand", options.commands.is_none()),
        ("events = ChatEvent", options.events.is_none()),
    ]
    .into_iter()
    .filter_map(|(key, missing)| missing.then_some(key))
    .collect();
    // A key that could not be read is not missing too.
    if !missing.is_empty() && errors.count() == before {
        errors.on(
            &input.ident,
            format_args!("the protocol `{}` is incomplete", input.ident),
            format_args!("write `#[protocol({}, …)]` above it", missing.join(", ")),
        );
    }
    if let Some(name) = &options.name
        && !name::is_kebab(&name.value())
    {
        let kebab = name::kebab(&name.value().replace([' ', '-'], "_"));
        errors.on(
            name,
            "a protocol's name is lower-case words of letters and digits, joined by `-`",
            format_args!(
                "write `name = {:?}`",
                if name::is_kebab(&kebab) {
                    &kebab
                } else {
                    "chat"
                }
            ),
        );
    }
    options
}

fn description(input: &DeriveInput, root: &Root) -> TokenStream {
    let (path, private) = (root.path(), root.private());
    let ident = &input.ident;
    let place = place(root, "Protocol", ident, &attr::docs(&input.attrs));
    quote! {
        #path::__manifest! {
            const _: () = {
                const PLACE: #private::manifest::collect::Place = #place;
                #private::inventory::submit! {
                    #private::manifest::collect::Registration {
                        place: PLACE,
                        describe: ::core::option::Option::Some(|report| {
                            #private::manifest::collect::describe::<#ident>(&PLACE, report)
                        }),
                    }
                }
            };
        }
    }
}
