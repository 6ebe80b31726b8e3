//! `#[derive(Commands)]`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{DeriveInput, Type};

use super::structs::Purpose;
use super::{
    calls, carried, carried_type, checked, decode, described, doc, index, json, module, note,
    schema, schema_of, whole,
};
use crate::ast::{Set, Variant};
use crate::attr::{self, Keys};
use crate::check;
use crate::errors::{Errors, mistake};
use crate::fallback;
use crate::name;
use crate::root::Root;

const PURPOSE: Purpose = Purpose {
    what: "The parameters of the command",
    json: true,
    checked: true,
};

/// What `#[command(…)]` says.
pub(crate) struct Options {
    pub(crate) name: String,
    pub(crate) reply: Option<Type>,
    pub(crate) error: Option<Type>,
    idempotent: bool,
    concurrent: bool,
    rate: Option<Rate>,
}

/// How often one connection may send a command.
#[derive(Clone, Copy)]
struct Rate {
    count: u32,
    seconds: u64,
}

impl Rate {
    /// `20/s`, `100/m` or `5/h`.
    fn parse(text: &str) -> Option<Self> {
        let (count, unit) = text.split_once('/')?;
        let seconds = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            _ => return None,
        };
        let count = count.parse().ok().filter(|count| *count > 0)?;
        Some(Self { count, seconds })
    }
}

/// The commands of a definition, read and checked.
pub(crate) struct Commands {
    pub(crate) set: Set,
    pub(crate) options: Vec<Options>,
}

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
        handler_trait(&commands, root),
    ];
    if broken {
        let errors = errors.into_tokens();
        let stub = fallback::commands(&commands.set.ident, root);
        return quote!(#errors #(#shared)* #stub);
    }
    let protocol = implementation(&commands, root);
    let dispatch = dispatch(&commands, root);
    let calls = calls::implementations(&commands, root);
    let replies: Vec<&Type> = commands.options.iter().flat_map(|o| &o.reply).collect();
    let checked = checked(&commands.set, &replies, root);
    let description = description(&commands, root);
    quote!(#(#shared)* #checked #protocol #dispatch #calls #description)
}

fn read(input: &DeriveInput, root: &Root, errors: &mut Errors) -> Option<Commands> {
    let set = Set::read(input, "Commands", root, errors)?;
    check::enum_attributes(input, "command", errors);
    let options: Vec<Options> = set
        .variants
        .iter()
        .map(|variant| options(variant, errors))
        .collect();
    check::variants(&set, "command", errors);
    check::names(
        &set,
        options.iter().map(|options| options.name.as_str()),
        "command",
        errors,
    );
    Some(Commands { set, options })
}

fn options(variant: &Variant, errors: &mut Errors) -> Options {
    let mut options = Options {
        name: String::new(),
        reply: None,
        error: None,
        idempotent: false,
        concurrent: false,
        rate: None,
    };
    let mut renamed = None;
    let keys = Keys {
        attribute: "command",
        known: &["reply", "error", "name", "idempotent", "concurrent", "rate"],
        repeat: false,
    };
    keys.read(&variant.attrs, errors, |key, input, _| {
        match key.to_string().as_str() {
            "reply" => options.reply = Some(attr::type_value(key, input, "Pong")?),
            "error" => options.error = Some(attr::type_value(key, input, "JoinError")?),
            "name" => renamed = Some(attr::text_value(key, input, "join-room")?),
            "concurrent" => options.concurrent = true,
            "rate" => {
                let text = attr::text_value(key, input, "20/s")?;
                let rate = Rate::parse(&text.value());
                options.rate = Some(rate.ok_or_else(|| {
                    mistake(
                        text.span(),
                        format_args!("`{}` is no rate", text.value()),
                        "write how many in a second, minute or hour: \"20/s\", \"100/m\", \"5/h\"",
                    )
                })?);
            }
            _ => options.idempotent = true,
        }
        Ok(())
    });
    options.name = check::name(variant, renamed.as_ref(), "command", errors);
    options
}

fn handler_trait(commands: &Commands, root: &Root) -> TokenStream {
    let private = root.private();
    let Commands { set, options } = commands;
    let Set { vis, ident, .. } = set;
    let name = quote::format_ident!("{ident}Handler");
    let title = doc(&format!(
        "Handles the commands of [`{ident}`]: one method for each, which the service runs when the \
         command came in, was decoded and met its rules. `Cx` is the service's context."
    ));
    let missing = format!("`{{Self}}` does not handle the commands of `{ident}`");
    let label = format!("implement `{name}<{{Cx}}>` for `{{Self}}`");
    let methods = set.variants.iter().zip(options).map(|(variant, options)| {
        let method = name::snake_ident("", &variant.ident);
        let docs = doc(&if variant.docs.is_empty() {
            format!("Handles `{}`.", options.name)
        } else {
            variant.docs.clone()
        });
        let param = carried_type(set, variant).map(|ty| quote!(param: #ty));
        let reply = match &options.reply {
            Some(reply) => quote!(#reply),
            None => quote!(()),
        };
        let error = match &options.error {
            Some(error) => quote!(#private::Reject<#error>),
            None => quote!(#private::Reject),
        };
        quote! {
            #docs
            fn #method(&self, cx: Cx, #param) -> impl ::core::future::Future<
                Output = ::core::result::Result<#reply, #error>
            > + ::core::marker::Send;
        }
    });
    quote! {
        #title
        #[diagnostic::on_unimplemented(message = #missing, label = #label)]
        #vis trait #name<Cx>: ::core::marker::Send + ::core::marker::Sync {
            #(#methods)*
        }
    }
}

fn implementation(commands: &Commands, root: &Root) -> TokenStream {
    let private = root.private();
    let Commands { set, options } = commands;
    let ident = &set.ident;
    let specs = set.variants.iter().zip(options).map(|(variant, options)| {
        let (name, idempotent) = (&options.name, options.idempotent);
        let concurrent = options.concurrent;
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
                idempotent: #idempotent,
                concurrent: #concurrent,
                rate: #rate,
            }
        }
    });
    let names = options.iter().map(|options| &options.name);
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
        #[allow(
            deprecated,
            unused_imports,
            unused_variables,
            clippy::all,
            clippy::pedantic,
            clippy::nursery,
            reason = "the code is the derive's own"
        )]
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

            fn decode(
                index: usize,
                param: ::core::option::Option<&#private::serde_json::value::RawValue>,
            ) -> ::core::result::Result<Self, #private::InvalidParam> {
                use #private::{ViaNothing as _, ViaPayload as _, ViaRules as _, ViaStub as _};
                match index {
                    #(#decoders,)*
                    _ => #private::no_such_index(index),
                }
            }

            fn encode(
                self,
                id: ::core::option::Option<#private::RequestId>,
                channel: ::core::option::Option<&#private::ChannelName>,
            ) -> ::core::result::Result<
                #private::envelope::MessageBuf,
                #private::envelope::EncodeError,
            > {
                use #private::{ViaPayload as _, ViaStub as _};
                let channel = channel.map(#private::ChannelName::as_str);
                match self {
                    #(#encoders,)*
                }
            }
        }
    }
}

