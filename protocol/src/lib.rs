//! Typed WebSocket protocols: what crosses the wire, and how a protocol is described.
//!
//! A crate that only defines a protocol depends on this one alone. A server depends on
//! `socket-runtime`, which re-exports all of it.
//!
//! - [`ConnectionId`], [`ChannelName`], [`RequestId`], [`Timestamp`]: names and numbers as types.
//! - [`ErrorCode`], [`CloseCode`]: every code, once.
//! - [`Reject`], [`WireError`], [`InvalidParam`]: what goes wrong, and how it crosses the wire.
//! - [`definition`]: the traits that the derives implement.
//! - [`Items`]: what a streaming command sends before it answers.
//! - [`envelope`], [`system`]: the messages themselves, and the protocol's own.
//! - [`Validate`]: rules on parameters.
//! - [`manifest`]: a protocol as data.
//!
//! # Inside
//! Lowest first: each uses what stands above it in this list, and names nothing below.
//! - `code`: every error code and close code, once
//! - `id`: names and numbers as types
//! - `timestamp`: a moment
//! - `pattern`: channel names from patterns, and back
//! - `nearest`: the name that was meant
//! - `json`: values as JSON that every receiver reads as it was written
//! - `error`: what goes wrong, as it crosses the wire
//! - `validate`: rules on parameters
//! - `system`: the protocol's own messages
//! - `envelope`: the messages themselves
//! - `int`: integers that JavaScript rounds
//! - `definition`: the traits that the derives implement
//! - `reject`: what a handler refuses with
//! - `items`: what a streaming command sends before it answers
//! - `derive`: what the code written by the derives calls
//! - `manifest`: a protocol as data
//!
//! # Features
//! | feature | what it adds |
//! | --- | --- |
//! | `manifest` | describes protocols as data, through schemars; `socket-codegen` turns it on |
//! | `fingerprint` | the hash of a manifest, without the means to make one |

#[allow(
    unused_extern_crates,
    reason = "the code that the derives write says `::socket_protocol`, in this crate's tests too"
)]
extern crate self as socket_protocol;

mod code;
mod error;
mod id;
mod items;
mod json;
mod pattern;
mod reject;
mod timestamp;
mod validate;

pub mod definition;
pub mod envelope;
pub mod manifest;
pub mod system;

#[doc(hidden)]
pub mod derive;
#[doc(hidden)]
pub mod int;
#[doc(hidden)]
pub mod nearest;

/// The names that the code written by the derives says.
#[doc(hidden)]
pub mod __private {
    pub use crate::derive::*;
    pub use crate::manifest;
    #[cfg(feature = "manifest")]
    pub use crate::manifest::carried::{Name, ViaDescribed, ViaNoSchema, ViaSchema};
    #[cfg(feature = "manifest")]
    pub use {inventory, schemars};
}

#[doc(inline)]
pub use definition::{
    Caller, Channels, Commands, ErrorCodes, Events, ItemQueue, Payload, Protocol,
};
pub use socket_macros::{Channels, Commands, ErrorCodes, Events, Protocol, payload};

pub use code::{CloseCode, ErrorCode};
pub use error::{InvalidParam, NoError, NoItem, WireError};
pub use id::{ChannelName, ConnectionId, InvalidChannelName, RequestId};
pub use int::IntPolicy;
pub use items::Items;
pub use reject::Reject;
pub use timestamp::Timestamp;
pub use validate::Validate;

/// Everything that a definition needs: `use socket_protocol::prelude::*;`.
pub mod prelude {
    pub use crate::{
        ChannelName, Channels, Commands, ConnectionId, ErrorCodes, Events, Items, Protocol, Reject,
        Timestamp, Validate, payload,
    };
}

/// Keeps what describes a definition, because the feature `manifest` is on.
#[cfg(feature = "manifest")]
#[doc(hidden)]
#[macro_export]
macro_rules! __manifest {
    ($($tokens:tt)*) => { $($tokens)* };
}

/// Drops what describes a definition, because the feature `manifest` is off.
#[cfg(not(feature = "manifest"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __manifest {
    ($($tokens:tt)*) => {};
}

/// Chooses the form of a payload type that describes itself, because the feature `manifest` is on.
#[cfg(feature = "manifest")]
#[doc(hidden)]
#[macro_export]
macro_rules! __payload {
    ({ $($plain:tt)* } { $($described:tt)* }) => { $($described)* };
}

/// Chooses the form of a payload type without schemars, because the feature `manifest` is off.
#[cfg(not(feature = "manifest"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __payload {
    ({ $($plain:tt)* } { $($described:tt)* }) => { $($plain)* };
}
