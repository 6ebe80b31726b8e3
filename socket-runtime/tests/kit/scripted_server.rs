//! A server that says what the test says, frame by frame.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use socket_runtime::Protocol;
use socket_runtime::client::{Builder, Client, Transport};
use tokio::io::DuplexStream;
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::chat::Chat;

type Socket = WebSocketStream<DuplexStream>;

/// Hands the other end of each connection to the test.
struct Scripted(mpsc::UnboundedSender<Socket>);

impl Transport for Scripted {
    type Stream = DuplexStream;

    async fn open(&self, request: Request, config: WebSocketConfig) -> Result<Socket, Error> {
        assert_eq!(request.headers()["sec-websocket-protocol"], "socket.v1");
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let role = tokio_tungstenite::tungstenite::protocol::Role::Server;
        let server = WebSocketStream::from_raw_socket(theirs, role, None).await;
        let _ = self.0.send(server);
        let role = tokio_tungstenite::tungstenite::protocol::Role::Client;
        Ok(WebSocketStream::from_raw_socket(ours, role, Some(config)).await)
    }
}

pub struct Script {
    sockets: mpsc::UnboundedReceiver<Socket>,
}

pub fn script(change: impl FnOnce(Builder<Chat>) -> Builder<Chat>) -> (Client<Chat>, Script) {
    script_of(change)
}

/// The same for a client of another protocol.
pub fn script_of<P: Protocol>(
    change: impl FnOnce(Builder<P>) -> Builder<P>,
) -> (Client<P>, Script) {
    let (tx, sockets) = mpsc::unbounded_channel();
    let builder = change(Client::builder("ws://script/"));
    let client = builder.transport(Scripted(tx)).connect().unwrap();
    (client, Script { sockets })
}

pub struct Peer(Socket);

impl Script {
    /// The next connection, before its handshake.
    pub async fn accept(&mut self) -> Peer {
        Peer(self.sockets.recv().await.unwrap())
    }

    /// The next connection, let in, and what its `:connect` said.
    pub async fn welcome(&mut self, more: Value) -> (Peer, Value) {
        let mut peer = self.accept().await;
        let connect = peer.next().await;
        assert_eq!(
            (&connect["cmd"], &connect["id"]),
            (&json!(":connect"), &json!(1))
        );
        let mut param = json!({
            "connection": "0b0c6a3e-5f5e-4a8e-9a55-3c1f0a7f7d10", "resumed": false, "user": null,
            "ping": 25000, "timeout": 10000, "spread": 2000, "limits": {"message": 65536},
            "channels": {},
        });
        for (key, value) in more.as_object().unwrap() {
            param[key] = value.clone();
        }
        peer.send(json!({"re": 1, "param": param})).await;
        (peer, connect["param"].clone())
    }

    /// Whether nobody comes within that time.
    pub async fn nobody(&mut self, seconds: u64) -> bool {
        let time = crate::chat::seconds(seconds);
        let next = tokio::time::timeout(time, self.sockets.recv()).await;
        !matches!(next, Ok(Some(_)))
    }
}

impl Peer {
    pub async fn next(&mut self) -> Value {
        match self.0.next().await {
            Some(Ok(Message::Text(text))) => serde_json::from_str(&text).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    pub async fn send(&mut self, message: Value) {
        self.text(message.to_string()).await;
    }

    pub async fn text(&mut self, text: String) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    pub async fn close(mut self, code: u16) {
        let reason = "as scripted".into();
        let code = code.into();
        self.0
            .send(Message::Close(Some(CloseFrame { code, reason })))
            .await
            .unwrap();
        while let Some(Ok(_)) = self.0.next().await {}
    }

    /// The code that the client closes with.
    pub async fn closed(mut self) -> u16 {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Close(Some(frame)))) => return frame.code.into(),
                Some(Ok(_)) => {}
                other => panic!("{other:?}"),
            }
        }
    }
}
