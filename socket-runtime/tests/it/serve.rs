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

/// A server with an answer of so many bytes at `/large`, and one that echoes at `/echo`.
async fn pages(config: Config, bytes: usize) -> u16 {
    let large = axum::routing::get(move || async move { vec![b'x'; bytes] });
    let echo = axum::routing::post(|body: String| async move { body });
    let app = Router::new().route("/large", large).route("/echo", echo);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(serve(listener, app).config(&config).into_future());
    port
}

#[tokio::test]
async fn who_asks_and_never_reads_goes() {
    const BYTES: usize = 16 * 1024 * 1024;
    let config =
        Config::default().with(|config| config.http.response_timeout = Duration::from_millis(300));
    let port = pages(config, BYTES).await;
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    for _ in 0..3 {
        let head = b"GET /large HTTP/1.1\r\nhost: a\r\n\r\n";
        stream.write_all(head).await.unwrap();
    }
    // Nobody takes what is written here, until the server closes.
    let written = async { while stream.write_all(&[b'\n'; 1024]).await.is_ok() {} };
    let written = tokio::time::timeout(Duration::from_secs(20), written).await;
    written.expect("it is kept");
    let mut read = Vec::new();
    let _ = stream.read_to_end(&mut read).await;
    assert!(read.len() < BYTES, "{} bytes", read.len());
}

#[tokio::test]
async fn who_reads_keeps_its_socket() {
    let config =
        Config::default().with(|config| config.http.response_timeout = Duration::from_secs(20));
    let port = pages(config, 1024).await;
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    for _ in 0..3 {
        let head = b"GET /large HTTP/1.1\r\nhost: a\r\n\r\n";
        stream.write_all(head).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(&[b'x'; 1024]) {
            answer.push(stream.read_u8().await.unwrap());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_comes_byte_by_byte_is_not_waited_for() {
    let port = pages(Config::default(), 0).await;
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let head = b"POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 10000\r\n\r\n";
    stream.write_all(head).await.unwrap();
    let start = tokio::time::Instant::now();
    let mut answer = Vec::new();
    loop {
        let _ = stream.write_all(b"x").await;
        let read = stream.read_buf(&mut answer);
        let read = tokio::time::timeout(Duration::from_secs(1), read).await;
        if matches!(read, Ok(Ok(0) | Err(_))) {
            break;
        }
        assert!(start.elapsed() < Duration::from_secs(70), "never closed");
    }
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(start.elapsed() >= Duration::from_secs(59));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_hangs_does_not_outlive_the_end() {
    struct Held(tokio::sync::mpsc::UnboundedSender<()>);
    impl Drop for Held {
        fn drop(&mut self) {
            let _ = self.0.send(());
        }
    }
    let (tell, mut dropped) = tokio::sync::mpsc::unbounded_channel();
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let begun = std::sync::Arc::new(parking_lot::Mutex::new(Some(begun)));
    let hangs = axum::routing::get(move || {
        let (held, begun) = (Held(tell.clone()), begun.clone());
        async move {
            let _held = held;
            let _ = begun.lock().take().unwrap().send(());
            std::future::pending::<()>().await;
        }
    });
    let sockets = sockets(Config::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = serve(listener, Router::new().route("/", hangs))
        .sockets(&sockets)
        .until(async {
            let _ = has_begun.await;
        });
    let served = tokio::spawn(server.into_future());
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .unwrap();
    let start = tokio::time::Instant::now();
    served.await.unwrap().unwrap();
    assert!(
        start.elapsed() <= Duration::from_secs(25),
        "{:?}",
        start.elapsed()
    );
    assert!(dropped.try_recv().is_ok(), "the request is still held");
}
