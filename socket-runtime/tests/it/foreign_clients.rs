//! What strangers could once do to a service: each case failed before it was mended.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::any;
use serde_json::json;
use socket_runtime::prelude::*;
use socket_runtime::{Config, serve};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use crate::support::{Client, request};

/// Breaks on texts of fewer than three bytes.
#[expect(clippy::ptr_arg, reason = "a rule takes the field's own type")]
fn longer_than_its_start(text: &String) -> Result<(), String> {
    if text[..3].is_empty() {
        Err("no start".into())
    } else {
        Ok(())
    }
}

/// Breaks on one name.
#[derive(Debug, Clone)]
pub struct Fragile(String);

impl FromStr for Fragile {
    type Err = std::convert::Infallible;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        assert_ne!(name, "glass");
        Ok(Self(name.to_owned()))
    }
}

impl std::fmt::Display for Fragile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Commands)]
pub enum Ask {
    Cut {
        #[garde(custom(longer_than_its_start))]
        text: String,
    },
    /// Belongs to rooms.
    Inside,
}

#[derive(Events)]
pub enum Tell {
    Nothing,
}

#[derive(Channels)]
pub enum Place {
    #[channel("hall", commands(Cut))]
    Hall,
    #[channel("room:{name}", commands(Cut, Inside))]
    Room { name: Fragile },
    #[channel("slow", commands(Cut))]
    Slow,
}

#[derive(Protocol)]
#[protocol(name = "strangers", commands = Ask, events = Tell, channels = Place)]
pub struct Strangers;

type Cx = Context<Strangers>;

/// Lets nobody into `slow` before it is told to.
struct Server(Arc<Notify>);

impl AskHandler<Cx> for Server {
    async fn cut(&self, _: Cx, _: ask::Cut) -> Result<(), Reject> {
        Ok(())
    }

    async fn inside(&self, _: Cx) -> Result<(), Reject> {
        Ok(())
    }
}

impl PlacePolicy<Cx> for Server {
    async fn may_join_hall(&self, _: &Cx) -> Result<(), Reject> {
        Ok(())
    }

    async fn may_join_room(&self, _: &Cx, _: &place::Room) -> Result<(), Reject> {
        Ok(())
    }

    async fn may_join_slow(&self, _: &Cx) -> Result<(), Reject> {
        self.0.notified().await;
        Ok(())
    }
}

async fn upgrade(upgrade: SocketUpgrade, State(sockets): State<Service<Strangers>>) -> Response {
    sockets.upgrade(upgrade).await
}

struct Running {
    sockets: Service<Strangers>,
    port: u16,
    open_slow: Arc<Notify>,
}

impl Running {
    async fn start(config: Config) -> Self {
        let open_slow = Arc::new(Notify::new());
        let sockets = Service::builder(Server(open_slow.clone()))
            .config(config)
            .build();
        let app = Router::new()
            .route("/", any(upgrade))
            .with_state(sockets.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(serve(listener, app).into_future());
        Self {
            sockets,
            port,
            open_slow,
        }
    }

    async fn client(&self) -> Client<TcpStream> {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let url = format!("ws://127.0.0.1:{}/", self.port);
        Client::over(request(&url, Some("socket.v1")), stream).await
    }
}

#[tokio::test]
async fn a_panic_in_a_rule_or_a_name_is_internal_and_nobody_is_left_behind() {
    let server = Running::start(Config::default()).await;
    let mut client = server.client().await;
    client.connect(json!({"channels": {"hall": {}}})).await;
    for message in [
        json!({"cmd": "cut", "channel": "hall", "param": {"text": "ab"}}),
        json!({"cmd": ":join", "channel": "room:glass"}),
    ] {
        assert_eq!(client.refusal(message).await, "internal");
    }
    client
        .call(json!({"cmd": "cut", "channel": "hall", "param": {"text": "abc"}}))
        .await;
    assert_eq!(server.sockets.member_count("hall").unwrap(), 1);
    client.leave().await;
    while server.sockets.status().connections > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(server.sockets.member_count("hall").unwrap(), 0);
}

#[tokio::test]
async fn the_handshake_cannot_be_cancelled_and_nothing_runs_before_it() {
    let server = Running::start(Config::default()).await;
    let mut client = server.client().await;
    client
        .send(json!([
            {"cmd": ":connect", "id": 1, "param": {"channels": {"slow": {}, "room:1": {}}}},
            {"cmd": ":cancel", "param": {"id": 1}},
            {"cmd": "inside", "channel": "room:1", "id": 2},
        ]))
        .await;
    client
        .send(json!({"cmd": ":cancel", "param": {"id": 1}}))
        .await;
    client
        .send(json!({"cmd": "inside", "channel": "room:1", "id": 3}))
        .await;
    server.open_slow.notify_one();
    let welcome = client.next().await;
    assert_eq!(welcome["re"], 1, "{welcome}");
    assert!(welcome["param"]["connection"].is_string(), "{welcome}");
    assert_eq!(client.next().await, json!({"re": 2, "param": {}}));
    assert_eq!(client.next().await, json!({"re": 3, "param": {}}));
}

#[tokio::test]
async fn a_command_that_belongs_to_some_channels_needs_one() {
    let server = Running::start(Config::default()).await;
    let mut client = server.client().await;
    client.connect(json!({})).await;
    assert_eq!(
        client.refusal(json!({"cmd": "inside"})).await,
        "invalid-channel"
    );
    let outside = json!({"cmd": "inside", "channel": "room:1"});
    assert_eq!(client.refusal(outside).await, "not-joined");
}

#[tokio::test]
async fn a_limit_of_for_ever_is_no_overflow() {
    let server = Running::start(Config::default().with(|config| {
        config.timeouts.handler = Duration::MAX;
        config.timeouts.handshake = Duration::MAX;
        config.timeouts.ping = Duration::MAX;
        config.timeouts.pong = Duration::MAX;
    }))
    .await;
    let mut client = server.client().await;
    client.connect(json!({"channels": {"hall": {}}})).await;
    client
        .call(json!({"cmd": "cut", "channel": "hall", "param": {"text": "abc"}}))
        .await;
}
