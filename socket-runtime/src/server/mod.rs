//! HTTP: from a request to a connection, and a server that shuts down in good order. Nothing
//! outside this folder names axum or hyper.

mod handshake;
mod health;
mod http;
mod io;
#[cfg(feature = "test")]
pub(crate) mod memory;
mod rejection;
mod serve;
mod signal;
mod sockets;
mod upgrade;

pub use rejection::UpgradeRejection;
pub use serve::{Serve, serve};
pub use signal::shutdown_signal;
pub use upgrade::{SocketUpgrade, Upgrade};
