//! Every limit: its meaning, unit, default and bounds, its key, and what happens at it.

use std::fmt;
use std::time::Duration;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

use super::limit::{Limit, OutOfRange, allowed, amount, limits};

limits! {
    /// What a service allows and how long it waits, in groups. The defaults suit a public server.
    ///
    /// ```
    /// use std::time::Duration;
    /// use socket_runtime::Config;
    ///
    /// let config = Config::default().with(|config| {
    ///     config.timeouts.ping = Duration::from_secs(10);
    ///     config.limits.connections = 50_000;
    /// });
    /// assert_eq!(config.limits.message_bytes, 64 * 1024);
    ///
    /// // Or one limit at a time:
    /// let mut config = Config::default();
    /// config.rates.rate = 20;
    /// # assert!(config.check().is_ok());
    /// ```
    ///
    /// A value outside of its range is an error that names the limit, the value and the range:
    ///
    /// ```
    /// # use socket_runtime::Config;
    /// let config = Config::default().with(|config| config.limits.message_bytes = 0);
    /// assert_eq!(
    ///     config.check().unwrap_err().to_string(),
    ///     "the limit `limits.message_bytes` (key `message_bytes`) is 0; allowed: 1 B to 1 GiB",
    /// );
    /// ```
    Config;

    /// How large a message may be, and how many of everything there may be.
    limits: Limits {
        /// The largest message, and frame, that a client may send, in bytes. A larger one closes its
        /// connection with 1009.
        message_bytes "message_bytes": usize = 64 KiB, 1 B ..= 1 GiB;
        /// The largest message that the server sends, in bytes. A larger event is an error to the
        /// caller of `send`, a larger reply becomes the error `too-large`; neither reaches the wire.
        outbound_bytes "outbound_bytes": usize = 1 MiB, 512 B ..= 1 GiB;
        /// How deep arrays and objects of a frame may nest. Typed parameters are never read deeper
        /// than 128. A deeper frame is `invalid-message`.
        json_depth "json_depth": usize = 128, 1 ..= 128;
        /// How many messages of one connection may wait for the handler of the one before. Beyond it
        /// the connection is not read until one has been handled.
        waiting_messages "waiting_messages": usize = 64, 1 ..;
        /// The same, in bytes.
        waiting_bytes "waiting_bytes": usize = 256 KiB, 1 B ..;
        /// How many commands that are declared `concurrent` or stream run at once for one connection.
        /// The next one waits, and what is behind it.
        concurrent "concurrent": usize = 16, 1 ..;
        /// How many channels one connection may be in. One more is `too-many`; a
        /// [`Login`](crate::Login) may say another number for its user.
        channels "channels": usize = 128;
        /// How many connections the service takes. A process never takes more than nine tenths of the
        /// descriptors that it may open, whatever is set here. One more is answered by HTTP 503 with
        /// `Retry-After`.
        connections "connections": usize = 10_000, 1 ..;
        /// How many versions of the protocol are counted separately, by the fingerprints that clients
        /// name. One more takes the place of a version that has no connection, or counts among the
        /// others.
        versions "versions": usize = 64;
    }

    /// What may be queued for one connection.
    queue: QueueLimits {
        /// What may be queued for one connection, in bytes. A client that reads too slowly is closed
        /// with 4404 when the next message does not fit.
        bytes "queue_bytes": usize = 4 MiB, 1 KiB ..;
        /// The same, in messages.
        messages "queue_messages": usize = 8_192, 1 ..;
        /// How much may be queued for a connection while a command of it streams, in bytes; never more
        /// than half of [`bytes`](Self::bytes). Beyond it the stream waits until the client has taken
        /// some.
        stream_bytes "stream_bytes": usize = 64 KiB, 1 B ..;
        /// Up to how much may be queued for a connection, in bytes, while more is replayed to it.
        /// Beyond it the replay waits until the client has taken some; one message may be larger.
        replay_bytes "replay_bytes": usize = 64 KiB, 1 B ..;
    }

    /// How often one connection may do something.
    rates: Rates {
        /// Commands per second that one connection may send; 0 means no limit. More are answered by
        /// `rate-limited` with the milliseconds to wait, and are not decoded. Signs of life and the
        /// handshake do not count.
        rate "rate": u32 = 50;
        /// How many commands it may send at once.
        burst "burst": u32 = 100, 1 ..;
        /// How long a connection may go on being refused so, without a pause of a second. Then it is
        /// closed with 4429.
        patience "rate_patience": Duration = 3 s;
        /// Control frames, `:ping` and `:pong` per second that one connection may send; 0 means no
        /// limit. One more closes the connection with 4429.
        control_rate "control_rate": u32 = 10;
        /// How many of them it may send at once.
        control_burst "control_burst": u32 = 20, 1 ..;
        /// How many invalid messages (`invalid-message`) a connection may send within 10 s. One more
        /// closes it with 4502.
        protocol_errors "protocol_errors": usize = 10;
    }

    /// How long the server waits for a client, a handler or its own end. "Never" is written as
    /// `Duration::MAX`.
    timeouts: Timeouts {
        /// How long a handler, a join decision or a hook may take. Then its future is dropped and the
        /// call answered by `timeout`; the connection stays. For a command that streams it is the
        /// longest pause between two items.
        handler "handler_timeout": Duration = 30 s, 1 ms ..;
        /// How long a client in full mode may take to its `:connect`. Then it is closed with 4408.
        handshake "handshake_timeout": Duration = 10 s, 1 ms ..;
        /// How long a message may take from its first byte to its last. Then its connection is closed
        /// with 1002.
        message "message_timeout": Duration = 30 s, 1 ms ..;
        /// How long a client may take nothing of what is sent to it. Then it is closed with 4404.
        write "write_timeout": Duration = 10 s, 1 ms ..;
        /// How long before a login runs out the server asks for a new token by `:refresh`, or half the
        /// login's time where that is less. A connection whose login has run out is closed with 4401.
        refresh_ahead "refresh_ahead": Duration = 30 s;
        /// After how much silence in either direction the server asks for a sign of life.
        ping "ping": Duration = 25 s, 1 ms ..;
        /// How long after `ping` the server waits for one. Then the connection is closed with 4402.
        pong "timeout": Duration = 10 s, 1 ms ..;
        /// Over how long a time clients spread their first reconnect.
        spread "spread": Duration = 2 s;
        /// How long a client may take that was asked to close
        /// ([`Service::request_close`](crate::Service::request_close)). Then it is closed with 4503.
        close_request "close_request_timeout": Duration = 5 s;
        /// How long the server waits for a client to take its last messages and answer a close. Then
        /// the socket is dropped.
        close "close_timeout": Duration = 2 s;
        /// How long [`Service::shutdown`](crate::Service::shutdown) gives clients to connect elsewhere.
        /// Then the connections that are left are closed with 1001.
        drain "drain": Duration = 30 s;
    }

    /// What waits for clients whose connection broke.
    sessions: SessionLimits {
        /// How long a client whose connection broke may take to come back to its session: under the
        /// same connection id, with the answers to its calls. Then, and always with 0, it gets a new
        /// one.
        resume_window "resume_window": Duration = 120 s;
        /// How long such a client is still shown as a member of its channels before the others are told
        /// that it left; never longer than `resume_window`.
        grace "grace": Duration = 10 s;
        /// How many sessions may wait for their clients. One more ends the one that has waited
        /// longest.
        count "sessions": usize = 10_000;
        /// What they may hold together, in bytes: answers, and commands that wait. More ends the ones
        /// that have waited longest.
        bytes "session_bytes": usize = 64 MiB;
        /// How many sessions of one user may wait. One more ends the one of that user that has waited
        /// longest.
        per_user "user_sessions": usize = 100, 1 ..;
        /// How many answers a session keeps, for calls that are sent again. A call whose answer is not
        /// kept any more is answered by `outcome-unknown`.
        kept_answers "kept_answers": usize = 256;
        /// The same, in bytes.
        kept_bytes "kept_bytes": usize = 1 MiB;
    }

    /// What channels that declare `history(…)` keep and give back.
    history: HistoryLimits {
        /// How many events are replayed to a connection that comes back to a channel. One that missed
        /// more is told of a gap instead.
        replay_events "replay_events": usize = 300;
        /// The most events that one `:history` answers with, whatever the client asks for.
        page_max "history_page_max": usize = 300, 1 ..;
        /// What the history of all channels may hold, in bytes, where it is kept in memory. Beyond it
        /// the oldest events of any channel are dropped; a client that still needs one is told of a
        /// gap.
        bytes "history_bytes": usize = 64 MiB;
        /// Of how many channels the server remembers where their history stands, where it is kept in
        /// memory. Beyond it the one without members that was quiet for the longest time is forgotten,
        /// with its history: a client that comes back to it is told of a gap.
        channels "history_channels": usize = 100_000;
        /// For how long the server remembers that after the last event of a channel without members.
        remember "history_remember": Duration = 24 h;
    }

    /// What a channel says of its members.
    members: MemberLimits {
        /// Up to how many members a channel announces who comes and goes (`online-update`). Above it
        /// only `:members` says who is there.
        online "online_members": usize = 100;
        /// How many members `:members` lists where the client names no limit.
        page "members_page": usize = 100, 1 ..;
        /// The most members that one `:members` lists, whatever the client asks for.
        page_max "members_page_max": usize = 1_000, 1 ..;
    }

    /// What is asked of an HTTP request, before there is a connection.
    http: HttpLimits {
        /// Origins whose pages may connect besides the server's own: `https://app.example`, or `*` for
        /// every one. A page of another origin is refused with HTTP 403; a client that sends no
        /// `Origin` is not a browser, and is let in.
        origins "origins": Vec<String> = none;
        /// How long a client may take to the head of its request, under [`serve`](crate::serve). Then
        /// it gets HTTP 408.
        head_timeout "head_timeout": Duration = 10 s, 1 ms ..;
        /// The longest head of a request, in bytes, under `serve`. A longer one is answered by HTTP
        /// 431. It is counted before each read, so that what one more read brings may pass.
        // With less hyper panics.
        head_bytes "head_bytes": usize = 32 KiB, 8 KiB ..;
        /// The most headers of a request, under `serve`. More are answered by HTTP 431.
        head_fields "head_fields": usize = 64, 1 ..;
    }
}
