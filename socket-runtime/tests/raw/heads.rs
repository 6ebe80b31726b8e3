//! Requests that never become a connection.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use socket_runtime::Config;

use crate::chat::sockets;
use crate::support::{Bystanders, TestServer};

/// What the server says to these bytes, until it closes.
async fn answer(server: &TestServer, bytes: &[u8]) -> String {
    let mut stream = server.stream().await;
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer));
    let _ = read.await.expect("never closed");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn silent_slow_and_broken_heads_are_closed() {
    let config = Config {
        head_timeout: Duration::from_millis(300),
        ..Config::default()
    };
    let server = TestServer::with(sockets(config)).await;
    let mut bystanders = Bystanders::meet(&server).await;
    for (bytes, says) in [
        (&b""[..], ""),
        (b"GET /socket HTTP/1.1\r\nhost", ""),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", "400"),
        (b"GET /socket HTTP/9.9\r\n\r\n", "400"),
        (b"\0\0\0\0\r\n\r\n", "400"),
    ] {
        let text = answer(&server, bytes).await;
        assert!(text.contains(says), "{text}");
        bystanders.talk().await;
    }
    // Byte by byte, for ever.
    let mut slow = server.stream().await;
    let start = Instant::now();
    while slow.write_all(b"x").await.is_ok() {
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(start.elapsed() < Duration::from_secs(10), "never closed");
    }
}

#[tokio::test]
async fn huge_heads_are_refused() {
    let server = TestServer::start().await;
    let mut bystanders = Bystanders::meet(&server).await;
    let long = format!(
        "GET /socket HTTP/1.1\r\nhost: a\r\ncookie: {}\r\n\r\n",
        "x".repeat(200_000)
    );
    let many = format!("GET /socket HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(100));
    let target = format!(
        "GET /socket?ch={} HTTP/1.1\r\nhost: a\r\n\r\n",
        "x".repeat(100_000)
    );
    for (head, codes) in [
        (long, ["431", "431"]),
        (many, ["431", "431"]),
        (target, ["414", "431"]),
    ] {
        let text = answer(&server, head.as_bytes()).await;
        // A reset may overtake the answer, because the server reads no further.
        let said = text.is_empty() || codes.iter().any(|code| text.contains(code));
        assert!(said, "{text}");
        bystanders.talk().await;
    }
}
