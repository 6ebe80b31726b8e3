#![no_main]
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, reason = "a test")]

#[path = "../../tests/fuzz/channels.rs"]
mod channels;

libfuzzer_sys::fuzz_target!(|data: &[u8]| channels::run(data));
