//! The rules of `socket-codegen breaking`.

mod allow;
mod baseline;
mod cases;
mod definitions;
mod mirror;
mod report;
mod sampling;
mod schemars;
mod support;
