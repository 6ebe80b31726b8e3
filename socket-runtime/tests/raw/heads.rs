//! Requests that never become a connection.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use socket_runtime::Config;

use crate::chat::sockets;
use crate::support::{Bystanders, TestServer};

/// What the server says to these bytes, until it closes.
async fn answer(server: &TestServer, bytes: &[u8]) -> String {
    let mut stream = server.stream().await;
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let read = timeout(Duration::from_secs(20), stream.read_to_end(&mut answer));
    let _ = read.await.expect("never closed");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn silent_slow_and_broken_heads_are_closed() {
    let config =
        Config::default().with(|config| config.http.head_timeout = Duration::from_millis(300));
    let server = TestServer::with(sockets(config)).await;
    let mut bystanders = Bystanders::meet(&server).await;
    for (bytes, says) in [
        (&b""[..], "408"),
        (b"GET /socket HTTP/1.1\r\nhost", "408"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", "400"),
        (b"GET /socket HTTP/9.9\r\n\r\n", "400"),
        (b"\0\0\0\0\r\n\r\n", "400"),
        // Answered, and silent then.
        (b"GET /nowhere HTTP/1.1\r\nhost: a\r\n\r\n", "404"),
    ] {
        let text = answer(&server, bytes).await;
        assert!(text.contains(says), "{text}");
        bystanders.talk().await;
    }
    // Byte by byte, as long as anybody listens.
    let mut slow = server.stream().await;
    let mut text = Vec::new();
    loop {
        let _ = slow.write_all(b"x").await;
        let _ = slow.flush().await;
        let read = timeout(Duration::from_millis(40), slow.read_buf(&mut text)).await;
        if matches!(read, Ok(Ok(0) | Err(_))) {
            break;
        }
        bystanders.talk().await;
    }
    assert!(text.starts_with(b"HTTP/1.1 408"), "{text:?}");
}

#[tokio::test(start_paused = true)]
async fn a_head_that_comes_byte_by_byte_is_not_waited_for() {
    let server = TestServer::start().await;
    let mut slow = server.stream().await;
    let start = tokio::time::Instant::now();
    let mut answer = Vec::new();
    loop {
        // The clock jumps over each pause, to the server's limit in the end.
        let _ = slow.write_all(b"x").await;
        let _ = slow.flush().await;
        let read = timeout(Duration::from_secs(1), slow.read_buf(&mut answer)).await;
        if matches!(read, Ok(Ok(0) | Err(_))) {
            break;
        }
        assert!(start.elapsed() < Duration::from_secs(30), "never closed");
    }
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(
        start.elapsed() >= Duration::from_secs(9),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn pages_of_foreign_origins_are_refused() {
    let server = TestServer::start().await;
    let mut bystanders = Bystanders::meet(&server).await;
    for origin in [
        "https://evil.example",
        "null",
        "",
        "http://127.0.0.1",
        "http://127.0.0.1.evil.example",
        "file://",
        "\u{fffd}",
    ] {
        let head = format!(
            "GET /socket HTTP/1.1\r\nhost: 127.0.0.1:1\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\
             origin: {origin}\r\n\r\nGET / HTTP/1.1\r\nconnection: close\r\n\r\n"
        );
        let text = answer(&server, head.as_bytes()).await;
        assert!(text.starts_with("HTTP/1.1 403"), "{origin}: {text}");
        bystanders.talk().await;
    }
    assert_eq!(server.sockets.status().refused.origins, 7);
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
