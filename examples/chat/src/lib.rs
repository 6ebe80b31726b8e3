//! A chat, whole: [`protocol`] says what crosses the wire, [`server`] what it means, and [`page`]
//! serves what people see.
//!
//! `cargo run -p chat` starts it; the TypeScript and the JavaScript client in `generated-ts/` are
//! made from [`protocol`] by `socket-codegen generate`.

pub mod page;
pub mod protocol;
pub mod server;

pub use server::app;
