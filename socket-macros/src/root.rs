//! The path through which emitted code names everything.

use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote};
use syn::{Error, LitStr};

use crate::errors::mistake;

/// The crate that the user depends on.
pub(crate) struct Root {
    ident: Ident,
}

impl Root {
    /// Finds the crate under the name that the user's manifest gives it.
    pub(crate) fn find() -> Result<Self, Error> {
        // A runtime depends on the protocol too, so the order matters for nobody but for those
        // who depend on both: the shorter way is taken.
        for package in ["socket-protocol", "socket-runtime"] {
            let name = match crate_name(package) {
                Ok(FoundCrate::Itself) => package.replace('-', "_"),
                Ok(FoundCrate::Name(name)) => name,
                Err(_) => continue,
            };
            let ident = Ident::new_raw(&name, Span::call_site());
            let ident = syn::parse_str::<Ident>(&name).unwrap_or(ident);
            return Ok(Self { ident });
        }
        Err(mistake(
            Span::call_site(),
            "the derives need socket-protocol or socket-runtime among the dependencies",
            "run `cargo add socket-protocol`",
        ))
    }

    /// `::socket_protocol`
    pub(crate) fn path(&self) -> TokenStream {
        let ident = &self.ident;
        quote!(::#ident)
    }

    /// `::socket_protocol::__private`
    pub(crate) fn private(&self) -> TokenStream {
        let ident = &self.ident;
        quote!(::#ident::__private)
    }

    /// A crate behind `__private` as the string that serde's and schemars' attributes take.
    pub(crate) fn literal(&self, krate: &str) -> LitStr {
        let ident = self.ident.to_token_stream();
        LitStr::new(&format!("::{ident}::__private::{krate}"), Span::call_site())
    }
}
