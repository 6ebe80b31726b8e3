//! A whole connection, from the upgrade to its end, with a client that says anything.
//!
//! The first byte chooses the mode and the service. Behind it come steps, each ended by the byte
//! `ff`, which no text holds: bytes as they are after `fe`, a ping after `fd`, a close after `fc`,
//! a pause after `fb`; anything else is the text of a frame.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::any;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use socket_runtime::envelope::{Batch, ServerMessage};
use socket_runtime::prelude::*;
use socket_runtime::{Config, Credentials, Login};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::runtime::Runtime;
use tokio::time::timeout;

#[derive(Commands)]
pub enum Ask {
    Say {
        #[garde(length(chars, max = 100))]
        text: String,
        n: Option<u8>,
    },
    Enter {
        room: String,
    },
    Wait {
        millis: u16,
    },
    #[command(concurrent, rate = "5/s")]
    Beside {
        list: Vec<(bool, Option<f64>)>,
    },
}

#[derive(Debug, Events)]
pub enum Tell {
    Said { text: String },
}

#[derive(Channels)]
pub enum Place {
    #[channel("lobby")]
    Lobby,
    #[channel("room:{room}")]
    Room { room: String },
    #[channel("locked", commands(Say), outsiders(Say))]
    Locked,
}

#[derive(Protocol)]
#[protocol(name = "fuzz", commands = Ask, events = Tell, channels = Place)]
pub struct Fuzz;

type Cx = Context<Fuzz>;

struct Server;

impl AskHandler<Cx> for Server {
    async fn say(&self, cx: Cx, say: ask::Say) -> Result<(), Reject> {
        match cx.channel() {
            Some(_) => cx.publish(Tell::Said { text: say.text }).await,
            None => cx.send(Tell::Said { text: say.text }).await,
        }
    }

    async fn enter(&self, cx: Cx, enter: ask::Enter) -> Result<(), Reject> {
        cx.join(Place::Room { room: enter.room }).await?;
        Ok(())
    }

    async fn wait(&self, _: Cx, wait: ask::Wait) -> Result<(), Reject> {
        tokio::time::sleep(Duration::from_millis(wait.millis.into())).await;
        Ok(())
    }

    async fn beside(&self, _: Cx, _: ask::Beside) -> Result<(), Reject> {
        tokio::task::yield_now().await;
        Ok(())
    }
}

impl PlacePolicy<Cx> for Server {
    async fn may_join_lobby(&self, _: &Cx) -> Result<(), Reject> {
        Ok(())
    }

    async fn may_join_room(&self, _: &Cx, _: &place::Room) -> Result<(), Reject> {
        Ok(())
    }

    async fn may_join_locked(&self, _: &Cx) -> Result<(), Reject> {
        Err(Reject::forbidden("locked"))
    }
}

async fn who(shown: Credentials<User>) -> Result<Login<User>, Reject> {
    match shown.token() {
        Some("ann") => Ok(Login::user(User::new("u1", "ann")).expires_in(Duration::from_secs(60))),
        Some("few") => Ok(Login::user(User::new("u2", "few")).channels(1)),
        _ => Err(Reject::unauthorized("who?")),
    }
}

async fn upgrade(upgrade: SocketUpgrade, State(sockets): State<Service<Fuzz>>) -> Response {
    sockets.upgrade(upgrade).channel(Place::Lobby).await
}

/// What outlives a connection: a clock that jumps, and a service of each kind.
struct World {
    runtime: Runtime,
    open: Service<Fuzz>,
    guarded: Service<Fuzz>,
}

thread_local! {
    static WORLD: World = World {
        runtime: tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap(),
        open: Service::builder(Server).config(config()).build(),
        guarded: Service::builder(Server).config(config()).authenticate(who).build(),
    };
}

/// Small enough for short inputs to reach the limits.
fn config() -> Config {
    Config::default().with(|config| {
        config.limits.message_bytes = 4096;
        config.queue.bytes = 64 * 1024;
        config.queue.messages = 64;
        config.limits.waiting_messages = 4;
        config.limits.waiting_bytes = 1024;
        config.rates.burst = 20;
        config.limits.channels = 4;
        config.limits.json_depth = 16;
    })
}

pub fn run(data: &[u8]) {
    let Some((&choice, steps)) = data.split_first() else {
        return;
    };
    WORLD.with(|world| {
        let service = if choice & 2 == 0 {
            &world.open
        } else {
            &world.guarded
        };
        world
            .runtime
            .block_on(connection(service, choice & 1 == 0, steps));
    });
}

