//! What the fuzz targets check, over the inputs that they have kept: so that these are checked with
//! every run of the tests, on any toolchain.
#![allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests"
)]

mod channels;
mod envelope;
mod handshake;

use std::path::Path;

fn replay(target: &str, run: impl Fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // Shown where it fails: which input it was.
        eprintln!("{}", path.display());
        run(&std::fs::read(path).unwrap());
        count += 1;
    }
    assert!(count > 10, "the corpus of {target} is gone");
}

#[test]
fn the_kept_envelopes_hold() {
    replay("envelope", envelope::run);
}

#[test]
fn the_kept_connections_hold() {
    replay("handshake", handshake::run);
}

#[test]
fn the_kept_channels_hold() {
    replay("channels", channels::run);
}
