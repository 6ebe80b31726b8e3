//! The protocol of the tests, and a server that speaks it.

use std::time::Duration;

use socket_runtime::prelude::*;
use socket_runtime::{Config, payload};

/// The round trip.
#[payload]
pub struct Pong {
    timestamp: Timestamp,
}

/// A room that was entered.
#[payload]
pub struct Entered {
    room: String,
    members: u32,
}

/// As many bytes as were asked for.
#[payload]
pub struct Bytes {
    bytes: String,
}

/// One of a stream.
#[payload]
pub struct Numbered {
    n: u32,
    beside: String,
}

/// What a client may ask.
#[derive(Commands)]
pub enum ChatCommand {
    #[command(reply = Pong, idempotent)]
    Ping,
    Chat {
        #[garde(length(chars, min = 1, max = 2000))]
        text: String,
    },
    #[command(reply = Entered, error = RoomError)]
    JoinRoom {
        room: String,
    },
    LeaveRoom {
        room: String,
    },
    /// Waits before it says something.
    Late {
        text: String,
        millis: u64,
    },
    /// Never ends.
    Hang,
    Panic,
    #[command(reply = Bytes)]
    Large {
        bytes: u32,
    },
    /// Publishes so much at once.
    Burst {
        count: u32,
    },
    /// Sends an event that the channel does not carry.
    Uncarried,
    /// Says it to the sender alone.
    Whisper {
        text: String,
    },
    #[command(rate = "5/s")]
    Knock,
    /// Takes its time, and lets others pass.
    #[command(reply = Entered, concurrent)]
    Think {
        millis: u64,
    },
    /// So many numbers, each with so many bytes beside it.
    #[command(stream = Numbered, reply = u32)]
    Count {
        to: u32,
        bytes: u32,
        pause: u64,
    },
    /// Keeps the thread that it runs on.
    Block {
        millis: u64,
    },
    /// Answers by a user's name, or refuses.
    #[command(reply = Entered)]
    Whoami,
}

/// What the server tells.
#[derive(Debug, Clone, Events)]
pub enum ChatEvent {
    Chat { user: String, text: String },
    Silence,
}

/// Where.
#[derive(Debug, Clone, PartialEq, Channels)]
pub enum ChatChannel {
    #[channel("lobby")]
    Lobby,
    #[channel("room:{room}")]
    Room { room: String },
    #[channel("secret:{name}")]
    Secret { name: String },
    #[channel("silent", commands(), events(Silence))]
    Silent,
    #[channel("box", commands(Chat), events(Chat), outsiders(Chat))]
    Box,
    /// Keeps what was last said.
    #[channel("log:{name}", history(events = 3, keep = "10m"))]
    Log { name: String },
    /// Keeps what was said.
    #[channel("archive:{name}", history(events = 300, keep = "10m"))]
    Archive { name: String },
    /// Its decision panics.
    #[channel("broken")]
    Broken,
}

#[derive(ErrorCodes)]
pub enum RoomError {
    #[code(message = "room {room} holds {max} people")]
    RoomFull {
        max: u32,
        #[serde(skip)]
        room: String,
    },
}

/// A chat.
#[derive(Protocol)]
#[protocol(name = "chat", commands = ChatCommand, events = ChatEvent, channels = ChatChannel)]
pub struct Chat;

pub type Cx = Context<Chat>;
pub type Sockets = Service<Chat>;

pub struct Server;

pub fn said(user: &str, text: &str) -> ChatEvent {
    ChatEvent::Chat {
        user: user.to_owned(),
        text: text.to_owned(),
    }
}

/// Tells when the handler that holds it is dropped.
struct Told(Cx);

impl Drop for Told {
    fn drop(&mut self) {
        if let Some(dropped) = self.0.metadata::<tokio::sync::mpsc::UnboundedSender<()>>() {
            let _ = dropped.send(());
        }
    }
}

impl ChatCommandHandler<Cx> for Server {
    async fn ping(&self, _: Cx) -> Result<Pong, Reject> {
        Ok(Pong {
            timestamp: Timestamp::now(),
        })
    }

    async fn chat(&self, cx: Cx, say: chat_command::Chat) -> Result<(), Reject> {
        cx.publish(said(cx.user().name(), &say.text)).await
    }

    async fn join_room(
        &self,
        cx: Cx,
        join: chat_command::JoinRoom,
    ) -> Result<Entered, Reject<RoomError>> {
        let room = join.room;
        if room == "full" {
            return Err(RoomError::RoomFull { max: 10, room }.into());
        }
        let channel = ChatChannel::Room { room: room.clone() };
        cx.join(channel.clone()).await?;
        let members = cx.service().member_count(channel)?;
        Ok(Entered {
            room,
            members: u32::try_from(members).unwrap_or(u32::MAX),
        })
    }

