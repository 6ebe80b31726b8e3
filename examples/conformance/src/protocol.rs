//! One of everything that a client has to get right.

use socket_runtime::prelude::*;

/// What a client may ask.
#[derive(Debug, Commands)]
pub enum ProbeCommand {
    /// Says the text back.
    #[command(reply = Echoed, idempotent)]
    Echo {
        /// Any text.
        text: String,
    },
    /// Tells a channel's members.
    Say {
        /// 1 to 2,000 characters.
        #[garde(length(chars, min = 1, max = 2000))]
        text: String,
    },
    /// Enters a room, by the server's hand.
    #[command(reply = Entered, error = EnterError)]
    Enter {
        /// Any text; `full` is refused.
        room: String,
    },
    /// Counts from 1 up, a number at a time.
    #[command(stream = Counted, reply = Counted)]
    Count {
        /// The last number. With `u32::MAX` it goes on until it is stopped.
        to: u32,
    },
    /// Answers after that time, with how often that key has been run.
    #[command(reply = Counted)]
    Once {
        /// Whatever tells this call from others.
        key: String,
        /// Milliseconds.
        ms: u32,
    },
    /// How often that key of `once` has been run.
    #[command(reply = Counted, idempotent)]
    Ran {
        /// Whatever tells a call from others.
        key: String,
    },
    /// Tells a channel's members that many numbers, one by one, whoever asks.
    Number {
        /// The channel's name.
        to: String,
        /// The first number.
        from: u32,
        /// How many.
        #[garde(range(max = 1_000))]
        count: u32,
    },
    /// Puts everybody else into a channel, or takes them out of it.
    Move {
        /// The channel's name.
        to: String,
        /// Whether they are in it then.
        inside: bool,
    },
    /// Lets anybody join a log or a room of that name, or nobody. Who is in stays in.
    Admit {
        /// The name.
        name: String,
        /// Whether anybody may.
        anybody: bool,
    },
    /// Answers after that time.
    Sleep {
        /// Milliseconds.
        ms: u32,
    },
    /// Panics.
    Fail,
}

/// What the server tells.
#[derive(Debug, Events)]
pub enum ProbeEvent {
    /// Somebody said something.
    Said {
        /// Who; empty for nobody.
        user: String,
        /// What.
        text: String,
    },
}

/// Where it is told.
#[derive(Debug, Channels)]
pub enum ProbeChannel {
    /// Open to all.
    #[channel("lobby")]
    Lobby,
    /// Open to all, until `admit` says otherwise.
    #[channel("room:{room}")]
    Room {
        /// Any text.
        room: String,
    },
    /// Open to all, until `admit` says otherwise. Keeps what was said.
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

/// Why a room cannot be entered.
#[derive(Debug, ErrorCodes)]
pub enum EnterError {
    /// It holds as many as it can.
    #[code(message = "the room holds {max} people")]
    RoomFull {
        /// How many.
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

/// What `count` streams, and how far it came; how often `once` ran.
#[payload]
#[derive(Debug)]
pub struct Counted {
    /// From 1 up.
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
