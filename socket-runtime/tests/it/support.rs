//! A server on a port of its own, and clients that send and read raw text.

use std::time::Duration;

use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::any;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use socket_runtime::{Config, SocketUpgrade, User};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::chat::{Chat, Sockets, sockets};
use crate::servers::{Way, Wire};

/// Longer than anything takes that a test waits for; a test that reaches it fails.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(serde::Deserialize)]
struct Params {
    ch: Option<String>,
    user: Option<String>,
}

async fn socket(
    upgrade: SocketUpgrade,
    State((sockets, dropped)): State<(Sockets, Dropped)>,
    Query(params): Query<Params>,
) -> Response {
    let user = params
        .user
        .map(|user| User::new(format!("id-{user}"), user));
    sockets
        .upgrade(upgrade)
        .channel(params.ch)
        .user(user)
        .metadata(dropped)
        .await
}

/// Told when a handler's future is dropped.
type Dropped = tokio::sync::mpsc::UnboundedSender<()>;

pub struct TestServer {
    pub sockets: Sockets,
    pub port: u16,
    pub dropped: tokio::sync::mpsc::UnboundedReceiver<()>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    pub served: tokio::task::JoinHandle<std::io::Result<()>>,
}

pub fn router(sockets: &Sockets) -> (Router, tokio::sync::mpsc::UnboundedReceiver<()>) {
    let (tx, rx) = tokio::sync::mpsc::unbounded_channel();
    let app = Router::new()
        .route("/socket", any(socket))
        .with_state((sockets.clone(), tx));
    (app, rx)
}

impl TestServer {
    pub async fn start() -> Self {
        Self::with(sockets(Config::default())).await
    }

    pub async fn configured(config: Config) -> Self {
        Self::with(sockets(config)).await
    }

    pub async fn with(sockets: Sockets) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (app, dropped) = router(&sockets);
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let server = Way::chosen().serve(listener, app, sockets.clone(), async {
            // A server that is dropped without a word runs on until its runtime ends.
            if stopped.await.is_err() {
                std::future::pending().await
            }
        });
        Self {
            sockets,
            port,
            dropped,
            stop: Some(stop),
            served: tokio::spawn(server),
        }
    }

    pub fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    /// A new stream to it.
    pub async fn stream(&self) -> Wire {
        Way::chosen().stream(self.port).await.unwrap()
    }

    pub fn request(&self, query: &str, subprotocol: Option<&str>) -> Request {
        request(
            &format!("ws://127.0.0.1:{}/socket{query}", self.port),
            subprotocol,
        )
    }

    /// A plain client.
    pub async fn plain(&self, query: &str) -> Client<Wire> {
        Client::over(self.request(query, None), self.stream().await).await
    }

    /// A client of full mode, before its handshake.
    pub async fn full(&self, query: &str) -> Client<Wire> {
        Client::over(self.request(query, Some("socket.v1")), self.stream().await).await
    }

    /// A client of full mode, and the `param` of its handshake's reply.
    pub async fn connected(&self, query: &str) -> Client<Wire> {
        let mut client = self.full(query).await;
        client.connect(json!({})).await;
        client
    }

    /// The status and text that an upgrade is refused with.
    pub async fn refused(&self, request: Request) -> (u16, String) {
        match tokio_tungstenite::client_async(request, self.stream().await).await {
            Err(Error::Http(response)) => {
                let body = response.body().clone().unwrap_or_default();
                (response.status().as_u16(), String::from_utf8(body).unwrap())
            }
            other => panic!("not refused: {other:?}"),
        }
    }
}

pub fn request(url: &str, subprotocol: Option<&str>) -> Request {
    let mut request = url.into_client_request().unwrap();
    if let Some(subprotocol) = subprotocol {
        let value = subprotocol.parse().unwrap();
        request
            .headers_mut()
            .insert("sec-websocket-protocol", value);
    }
    request
}

pub struct Client<S> {
    pub socket: WebSocketStream<S>,
    /// The connection's id, after the handshake.
    pub id: Option<socket_runtime::ConnectionId>,
    last: u64,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    pub async fn over(request: Request, stream: S) -> Self {
        let wants = request.headers().get("sec-websocket-protocol").cloned();
        let (socket, response) = tokio_tungstenite::client_async(request, stream)
            .await
            .unwrap_or_else(|error| panic!("refused: {error}"));
        assert_eq!(
            response.headers().get("sec-websocket-protocol"),
            wants.as_ref()
        );
        Self::from(socket)
    }

    /// One whose upgrade is done.
    pub const fn from(socket: WebSocketStream<S>) -> Self {
        Self {
            socket,
            id: None,
            last: 0,
        }
    }

