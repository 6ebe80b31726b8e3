//! Everything that waits, over a stream in memory, so that the clock can be stopped.

use std::time::Duration;

use axum::Router;
use futures_util::{FutureExt, SinkExt, StreamExt};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use serde_json::json;
use socket_runtime::Config;
use tokio::io::DuplexStream;
use tokio::time::{Instant, advance};
use tokio_tungstenite::tungstenite::Message;

use crate::chat::{Sockets, said, sockets};
use crate::support::{Client, request, router};

pub struct Memory {
    pub sockets: Sockets,
    app: Router,
    pub dropped: tokio::sync::mpsc::UnboundedReceiver<()>,
}

impl Memory {
    pub fn start() -> Self {
        Self::configured(Config::default())
    }

    pub fn configured(config: Config) -> Self {
        Self::with(sockets(config))
    }

    pub fn with(sockets: Sockets) -> Self {
        let (app, dropped) = router(&sockets);
        Self {
            sockets,
            app,
            dropped,
        }
    }

    pub async fn open(&self, query: &str, subprotocol: Option<&str>) -> Client<DuplexStream> {
        let (ours, theirs) = tokio::io::duplex(16 * 1024);
        let service = TowerToHyperService::new(self.app.clone());
        let connection = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(theirs), service)
            .with_upgrades();
        tokio::spawn(connection);
        Client::over(
            request(&format!("ws://memory/socket{query}"), subprotocol),
            ours,
        )
        .await
    }

    pub async fn full(&self, query: &str) -> Client<DuplexStream> {
        let mut client = self.open(query, Some("socket.v1")).await;
        client.connect(json!({})).await;
        client
    }
}

