//! Starts the server: `cargo run -p conformance -- --port 8081`.

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use tokio::net::TcpListener;

const MANIFEST: &str = include_str!("../../../generated-ts/conformance/probe.manifest.json");

/// The command line.
struct Flags {
    port: u16,
    /// How long a session can be resumed.
    resume: Option<Duration>,
}

fn flags() -> Result<Flags, lexopt::Error> {
    use lexopt::prelude::{Long, ValueExt as _};

    let mut flags = Flags {
        port: 8081,
        resume: None,
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("port") => flags.port = parser.value()?.parse()?,
            Long("resume-ms") => {
                flags.resume = Some(Duration::from_millis(parser.value()?.parse()?));
            }
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(flags)
}

#[tokio::main]
async fn main() -> ExitCode {
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&*error),
    }
}

async fn serve() -> Result<(), Box<dyn Error>> {
    let Flags { port, resume } = flags()?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    print(&format!("listening on http://{}\n", listener.local_addr()?));
    let sockets = conformance::server::service(MANIFEST, resume)?;
    let app = conformance::server::routes(sockets.clone());
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
fn fail(error: &dyn Error) -> ExitCode {
    eprintln!("conformance: {error}\nTry `cargo run -p conformance -- --port 0`.");
    ExitCode::from(2)
}
