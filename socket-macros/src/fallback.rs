//! Stubs for a definition with mistakes: they keep the rest of the program compiling, so that one
//! mistake gives one message. Nothing runs them, because the mistake stops the build.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{DeriveInput, Ident};

use crate::root::Root;

/// Each stub's body.
fn never() -> TokenStream {
    quote!(::core::unreachable!("the definition does not compile"))
}

/// The constant of a describing trait.
fn describe(ident: &Ident, root: &Root, describe: &str, types: &TokenStream) -> TokenStream {
    let (path, private) = (root.path(), root.private());
    let describe = format_ident!("{describe}");
    quote! {
        #path::__manifest! {
            #[automatically_derived]
            impl #private::manifest::collect::#describe for #ident {
                const PLACE: #private::manifest::collect::Place =
                    #private::manifest::collect::Place {
                        derive: "",
                        rust: "",
                        docs: "",
                        file: "",
                        line: 0,
                    };
                #types
            }
        }
    }
}

fn variant_types(root: &Root) -> TokenStream {
    let private = root.private();
    quote!(const TYPES: &'static [#private::manifest::collect::VariantTypes] = &[];)
}

/// `true` if a stub can be written at all: the traits are for types that own what they hold.
fn has_stub(input: &DeriveInput) -> bool {
    input.generics.params.is_empty()
}

pub(crate) fn commands_of_anything(input: &DeriveInput, root: &Root) -> TokenStream {
    if !has_stub(input) {
        return TokenStream::new();
    }
    let (vis, ident) = (&input.vis, &input.ident);
    let handler = format_ident!("{ident}Handler");
    let stub = commands(ident, root);
    quote! {
        #[doc(hidden)]
        #vis trait #handler<Cx>: ::core::marker::Send + ::core::marker::Sync {}
        #stub
    }
}

pub(crate) fn commands(ident: &Ident, root: &Root) -> TokenStream {
    let (private, never) = (root.private(), never());
    let handler = format_ident!("{ident}Handler");
    let types = quote! {
        const TYPES: &'static [#private::manifest::collect::CommandTypes] = &[];
    };
    let describe = describe(ident, root, "DescribeCommands", &types);
    quote! {
        #[automatically_derived]
        impl #private::definition::Commands for #ident {
            const COMMANDS: &'static [#private::definition::CommandSpec] = &[];
            const IS_STUB: bool = true;

            fn index_of(_: &str) -> ::core::option::Option<usize> {
                #never
            }

            fn index(&self) -> usize {
                #never
            }

            fn decode(
                _: usize,
                _: ::core::option::Option<&#private::serde_json::value::RawValue>,
            ) -> ::core::result::Result<Self, #private::InvalidParam> {
                #never
            }

            fn encode(
                self,
                _: ::core::option::Option<#private::RequestId>,
                _: ::core::option::Option<&#private::ChannelName>,
            ) -> ::core::result::Result<
                #private::envelope::MessageBuf,
                #private::envelope::EncodeError,
            > {
                #never
            }
        }

        #[automatically_derived]
        impl<H, Cx> #private::definition::Handle<H, Cx> for #ident
        where
            H: #handler<Cx>,
            Cx: ::core::marker::Send,
        {
            async fn handle(
                self,
                _: &H,
                _: Cx,
                _: #private::Caller,
            ) -> ::core::result::Result<
                ::core::option::Option<#private::envelope::MessageBuf>,
                #private::WireError,
            > {
                #never
            }
        }

        #describe
    }
}

pub(crate) fn events_of_anything(input: &DeriveInput, root: &Root) -> TokenStream {
    if has_stub(input) {
        events(&input.ident, root)
    } else {
        TokenStream::new()
    }
}

pub(crate) fn events(ident: &Ident, root: &Root) -> TokenStream {
    let (private, never) = (root.private(), never());
    let describe = describe(ident, root, "DescribeEvents", &variant_types(root));
    quote! {
        #[automatically_derived]
        impl #private::definition::Events for #ident {
            const EVENTS: &'static [#private::definition::EventSpec] = &[];
            const IS_STUB: bool = true;

            fn index(&self) -> usize {
                #never
            }

            fn encode(
                self,
                _: #private::envelope::EventHead<'_>,
            ) -> ::core::result::Result<
                #private::envelope::OpenMessage,
                #private::envelope::EncodeError,
            > {
                #never
            }

            fn decode(
                _: &str,
                _: ::core::option::Option<&#private::serde_json::value::RawValue>,
            ) -> ::core::option::Option<::core::result::Result<Self, #private::InvalidParam>> {
                #never
            }
        }

        #describe
    }
}

pub(crate) fn error_codes(input: &DeriveInput, root: &Root) -> TokenStream {
    if !has_stub(input) {
        return TokenStream::new();
    }
    let (private, never, ident) = (root.private(), never(), &input.ident);
    let describe = describe(ident, root, "DescribeErrors", &variant_types(root));
    quote! {
        #[automatically_derived]
        impl #private::definition::ErrorCodes for #ident {
            const CODES: &'static [#private::definition::ErrorSpec] = &[];

            fn into_wire(self) -> #private::WireError {
                #never
            }

            fn from_wire(
                _: &#private::WireError,
            ) -> ::core::option::Option<::core::result::Result<Self, #private::InvalidParam>> {
                #never
            }
        }

        #describe
    }
}

pub(crate) fn channels_of_anything(input: &DeriveInput, root: &Root) -> TokenStream {
    if !has_stub(input) {
        return TokenStream::new();
    }
    let (vis, ident) = (&input.vis, &input.ident);
    let policy = format_ident!("{ident}Policy");
    let stub = channels(ident, root);
    quote! {
        #[doc(hidden)]
        #vis trait #policy<Cx>: ::core::marker::Send + ::core::marker::Sync {}
        #stub
    }
}

pub(crate) fn channels(ident: &Ident, root: &Root) -> TokenStream {
    let (private, never) = (root.private(), never());
    let policy = format_ident!("{ident}Policy");
    let describe = describe(ident, root, "DescribeChannels", &quote!());
    quote! {
        #[automatically_derived]
        impl #private::definition::Channels for #ident {
            const CHANNELS: &'static [#private::definition::ChannelSpec] = &[];

            type Lists<P: #private::definition::Protocol> = ();

            fn index(&self) -> usize {
                #never
            }

            fn parse(_: &#private::ChannelName) -> ::core::option::Option<Self> {
                #never
            }

            fn name(
                &self,
            ) -> ::core::result::Result<#private::ChannelName, #private::InvalidChannelName> {
                #never
            }
        }

        #[automatically_derived]
        impl<H, Cx> #private::definition::Decide<H, Cx> for #ident
        where
            H: #policy<Cx>,
            Cx: ::core::marker::Sync,
        {
            async fn may_join(
                self,
                _: &H,
                _: &Cx,
            ) -> ::core::result::Result<(), #private::WireError> {
                #never
            }
        }

        #describe
    }
}

pub(crate) fn protocol(input: &DeriveInput, root: &Root) -> TokenStream {
    if !has_stub(input) {
        return TokenStream::new();
    }
    let (private, ident) = (root.private(), &input.ident);
    quote! {
        #[automatically_derived]
        impl #private::definition::Protocol for #ident {
            const NAME: &'static str = "";
            type Commands = #private::definition::NoCommands;
            type Events = #private::definition::NoEvents;
            type Channels = #private::definition::NoChannels;
        }
    }
}
