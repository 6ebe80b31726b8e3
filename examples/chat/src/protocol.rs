//! What crosses the wire: the one place where the protocol is written.

use socket_runtime::prelude::*;

/// What a chat client may ask.
#[derive(Debug, Commands)]
pub enum ChatCommand {
    /// Measures the round trip. Sent without waiting for the reply, everybody in the channel hears
    /// the `pong`.
    #[command(reply = Pong, idempotent)]
    Ping,
    /// Says something in the channel it is sent to.
    Chat {
        /// 1 to 2,000 characters.
        #[garde(length(chars, min = 1, max = 2000))]
        text: String,
    },
    /// Joins a further room: the channel of exactly that name.
    #[command(reply = Joined)]
    JoinRoom {
        /// The channel's name.
        room: String,
    },
}

/// What the server tells.
#[derive(Debug, Events)]
pub enum ChatEvent {
    /// Somebody sent a `ping` without waiting for its reply.
    Pong(Pong),
    /// Somebody said something.
    Chat {
        /// Who.
        user: String,
        /// What.
        text: String,
        /// When, by the server's clock.
        time: Timestamp,
    },
}

/// Where it is told.
#[derive(Debug, Channels)]
pub enum ChatChannel {
    /// Any valid name is a room, and anybody may join it. Who does sees what was said.
    #[channel("{*name}", history(events = 500, keep = "10m"))]
    Room {
        /// The whole name.
        name: String,
    },
}

/// The answer to `ping`.
#[payload]
#[derive(Debug)]
pub struct Pong {
    /// The server's clock.
    pub timestamp: Timestamp,
}

/// The answer to `join-room`.
#[payload]
#[derive(Debug)]
pub struct Joined {
    /// The room.
    pub room: String,
    /// How many connections are in it now.
    pub members: u32,
}

/// The chat.
#[derive(Debug, Protocol)]
#[protocol(name = "chat", commands = ChatCommand, events = ChatEvent, channels = ChatChannel)]
pub struct Chat;
