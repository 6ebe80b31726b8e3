//! The server: heads that never end, and an end in good order.

use serde_json::json;
use socket_runtime::Config;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::TestServer;

#[tokio::test(start_paused = true)]
async fn a_silent_or_slow_head_is_not_waited_for() {
    let server = TestServer::start().await;
    for head in ["", "GET /socket HTTP/1.1\r\nhost: a\r\n"] {
        let mut stream = TcpStream::connect(("127.0.0.1", server.port))
            .await
            .unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let start = tokio::time::Instant::now();
        let mut answer = Vec::new();
        // The clock jumps to whatever is due next, which is the server's time limit.
        stream.read_to_end(&mut answer).await.unwrap();
        assert!(
            start.elapsed() < Duration::from_secs(11),
            "{:?}",
            start.elapsed()
        );
    }
}

#[tokio::test]
async fn a_huge_head_is_refused() {
    let server = TestServer::start().await;
    let huge = format!(
        "GET /socket HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n",
        "x".repeat(100_000)
    );
    let many = format!(
        "GET /socket HTTP/1.1\r\nhost: a\r\n{}\r\n",
        "x: 1\r\n".repeat(70)
    );
    for head in [huge, many] {
        let mut stream = TcpStream::connect(("127.0.0.1", server.port))
            .await
            .unwrap();
        // The server may have answered and gone before it has taken everything.
        let _ = stream.write_all(head.as_bytes()).await;
        let mut answer = vec![0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(String::from_utf8(answer).unwrap(), "HTTP/1.1 431");
    }
}

#[tokio::test]
async fn the_end_is_announced_waited_for_and_bounded() {
    let config = Config {
        drain: Duration::from_millis(200),
        ..Config::default()
    };
    let mut server = TestServer::configured(config).await;
    let mut full = server.connected("?ch=lobby").await;
    let mut plain = server.plain("?ch=lobby").await;
    plain.settle().await;
    server.stop();
    assert_eq!(
        full.event(":drain").await["param"],
        json!({"after": [0, 200]})
    );
    // Who stays may go on until the end.
    full.send(json!({"cmd": "chat", "param": {"text": "still here"}}))
        .await;
    full.event("chat").await;
    for client in [&mut full, &mut plain] {
        assert_eq!(client.closed().await, (1001, "going away".to_owned()));
    }
    drop((full, plain));
    server.served.await.unwrap().unwrap();
    assert!(
        TcpStream::connect(("127.0.0.1", server.port))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_service_that_is_going_away_takes_nobody() {
    let server = TestServer::start().await;
    let mut client = server.connected("").await;
    let sockets = server.sockets.clone();
    let shutdown = tokio::spawn(async move { sockets.shutdown().await });
    client.event(":drain").await;
    let (status, _) = server.refused(server.request("", None)).await;
    assert_eq!(status, 503);
    // With the last client gone nobody is waited for.
    client.socket.close(None).await.unwrap();
    drop(client);
    shutdown.await.unwrap();
}
