//! What is kept, what comes back, and what need not arrive: over real sockets, raw text in and out.
#![allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    dead_code,
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "tests"
)]

mod brokers;
mod chat;
mod classes;
mod join;
mod model;
mod pages;
mod races;
mod reader;
mod replay;
#[path = "../it/servers.rs"]
mod servers;
#[path = "../it/support.rs"]
mod support;
