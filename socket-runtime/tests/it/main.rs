//! The runtime over real sockets: raw text in and out.
#![allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "tests"
)]

mod again;
mod blocks;
mod bounds;
mod broker;
mod bursts;
mod channels;
mod chat;
mod comeback;
mod commands;
mod drain;
mod full;
mod limits;
mod load;
mod log;
mod login;
mod provoke;
mod serve;
mod sessions;
mod status;
mod strangers;
mod streams;
mod stress;
mod support;
mod time;
mod transport;
mod upgrade;
mod versions;
mod way;
mod ways;
mod wire;
