//! The protocol of the tests, which fits the shared cases, and a server that speaks it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use socket_runtime::prelude::*;
use socket_runtime::test::Kit;
use socket_runtime::{Config, payload};

/// The round trip.
#[payload]
#[derive(Debug)]
pub struct Pong {
    pub timestamp: u64,
}

/// How often something ran.
#[payload]
#[derive(Debug)]
pub struct Ran {
    pub times: u32,
}

/// A place.
#[payload]
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    pub x: i32,
}

/// One of a stream.
#[payload]
#[derive(Debug, PartialEq)]
pub struct Line {
    pub number: u32,
}

/// How a stream ends.
#[payload]
#[derive(Debug)]
pub enum Then {
    Answer,
    Refuse,
    Hang,
}

#[derive(Commands)]
pub enum ChatCommand {
    #[command(reply = Pong, idempotent)]
    Ping,
    Chat {
        #[garde(length(chars, min = 1, max = 2000))]
        text: String,
    },
    #[command(reply = Ran, error = RoomError)]
    JoinRoom { room: String },
    #[command(reply = Point)]
    Move(Point),
    /// Counts how often it ran, and takes its time.
    #[command(reply = Ran)]
    Count { millis: u64 },
    /// Never ends.
    Hang,
    /// So many lines, and then what is asked for.
    #[command(stream = Line, reply = Ran, error = RoomError)]
    Tail { lines: u32, then: Then },
}

#[derive(Debug, Clone, PartialEq, Events)]
pub enum ChatEvent {
    Chat { user: String, text: String },
    Silence,
}

#[derive(Debug, Clone, PartialEq, Channels)]
pub enum ChatChannel {
    #[channel("lobby")]
    Lobby,
    #[channel("room:{room}")]
    Room { room: String },
    #[channel("log:{name}", history(events = 10, keep = "10m"))]
    Log { name: String },
    #[channel("secret:{name}")]
    Secret { name: String },
}

#[derive(Debug, PartialEq, ErrorCodes)]
pub enum RoomError {
    #[code(message = "room {room} holds {max} people")]
    RoomFull {
        max: u32,
        #[serde(skip)]
        room: String,
    },
}

#[derive(Debug, Protocol)]
#[protocol(name = "chat", commands = ChatCommand, events = ChatEvent, channels = ChatChannel)]
pub struct Chat;

type Cx = Context<Chat>;

#[derive(Debug, Default, Clone)]
pub struct Server {
    pub ran: Arc<AtomicU32>,
    pub hanging: Arc<AtomicU32>,
}

pub fn said(user: &str, text: &str) -> ChatEvent {
    ChatEvent::Chat {
        user: user.to_owned(),
        text: text.to_owned(),
    }
}

pub fn say(text: impl Into<String>) -> chat_command::Chat {
    chat_command::Chat { text: text.into() }
}

pub fn room(room: &str) -> ChatChannel {
    ChatChannel::Room {
        room: room.to_owned(),
    }
}

/// A channel that keeps its last ten events.
pub fn log(name: &str) -> ChatChannel {
    ChatChannel::Log {
        name: name.to_owned(),
    }
}

pub fn user(name: &str) -> User {
    User::new(format!("id-{name}"), name)
}

impl ChatCommandHandler<Cx> for Server {
    async fn ping(&self, _: Cx) -> Result<Pong, Reject> {
        Ok(Pong { timestamp: 7 })
    }

    async fn chat(&self, cx: Cx, say: chat_command::Chat) -> Result<(), Reject> {
        cx.publish(said(cx.user().name(), &say.text)).await
    }

    async fn join_room(
        &self,
        cx: Cx,
        join: chat_command::JoinRoom,
    ) -> Result<Ran, Reject<RoomError>> {
        let room = join.room;
        if room == "full" {
            return Err(RoomError::RoomFull { max: 10, room }.into());
        }
        cx.join(ChatChannel::Room { room }).await?;
        Ok(Ran { times: 1 })
    }

    async fn r#move(&self, _: Cx, point: Point) -> Result<Point, Reject> {
        Ok(point)
    }

    async fn count(&self, _: Cx, count: chat_command::Count) -> Result<Ran, Reject> {
        let times = self.ran.fetch_add(1, Ordering::Relaxed) + 1;
        tokio::time::sleep(Duration::from_millis(count.millis)).await;
        Ok(Ran { times })
    }

    async fn tail(
        &self,
        cx: Cx,
        tail: chat_command::Tail,
        mut items: Items<Line>,
    ) -> Result<Ran, Reject<RoomError>> {
        for number in 0..tail.lines {
            items.send(Line { number }).await?;
        }
        match tail.then {
            Then::Answer => Ok(Ran { times: tail.lines }),
            Then::Refuse => {
                let room = "a".to_owned();
                Err(RoomError::RoomFull { max: 10, room }.into())
            }
            Then::Hang => self
                .hang(cx)
                .await
                .map(|()| Ran { times: 0 })
                .map_err(Into::into),
        }
    }

    async fn hang(&self, _: Cx) -> Result<(), Reject> {
        struct Ends(Arc<AtomicU32>);
        impl Drop for Ends {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::Relaxed);
            }
        }
        self.hanging.fetch_add(1, Ordering::Relaxed);
        let _ends = Ends(self.hanging.clone());
        std::future::pending().await
    }
}

impl ChatChannelPolicy<Cx> for Server {
    async fn may_join_lobby(&self, _: &Cx) -> Result<(), Reject> {
        Ok(())
    }

    async fn may_join_room(&self, _: &Cx, _: &chat_channel::Room) -> Result<(), Reject> {
        Ok(())
    }

    async fn may_join_log(&self, _: &Cx, _: &chat_channel::Log) -> Result<(), Reject> {
        Ok(())
    }

    async fn may_join_secret(&self, _: &Cx, _: &chat_channel::Secret) -> Result<(), Reject> {
        Err(Reject::forbidden("a secret"))
    }
}

pub fn kit() -> (Kit<Chat>, Server) {
    configured(Config::default())
}

pub fn configured(config: Config) -> (Kit<Chat>, Server) {
    let server = Server::default();
    let service = Service::builder(server.clone()).config(config).build();
    (Kit::new(&service), server)
}

pub const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Lets every task run until it waits.
pub async fn settle() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}
