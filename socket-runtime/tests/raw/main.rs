//! The runtime against bytes that no client of ours would send: each has its code, and two
//! bystanders notice nothing.
#![allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    dead_code,
    clippy::unwrap_used,
    reason = "tests"
)]

#[path = "../it/chat.rs"]
mod chat;
#[cfg(unix)]
mod descriptors;
mod floods;
mod frames;
mod heads;
mod json;
mod other_servers;
#[path = "../it/servers.rs"]
mod servers;
mod stream;
#[path = "../it/support.rs"]
mod support;
