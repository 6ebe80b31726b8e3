//! The same behaviour over TLS, and under a server that is not ours.

use crate::servers::again;

/// What goes over real sockets, whatever their kind. The rest of the tests use streams in memory,
/// which go the way of foreign servers anyway.
const WANTED: &[&str] = &[
    "config_limits::",
    "bursts::",
    "channels::",
    "chat::",
    "commands::",
    "full_mode::",
    "limits::",
    "load::",
    "login::",
    "transport_errors::",
    "upgrade::",
    "wire::",
];

/// What says no more the second time.
const NOT: &[&str] = &["from_two_threads"];

#[test]
fn all_of_it_works_over_tls() {
    again("tls", WANTED, NOT, 80);
}

#[test]
fn all_of_it_works_under_axums_own_serve() {
    again("foreign", WANTED, NOT, 80);
}
