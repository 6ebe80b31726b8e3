//! The rules of `socket-codegen breaking`.

#![allow(
    clippy::unwrap_used,
    reason = "in a test every failure is the test's, in helpers too"
)]

mod allow;
mod baseline;
mod cases;
mod cli;
mod definitions;
mod mirror;
mod report;
mod sampling;
mod schemars;
mod support;