fn dispatch(commands: &Commands, root: &Root) -> TokenStream {
    let private = root.private();
    let Commands { set, options } = commands;
    let ident = &set.ident;
    let handler = quote::format_ident!("{ident}Handler");
    let arms = set.variants.iter().zip(options).map(|(variant, options)| {
        let method = name::snake_ident("", &variant.ident);
        let whole = whole(variant);
        let param = carried(set, variant);
        let call = quote!(<H as #handler<Cx>>::#method(handler, cx, #param).await);
        let outcome = match &options.reply {
            Some(reply) => quote! {
                #call.map(|reply| {
                    let carrier = &#private::Carrier::<#reply>::new();
                    carrier.json(reply)
                })
            },
            None => quote!(#call.map(|()| #private::envelope::Empty)),
        };
        match &options.error {
            // On the user's own token, where a type that is no set of codes is reported.
            Some(error) => {
                let answer = quote_spanned!(error.span()=> #private::answer_or::<#error>);
                quote!(#whole => #answer(id, #outcome))
            }
            None => quote!(#whole => #private::answer(id, #outcome)),
        }
    });
    quote! {
        #[automatically_derived]
        #[allow(
            deprecated,
            unused_imports,
            unused_variables,
            clippy::all,
            clippy::pedantic,
            clippy::nursery,
            reason = "the code is the derive's own"
        )]
        impl<H, Cx> #private::definition::Handle<H, Cx> for #ident
        where
            H: #handler<Cx>,
            Cx: ::core::marker::Send,
        {
            async fn handle(
                self,
                handler: &H,
                cx: Cx,
                id: ::core::option::Option<#private::RequestId>,
            ) -> ::core::result::Result<
                ::core::option::Option<#private::envelope::MessageBuf>,
                #private::WireError,
            > {
                use #private::{ViaPayload as _, ViaStub as _};
                match self {
                    #(#arms,)*
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
        let errors = options.error.as_ref().map_or(
            none,
            |error| quote!(::core::option::Option::Some(|describer| describer.errors::<#error>())),
        );
        quote! {
            #private::manifest::collect::CommandTypes {
                line: #line,
                param: #param,
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
