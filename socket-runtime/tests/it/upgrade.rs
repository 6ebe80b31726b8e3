//! What is refused at the upgrade, and how.

use serde_json::json;
use socket_runtime::{Config, Service};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::client::Request;

use crate::chat::{Chat, Server};
use crate::log::Log;
use crate::servers::Way;
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
            "must ask for an upgrade",
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
async fn a_handshake_that_http_forbids_is_refused() {
    let server = TestServer::start().await;
    let line = "GET /socket HTTP/1.1";
    let host = "host: 127.0.0.1";
    let upgrade = "connection: upgrade\nupgrade: websocket";
    let version = "sec-websocket-version: 13";
    let key = "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==";
    let whole = format!("{line}\n{host}\n{upgrade}\n{version}\n{key}");
    let with = |more: &str| format!("{whole}\n{more}");
    for (head, says) in [
        (format!("{line}\n{upgrade}\n{version}\n{key}"), "no Host"),
        (with("host: 127.0.0.1"), "one Host"),
        (with("Host: b.example"), "one Host"),
        (with(key), "one Sec-WebSocket-Key"),
        (with(version), "one Sec-WebSocket-Version"),
        (
            with("sec-websocket-version: 8"),
            "one Sec-WebSocket-Version",
        ),
        (
            with("origin: http://127.0.0.1\norigin: http://127.0.0.1"),
            "one Origin",
        ),
        (
            with("content-length: 5\ntransfer-encoding: chunked"),
            "a body",
        ),
        (
            with("transfer-encoding: chunked\ncontent-length: 0"),
            "a body",
        ),
        (with("content-length: 5"), "a body"),
        (whole.replace(host, "host: "), "not a host"),
        (whole.replace(host, "host: u@127.0.0.1"), "not a host"),
        (whole.replace(host, "host: http://127.0.0.1"), "not a host"),
        (whole.replace(host, "host: 127.0.0.1, a"), "not a host"),
        (whole.replace(host, "host: 127.0.0.1:0x1"), "not a host"),
        (
            whole.replace("/socket", "http://u@127.0.0.1/socket"),
            "target",
        ),
        (whole.replace("AAAA==", "A$AA=="), "sixteen bytes in base64"),
        (
            with("sec-websocket-protocol: socket.v1, socket.v1"),
            "more than once",
        ),
    ] {
        let mut stream = server.stream().await;
        let head = format!("{}\r\n\r\n", head.replace('\n', "\r\n"));
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !String::from_utf8_lossy(&answer).contains(says) {
            let read = stream.read_buf(&mut answer).await.unwrap();
            assert_ne!(read, 0, "{head}: {}", String::from_utf8_lossy(&answer));
        }
        assert!(answer.starts_with(b"HTTP/1.1 400"), "{head}");
    }
    // Where the target names the host, the header does not count.
    let absolute = whole.replace("/socket", "http://127.0.0.1/socket");
    let absolute = absolute.replace(host, "host: b.example\norigin: http://127.0.0.1");
    let mut stream = server.stream().await;
    let head = format!("{}\r\n\r\n", absolute.replace('\n', "\r\n"));
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 101");
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
    let host = format!("127.0.0.1:{}", server.port);
    for said in ["https://evil.example", &host, "pass", ".origin("] {
        assert!(text.contains(said), "{text}");
    }
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
    let host = format!("127.0.0.1:{}", server.port);
    for said in ["https://evil.example", &host, "pass", ".origin("] {
        assert!(warnings[0].contains(said), "{warnings:?}");
    }
}

/// A request for a host, and from a page of that host where it is one's.
fn asks_for(server: &TestServer, host: &str, cookie: Option<&str>) -> Request {
    let mut request = server.request("", None);
    let headers = request.headers_mut();
    headers.insert("host", host.parse().unwrap());
    let origin = format!("http://{host}").parse().unwrap();
    headers.insert("origin", origin);
    if let Some(cookie) = cookie {
        headers.insert("cookie", cookie.parse().unwrap());
    }
    request
}

#[tokio::test]
async fn a_name_that_was_rebound_does_not_reach_a_server_on_localhost() {
    // Another server's own socket address is not known.
    if Way::chosen() == Way::Foreign {
        return;
    }
    let log = Log::default();
    let warnings = log.warnings.clone();
    let _guard = tracing::subscriber::set_default(log);
    let server = TestServer::start().await;
    let port = server.port;
    let evil = format!("evil.example:{port}");
    let (status, text) = server.refused(asks_for(&server, &evil, None)).await;
    assert_eq!(status, 403);
    assert!(text.contains(&evil) && text.contains(".host("), "{text}");
    assert_eq!(server.sockets.status().refused.hosts, 1);
    let told = warnings.lock().clone();
    assert!(told.len() == 1 && told[0].contains(&evil), "{told:?}");
    for host in [
        format!("localhost:{port}"),
        format!("app.localhost:{port}"),
        format!("[::1]:{port}"),
        // What proxies pass on.
        "app.example".to_owned(),
        "app.example:8443".to_owned(),
    ] {
        let request = asks_for(&server, &host, None);
        let stream = server.stream().await;
        Client::over(request, stream).await.settle().await;
    }
}

#[tokio::test]
async fn listed_hosts_are_the_only_ones_in_every_way() {
    let config =
        Config::default().with(|config| config.http.hosts = vec!["app.example".to_owned()]);
    let server = TestServer::configured(config).await;
    for host in ["evil.example", "localhost"] {
        let (status, _) = server.refused(asks_for(&server, host, None)).await;
        assert_eq!(status, 403, "{host}");
    }
    let request = asks_for(&server, "app.example:8443", None);
    let stream = server.stream().await;
    Client::over(request, stream).await.settle().await;
}

#[tokio::test]
async fn any_page_with_cookies_is_warned_of_once() {
    let log = Log::default();
    let warnings = log.warnings.clone();
    let _guard = tracing::subscriber::set_default(log);
    let config = Config::default().with(|config| config.http.origins = vec!["*".to_owned()]);
    let server = TestServer::configured(config).await;
    let cookie = Some("session=1");
    for (origin, cookie, warned) in [
        ("http://evil.example", None, 0),
        ("http://127.0.0.1", cookie, 0),
        ("http://evil.example", cookie, 1),
        ("http://evil.example", cookie, 1),
    ] {
        let mut request = asks_for(&server, "127.0.0.1", cookie);
        let value = origin.parse().unwrap();
        request.headers_mut().insert("origin", value);
        let stream = server.stream().await;
        Client::over(request, stream).await.settle().await;
        assert_eq!(warnings.lock().len(), warned, "{origin} {cookie:?}");
    }
    assert!(warnings.lock()[0].contains("cookies"));
}

#[test]
fn an_origin_or_a_host_that_is_none_ends_the_start() {
    let builder = || Service::<Chat>::builder(Server);
    let error = builder().origin("app.example").try_build().unwrap_err();
    assert!(error.to_string().contains("\"app.example\""), "{error}");
    let error = builder().host("http://a").try_build().unwrap_err();
    assert!(error.to_string().contains("\"http://a\""), "{error}");
    let panics = std::panic::catch_unwind(|| builder().origin("app.example").build());
    let said = panics.unwrap_err();
    let said = said.downcast_ref::<String>().unwrap();
    assert!(said.contains("\"app.example\" is not an origin"), "{said}");
}
