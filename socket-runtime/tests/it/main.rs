//! The runtime over real sockets: raw text in and out.
#![allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    reason = "tests"
)]

mod chat;
mod full;
mod support;
mod wire;
