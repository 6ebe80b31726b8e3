//! HTTP: from a request to a connection, and a server that shuts down in good order. Nothing
//! outside this folder names axum or hyper.

mod health;
mod io;
#[cfg(feature = "test")]
pub(crate) mod memory;
mod origin;
mod rejection;
mod serve;
mod upgrade;

pub use rejection::UpgradeRejection;
pub use serve::{Serve, serve};
pub use upgrade::{SocketUpgrade, Upgrade};
