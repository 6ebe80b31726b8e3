//! Starts the server: `cargo run -p conformance -- --port 8081`.

use std::error::Error;
use std::process::ExitCode;

use tokio::net::TcpListener;

const MANIFEST: &str = include_str!("../../../generated-ts/conformance/probe.manifest.json");

fn port() -> Result<u16, lexopt::Error> {
    use lexopt::prelude::{Long, ValueExt as _};

    let mut port = 8081;
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("port") => port = parser.value()?.parse()?,
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(port)
}

#[tokio::main]
async fn main() -> ExitCode {
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&*error),
    }
}

async fn serve() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind(("127.0.0.1", port()?)).await?;
    print(&format!("listening on http://{}\n", listener.local_addr()?));
    let sockets = conformance::server::service(MANIFEST)?;
    let app = conformance::server::routes(sockets.clone());
    socket_runtime::serve(listener, app)
        .sockets(&sockets)
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
