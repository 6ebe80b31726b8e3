//! Generates the typed TypeScript client of a WebSocket protocol written in Rust.
//!
//! This is the library behind the program `socket-codegen`; its README has the commands. From the
//! bottom up:
//! - [`finding`]: what is wrong, where, and what to do about it.
//! - [`emit`]: manifests in, TypeScript out; no files touched.
//! - [`document`]: manifests in, other documents out: AsyncAPI, JSON Schemas.
//! - [`validate`]: manifests in, validators out.
//! - [`config`]: the file `socket.toml`.
//! - [`verify`]: what serde really does with the types, and what that says of them.
//! - [`load`]: from a workspace to its manifests, through cargo.
//! - [`breaking`]: two manifests compared, and what breaks for clients that are open right now.
//! - [`versions`]: which older versions the present one breaks, for a server to go by.
//! - [`output`]: the folder that is written.
//! - [`init`]: what a new project begins with.
//! - [`watch`]: the files that protocols are made of, and whether one changed.
//! - [`cli`]: flags and exit codes; the only printing.

pub mod breaking;
pub mod cli;
pub mod config;
pub mod document;
pub mod emit;
pub mod finding;
pub mod init;
pub mod load;
pub mod output;
pub mod validate;
pub mod verify;
pub mod versions;
pub mod watch;
