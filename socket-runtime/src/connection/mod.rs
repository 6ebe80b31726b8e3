//! One WebSocket from upgrade to close.
//!
//! `task` is the one task of a connection; `opening` and `inbox` are what it does with the steps of the
//! handshake and with what it reads. Around it stand four rooms: `socket` (bytes in, and when to write),
//! `handshake` (who comes), `calls` (what waits, runs and was answered), and `session` (what outlives
//! the socket).

mod calls;
mod close;
mod handshake;
mod heartbeat;
mod inbox;
mod opening;
mod rates;
mod replay;
mod session;
mod socket;
mod task;

pub(crate) use handshake::login::authenticate;
pub use socket::echo::echo;
pub(crate) use task::run;
