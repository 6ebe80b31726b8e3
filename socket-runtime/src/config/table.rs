//! Every limit: its meaning, unit, default and range, its key, and what happens at the limit.

use std::fmt;
use std::time::Duration;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

use super::limit::{Limit, OutOfRange, allowed, amount, limits};

limits! {
    /// The limits and waits of a service, in groups. The defaults suit a public server.
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
    /// A value outside its range is an error that names the limit, the value and the range:
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

    /// The sizes of messages, and the numbers of things.
    limits: Limits {
        /// The largest message and the largest frame that a client may send, in bytes. A larger one
        /// closes its connection with 1009.
        message_bytes "message_bytes": usize = 64 KiB, 1 B ..= 1 GiB;
        /// The largest message that the server sends, in bytes. A larger event returns an error to
        /// the caller of `send`, a larger reply becomes the error `too-large`; neither is sent.
        outbound_bytes "outbound_bytes": usize = 1 MiB, 512 B ..= 1 GiB;
        /// The deepest nesting of arrays and objects in a frame. Typed parameters are never read
        /// deeper than 128. A deeper frame is `invalid-message`.
        json_depth "json_depth": usize = 128, 1 ..= 128;
        /// Messages of one connection that may wait for the handler of the previous one. At the
        /// limit the server reads nothing more from that connection until one of them has been
        /// handled.
        waiting_messages "waiting_messages": usize = 64, 1 ..;
        /// The same limit in bytes.
        waiting_bytes "waiting_bytes": usize = 256 KiB, 1 B ..;
        /// Commands of one connection that run at the same time, if they are declared `concurrent`
        /// or stream. The next one waits, and so do those behind it.
        concurrent "concurrent": usize = 16, 1 ..;
        /// Channels that one connection may be in. A further join is refused with `too-many`; a
        /// [`Login`](crate::Login) may set another number for its user.
        channels "channels": usize = 128;
        /// Connections that the service accepts. A process never accepts more than nine tenths of
        /// the file descriptors that it may open, whatever is set here. A further connection is
        /// refused with HTTP 503 and `Retry-After`. Under [`serve`](crate::serve) every accepted socket
        /// counts against those: where seven eighths are taken, answers end keep-alive, and silent
        /// sockets are closed, the longest silent first.
        connections "connections": usize = 10_000, 1 ..;
        /// How many connections one address may have; 0 means no limit, because a server cannot see
        /// that it stands behind a proxy, where all clients have the proxy's address (see
        /// [`trusted_proxies`](HttpLimits::trusted_proxies)). One more is answered by HTTP 429 with
        /// `Retry-After`. Of IPv6 the first 64 bits count, which is what one customer has.
        connections_per_address "connections_per_address": usize = 0;
        /// How many open connections one user may have; 0 means no limit. One more is answered by
        /// `too-many` and closed with 4429, in plain mode by HTTP 429. Sessions that wait for their
        /// clients count in [`per_user`](SessionLimits::per_user) instead.
        connections_per_user "connections_per_user": usize = 0;
        /// Versions of the protocol that are counted individually, by the fingerprints that clients
        /// name. A further one replaces a version without connections, or is counted among the
        /// others.
        versions "versions": usize = 64;
    }

    /// The send queue of one connection, and what all hold together.
    queue: QueueLimits {
        /// Bytes that may be queued for one connection, beside the one message that is being written.
        /// A client that reads too slowly is closed with 4404 when the next message does not fit.
        bytes "queue_bytes": usize = 1 MiB, 1 KiB ..;
        /// Messages that may be queued for one connection. At the limit it is closed with 4404.
        messages "queue_messages": usize = 8_192, 1 ..;
        /// Bytes that may be queued for a connection while one of its commands streams; never more
        /// than half of [`bytes`](Self::bytes). At the limit the stream waits until the client has
        /// taken some.
        stream_bytes "stream_bytes": usize = 64 KiB, 1 B ..;
        /// Bytes that may be queued for a connection while more is replayed to it. At the limit the
        /// replay waits until the client has taken some; a single message may be larger.
        replay_bytes "replay_bytes": usize = 64 KiB, 1 B ..;
        /// Bytes that all connections and waiting sessions of the service may hold together for clients
        /// that do not keep up: messages that their sockets do not take, answers that are kept,
        /// commands that wait. A message for several counts once, in equal shares. Beyond it those that
        /// hold most are closed with 4404 first; a session that holds more than its socket's queue ends
        /// too. [`Status::buffered`](crate::Status::buffered) shows how much it is.
        buffered_bytes "buffered_bytes": usize = 256 MiB, 1 KiB ..;
    }

    /// The rates of one connection.
    rates: Rates {
        /// Commands per second that one connection may send; 0 means no limit. Further commands are
        /// answered with `rate-limited` and the milliseconds to wait, without being decoded.
        /// `:ping`, `:pong` and the handshake do not count.
        rate "rate": u32 = 50;
        /// Commands that may arrive at once.
        burst "burst": u32 = 100, 1 ..;
        /// How long a connection may exceed its rate without a pause of one second. It is then
        /// closed with 4429.
        patience "rate_patience": Duration = 3 s;
        /// Control frames, `:ping` and `:pong` per second that one connection may send; 0 means no
        /// limit. Exceeding it closes the connection with 4429.
        control_rate "control_rate": u32 = 10;
        /// Control frames, `:ping` and `:pong` that may arrive at once.
        control_burst "control_burst": u32 = 20, 1 ..;
        /// Invalid messages (`invalid-message`) that a connection may send within 10 s. A further
        /// one closes it with 4502.
        protocol_errors "protocol_errors": usize = 10;
    }

    /// How long the server waits for a client, for a handler or for its own end. "Never" is written
    /// as `Duration::MAX`.
    timeouts: Timeouts {
        /// How long a handler, a join decision or a hook may take. Its future is then dropped and
        /// the call answered with `timeout`; the connection stays open. For a streaming command it
        /// is the longest pause between two items.
        handler "handler_timeout": Duration = 30 s, 1 ms ..;
        /// How long a client in full mode may take to send `:connect`. It is then closed with 4408.
        handshake "handshake_timeout": Duration = 10 s, 1 ms ..;
        /// How long a message may take from its first byte to its last. The connection is then
        /// closed with 1002.
        message "message_timeout": Duration = 30 s, 1 ms ..;
        /// How long a client may take nothing of what is sent to it. It is then closed with 4404.
        write "write_timeout": Duration = 10 s, 1 ms ..;
        /// How long before a login expires the server asks for a new token with `:refresh`; half
        /// the login's time if that is less. An expired login closes the connection with 4401.
        refresh_ahead "refresh_ahead": Duration = 30 s;
        /// The silence, in either direction, after which the server sends `:ping`.
        ping "ping": Duration = 25 s, 1 ms ..;
        /// How long the server waits after that for a sign of life. It then closes with 4402.
        pong "timeout": Duration = 10 s, 1 ms ..;
        /// The window over which clients spread their first attempt to reconnect.
        spread "spread": Duration = 2 s;
        /// How long a client may take that was asked to close
        /// ([`Service::request_close`](crate::Service::request_close)). It is then closed with
        /// 4503.
        close_request "close_request_timeout": Duration = 5 s;
        /// How long the server waits for a client to take its last messages and answer a close. The
        /// socket is then dropped.
        close "close_timeout": Duration = 2 s;
        /// How long the end of the service takes at most, all of it: the drain, the closes, the hooks,
        /// and the HTTP requests that are left under [`serve`](crate::serve). Orchestrators kill after
        /// 30 s. What is left after nine tenths of it is cut off.
        shutdown "shutdown": Duration = 25 s, 1 ms ..;
        /// How long of that [`Service::shutdown`](crate::Service::shutdown) gives clients to connect
        /// elsewhere, and what runs to finish; never more than four fifths of `shutdown`. Then calls and
        /// streams that still run end with the error `timeout`, and the connections that are left are
        /// closed with 1001.
        drain "drain": Duration = 20 s;
    }

    /// Sessions whose clients are away.
    sessions: SessionLimits {
        /// How long a client whose connection was lost may take to resume its session, with the
        /// same connection id and the answers to its calls. After that, and always with 0, it gets
        /// a new session.
        resume_window "resume_window": Duration = 120 s;
        /// How long such a client is still shown as a member of its channels before the others are told
        /// that it left; never longer than `resume_window`.
        grace "grace": Duration = 10 s;
        /// How long a client that went away without a goodbye (close 1001), as browsers do for a page
        /// that is reloaded or left, is still shown as a member and may come back to its session; never
        /// longer than `grace`. With 0 its session ends at once.
        reload_grace "reload_grace": Duration = 5 s;
        /// Sessions that may wait for their clients. A further one ends the session that has waited
        /// longest, those without a user first.
        count "sessions": usize = 10_000;
        /// Bytes that these sessions may hold together: answers, and commands that wait. Beyond it
        /// the sessions that have waited longest end, those without a user first.
        bytes "session_bytes": usize = 64 MiB;
        /// Sessions of one user that may wait. A further one ends the user's session that has
        /// waited longest.
        per_user "user_sessions": usize = 100, 1 ..;
        /// Sessions without a user that may wait. A further one ends the one of them that has waited
        /// longest.
        anonymous "anonymous_sessions": usize = 5_000;
        /// Answers that a session keeps for calls that are sent again. A call whose answer is no
        /// longer kept is answered with `outcome-unknown`.
        kept_answers "kept_answers": usize = 256;
        /// The same limit in bytes.
        kept_bytes "kept_bytes": usize = 1 MiB;
    }

    /// History, and its replay.
    history: HistoryLimits {
        /// Events that are replayed to a connection that returns to a channel. A connection that
        /// missed more is told of a gap instead.
        replay_events "replay_events": usize = 300;
        /// The most events in one answer to `:history`, whatever the client asks for.
        page_max "history_page_max": usize = 300, 1 ..;
        /// Bytes that the histories of all channels may hold in memory. Beyond it the oldest events
        /// of any channel are dropped; a client that still needs one is told of a gap.
        bytes "history_bytes": usize = 64 MiB;
        /// Channels whose position in their history the server remembers in memory. Beyond it the
        /// channel without members that was quiet for the longest time is forgotten, with its
        /// history: clients that return to it are told of a gap.
        channels "history_channels": usize = 100_000;
        /// How long the server remembers that position after the last event of a channel without
        /// members.
        remember "history_remember": Duration = 24 h;
    }

    /// The members of a channel, as clients see them.
    members: MemberLimits {
        /// The number of members up to which a channel announces who comes and goes
        /// (`online-update`). Above it, clients read the members with `:members`.
        online "online_members": usize = 100;
        /// Members that `:members` lists if the client names no limit.
        page "members_page": usize = 100, 1 ..;
        /// The most members in one answer to `:members`, whatever the client asks for.
        page_max "members_page_max": usize = 1_000, 1 ..;
    }

    /// HTTP requests, before there is a connection.
    http: HttpLimits {
        /// Origins whose pages may connect besides the server's own: `https://app.example`, or `*`
        /// for all. A page of another origin is refused with HTTP 403. A client that sends no
        /// `Origin` is not a browser, and is accepted.
        origins "origins": Vec<String> = none;
        /// Names under which the server is reached: `app.example`, `app.example:8443`. Where none are
        /// listed any will do, but for foreign ones at a server on a loopback address. Another one is
        /// refused with HTTP 403. See [`Builder::host`](crate::Builder::host).
        hosts "hosts": Vec<String> = none;
        /// The proxies that are trusted to say for whom they ask: addresses, networks (`10.0.0.0/8`),
        /// and `unix` for clients that come by a Unix socket. For a client that comes through one of
        /// them, the last address in `forwarded_header` that is not a trusted proxy's own is the
        /// client's, for the program as well as for
        /// [`connections_per_address`](Limits::connections_per_address).
        trusted_proxies "trusted_proxies": Vec<String> = none;
        /// The header in which they say it: a list of addresses like `X-Forwarded-For`, one address
        /// like `X-Real-IP`, or `Forwarded`.
        forwarded_header "forwarded_header": String = "X-Forwarded-For" header;
        /// How long a client may take to send the head of its request, under
        /// [`serve`](crate::serve). It is then answered with HTTP 408.
        head_timeout "head_timeout": Duration = 10 s, 1 ms ..;
        /// How long a request may take under `serve`, from its head to the head of its answer: its body
        /// and the handler. Then it gets HTTP 408, and the socket is closed. An upgrade that asks
        /// [`Builder::authenticate`](crate::Builder::authenticate) is such a request.
        request_timeout "request_timeout": Duration = 60 s, 1 ms ..;
        /// How long its answer may take under `serve`, from its head until the client has taken all of
        /// it. Then the socket is closed. Raise it for answers that go on, such as server-sent events;
        /// it does not concern WebSockets.
        response_timeout "response_timeout": Duration = 300 s, 1 ms ..;
        /// The longest head of a request, in bytes, under `serve`. A longer one is answered by HTTP
        /// 431. It is counted before each read, so that what one more read brings may pass.
        // With less hyper panics.
        head_bytes "head_bytes": usize = 32 KiB, 8 KiB ..;
        /// The most header fields of a request, under `serve`. More are answered with HTTP 431.
        head_fields "head_fields": usize = 64, 1 ..;
    }
}
