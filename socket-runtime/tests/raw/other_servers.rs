//! Broken bytes over TLS, and under a server that is not ours.

use crate::servers::again;

#[test]
fn strangers_are_answered_the_same_over_tls() {
    again(
        "tls",
        &["frames::", "json::", "floods::", "heads::"],
        &[],
        10,
    );
}

#[test]
fn strangers_are_answered_the_same_under_axums_own_serve() {
    // It has no limits for heads.
    let wanted = ["frames::", "json::", "floods::", "heads::pages_"];
    again("foreign", &wanted, &[], 11);
}