pub const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Whether so much time has passed since, to the timer's millisecond.
pub fn passed(since: Instant, time: Duration) -> bool {
    since.elapsed() >= time && since.elapsed() < time + Duration::from_millis(100)
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_shake_hands_is_closed() {
    let server = Memory::start();
    let start = Instant::now();
    let mut client = server.open("", Some("socket.v1")).await;
    assert_eq!(client.closed_patiently().await.0, 4408);
    assert!(passed(start, seconds(10)));
}

#[tokio::test(start_paused = true)]
async fn a_silent_client_is_asked_and_then_closed() {
    let server = Memory::start();
    for (subprotocol, room) in [(Some("socket.v1"), "full"), (None, "plain")] {
        let query = format!("?ch=room:{room}");
        let mut client = server.open(&query, subprotocol).await;
        if subprotocol.is_some() {
            client.connect(json!({})).await;
        }
        let start = Instant::now();
        // Answered: the clock begins anew.
        match client.socket.next().await.unwrap().unwrap() {
            Message::Text(text) => {
                assert_eq!(text.as_str(), r#"{"cmd":":ping"}"#);
                client.send(json!({"cmd": ":pong"})).await;
            }
            // The answer is tungstenite's own; it is written by the next read.
            Message::Ping(_) => assert!(subprotocol.is_none()),
            other => panic!("{other:?}"),
        }
        assert!(passed(start, seconds(25)));
        let ping = client.socket.next().await.unwrap().unwrap();
        assert!(
            passed(start, seconds(50)),
            "{ping:?} after {:?}",
            start.elapsed()
        );
        // Not answered: a client that is deaf, whose socket is read by nobody.
        advance(seconds(10)).await;
        tokio::task::yield_now().await;
        if subprotocol.is_some() {
            assert_eq!(client.closed_patiently().await.0, 4402);
            assert!(passed(start, seconds(60)));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_only_listens_is_asked_and_one_that_only_speaks_too() {
    let server = Memory::start();
    let mut listens = server.full("?ch=lobby").await;
    let start = Instant::now();
    for _ in 0..5 {
        advance(seconds(5)).await;
        server
            .sockets
            .to_channel("lobby")
            .send(said("", ""))
            .await
            .unwrap();
        assert_eq!(listens.patiently().await["cmd"], "chat");
    }
    assert_eq!(listens.patiently().await["cmd"], ":ping");
    assert!(passed(start, seconds(25)));

    let mut speaks = server.full("").await;
    let start = Instant::now();
    for _ in 0..4 {
        advance(seconds(6)).await;
        speaks.send(json!({"cmd": ":pong"})).await;
    }
    assert_eq!(speaks.patiently().await["cmd"], ":ping");
    assert!(passed(start, seconds(25)));
}

#[tokio::test(start_paused = true)]
async fn the_clock_stands_still_while_nothing_is_read() {
    let config = Config::default().with(|config| {
        config.limits.waiting_messages = 1;
        config.timeouts.handler = seconds(120);
    });
    let server = Memory::configured(config);
    let mut client = server.full("?ch=lobby").await;
    client
        .send(json!({"cmd": "late", "id": 10, "param": {"text": "x", "millis": 100_000}}))
        .await;
    client.send(json!({"cmd": "ping", "id": 11})).await;
    let start = Instant::now();
    loop {
        let message = client.patiently().await;
        if message["re"] == 11 {
            break;
        }
        assert!(
            message["cmd"] == ":ping" || message["cmd"] == "chat" || message["re"] == 10,
            "{message}"
        );
    }
    assert!(passed(start, seconds(100)));
    // What is heard after it counts again.
    assert_eq!(client.closed_patiently().await.0, 4402);
}

#[tokio::test(start_paused = true)]
async fn a_handler_has_its_time_and_a_call_may_have_less() {
    let mut server = Memory::start();
    let mut client = server.full("?ch=lobby").await;
    let times = [(None, 30_000), (Some(1500), 1500), (Some(60_000), 30_000)];
    for ((timeout, time), id) in times.into_iter().zip([50, 52, 54]) {
        let start = Instant::now();
        client
            .send(json!({"cmd": "hang", "id": id, "timeout": timeout}))
            .await;
        client.send(json!({"cmd": "ping", "id": id + 1})).await;
        let answer = client.skipping_pings().await;
        assert_eq!(
            (&answer["re"], &answer["error"]["code"]),
            (&json!(id), &json!("timeout"))
        );
        assert!(
            passed(start, Duration::from_millis(time)),
            "{:?}",
            start.elapsed()
        );
        server.dropped.recv().now_or_never().unwrap().unwrap();
        assert_eq!(client.skipping_pings().await["re"], id + 1);
    }
    // Waiting counts too.
    client
        .send(json!({"cmd": "late", "id": 60, "param": {"text": "x", "millis": 3000}}))
        .await;
    client
        .send(json!({"cmd": "panic", "id": 61, "timeout": 2000}))
        .await;
    client.until_patiently(60).await;
    let answer = client.until_patiently(61).await;
    assert_eq!(answer["error"]["code"], "timeout");
}

#[tokio::test(start_paused = true)]
async fn a_handler_whose_client_is_gone_has_its_own_time_and_no_more() {
    let mut server = Memory::start();
    for subprotocol in [Some("socket.v1"), None] {
        let mut client = server.open("?ch=lobby", subprotocol).await;
        if subprotocol.is_some() {
            client.connect(json!({})).await;
        }
        let start = Instant::now();
        client.send(json!({"cmd": "hang"})).await;
        client.settle_at_once().await;
        drop(client);
        server.dropped.recv().await.unwrap();
        assert!(passed(start, seconds(30)), "{:?}", start.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_is_asked_to_close_has_five_seconds() {
    let server = Memory::start();
    for subprotocol in [Some("socket.v1"), None] {
        let mut client = server.open("", subprotocol).await;
        if subprotocol.is_some() {
            client.connect(json!({})).await;
        } else {
            client.call(json!({"cmd": "ping"})).await;
        }
        let id = server.sockets.connections()[0].id;
        let start = Instant::now();
        server.sockets.request_close(id).await.unwrap();
        assert_eq!(client.patiently().await["cmd"], "close-connection");
        if subprotocol.is_none() {
            // And, before a close with such a code, one second more.
            assert_eq!(client.patiently().await["cmd"], "close-connection");
        }
        assert_eq!(client.closed_patiently().await.0, 4503);
        let time = if subprotocol.is_some() {
            seconds(5)
        } else {
            seconds(6)
        };
        assert!(passed(start, time), "{:?}", start.elapsed());
        drop(client);
        while server.sockets.status().connections > 0 {
            tokio::task::yield_now().await;
        }
        // One that closes in time is not closed by us.
        let mut client = server.open("", subprotocol).await;
        if subprotocol.is_some() {
            client.connect(json!({})).await;
        } else {
            client.call(json!({"cmd": "ping"})).await;
        }
        server
            .sockets
            .request_close(server.sockets.connections()[0].id)
            .await
            .unwrap();
        assert_eq!(client.patiently().await["cmd"], "close-connection");
        client.socket.close(None).await.unwrap();
        while server.sockets.status().connections > 0 {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_drain_is_announced_and_bounded() {
    let server = Memory::start();
    let mut stays = server.full("").await;
    let mut plain = server.open("", None).await;
    plain.call(json!({"cmd": "ping"})).await;
    let start = Instant::now();
    let sockets = server.sockets.clone();
    let shutdown = tokio::spawn(async move { sockets.shutdown().await });
    let drain = stays.patiently().await;
    assert_eq!(
        drain,
        json!({"cmd": ":drain", "param": {"after": [0, 20000]}})
    );
    assert_eq!(plain.closed_patiently().await.0, 1001);
    assert!(start.elapsed() < seconds(20));
    assert_eq!(stays.closed_patiently().await.0, 1001);
    assert!(passed(start, seconds(20)), "{:?}", start.elapsed());
    stays.socket.flush().await.ok();
    drop((stays, plain));
    shutdown.await.unwrap();
}

/// With a stopped clock a client may wait for ever: the test's own patience would be what the
/// clock advances to.
impl Client<DuplexStream> {
    pub async fn patiently(&mut self) -> serde_json::Value {
        loop {
            if let Message::Text(text) = self.socket.next().await.unwrap().unwrap() {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }

    /// Waits until everything sent before has been read.
    pub async fn settle_at_once(&mut self) {
        self.send(json!({"cmd": ":ping", "id": 1000})).await;
        self.until_patiently(1000).await;
    }

    pub async fn skipping_pings(&mut self) -> serde_json::Value {
        loop {
            let message = self.patiently().await;
            if message["cmd"] != ":ping" {
                return message;
            }
            self.send(json!({"cmd": ":pong"})).await;
        }
    }

    pub async fn until_patiently(&mut self, re: u64) -> serde_json::Value {
        loop {
            let message = self.skipping_pings().await;
            if message["re"] == re {
                return message;
            }
        }
    }

    pub async fn closed_patiently(&mut self) -> (u16, String) {
        loop {
            if let Message::Close(Some(close)) = self.socket.next().await.unwrap().unwrap() {
                return (close.code.into(), close.reason.to_string());
            }
        }
    }
}