async fn connection(service: &Service<Fuzz>, full: bool, steps: &[u8]) {
    let (mut client, server) = tokio::io::duplex(16 * 1024);
    let app = Router::new()
        .route("/", any(upgrade))
        .with_state(service.clone());
    let served = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(server), TowerToHyperService::new(app))
        .with_upgrades();
    tokio::spawn(served);
    let subprotocol = if full {
        "sec-websocket-protocol: socket.v1\r\n"
    } else {
        ""
    };
    let head = format!(
        "GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n{subprotocol}\
         sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    );
    client.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let Ok(byte) = client.read_u8().await else {
            break;
        };
        answer.push(byte);
    }
    if answer.starts_with(b"HTTP/1.1 101") {
        let (read, write) = tokio::io::split(client);
        let heard = tokio::spawn(hear(read, full));
        say(write, steps).await;
        heard.await.unwrap();
    } else {
        assert!(!full, "{}", String::from_utf8_lossy(&answer));
    }
    // Whatever was said, nothing stays behind.
    let gone = async {
        while service.status().connections > 0 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(Duration::from_secs(600), gone)
        .await
        .expect("the connection never ended");
}

async fn say(mut write: tokio::io::WriteHalf<DuplexStream>, steps: &[u8]) {
    for step in steps.split(|byte| *byte == 0xff) {
        let bytes = match step {
            [0xfe, bytes @ ..] => bytes.to_vec(),
            [0xfd, payload @ ..] => frame(0x89, &payload[..payload.len().min(125)]),
            [0xfc, payload @ ..] => frame(0x88, &payload[..payload.len().min(125)]),
            [0xfb, pause @ ..] => {
                let seconds = pause.first().copied().unwrap_or(1);
                tokio::time::sleep(Duration::from_secs(seconds.into())).await;
                continue;
            }
            text => frame(0x81, text),
        };
        // The server may have closed, or take nothing because its own answers are not taken.
        if write.write_all(&bytes).await.is_err() {
            return;
        }
    }
    let _ = write.shutdown().await;
}

/// A client's frame with the mask 0: the payload as it stands.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(len @ ..=125), _) => bytes.push(0x80 | len),
        (_, Ok(len)) => {
            bytes.push(0xfe);
            bytes.extend(len.to_be_bytes());
        }
        _ => {
            bytes.push(0xff);
            bytes.extend((payload.len() as u64).to_be_bytes());
        }
    }
    bytes.extend([0; 4]);
    bytes.extend(payload);
    bytes
}

/// Everything that the server says is well-formed, in order, and ends with a close or the end.
async fn hear(mut read: tokio::io::ReadHalf<DuplexStream>, full: bool) {
    let mut told = false;
    let mut closed = false;
    while let Ok(opcode) = read.read_u8().await {
        assert!(!closed, "a frame behind the close");
        let len = match read.read_u8().await.unwrap() {
            126 => read.read_u16().await.unwrap().into(),
            127 => read.read_u64().await.unwrap(),
            len => u64::from(len),
        };
        assert!(len <= 1024 * 1024, "{len}");
        let mut payload = vec![0; usize::try_from(len).unwrap()];
        read.read_exact(&mut payload).await.unwrap();
        match opcode {
            0x81 => {
                message(std::str::from_utf8(&payload).unwrap(), full, &mut told);
            }
            0x88 => {
                closed = true;
                assert!(payload.len() != 1 && payload.len() <= 125);
                assert!(payload.len() < 2 || std::str::from_utf8(&payload[2..]).is_ok());
            }
            0x89 | 0x8a => assert!(payload.len() <= 125),
            other => panic!("opcode {other:x}"),
        }
    }
}

/// `told`: whether an event has come, which none may before the answer to the handshake.
fn message(text: &str, full: bool, told: &mut bool) {
    let messages: Vec<&str> = match Batch::split(text).unwrap() {
        Batch::One(message) => vec![message],
        Batch::Many(messages) => messages.iter().map(|message| message.get()).collect(),
    };
    for text in messages {
        match ServerMessage::decode(text).unwrap() {
            // A panic of ours is answered so; nothing of this program's own panics.
            ServerMessage::Error { error, .. } => assert_ne!(error.code, "internal", "{text}"),
            ServerMessage::Event(event) => {
                *told |= event.cmd != ":error";
                assert!(!text.contains("\"internal\""), "{text}");
            }
            ServerMessage::Reply { param, .. } => {
                let welcome = param.is_some_and(|param| param.get().contains("\"limits\":"));
                assert!(
                    !(full && welcome && *told),
                    "before the handshake's answer: {text}"
                );
            }
            ServerMessage::Item { .. } => {}
        }
    }
}
