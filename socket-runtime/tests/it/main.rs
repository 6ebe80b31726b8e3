//! The runtime over real sockets: raw text in and out.
#![allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    reason = "tests"
)]

mod channels;
mod chat;
mod commands;
mod full;
mod load;
mod support;
mod time;
mod transport;
mod upgrade;
mod wire;
