//! The client, the test kit, and the runtime's own behaviour seen through them. Everything is in
//! memory, and the clock is stopped.
#![allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "tests"
)]

mod chat;
mod client;
mod faults;
mod history;
mod integers;
mod items;
mod positions;
mod recovery;
mod runtime;
mod script;
mod send;
mod wire;
mod words;