    /// Shakes hands; returns the reply's `param`.
    pub async fn connect(&mut self, param: Value) -> Value {
        let reply = self.call(json!({"cmd": ":connect", "param": param})).await;
        let param = reply["param"].clone();
        self.id = Some(serde_json::from_value(param["connection"].clone()).unwrap());
        param
    }

    pub async fn text(&mut self, text: impl Into<String>) {
        let text = text.into();
        // Ids increase within a session, whoever chooses them.
        let messages = match serde_json::from_str(&text) {
            Ok(Value::Array(messages)) => messages,
            Ok(message) => vec![message],
            Err(_) => Vec::new(),
        };
        let ids = messages.iter().filter_map(|message| message["id"].as_u64());
        // None is above the highest, and what comes after it is answered all the same.
        let highest = ids.filter(|id| *id < socket_runtime::RequestId::MAX).max();
        self.last = self.last.max(highest.unwrap_or(0));
        self.socket.send(Message::text(text)).await.unwrap();
    }

    pub async fn send(&mut self, message: Value) {
        self.text(message.to_string()).await;
    }

    /// Says goodbye, which ends the session too.
    pub async fn leave(&mut self) {
        let frame = CloseFrame {
            code: CloseCode::Normal,
            reason: "".into(),
        };
        self.socket.close(Some(frame)).await.unwrap();
    }

    /// Sends a command with a fresh id and waits for its answer; what comes before is lost.
    pub async fn call(&mut self, mut message: Value) -> Value {
        self.last += 1;
        message["id"] = self.last.into();
        self.send(message).await;
        self.answer(self.last).await
    }

    /// The error code that a command is answered with.
    pub async fn refusal(&mut self, message: Value) -> String {
        let answer = self.call(message).await;
        answer["error"]["code"]
            .as_str()
            .unwrap_or_else(|| panic!("{answer}"))
            .to_owned()
    }

    pub async fn answer(&mut self, id: u64) -> Value {
        self.until(|message| message["re"] == id).await
    }

    /// The next event of that name.
    pub async fn event(&mut self, cmd: &str) -> Value {
        self.until(|message| message["cmd"] == cmd).await
    }

    pub async fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let message = self.next().await;
            if wanted(&message) {
                return message;
            }
        }
    }

    /// The next message.
    pub async fn next(&mut self) -> Value {
        loop {
            match self.frame().await {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("no message: {other:?}"),
            }
        }
    }

    pub async fn frame(&mut self) -> Message {
        let frame = tokio::time::timeout(PATIENCE, self.socket.next()).await;
        frame
            .expect("nothing came")
            .expect("the end")
            .expect("a frame")
    }

    /// The code and phrase of the close, whatever comes before.
    pub async fn closed(&mut self) -> (u16, String) {
        loop {
            if let Message::Close(Some(close)) = self.frame().await {
                return (close.code.into(), close.reason.to_string());
            }
        }
    }

    /// Waits until everything sent before has been handled; returns the events until then.
    pub async fn settle(&mut self) -> Vec<Value> {
        self.last += 1;
        self.send(json!({"cmd": "ping", "channel": "", "id": self.last}))
            .await;
        let mut before = Vec::new();
        loop {
            let message = self.next().await;
            if message["re"] == self.last {
                return before;
            }
            before.push(message);
        }
    }

    /// Waits like [`Self::settle`], and no event of that name comes until then.
    pub async fn hears_no(&mut self, event: &str) {
        let before = self.settle().await;
        let none = before.iter().all(|message| message["cmd"] != event);
        assert!(none, "{before:?}");
    }
}

/// Two that talk to each other, to show that nobody else is harmed.
pub struct Bystanders {
    pair: [Client<Wire>; 2],
    said: u32,
}

impl Bystanders {
    pub async fn meet(server: &TestServer) -> Self {
        Self::meet_as(server, "").await
    }

    /// With something more in their requests.
    pub async fn meet_as(server: &TestServer, query: &str) -> Self {
        let query = format!("?ch=room:bystanders{query}");
        let pair = [server.connected(&query).await, server.plain(&query).await];
        Self { pair, said: 0 }
    }

    pub async fn talk(&mut self) {
        for from in 0..2 {
            self.said += 1;
            let text = self.said.to_string();
            self.pair[from]
                .send(json!({"cmd": "chat", "param": {"text": text}}))
                .await;
            for client in &mut self.pair {
                let heard = client.event("chat").await;
                assert_eq!(heard["param"]["text"], text.as_str());
            }
        }
    }
}

/// Keeps the compiler from taking `Chat` for unused where a test needs only the support.
pub const fn _protocol(_: &Chat) {}
