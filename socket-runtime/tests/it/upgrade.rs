//! What is refused at the upgrade, and how.

use serde_json::json;
use socket_runtime::Config;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::log::Log;
use crate::support::{Client, TestServer, request, router};

/// Sends a request's head as it stands; what comes back until it says that.
async fn raw(server: &TestServer, head: &str, says: &str) -> String {
    let mut stream = server.stream().await;
    let head = format!("{}\r\nhost: 127.0.0.1\r\n\r\n", head.replace('\n', "\r\n"));
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !String::from_utf8_lossy(&answer).contains(says) {
        let read = stream.read_buf(&mut answer).await.unwrap();
        assert_ne!(read, 0, "{head}: {}", String::from_utf8_lossy(&answer));
    }
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn a_request_that_is_no_upgrade_is_told_why() {
    let server = TestServer::start().await;
    let upgrade = "connection: keep-alive, Upgrade\nupgrade: WebSocket";
    let version = "sec-websocket-version: 13";
    let key = "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==";
    for (head, status, says) in [
        (
            format!("POST /socket HTTP/1.1\n{upgrade}\n{version}\n{key}"),
            "405",
            "allow: GET",
        ),
        (
            "GET /socket HTTP/1.1".to_owned(),
            "426",
            "must ask to upgrade",
        ),
        (
            format!("GET /socket HTTP/1.1\n{upgrade}\n{key}"),
            "426",
            "sec-websocket-version: 13",
        ),
        (
            format!("GET /socket HTTP/1.1\n{upgrade}\nsec-websocket-version: 8\n{key}"),
            "426",
            "version 13",
        ),
        (
            format!("GET /socket HTTP/1.1\n{upgrade}\n{version}"),
            "400",
            "Sec-WebSocket-Key",
        ),
        (
            format!("GET /socket HTTP/1.1\n{upgrade}\n{version}\nsec-websocket-key: short"),
            "400",
            "Sec-WebSocket-Key",
        ),
        (
            format!(
                "GET /socket HTTP/1.1\n{upgrade}\n{version}\n{key}\nsec-websocket-protocol: a, b"
            ),
            "400",
            "socket.v1",
        ),
        (
            format!(
                "GET /socket HTTP/1.1\n{upgrade}\n{version}\n{key}\nsec-websocket-protocol: Socket.V1"
            ),
            "400",
            "socket.v1",
        ),
        (
            format!("GET /socket HTTP/1.1\n{upgrade}\n{version}\n{key}"),
            "101",
            "upgrade: websocket",
        ),
    ] {
        let answer = raw(&server, &head, says).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{head}: {answer}"
        );
    }
}

#[tokio::test]
async fn a_channel_is_checked_before_the_upgrade() {
    let server = TestServer::start().await;
    for (query, subprotocol, status) in [
        ("?ch=two%20words", None, 400),
        ("?ch=two%20words", Some("socket.v1"), 400),
        ("?ch=:all", None, 400),
        ("?ch=secret:1", None, 403),
        ("?ch=nowhere", None, 403),
        ("?ch=broken", None, 403),
    ] {
        let (found, text) = server.refused(server.request(query, subprotocol)).await;
        assert_eq!(found, status, "{query}: {text}");
    }
    assert_eq!(server.plain("?ch=").await.settle().await.len(), 0);
    for channel in ["secret:1", "nowhere", "broken"] {
        let mut client = server.full(&format!("?ch={channel}")).await;
        let reply = client.connect(json!({})).await;
        assert!(reply["channels"][channel]["error"].is_object(), "{reply}");
        let chat = json!({"cmd": "chat", "param": {"text": "hi"}});
        let expected = if channel == "nowhere" {
            "unknown-channel"
        } else {
            "not-joined"
        };
        assert_eq!(client.refusal(chat).await, expected);
    }
}

#[tokio::test]
async fn pages_of_other_origins_are_refused() {
    let listed = Config::default()
        .with(|config| config.http.origins = vec!["https://app.example".to_owned()]);
    let server = TestServer::configured(listed).await;
    let from = |origin: &str| {
        let mut request = server.request("", None);
        request
            .headers_mut()
            .insert("origin", origin.parse().unwrap());
        request
    };
    let (status, text) = server.refused(from("https://evil.example")).await;
    assert_eq!(status, 403);
    assert!(
        text.contains("https://evil.example") && text.contains(".origin("),
        "{text}"
    );
    for origin in [
        "https://app.example",
        &format!("http://127.0.0.1:{}", server.port),
    ] {
        let stream = server.stream().await;
        Client::over(from(origin), stream).await.settle().await;
    }
}

#[tokio::test]
async fn everything_but_the_drain_works_under_axums_own_serve() {
    let sockets = crate::chat::sockets(Config::default());
    let (app, _dropped) = router(&sockets);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(axum::serve(listener, app).into_future());
    let open = async |subprotocol| {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        Client::over(
            request(
                &format!("ws://127.0.0.1:{port}/socket?ch=lobby"),
                subprotocol,
            ),
            stream,
        )
        .await
    };
    let mut full = open(Some("socket.v1")).await;
    full.connect(json!({})).await;
    let mut plain = open(None).await;
    full.event("online-update").await;
    plain
        .send(json!({"cmd": "chat", "param": {"text": "hi"}}))
        .await;
    assert_eq!(full.event("chat").await["param"]["text"], "hi");
    let id = full.id.unwrap();
    sockets.disconnect(id, "enough").await.unwrap();
    assert_eq!(full.closed().await, (4503, "enough".to_owned()));
}

#[tokio::test]
async fn a_refused_origin_is_named_in_the_log() {
    let log = Log::default();
    let warnings = log.warnings.clone();
    let _guard = tracing::subscriber::set_default(log);
    let server = TestServer::start().await;
    let mut foreign = server.request("", None);
    let origin = "https://evil.example".parse().unwrap();
    foreign.headers_mut().insert("origin", origin);
    assert_eq!(server.refused(foreign).await.0, 403);
    let warnings = warnings.lock();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("https://evil.example"), "{warnings:?}");
}
