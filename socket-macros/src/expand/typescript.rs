//! `#[ts(…)]` on payloads, with ts-rs and without.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt as _;
use syn::punctuated::Punctuated;
use syn::{Attribute, DeriveInput, Path, Token};

use super::visit::{each_field, strip};
use crate::attr;
use crate::errors::Errors;
use crate::root::Root;
use crate::wire;

/// ts-rs' trait, as the type's derive names it.
fn ts_rs(input: &DeriveInput) -> Option<Path> {
    attr::named(&input.attrs, "derive").find_map(|attr| {
        let paths = attr.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated);
        paths
            .ok()?
            .into_iter()
            .find(|path| path.segments.last().is_some_and(|last| last.ident == "TS"))
    })
}

/// Leaves behind what ts-rs says of the type, for `socket-codegen` to hold against the wire.
pub(super) fn second_opinion(input: &DeriveInput, root: &Root) -> Option<TokenStream> {
    let ts = ts_rs(input).filter(|_| input.generics.params.is_empty())?;
    let (path, private, ident) = (root.path(), root.private(), &input.ident);
    let tail = format!("::{}", ident.unraw());
    Some(quote! {
        #path::__manifest! {
            const _: () = {
                #private::inventory::submit! {
                    #private::manifest::collect::SecondOpinion {
                        rust: ::core::concat!(::core::module_path!(), #tail),
                        declare: || #private::manifest::collect::declared(<#ident as #ts>::decl),
                    }
                }
            };
        }
    })
}

/// Reads `#[ts(…)]` above the type and on its fields, where it becomes schemars' own. The attributes
/// go, unless the type derives ts-rs' trait, which reads them too and knows more of them.
pub(super) fn read(
    input: &mut DeriveInput,
    errors: &mut Errors,
) -> (Option<syn::LitStr>, Option<Attribute>) {
    let kept = ts_rs(input).is_some();
    let mut aside = Errors::default();
    let errors = if kept { &mut aside } else { errors };
    let of_type = wire::typescript_of_type(&input.attrs, errors);
    each_field(&mut input.data, |field| {
        let found = wire::typescript(&field.attrs, errors);
        if !kept {
            strip(&mut field.attrs, &["ts"]);
        }
        field.attrs.extend(found);
    });
    if !kept {
        strip(&mut input.attrs, &["ts"]);
    }
    of_type
}
