//! The derives of socket-protocol.

mod ast;
mod attr;
mod check;
mod errors;
mod expand;
mod fallback;
mod name;
mod pattern;
mod root;
mod rules;
mod serde_names;

use proc_macro::TokenStream;
use syn::{DeriveInput, Error};

use crate::root::Root;

/// Makes the commands of a protocol out of an enum.
#[proc_macro_derive(Commands, attributes(command, garde, serde, schemars))]
pub fn commands(input: TokenStream) -> TokenStream {
    derive(input, expand::commands::expand)
}

/// Makes the events of a protocol out of an enum.
#[proc_macro_derive(Events, attributes(event, garde, serde, schemars))]
pub fn events(input: TokenStream) -> TokenStream {
    derive(input, expand::events::expand)
}

/// Makes the channels of a protocol out of an enum.
#[proc_macro_derive(Channels, attributes(channel, garde, serde, schemars))]
pub fn channels(input: TokenStream) -> TokenStream {
    derive(input, expand::channels::expand)
}

/// Makes the error codes of a command out of an enum.
#[proc_macro_derive(ErrorCodes, attributes(code, garde, serde, schemars))]
pub fn error_codes(input: TokenStream) -> TokenStream {
    derive(input, expand::error_codes::expand)
}

/// Puts a protocol together.
#[proc_macro_derive(Protocol, attributes(protocol, serde, schemars))]
pub fn protocol(input: TokenStream) -> TokenStream {
    derive(input, expand::protocol::expand)
}

/// Makes a type one that messages may carry.
#[proc_macro_attribute]
pub fn payload(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let root = match Root::find() {
        Ok(root) => root,
        Err(error) => return with_error(&error, item),
    };
    match syn::parse(item.clone()) {
        Ok(input) => expand::payload::expand(&arguments.into(), input, &root).into(),
        Err(_) => with_error(&expand::payload::not_a_type(), item),
    }
}

fn with_error(error: &Error, item: TokenStream) -> TokenStream {
    let mut tokens = TokenStream::from(error.to_compile_error());
    tokens.extend(item);
    tokens
}

fn derive(
    input: TokenStream,
    expand: fn(&DeriveInput, &Root) -> proc_macro2::TokenStream,
) -> TokenStream {
    let expanded = Root::find()
        .and_then(|root| syn::parse(input).map(|input: DeriveInput| expand(&input, &root)));
    expanded.unwrap_or_else(Error::into_compile_error).into()
}
