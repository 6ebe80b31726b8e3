//! The chat's protocol, defined here and nowhere else.

use socket_runtime::prelude::*;

/// The commands of a chat client.
#[derive(Debug, Commands)]
pub enum ChatCommand {
    /// Measures the round trip. If the client does not wait for the reply, everybody in the channel
    /// receives the event `pong`.
    #[command(reply = Pong, idempotent)]
    Ping,
    /// Posts a message to the channel.
    Chat {
        /// 1 to 2,000 characters.
        #[garde(length(chars, min = 1, max = 2000))]
        text: String,
    },
    /// Joins another room: the channel of exactly this name.
    #[command(reply = Joined)]
    JoinRoom {
        /// The channel's name.
        room: String,
    },
}

/// The events that the server sends.
#[derive(Debug, Events)]
pub enum ChatEvent {
    /// Somebody sent a `ping` without waiting for its reply.
    Pong(Pong),
    /// Somebody posted a message.
    Chat {
        /// The sender's name.
        user: String,
        /// The message.
        text: String,
        /// When the server received it.
        time: Timestamp,
    },
}

/// The channels.
#[derive(Debug, Channels)]
pub enum ChatChannel {
    /// Any valid name is a room that anybody may join. Newcomers see the messages that it keeps.
    #[channel("{*name}", history(events = 500, keep = "10m"))]
    Room {
        /// The room's name.
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
    /// The number of connections in it.
    pub members: u32,
}

/// The chat.
#[derive(Debug, Protocol)]
#[protocol(name = "chat", commands = ChatCommand, events = ChatEvent, channels = ChatChannel)]
pub struct Chat;
