//! The server that clients are tested against: [`protocol`] defines the messages, [`server`] handles
//! them.

pub mod protocol;
pub mod server;
