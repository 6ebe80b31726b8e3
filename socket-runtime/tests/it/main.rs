//! The runtime over real sockets: raw text in and out.
#![allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "tests"
)]

mod blocking;
mod broker;
mod bursts;
mod channels;
mod chat;
mod commands;
mod config_limits;
mod counts;
mod crowds;
mod drain;
mod duplicates;
mod foreign_clients;
mod full_mode;
mod in_sum;
mod limits;
mod load;
mod log;
mod login;
mod logs;
mod nobodies;
mod other_servers;
mod reconnect;
mod reload;
mod serve;
mod server_messages;
mod servers;
mod sessions;
mod slow_lines;
mod status;
mod streams;
mod stress;
mod support;
mod timeouts;
mod transport_errors;
mod upgrade;
mod versions;
mod waiting;
mod whose;
mod wire;
