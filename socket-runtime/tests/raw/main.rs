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
#[cfg(target_os = "linux")]
mod proxies;
#[path = "../it/servers.rs"]
mod servers;
#[cfg(unix)]
mod signals;
mod stream;
#[path = "../it/support.rs"]
mod support;
