//! Starts the chat: `cargo run -p chat -- --port 8080`.

use std::process::ExitCode;

use tokio::net::TcpListener;

const HELP: &str = "\
A chat over typed WebSockets.

Examples:
  cargo run -p chat                   on port 8080
  cargo run -p chat -- --port 0       on any free port

Options:
  --port PORT   the port on 127.0.0.1 to listen on; 0 picks a free one [default: 8080]
  --help        print this help
";

enum Run {
    Serve { port: u16 },
    Help,
}

fn arguments() -> Result<Run, lexopt::Error> {
    use lexopt::prelude::{Long, Short, ValueExt as _};

    let mut port = 8080;
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("port") => port = parser.value()?.parse()?,
            Long("help") | Short('h') => return Ok(Run::Help),
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(Run::Serve { port })
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a program speaks to its user")]
#[tokio::main]
async fn main() -> ExitCode {
    let port = match arguments() {
        Ok(Run::Serve { port }) => port,
        Ok(Run::Help) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("chat: {error}\nTry `cargo run -p chat -- --help`.");
            return ExitCode::from(2);
        }
    };
    let listener = match TcpListener::bind(("127.0.0.1", port)).await {
        Ok(listener) => listener,
        Err(error) => {
            eprintln!("chat: cannot listen on 127.0.0.1:{port}: {error}\nTry `cargo run -p chat -- --port 0`.");
            return ExitCode::from(2);
        }
    };
    match run(listener).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("chat: {error}");
            ExitCode::from(2)
        }
    }
}
