//! Flags and exit codes; the only printing.
//!
//! Findings go to stdout, everything else to stderr. Exit codes: 0 fine, 1 findings, 2 could not
//! run. Each command has a file; several of them share `source`, `emitted` and `document`, and
//! `print` writes to the terminal.

mod asyncapi;
mod breaking;
mod check;
mod document;
mod emitted;
mod generate;
mod init;
mod manifest;
mod print;
mod schemas;
mod source;
mod watch;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

const EXAMPLES: &str = "\
Examples:
  socket-codegen generate                          all protocols of this workspace, to generated-ts/
  socket-codegen generate -p chat --out web/src/socket
  socket-codegen generate --emit js                ES modules with .d.ts, no TypeScript build needed
  socket-codegen check                             in CI: a diff and exit code 1 when files are stale
  socket-codegen generate --manifest chat.manifest.json --out src/socket   without any Rust
  socket-codegen breaking --against git:origin/main   what breaks for the pages that are open
";

/// Generates the typed TypeScript client of a WebSocket protocol written in Rust.
#[derive(Debug, Parser)]
#[command(version, before_help = EXAMPLES, subcommand_required = true, arg_required_else_help = true)]
#[command(after_help = "Exit codes: 0 success, 1 findings, 2 the command could not run.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Writes the client and the types of each protocol.
    #[command(before_help = EXAMPLES)]
    Generate(emitted::Options),
    /// Reports the files that `generate` would change, without changing them.
    #[command(before_help = EXAMPLES)]
    Check(emitted::Options),
    /// Prints a protocol's manifest, or writes it to a file.
    Manifest(document::Options),
    /// Prints a protocol as an AsyncAPI 3.0 document, or writes it to a file.
    Asyncapi(document::Options),
    /// Prints the JSON Schema of each message, or writes a file for each.
    Schemas(schemas::Options),
    /// Generates again whenever a source changes, until Ctrl-C.
    Watch(watch::Options),
    /// Writes the files a new project needs; existing files stay as they are.
    Init(init::Options),
    /// Reports what a protocol change breaks for the pages that are open right now.
    #[command(before_help = breaking::EXAMPLES)]
    Breaking(breaking::Options),
}

/// Runs the program.
#[must_use]
pub(crate) fn run() -> ExitCode {
    match Cli::parse().command {
        Command::Generate(options) => generate::run(&options),
        Command::Check(options) => check::run(&options),
        Command::Manifest(options) => manifest::run(&options),
        Command::Asyncapi(options) => asyncapi::run(&options),
        Command::Schemas(options) => schemas::run(&options),
        Command::Watch(options) => watch::run(&options),
        Command::Init(options) => init::run(&options),
        Command::Breaking(options) => breaking::run(&options),
    }
}
