//! The protocol of these tests, and a server that speaks it.

use socket_runtime::prelude::*;
use socket_runtime::{Config, SendError, payload};

/// What a client may ask.
#[derive(Commands)]
pub enum ChatCommand {
    #[command(reply = Pong)]
    Ping,
    Chat {
        text: String,
    },
    Typing {
        user: String,
        word: u32,
    },
    /// Everything but to the sender.
    Aside {
        text: String,
    },
}

#[payload]
pub struct Pong {}

/// What the server tells.
#[derive(Debug, Clone, Events)]
pub enum ChatEvent {
    Chat {
        text: String,
    },
    #[event(latest = "user")]
    Typing {
        user: String,
        word: u32,
        beside: String,
    },
    #[event(volatile)]
    Cursor {
        x: u32,
        beside: String,
    },
}

/// Where.
#[derive(Debug, Clone, PartialEq, Channels)]
pub enum ChatChannel {
    /// Keeps nothing.
    #[channel("lobby")]
    Lobby,
    #[channel("room:{room}", history(events = 300, keep = "10m"))]
    Room { room: String },
    /// Keeps more than is replayed.
    #[channel("long:{name}", history(events = 400, keep = "10m"))]
    Long { name: String },
    #[channel("short:{name}", history(events = 5, keep = "1m"))]
    Short { name: String },
    #[channel("secret", history)]
    Secret,
}

/// A chat.
#[derive(Protocol)]
#[protocol(
    name = "chat",
    commands = ChatCommand,
    events = ChatEvent,
    channels = ChatChannel,
    user_history(events = 20),
    all_history(events = 20)
)]
pub struct Chat;

pub type Cx = Context<Chat>;
pub type Sockets = Service<Chat>;

pub struct Server;

pub fn said(text: impl Into<String>) -> ChatEvent {
    ChatEvent::Chat { text: text.into() }
}

impl ChatCommandHandler<Cx> for Server {
    async fn ping(&self, _: Cx) -> Result<Pong, Reject> {
        Ok(Pong {})
    }

    async fn chat(&self, cx: Cx, say: chat_command::Chat) -> Result<(), Reject> {
        cx.publish(said(say.text)).await
    }

    async fn typing(&self, cx: Cx, typing: chat_command::Typing) -> Result<(), Reject> {
        let chat_command::Typing { user, word } = typing;
        let beside = String::new();
        let event = ChatEvent::Typing { user, word, beside };
        let channel = cx.channel().cloned().ok_or(SendError::NoChannel)?;
        let target = cx.service().to_channel(channel).except(cx.connection());
        Ok(target.send(event).await?)
    }

    async fn aside(&self, cx: Cx, aside: chat_command::Aside) -> Result<(), Reject> {
        let channel = cx.channel().cloned().ok_or(SendError::NoChannel)?;
        let target = cx.service().to_channel(channel).except(cx.connection());
        Ok(target.send(said(aside.text)).await?)
    }
}

impl ChatChannelPolicy<Cx> for Server {
    async fn may_join_lobby(&self, _: &Cx) -> Result<(), Reject> {
        Ok(())
    }

    async fn may_join_room(&self, _: &Cx, _: &chat_channel::Room) -> Result<(), Reject> {
        Ok(())
    }

    async fn may_join_long(&self, _: &Cx, _: &chat_channel::Long) -> Result<(), Reject> {
        Ok(())
    }

    async fn may_join_short(&self, _: &Cx, _: &chat_channel::Short) -> Result<(), Reject> {
        Ok(())
    }

    async fn may_join_secret(&self, cx: &Cx) -> Result<(), Reject> {
        match cx.user().name() {
            "ann" => Ok(()),
            _ => Err(Reject::forbidden("a secret")),
        }
    }
}

/// A service with these limits.
pub fn sockets(config: Config) -> Sockets {
    Service::builder(Server).config(config).build()
}
