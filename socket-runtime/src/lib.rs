//! An axum runtime for typed WebSocket protocols: connections, channels, users, broadcasting.
//!
//! A protocol is written once, as enums with derives; [`Service`] serves it. This crate re-exports
//! all of `socket-protocol`, so one dependency is enough.
//!
//! - [`Service`]: the service that a program holds. Made by [`Service::builder`] and usable from
//!   anywhere.
//! - [`SocketUpgrade`], [`serve`]: from an HTTP request to a connection.
//! - [`Context`]: the command that a handler answers, and the ways to answer it.
//! - [`Config`]: every limit; [`config`] has its groups.
//! - [`broker`]: carries publications between nodes and keeps history.
//! - [`Identity`], [`User`]: the users of connections; [`Authenticate`]: decides who may connect.
//! - `client`: the typed client, for programs that talk to such a service.
//! - `test`: a service and its clients in one process, for tests.
//!
//! # Inside
//! Lowest first: each module uses only those above it in this list.
//! - `frame`: a message as bytes, and the protocol's own messages that never differ
//! - `suggest`: the name that was probably meant
//! - `watchdog`: keeps a runtime going while a handler keeps one of its threads
//! - `shown`: text from clients, made safe for the log
//! - `channel`: the ways to name a channel
//! - `config`: every limit
//! - `broker`: carries publications between nodes, and keeps history
//! - `error`: the errors that callers of the service meet
//! - `admission`: users, credentials, and the versions that may connect
//! - `stats`: every counter, and the public view of it
//! - `outbound`: the send queue of one socket
//! - `hub`: this node's connections, and who is in which channel
//! - `service`: the service that a program holds
//! - `command`: from a message to the handler and back
//! - `connection`: one WebSocket from upgrade to close
//! - `server`: HTTP, which alone names axum and hyper
//! - `guide`: pages for people, without code of its own
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
pub mod config;
pub mod guide;
#[cfg(feature = "test")]
pub mod test;

mod admission;
mod channel;
mod command;
mod connection;
mod error;
mod frame;
mod hub;
mod outbound;
mod server;
mod service;
mod shown;
mod stats;
mod suggest;
mod watchdog;

pub use admission::{Authenticate, Credentials, Identity, Login, User, Versions};
pub use channel::{ToChannel, ToDefaultChannel};
pub use config::Config;
#[cfg(feature = "settings")]
pub use config::ConfigError;
pub use error::{BuildError, ChannelError, ReachError, SendError};
pub use server::{Serve, SocketUpgrade, Upgrade, UpgradeRejection, serve, shutdown_signal};
pub use service::hooks::Disconnected;
pub use service::{Builder, Context, Reached, Service, Target};
pub use stats::{
    ChannelInfo, ConnectionInfo, Cursor, Mode, Page, QueueInfo, Recoveries, Refused, SlowConsumers,
    Statistics, Status, Traffic, VersionInfo,
};

#[doc(no_inline)]
pub use socket_protocol::*;

/// For this crate's own example and no other program.
#[doc(hidden)]
pub use connection::echo as __echo;

/// The items that a definition and its handlers need: `use socket_runtime::prelude::*;`.
pub mod prelude {
    pub use crate::{Context, Identity, Service, SocketUpgrade, User};
    pub use socket_protocol::prelude::*;
}
