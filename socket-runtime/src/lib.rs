//! An axum runtime for typed WebSocket protocols: connections, channels, users, broadcasting.
//!
//! A protocol is written once, as enums with derives; [`Service`] speaks it. Everything of
//! `socket-protocol` is here too, so that one dependency is enough.
//!
//! - [`Service`]: what a program holds. Made by [`Service::builder`], used from anywhere.
//! - [`SocketUpgrade`], [`serve`]: the way from HTTP to a connection.
//! - [`Context`]: what a handler knows and can do.
//! - [`Config`]: every limit.
//! - [`broker`]: what carries publications between nodes.
//! - [`Identity`], [`User`]: whose a connection is; [`Authenticate`]: who comes in.
//! - `client`: the typed client, for programs that speak to such a service.
//! - `test`: a service and its clients in one process, for tests.
//!
//! # Inside
//! Lowest first: each uses what stands above it in this list, and names nothing below.
//! - `frame`: a message as bytes, and the protocol's own messages that never differ
//! - `suggest`: the name that was meant
//! - `channel`: what may name a channel
//! - `config`: every limit
//! - `broker`: what carries publications between nodes
//! - `error`: what callers of the service meet
//! - `admission`: who comes in
//! - `stats`: everything that is counted, and its public shapes
//! - `outbound`: what goes to one socket
//! - `hub`: this node's connections, and who is in which channel
//! - `service`: what a program holds
//! - `command`: from a message to the handler and back
//! - `connection`: one WebSocket from upgrade to close
//! - `server`: HTTP, which alone names axum and hyper
//! - `client`: beside all of it; uses `channel`, `frame` and `suggest`
//! - `test`: the kit for users' tests, on top
//!
//! # Features
//! | feature | what it adds |
//! | --- | --- |
//! | `client` | the module `client`: the typed Rust client |
//! | `tls` | `wss://…` in the client, by rustls; the server takes any TLS library by [`Serve::tls`] |
//! | `test` | the module `test`: a service and typed clients in one process, with faults on demand |
//! | `manifest` | describes protocols as data; `socket-codegen` turns it on |
//! | `settings` | `Config::load`: limits from a TOML file and the environment |

#[allow(
    unused_extern_crates,
    reason = "the code that the derives write says `::socket_runtime`, in this crate's tests too"
)]
extern crate self as socket_runtime;

pub mod broker;
#[cfg(feature = "client")]
pub mod client;
#[cfg(feature = "test")]
pub mod test;

mod admission;
mod channel;
mod command;
mod config;
mod connection;
mod error;
mod frame;
mod hub;
mod outbound;
mod server;
mod service;
mod stats;
mod suggest;

pub use admission::{Authenticate, Credentials, Identity, Login, User, Versions};
pub use channel::{ToChannel, ToDefaultChannel};
pub use config::Config;
#[cfg(feature = "settings")]
pub use config::ConfigError;
pub use error::{BuildError, ChannelError, SendError};
pub use server::{Serve, SocketUpgrade, Upgrade, UpgradeRejection, serve};
pub use service::hooks::Disconnected;
pub use service::{Builder, Context, Service, Target};
pub use stats::{
    ChannelInfo, ConnectionInfo, Cursor, Mode, Page, QueueInfo, Refused, Statistics, Status,
    Traffic, VersionInfo,
};

#[doc(no_inline)]
pub use socket_protocol::*;

/// For this crate's own example and no other program.
#[doc(hidden)]
pub use connection::echo as __echo;

/// What a definition and its handlers need: `use socket_runtime::prelude::*;`.
pub mod prelude {
    pub use crate::{Context, Identity, Service, SocketUpgrade, User};
    pub use socket_protocol::prelude::*;
}
