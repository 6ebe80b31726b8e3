//! Generates the typed TypeScript client of a WebSocket protocol written in Rust.
//!
//! This is the library behind the program `socket-codegen`; its README has the commands. The only thing
//! that it offers is [`run`].
//!
//! # Inside
//! Lowest first: each uses what stands above it in this list, and names nothing below.
//! - `finding`: one thing that is wrong, where, and how to fix it
//! - `output`: files by name, and the folder that they are written to
//! - `load`: from a workspace to its manifests, through cargo
//! - `emit`: manifests in, TypeScript out
//! - `breaking`: two manifests compared, and what breaks for the pages that are open
//! - `verify`: what serde did with the samples, as findings
//! - `document`: manifests in, AsyncAPI and JSON Schemas out
//! - `validate`: manifests in, validators out
//! - `config`: the file `socket.toml`
//! - `init`: the files that a new project begins with
//! - `watch`: the files that protocols are made of, and whether one changed
//! - `cli`: flags and exit codes; nothing else prints

pub(crate) mod breaking;
pub(crate) mod cli;
pub(crate) mod config;
pub(crate) mod document;
pub(crate) mod emit;
pub(crate) mod finding;
pub(crate) mod init;
pub(crate) mod load;
pub(crate) mod output;
pub(crate) mod validate;
pub(crate) mod verify;
pub(crate) mod watch;

#[cfg(test)]
mod tests;

use std::process::ExitCode;

/// Runs the program `socket-codegen` with the arguments of this process.
///
/// Gives the exit code: 0 where all is well, 1 where there are findings, 2 where it could not run.
#[must_use]
pub fn run() -> ExitCode {
    cli::run()
}
