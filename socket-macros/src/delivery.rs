//! The delivery of an event to a connection that is slow or away: `latest = "user"`, `volatile`.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::parse::ParseStream;
use syn::spanned::Spanned as _;
use syn::{LitStr, Token};

use crate::ast::{Field, Shape, Variant};
use crate::attr;
use crate::errors::{Errors, suggest};
use crate::root::Root;

/// The class of one event.
#[derive(Default)]
pub(crate) struct Delivery {
    latest: Option<(Ident, Vec<LitStr>)>,
    volatile: Option<Ident>,
}

impl Delivery {
    /// Reads one of `latest` and `volatile`.
    pub(crate) fn read(&mut self, key: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
        if key == "volatile" {
            self.volatile = Some(key.clone());
            return Ok(());
        }
        let keyed = input.peek(Token![=]) || input.peek(syn::token::Paren);
        let fields = match keyed {
            true => attr::texts_value(key, input, "user", true)?,
            false => Vec::new(),
        };
        self.latest = Some((key.clone(), fields));
        Ok(())
    }

    /// Checks what it says of the variant.
    pub(crate) fn check(&self, variant: &Variant, errors: &mut Errors) {
        let Some((key, fields)) = &self.latest else {
            return;
        };
        if let Some(volatile) = &self.volatile {
            errors.on(
                volatile,
                "an event is `latest` or `volatile`, not both",
                "keep `latest` if the newest must arrive, `volatile` if all may be dropped",
            );
        }
        if let (Shape::Newtype(_), false) = (&variant.shape, fields.is_empty()) {
            errors.on(
                key,
                format_args!("`{}` has no fields that `latest` could name", variant.ident),
                "name its fields: `Typing { user: String }`; or write `latest` alone",
            );
            return;
        }
        let declared = variant.fields().unwrap_or_default();
        let names: Vec<String> = declared.iter().map(name).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut seen = Vec::new();
        for literal in fields {
            let text = literal.value();
            let what = format!("`{}` has no field `{text}`", variant.ident);
            match declared.iter().find(|field| name(field) == text) {
                _ if seen.contains(&text) => {
                    errors.on(
                        literal,
                        format_args!("`{text}` is named twice"),
                        "keep one of them",
                    );
                }
                Some(field) if field.by_hand => errors.on(
                    literal,
                    format_args!(
                        "`{text}` is written by an attribute of serde and cannot be a key"
                    ),
                    "name a field without such an attribute, or write `latest` alone",
                ),
                Some(_) => {}
                None if names.is_empty() => {
                    errors.on(
                        literal,
                        what,
                        "write `latest` alone: the newest one replaces those before it",
                    );
                }
                None => errors.on(literal, what, suggest(&text, &names)),
            }
            seen.push(text);
        }
    }

    /// The `Delivery` of it.
    pub(crate) fn spec(&self, private: &TokenStream) -> TokenStream {
        let class = match (&self.latest, &self.volatile) {
            (Some(_), _) => quote!(Latest),
            (None, Some(_)) => quote!(Volatile),
            (None, None) => quote!(Reliable),
        };
        quote!(#private::definition::Delivery::#class)
    }

    /// The arm of `Events::key` for the variant, where it has a key.
    pub(crate) fn arm(&self, variant: &Variant, root: &Root) -> Option<TokenStream> {
        let (_, fields) = self.latest.as_ref()?;
        let private = root.private();
        let ident = &variant.ident;
        let declared = variant.fields().unwrap_or_default();
        let key: Vec<&Field> = fields
            .iter()
            .filter_map(|literal| declared.iter().find(|field| name(field) == literal.value()))
            .collect();
        let bound = key.iter().map(|field| {
            let (ident, bound) = (&field.ident, &field.bound);
            quote!(#ident: #bound,)
        });
        let values = key.iter().map(|field| {
            let bound = &field.bound;
            quote_spanned!(field.ty.span()=> #bound,)
        });
        Some(quote! {
            Self::#ident { #(#bound)* .. } => #private::latest_key(&(#(#values)*)),
        })
    }
}

fn name(field: &Field) -> String {
    field.ident.unraw().to_string()
}
