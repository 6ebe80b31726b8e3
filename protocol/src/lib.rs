//! Typed WebSocket protocols: what crosses the wire, and how a protocol is described.
//!
//! A crate that only defines a protocol depends on this one alone. A server depends on
//! `socket-runtime`, which re-exports all of it.
//!
//! From the bottom up:
//! - [`ConnectionId`], [`ChannelName`], [`RequestId`], [`Timestamp`]: names and numbers as types.
//! - [`ErrorCode`], [`CloseCode`]: every code, once.
//! - [`Reject`], [`WireError`], [`InvalidParam`]: what goes wrong, and how it crosses the wire.
//! - [`Items`]: what a streaming command sends before it answers.
//! - [`definition`]: the traits that the derives implement.
//! - [`envelope`], [`system`]: the messages themselves, and the protocol's own.
//! - [`Validate`]: rules on parameters.
//! - [`manifest`]: a protocol as data.
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

mod carrier;
mod code;
mod command;
mod error;
mod id;
mod items;
mod pattern;
mod timestamp;
mod validate;

pub mod definition;
pub mod envelope;
pub mod manifest;
pub mod system;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
#[doc(hidden)]
pub mod checks;
#[doc(hidden)]
pub mod int;
#[doc(hidden)]
pub mod lists;

#[doc(inline)]
pub use definition::{Channels, Commands, ErrorCodes, Events, Payload, Protocol};
pub use socket_macros::{Channels, Commands, ErrorCodes, Events, Protocol, payload};

pub use code::{CloseCode, ErrorCode};
pub use error::{InvalidParam, NoError, NoItem, Reject, WireError};
pub use id::{ChannelName, ConnectionId, InvalidChannelName, RequestId};
pub use int::IntPolicy;
pub use items::{Caller, ItemQueue, Items};
pub use timestamp::Timestamp;
pub use validate::Validate;

/// What a definition needs: `use socket_protocol::prelude::*;`.
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
