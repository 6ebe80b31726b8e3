//! One of everything that a client has to handle.

use socket_runtime::prelude::*;

/// The commands of a client.
#[derive(Debug, Commands)]
pub enum ProbeCommand {
    /// Returns the text.
    #[command(reply = Echoed, idempotent)]
    Echo {
        /// Any text.
        text: String,
    },
    /// Posts a text to the channel.
    Say {
        /// 1 to 2,000 characters.
        #[garde(length(chars, min = 1, max = 2000))]
        text: String,
    },
    /// Asks the server to put this connection into a room.
    #[command(reply = Entered, error = EnterError)]
    Enter {
        /// Any text; `full` is refused.
        room: String,
    },
    /// Streams the numbers from 1.
    #[command(stream = Counted, reply = Counted)]
    Count {
        /// The last number. With `u32::MAX` it continues until it is stopped.
        to: u32,
    },
    /// Answers after a time with the number of runs for this key.
    #[command(reply = Counted)]
    Once {
        /// Identifies the call.
        key: String,
        /// Milliseconds.
        ms: u32,
    },
    /// Answers with the number of runs of `once` for this key.
    #[command(reply = Counted, idempotent)]
    Ran {
        /// Identifies the call.
        key: String,
    },
    /// Sends numbers to a channel's members, one by one.
    Number {
        /// The channel's name.
        to: String,
        /// The first number.
        from: u32,
        /// The number of numbers.
        #[garde(range(max = 1_000))]
        count: u32,
    },
    /// Puts all other connections into a channel, or takes them out of it.
    Move {
        /// The channel's name.
        to: String,
        /// True to put them in, false to take them out.
        inside: bool,
    },
    /// Opens a log or room to newcomers, or closes it. Members stay in.
    Admit {
        /// The name.
        name: String,
        /// True to open it, false to close it.
        anybody: bool,
    },
    /// Answers after a time.
    Sleep {
        /// Milliseconds.
        ms: u32,
    },
    /// Panics.
    Fail,
}

/// The events that the server sends.
#[derive(Debug, Events)]
pub enum ProbeEvent {
    /// Somebody posted a text.
    Said {
        /// The sender's name; empty for an anonymous connection.
        user: String,
        /// The text.
        text: String,
    },
}

/// The channels.
#[derive(Debug, Channels)]
pub enum ProbeChannel {
    /// Open to all.
    #[channel("lobby")]
    Lobby,
    /// Open to all, until `admit` closes it.
    #[channel("room:{room}")]
    Room {
        /// Any text.
        room: String,
    },
    /// Open to all, until `admit` closes it. Keeps the last hundred events.
    #[channel("log:{name}", history(events = 100, keep = "10m"))]
    Log {
        /// Any text.
        name: String,
    },
    /// Open to nobody.
    #[channel("secret:{name}")]
    Secret {
        /// Any text.
        name: String,
    },
}

/// The errors of `enter`.
#[derive(Debug, ErrorCodes)]
pub enum EnterError {
    /// The room is full.
    #[code(message = "the room holds {max} people")]
    RoomFull {
        /// The number of people it holds.
        max: u32,
    },
}

/// The answer to `echo`.
#[payload]
#[derive(Debug)]
pub struct Echoed {
    /// The text.
    pub text: String,
}

/// A number: an item of `count` and its last one, or the runs of `once`.
#[payload]
#[derive(Debug)]
pub struct Counted {
    /// Counted from 1.
    pub number: u32,
}

/// The answer to `enter`.
#[payload]
#[derive(Debug)]
pub struct Entered {
    /// The channel's name.
    pub channel: String,
}

/// The protocol.
#[derive(Debug, Protocol)]
#[protocol(name = "probe", commands = ProbeCommand, events = ProbeEvent, channels = ProbeChannel)]
pub struct Probe;
