//! Starts the chat: `cargo run -p chat -- --port 8080`.

mod page;

use std::error::Error;
use std::process::ExitCode;

use tokio::net::TcpListener;

const VERSIONS: &str = include_str!("../../../generated-ts/chat/chat.versions.json");

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

#[tokio::main]
async fn main() -> ExitCode {
    match arguments() {
        Ok(Run::Serve { port }) => match serve(port).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(&error, "cargo run -p chat -- --port 0"),
        },
        Ok(Run::Help) => {
            print(HELP);
            ExitCode::SUCCESS
        }
        Err(error) => fail(&error, "cargo run -p chat -- --help"),
    }
}

async fn serve(port: u16) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind(("127.0.0.1", port))
        .await
        .map_err(|error| format!("cannot listen on 127.0.0.1:{port}: {error}"))?;
    print(&format!("listening on http://{}\n", listener.local_addr()?));
    let sockets = chat::server::service(VERSIONS)?;
    let app = chat::server::routes(sockets.clone()).merge(page::routes());
    socket_runtime::serve(listener, app)
        .sockets(&sockets)
        .until(socket_runtime::shutdown_signal())
        .await?;
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a program speaks to its user")]
fn print(text: &str) {
    print!("{text}");
}

#[expect(clippy::print_stderr, reason = "a program speaks to its user")]
fn fail(error: &dyn std::fmt::Display, fix: &str) -> ExitCode {
    eprintln!("chat: {error}\nTry `{fix}`.");
    ExitCode::from(2)
}
