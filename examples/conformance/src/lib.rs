//! What the client is tried against: [`protocol`] says what crosses the wire, [`server`] what it means.

pub mod protocol;
pub mod server;
