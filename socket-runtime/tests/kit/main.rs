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
mod client_messages;
mod faults;
mod history;
mod integers;
mod items;
mod positions;
mod reconnect;
mod runtime;
mod scripted_server;
mod send_options;
mod slow_lines;
mod wire;
