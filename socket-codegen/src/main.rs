//! The program `socket-codegen`.

use std::process::ExitCode;

fn main() -> ExitCode {
    socket_codegen::run()
}
