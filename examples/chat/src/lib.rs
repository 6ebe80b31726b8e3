//! A chat: [`protocol`] says what crosses the wire, [`server`] what it means. The program in
//! `main.rs` adds the page.
//!
//! `socket-codegen generate` makes the clients in `generated-ts/` from [`protocol`]. What it made is
//! included by the program and not here, because this library is what it reads.

pub mod protocol;
pub mod server;
