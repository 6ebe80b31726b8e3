//! The policy trait that `#[derive(Channels)]` makes, and the way to its methods.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};

use super::{OwnCode, bound, doc, whole};
use crate::ast::Set;
use crate::name;
use crate::root::Root;

/// The trait with one join decision for each channel.
pub(super) fn definition(set: &Set, patterns: &[String], root: &Root) -> TokenStream {
    let private = root.private();
    let Set {
        vis, ident, module, ..
    } = set;
    let name = format_ident!("{ident}Policy");
    let title = doc(&format!(
        "Decides who may join the channels of [`{ident}`]: one method for each. `Cx` is the \
         service's context."
    ));
    let missing = format!("`{{Self}}` does not decide who may join the channels of `{ident}`");
    let label = format!("implement `{name}<{{Cx}}>` for `{{Self}}`");
    let mut seen = Vec::new();
    let methods = set
        .variants
        .iter()
        .zip(patterns)
        .filter_map(|(variant, pattern)| {
            let method = name::snake_ident("may_join_", &variant.ident);
            // Of two with one name, which is a mistake, the first.
            if seen.contains(&method) {
                return None;
            }
            seen.push(method.clone());
            let docs = doc(&format!("Whether the connection may join `{pattern}`."));
            let channel = variant.fields().map(|_| {
                let (argument, variant) = (name::snake_ident("", &variant.ident), &variant.ident);
                quote!(#argument: &#module::#variant)
            });
            // On the variant, where the compiler points when the method is missing or another.
            let signature = quote_spanned! {method.span()=>
                fn #method(&self, cx: &Cx, #channel) -> impl ::core::future::Future<
                    Output = ::core::result::Result<(), #private::Reject>
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

/// From a channel to its method of the policy.
pub(super) fn dispatch(set: &Set, root: &Root) -> TokenStream {
    let private = root.private();
    let Set { ident, module, .. } = set;
    let policy = format_ident!("{ident}Policy");
    let arms = set.variants.iter().map(|variant| {
        let method = name::snake_ident("may_join_", &variant.ident);
        let (whole, name) = (whole(variant), &variant.ident);
        let channel = variant.fields().map(|fields| {
            let fields = bound(fields);
            quote!(&#module::#name { #fields })
        });
        quote!(#whole => <H as #policy<Cx>>::#method(policy, cx, #channel).await)
    });
    // Without a variant there is no outcome whose type could be told.
    let body = if set.variants.is_empty() {
        quote!(match self {})
    } else {
        quote! {
            let outcome = match self {
                #(#arms,)*
            };
            outcome.map_err(::core::convert::Into::into)
        }
    };
    quote! {
        #[automatically_derived]
        #[diagnostic::do_not_recommend]
        #OwnCode
        impl<H, Cx> #private::definition::Decide<H, Cx> for #ident
        where
            H: #policy<Cx>,
            Cx: ::core::marker::Sync,
        {
            async fn may_join(
                self,
                policy: &H,
                cx: &Cx,
            ) -> ::core::result::Result<(), #private::WireError> {
                #body
            }
        }
    }
}
