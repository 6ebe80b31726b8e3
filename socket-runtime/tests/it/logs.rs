//! What strangers wrote, in the log: on one line, escaped and cut, whichever field it came in.

use std::fmt::{Debug, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use parking_lot::Mutex;
use serde_json::{Value, json};
use socket_runtime::{Config, Credentials, Login, Reject, User};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::chat::{Server, Sockets};
use crate::servers::Wire;
use crate::support::{Client, TestServer};

/// Line breaks, an escape, what turns the direction of writing, and no end.
fn evil() -> String {
    format!(
        "\n2026-01-01 ERROR all is lost\r\u{1b}[2J\u{202e}\u{2028}{}",
        "x".repeat(20_000)
    )
}

/// Keeps everything, as a program that writes plain text would write it.
#[derive(Default)]
struct Everything {
    lines: Arc<Mutex<Vec<String>>>,
    spans: AtomicU64,
}

struct Line(String);

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        let _ = write!(self.0, "{field}={value} ");
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, "{field}={value:?} ");
    }
}

impl Everything {
    fn write(&self, metadata: &Metadata<'_>, record: impl FnOnce(&mut Line)) {
        if metadata.target().starts_with("socket_runtime") {
            let mut line = Line(String::new());
            record(&mut line);
            self.lines.lock().push(line.0);
        }
    }
}

impl Subscriber for Everything {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.write(span.metadata(), |line| span.record(line));
        Id::from_u64(self.spans.fetch_add(1, Relaxed) + 1)
    }

    fn record(&self, _: &Id, record: &Record<'_>) {
        let mut line = Line(String::new());
        record.record(&mut line);
        self.lines.lock().push(line.0);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.write(event.metadata(), |line| event.record(line));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Lets everybody in, as the user of the token.
async fn who(shown: Credentials<User>) -> Result<Login<User>, Reject> {
    let name = shown.token().unwrap_or("nobody");
    Ok(Login::user(User::new(name, name)))
}

async fn refused(server: &TestServer, name: &'static str, value: &str) {
    let mut request = server.request("", Some("socket.v1"));
    if let Ok(value) = value.parse() {
        request.headers_mut().insert(name, value);
    }
    let stream = server.stream().await;
    let _ = tokio_tungstenite::client_async(request, stream).await;
}

async fn open(server: &TestServer) -> Client<Wire> {
    server.full("?ch=lobby").await
}

#[tokio::test]
async fn whatever_field_strangers_write_into_is_one_line_of_the_log() {
    let all = Everything::default();
    let lines = all.lines.clone();
    let _guard = tracing::subscriber::set_default(all);
    let config = Config::default().with(|config| {
        config.limits.message_bytes = 1 << 20;
        config.rates.protocol_errors = 1000;
        config.rates.rate = 0;
    });
    let sockets = Sockets::builder(Server).config(config).authenticate(who);
    let server = TestServer::with(sockets.build()).await;
    let evil = evil();
    // Each field of the handshake,
    for param in [
        json!({"token": evil}),
        json!({"session": evil}),
        json!({"session": format!("{evil}.{evil}")}),
        json!({"protocol": {"name": evil, "fingerprint": evil}}),
        json!({"client": {"name": evil, "version": evil}}),
        json!({"channels": {evil.clone(): {}}}),
        json!({"channels": {"archive:a": {"since": {"epoch": evil, "at": 1}}}}),
        json!({evil.clone(): evil}),
    ] {
        let mut client = open(&server).await;
        client
            .send(json!({"cmd": ":connect", "id": 1, "param": param}))
            .await;
        client.answer(1).await;
    }
    // of every command,
    let mut client = open(&server).await;
    client.connect(json!({})).await;
    let commands = [
        "chat", "panic", "large", "whoami", ":join", ":leave", ":members",
    ];
    let mut last = 100;
    for cmd in commands
        .into_iter()
        .chain([":history", ":refresh", ":cancel", &evil])
    {
        for field in [
            "channel", "trace", "from", "timeout", "param", "text", "token",
        ] {
            last += 1;
            let mut message = json!({"cmd": cmd, "id": last, "channel": "lobby"});
            match field {
                "text" => message["param"] = json!({"text": evil, "bytes": evil, "id": evil}),
                "token" => message["param"] = json!({"token": evil, "after": evil, "since": evil}),
                field => message[field] = Value::String(evil.clone()),
            }
            client.send(message).await;
            client.answer(last).await;
        }
    }
    client.text(evil.clone()).await;
    client.event(":error").await;
    // of the request, as far as HTTP lets them through,
    let short = format!("{}\u{85}", "https://evil.example/".repeat(200));
    for header in [
        "origin",
        "host",
        "cookie",
        "user-agent",
        "sec-websocket-protocol",
    ] {
        refused(&server, header, &short).await;
    }
    // and of the close.
    let reason = "\n\u{1b}[2J\u{202e}".repeat(10).into();
    let code = tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode::Normal;
    let close = tokio_tungstenite::tungstenite::protocol::CloseFrame { code, reason };
    client.socket.close(Some(close)).await.unwrap();
    while server.sockets.connection(client.id.unwrap()).is_some() {
        tokio::task::yield_now().await;
    }
    let lines = lines.lock();
    assert!(lines.len() > 20, "{}", lines.len());
    let seen = |text: &str| lines.iter().any(|line| line.contains(text));
    assert!(seen("name=\\n2026") && seen("cmd=\\n2026") && seen("trace=\\n2026"));
    for line in lines.iter() {
        let harmless = |c: char| !c.is_control() && !"\u{202e}\u{2028}".contains(c);
        assert!(line.chars().all(harmless), "{line:.500}");
        assert!(line.len() < 2500, "{} bytes: {line:.500}", line.len());
    }
}