    async fn leave_room(&self, cx: Cx, leave: chat_command::LeaveRoom) -> Result<(), Reject> {
        cx.leave(ChatChannel::Room { room: leave.room }).await?;
        Ok(())
    }

    async fn late(&self, cx: Cx, late: chat_command::Late) -> Result<(), Reject> {
        tokio::time::sleep(Duration::from_millis(late.millis)).await;
        cx.publish(said("late", &late.text)).await
    }

    async fn hang(&self, cx: Cx) -> Result<(), Reject> {
        let _told = Told(cx);
        std::future::pending().await
    }

    async fn panic(&self, _: Cx) -> Result<(), Reject> {
        panic!("the handler's own secret")
    }

    async fn large(&self, _: Cx, large: chat_command::Large) -> Result<Bytes, Reject> {
        Ok(Bytes {
            bytes: "x".repeat(large.bytes as usize),
        })
    }

    async fn burst(&self, cx: Cx, burst: chat_command::Burst) -> Result<(), Reject> {
        for i in 0..burst.count {
            cx.publish(said("burst", &i.to_string())).await?;
        }
        Ok(())
    }

    async fn uncarried(&self, cx: Cx) -> Result<(), Reject> {
        cx.service().to_channel("silent").send(said("", "")).await?;
        Ok(())
    }

    async fn whisper(&self, cx: Cx, whisper: chat_command::Whisper) -> Result<(), Reject> {
        cx.send(said("whisper", &whisper.text)).await
    }

    async fn knock(&self, _: Cx) -> Result<(), Reject> {
        Ok(())
    }

    async fn think(&self, _: Cx, think: chat_command::Think) -> Result<Entered, Reject> {
        tokio::time::sleep(Duration::from_millis(think.millis)).await;
        Ok(Entered {
            room: String::new(),
            members: 0,
        })
    }

    async fn count(
        &self,
        cx: Cx,
        count: chat_command::Count,
        mut items: Items<Numbered>,
    ) -> Result<u32, Reject> {
        let _told = Told(cx);
        for n in 0..count.to {
            tokio::time::sleep(Duration::from_millis(count.pause)).await;
            let beside = "x".repeat(count.bytes as usize);
            items.send(Numbered { n, beside }).await?;
        }
        Ok(count.to)
    }

    async fn block(&self, _: Cx, block: chat_command::Block) -> Result<(), Reject> {
        std::thread::sleep(Duration::from_millis(block.millis));
        Ok(())
    }

    async fn whoami(&self, cx: Cx) -> Result<Entered, Reject> {
        let user = cx.require_user()?;
        Ok(Entered {
            room: user.name().to_owned(),
            members: u32::try_from(cx.members()?.len()).unwrap_or(u32::MAX),
        })
    }
}

impl ChatChannelPolicy<Cx> for Server {
    async fn may_join_lobby(&self, _: &Cx) -> Result<(), Reject> {
        Ok(())
    }

    /// Some take their time, one for ever.
    async fn may_join_room(&self, _: &Cx, room: &chat_channel::Room) -> Result<(), Reject> {
        match room.room.as_str() {
            "slow" => tokio::time::sleep(Duration::from_secs(5)).await,
            "stuck" => std::future::pending().await,
            _ => {}
        }
        Ok(())
    }

    /// For the user of that name alone; one takes its time.
    async fn may_join_secret(&self, cx: &Cx, secret: &chat_channel::Secret) -> Result<(), Reject> {
        let slow = secret.name.strip_prefix("slow-");
        if slow.is_some() {
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
        match cx.user() {
            Some(user) if user.name() == slow.unwrap_or(&secret.name) => Ok(()),
            _ => Err(Reject::forbidden("a secret")),
        }
    }

    async fn may_join_silent(&self, _: &Cx) -> Result<(), Reject> {
        Ok(())
    }

    async fn may_join_box(&self, _: &Cx) -> Result<(), Reject> {
        Ok(())
    }

    async fn may_join_archive(&self, _: &Cx, _: &chat_channel::Archive) -> Result<(), Reject> {
        Ok(())
    }

    async fn may_join_log(&self, _: &Cx, _: &chat_channel::Log) -> Result<(), Reject> {
        Ok(())
    }

    async fn may_join_broken(&self, _: &Cx) -> Result<(), Reject> {
        panic!("undecided")
    }
}

/// A service with these limits.
pub fn sockets(config: Config) -> Sockets {
    Service::builder(Server).config(config).build()
}
