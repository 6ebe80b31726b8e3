//! The handler trait that `#[derive(Commands)]` makes, and the way to its methods.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;

use super::{OwnCode, carried, carried_type, carrier, doc, whole};
use crate::ast::{Commands, Set};
use crate::name;
use crate::root::Root;

/// The trait with one method for each command.
pub(super) fn definition(commands: &Commands, root: &Root) -> TokenStream {
    let private = root.private();
    let Commands { set, options } = commands;
    let Set { vis, ident, .. } = set;
    let name = format_ident!("{ident}Handler");
    let title = doc(&format!(
        "Handles the commands of [`{ident}`]: one method for each, which the service runs when the \
         command came in, was decoded and met its rules. `Cx` is the service's context."
    ));
    let missing = format!("`{{Self}}` does not handle the commands of `{ident}`");
    let label = format!("implement `{name}<{{Cx}}>` for `{{Self}}`");
    let mut seen = Vec::new();
    let methods = set
        .variants
        .iter()
        .zip(options)
        .filter_map(|(variant, options)| {
            let method = name::snake_ident("", &variant.ident);
            // Of two with one name, which is a mistake, the first.
            if seen.contains(&method) {
                return None;
            }
            seen.push(method.clone());
            let docs = doc(&if variant.docs.is_empty() {
                format!("Handles `{}`.", options.name)
            } else {
                variant.docs.clone()
            });
            // On the variant, where the compiler points when the method is missing or another.
            let at = method.span();
            let private_at = root.private_at(at);
            let param = carried_type(set, variant).map(|ty| quote_spanned!(at=> param: #ty,));
            let items = options
                .stream
                .as_ref()
                .map(|item| quote_spanned!(at=> items: #private_at::Items<#item>));
            let reply = match &options.reply {
                Some(reply) => quote!(#reply),
                None => quote!(()),
            };
            let error = match &options.error {
                Some(error) => quote!(#private::Reject<#error>),
                None => quote!(#private::Reject),
            };
            let signature = quote_spanned! {at=>
                fn #method(&self, cx: Cx, #param #items) -> impl ::core::future::Future<
                    Output = ::core::result::Result<#reply, #error>
                > + ::core::marker::Send;
            };
            Some(quote!(#docs #signature))
        });
    quote! {
        #title
        #[diagnostic::on_unimplemented(message = #missing, label = #label)]
        #vis trait #name<Cx>: ::core::marker::Send + ::core::marker::Sync {
            #(#methods)*
        }
    }
}

/// From a decoded command to its method of the handler and back.
pub(super) fn dispatch(commands: &Commands, root: &Root) -> TokenStream {
    let private = root.private();
    let Commands { set, options } = commands;
    let ident = &set.ident;
    let handler = format_ident!("{ident}Handler");
    let arms = set.variants.iter().zip(options).map(|(variant, options)| {
        let method = name::snake_ident("", &variant.ident);
        let whole = whole(variant);
        let param = carried_type(set, variant).map(|_| {
            let param = carried(set, variant);
            quote!(#param,)
        });
        let items = options.stream.as_ref().map(|item| {
            let carrier = carrier(item, root);
            quote! {
                #private::Items::<#item>::encoded(caller, |id, item| {
                    #carrier
                    #private::envelope::encode_item(id, &carrier.json(item))
                })
            }
        });
        let call = quote!(<H as #handler<Cx>>::#method(handler, cx, #param #items).await);
        let outcome = match &options.reply {
            Some(reply) => {
                let carrier = carrier(reply, root);
                quote! {
                    #call.map(|reply| {
                        #carrier
                        carrier.json(reply)
                    })
                }
            }
            None => quote!(#call.map(|()| #private::envelope::Empty)),
        };
        match &options.error {
            // On the user's own token, where a type that is no set of codes is reported.
            Some(error) => {
                let answer = quote_spanned!(error.span()=> #private::answer_or::<#error>);
                quote!(#whole => #answer(to, #outcome))
            }
            None => quote!(#whole => #private::answer(to, #outcome)),
        }
    });
    quote! {
        #[automatically_derived]
        #[diagnostic::do_not_recommend]
        #OwnCode
        impl<H, Cx> #private::definition::Handle<H, Cx> for #ident
        where
            H: #handler<Cx>,
            Cx: ::core::marker::Send,
        {
            async fn handle(
                self,
                handler: &H,
                cx: Cx,
                caller: #private::Caller,
            ) -> ::core::result::Result<
                ::core::option::Option<#private::envelope::MessageBuf>,
                #private::WireError,
            > {
                let to = (caller.id, caller.int);
                match self {
                    #(#arms,)*
                }
            }
        }
    }
}
