//! The server: heads that never end, and an end in good order.

use std::time::Duration;

use axum::Router;
use serde_json::json;
use socket_runtime::{Config, serve};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::chat::sockets;
use crate::servers::{Way, certified};
use crate::support::{Client, TestServer, request, router};

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
    let config =
        Config::default().with(|config| config.timeouts.drain = Duration::from_millis(200));
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

/// The answer to a GET on a connection of its own.
async fn get(mut stream: impl AsyncRead + AsyncWrite + Unpin, head: &str) -> String {
    let head = format!("GET {head}connection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn health_is_told_until_the_last_connection_has_gone() {
    let config = Config::default();
    let sockets = sockets(config.clone());
    let (app, _dropped) = router(&sockets);
    let app = app.route("/health", sockets.health());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = serve(listener, app).sockets(&sockets).until(async {
        let _ = stopped.await;
    });
    let served = tokio::spawn(server.into_future());
    let health = async || {
        let stream = Way::Direct.stream(port).await.unwrap();
        get(stream, "/health HTTP/1.1\r\nhost: a\r\n").await
    };
    let well = health().await;
    assert!(
        well.starts_with("HTTP/1.1 200") && well.ends_with("ok"),
        "{well}"
    );
    assert!(well.contains("cache-control: no-store"), "{well}");

    let url = format!("ws://127.0.0.1:{port}/socket");
    let stream = Way::Direct.stream(port).await.unwrap();
    let mut client = Client::over(request(&url, Some("socket.v1")), stream).await;
    client.connect(json!({})).await;
    stop.send(()).unwrap();
    client.event(":drain").await;
    let ill = health().await;
    assert!(
        ill.starts_with("HTTP/1.1 503") && ill.ends_with("draining"),
        "{ill}"
    );
    assert!(ill.contains("retry-after: 3"), "{ill}");
    // Nor is a WebSocket opened, and the client is told when to try again.
    let refused = get(
        Way::Direct.stream(port).await.unwrap(),
        "/socket HTTP/1.1\r\nhost: a\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n",
    );
    let refused = refused.await;
    assert!(refused.starts_with("HTTP/1.1 503"), "{refused}");
    assert!(refused.contains("retry-after: 3"), "{refused}");
    client.socket.close(None).await.unwrap();
    drop(client);
    served.await.unwrap().unwrap();
    assert!(Way::Direct.stream(port).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_client_that_never_speaks_tls_is_dropped_and_holds_up_no_other() {
    let sockets = sockets(Config::default());
    let (app, _dropped) = router(&sockets);
    let app = app.route("/health", sockets.health());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = certified().0.clone();
    let server = serve(listener, app).tls(move |tcp| acceptor.accept(tcp));
    tokio::spawn(server.into_future());
    let start = tokio::time::Instant::now();
    let mut silent = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let mut talks = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    talks.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let stream = Way::Tls.stream(port).await.unwrap();
    let well = get(stream, "/health HTTP/1.1\r\nhost: a\r\n").await;
    assert!(well.ends_with("ok"), "{well}");
    assert!(
        start.elapsed() < Duration::from_secs(9),
        "{:?}",
        start.elapsed()
    );
    // What it says in TLS's own words is no matter; it ends at once.
    let mut answer = Vec::new();
    let _ = talks.read_to_end(&mut answer).await;
    assert!(
        start.elapsed() < Duration::from_secs(9),
        "{:?}",
        start.elapsed()
    );
    silent.read_to_end(&mut answer).await.unwrap();
    assert!(
        start.elapsed() < Duration::from_secs(11),
        "{:?}",
        start.elapsed()
    );
}

#[cfg(unix)]
#[tokio::test]
async fn any_listener_is_served() {
    let path = std::env::temp_dir().join(format!("socket-runtime-{}", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let listener = tokio::net::UnixListener::bind(&path).unwrap();
    let sockets = sockets(Config::default());
    let (app, _dropped): (Router, _) = router(&sockets);
    tokio::spawn(serve(listener, app).into_future());
    let stream = tokio::net::UnixStream::connect(&path).await.unwrap();
    let mut client = Client::over(request("ws://unix/socket", None), stream).await;
    client.settle().await;
    assert_eq!(sockets.connections()[0].address, None);
    std::fs::remove_file(&path).unwrap();
}
