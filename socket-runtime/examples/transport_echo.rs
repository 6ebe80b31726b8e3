//! Sends each message back: `cargo run -p socket-runtime --example transport_echo -- --port 9001`.
//!
//! It speaks plain WebSocket with the runtime's own reader, queue and writer, for test suites such as
//! Autobahn's.

use std::error::Error;
use std::io::Write as _;

use socket_runtime::{__echo as echo, Config};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// The longest request that is read, in bytes.
const MAX_REQUEST: usize = 16 * 1024;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let port = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => 9001,
        ["--port", port] => port.parse()?,
        _ => return Err("usage: transport_echo [--port N]".into()),
    };
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    writeln!(
        std::io::stdout(),
        "listening on ws://{}",
        listener.local_addr()?
    )?;
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(async move {
            // A client that cannot shake hands gets nothing but the end.
            let _ = serve(stream).await;
        });
    }
}

async fn serve(mut stream: TcpStream) -> Result<(), Box<dyn Error + Send + Sync>> {
    stream.set_nodelay(true)?;
    let mut request = Vec::new();
    // Byte by byte, so that nothing of what follows is taken.
    while !request.ends_with(b"\r\n\r\n") {
        if request.len() == MAX_REQUEST {
            return Err("the request is too long".into());
        }
        request.push(stream.read_u8().await?);
    }
    let request = String::from_utf8(request)?;
    let key = request
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-key"))
        .map(|(_, key)| key.trim())
        .ok_or("no key")?;
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-accept: {}\r\n\r\n",
        derive_accept_key(key.as_bytes())
    );
    stream.write_all(answer.as_bytes()).await?;
    let config = Config::default().with(|config| {
        config.limits.message_bytes = 16 * 1024 * 1024;
        config.queue.bytes = 64 * 1024 * 1024;
    });
    echo(stream, &config).await;
    Ok(())
}
