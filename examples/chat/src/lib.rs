//! A chat: [`protocol`] defines the messages, [`server`] handles them. The program in `main.rs` adds
//! the page.
//!
//! `socket-codegen generate` makes the clients in `generated-ts/` from [`protocol`]. The program
//! includes them, and this library does not, because the generator reads this library.

pub mod protocol;
pub mod server;
