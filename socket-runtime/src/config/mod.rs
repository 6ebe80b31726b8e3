//! Every limit in one place: its meaning, unit, default, and what happens at the limit.

mod duration;
#[cfg(feature = "settings")]
mod load;

#[cfg(feature = "settings")]
pub use load::ConfigError;

use std::time::Duration;

/// What a service allows and how long it waits. The defaults suit a public server.
///
/// ```
/// use std::time::Duration;
/// use socket_runtime::Config;
///
/// let config = Config { ping: Duration::from_secs(10), ..Config::default() };
/// assert_eq!(config.message_bytes, 64 * 1024);
/// ```
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The largest message, and frame, that a client may send, in bytes. Default: 64 KiB. A larger
    /// one closes its connection with 1009.
    pub message_bytes: usize,
    /// The largest message that the server sends, in bytes. Default: 1 MiB. A larger event is an
    /// error to the caller of `send`, a larger reply becomes the error `too-large`; neither reaches
    /// the wire.
    pub outbound_bytes: usize,
    /// What may be queued for one connection, in bytes. Default: 4 MiB. A connection that does not
    /// take what is sent to it is closed with 4404 when the next message does not fit.
    pub queue_bytes: usize,
    /// The same, in messages. Default: 8,192.
    pub queue_messages: usize,
    /// How many messages of one connection may wait for the handler of the one before. Default: 64.
    /// Beyond it nothing more is read from that connection until one has been handled.
    pub waiting_messages: usize,
    /// The same, in bytes. Default: 256 KiB.
    pub waiting_bytes: usize,
    /// How many commands that are declared `concurrent` or stream run at once for one connection. Default: 16.
    /// The next one waits, and what is behind it.
    pub concurrent: usize,
    /// How much may be queued for a connection while a command of it streams, in bytes. Default: 64
    /// KiB, and never more than half of `queue_bytes`. Beyond it the stream waits until the client has
    /// taken some.
    pub stream_bytes: usize,
    /// How many commands a second one connection may send; 0: any number. Default: 50. More are
    /// answered by `rate-limited` with the milliseconds to wait, undecoded. Signs of life and the
    /// handshake do not count.
    pub rate: u32,
    /// How many of them at once. Default: 100.
    pub burst: u32,
    /// How long a connection may go on being refused so, without a pause of a second. Default: 3 s.
    /// Then close 4429.
    #[serde(deserialize_with = "duration::deserialize")]
    pub rate_patience: Duration,
    /// How many control frames, `:ping` and `:pong` a second one connection may send; 0: any number.
    /// Default: 10. One more closes with 4429.
    pub control_rate: u32,
    /// How many of them at once. Default: 20.
    pub control_burst: u32,
    /// How deep arrays and objects of a frame may lie in each other. Default: 128, which is also the
    /// most that typed parameters are read to. A deeper one is `invalid-message`.
    pub json_depth: usize,
    /// How many channels one connection may be in. Default: 128. One more is `too-many`; a
    /// [`Login`](crate::Login) may say another number for its user.
    pub channels: usize,
    /// How long a client whose connection broke may take to come back to its session: under the same
    /// connection id, with the answers to its calls. Default: 120 s. Then, and always with 0, it gets
    /// a new one.
    #[serde(deserialize_with = "duration::deserialize")]
    pub resume_window: Duration,
    /// How long such a client is still shown as a member of its channels before the others are told
    /// that it left. Default: 10 s, and never longer than `resume_window`.
    #[serde(deserialize_with = "duration::deserialize")]
    pub grace: Duration,
    /// How many sessions may wait for their clients. Default: 10,000. One more ends the one that has
    /// waited longest.
    pub sessions: usize,
    /// What they may hold together, in bytes: answers, and commands that wait. Default: 64 MiB. More
    /// ends the ones that have waited longest.
    pub session_bytes: usize,
    /// How many sessions of one user may wait. Default: 100. One more ends the one of that user that
    /// has waited longest.
    pub user_sessions: usize,
    /// How many answers a session keeps, for calls that are sent again. Default: 256. A call whose
    /// answer is not kept any more is answered by `outcome-unknown`.
    pub kept_answers: usize,
    /// The same, in bytes. Default: 1 MiB.
    pub kept_bytes: usize,
    /// How many connections the service takes. Default: 10,000. Whatever is set, a process never
    /// takes more than nine tenths of the descriptors that it may open. One more is answered by HTTP
    /// 503 with `Retry-After`.
    pub connections: usize,
    /// How many versions of the protocol are counted each by itself, by the fingerprints that clients
    /// name. Default: 64. One more takes the place of a version that has no connection, or counts among
    /// the others.
    pub versions: usize,
    /// How long a handler, a join decision or a hook may take. Default: 30 s. Then its future is
    /// dropped and the call answered by `timeout`; the connection stays. For a command that streams
    /// it is the longest pause between two items.
    #[serde(deserialize_with = "duration::deserialize")]
    pub handler_timeout: Duration,
    /// How long a client in full mode may take to its `:connect`. Default: 10 s. Then close 4408.
    #[serde(deserialize_with = "duration::deserialize")]
    pub handshake_timeout: Duration,
    /// How long a message may take from its first byte to its last. Default: 30 s. Then close 1002.
    #[serde(deserialize_with = "duration::deserialize")]
    pub message_timeout: Duration,
    /// How long a client may take nothing of what is sent to it. Default: 10 s. Then close 4404.
    #[serde(deserialize_with = "duration::deserialize")]
    pub write_timeout: Duration,
    /// How long before a login runs out the server asks for a new one by `:refresh`. Default: 30 s,
    /// or half its time if that is less. One that has run out closes with 4401.
    #[serde(deserialize_with = "duration::deserialize")]
    pub refresh_ahead: Duration,
    /// After how much silence in either direction the server asks for a sign of life. Default: 25 s.
    #[serde(deserialize_with = "duration::deserialize")]
    pub ping: Duration,
    /// How long after `ping` it waits for one. Default: 10 s. Then close 4402.
    #[serde(deserialize_with = "duration::deserialize")]
    pub timeout: Duration,
    /// Over how long a time clients spread their first reconnect. Default: 2 s.
    #[serde(deserialize_with = "duration::deserialize")]
    pub spread: Duration,
    /// How many messages within 10 s may be none at all (`invalid-message`). Default: 10. One more
    /// closes with 4502.
    pub protocol_errors: usize,
    /// Up to how many members a channel tells who comes and goes (`online-update`). Default: 100.
    /// Above it only `:members` says who is there.
    pub online_members: usize,
    /// How many members `:members` lists where the client names no limit. Default: 100.
    pub members_page: usize,
    /// The most members that one `:members` lists, whatever the client asks for. Default: 1,000.
    pub members_page_max: usize,
    /// How many events are replayed to a connection that comes back to a channel. Default: 300. One
    /// that missed more is told of a gap instead.
    pub replay_events: usize,
    /// Up to how much may be queued for a connection, in bytes, while more is replayed to it.
    /// Default: 64 KiB. Beyond it the replay waits until the connection has taken some; one message
    /// may be larger.
    pub replay_bytes: usize,
    /// The most events that one `:history` answers with, whatever the client asks for. Default: 300.
    pub history_page_max: usize,
    /// What the history of all channels may hold, in bytes, where it is kept in memory. Default:
    /// 64 MiB. Beyond it the oldest events are dropped, whosever they are; who still needs one is
    /// told of a gap.
    pub history_bytes: usize,
    /// Of how many channels the server remembers where their history stands, where it is kept in
    /// memory. Default: 100,000. Beyond it the one without members that was quiet for the longest
    /// time is forgotten, with its history: who comes back to it is told of a gap.
    pub history_channels: usize,
    /// For how long it remembers that after the last event of a channel without members. Default:
    /// 24 h.
    #[serde(deserialize_with = "duration::deserialize")]
    pub history_remember: Duration,
    /// How long a client that was asked to close (`close_request`) may take. Default: 5 s. Then close
    /// 4503.
    #[serde(deserialize_with = "duration::deserialize")]
    pub close_request_timeout: Duration,
    /// How long the server waits for a client to take its last messages and answer a close.
    /// Default: 2 s. Then the socket is dropped.
    #[serde(deserialize_with = "duration::deserialize")]
    pub close_timeout: Duration,
    /// How long [`Service::shutdown`](crate::Service::shutdown) gives clients to go elsewhere.
    /// Default: 30 s. Then the connections that are left are closed with 1001.
    #[serde(deserialize_with = "duration::deserialize")]
    pub drain: Duration,
    /// How long a client may take to the head of its request, under [`serve`](crate::serve).
    /// Default: 10 s. Then HTTP 408.
    #[serde(deserialize_with = "duration::deserialize")]
    pub head_timeout: Duration,
    /// The longest head of a request, in bytes, under `serve`. Default: 32 KiB. A longer one is
    /// answered by HTTP 431. It is counted before each read, so that what one more read brings may
    /// pass.
    pub head_bytes: usize,
    /// The most headers of a request, under `serve`. Default: 64. More are answered by HTTP 431.
    pub head_fields: usize,
    /// Origins whose pages may connect besides the server's own: `https://app.example`, or `*` for
    /// every one. Default: none. A page of another origin is refused with HTTP 403; a client that
    /// sends no `Origin` is no browser, and is let in.
    pub origins: Vec<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            message_bytes: 64 * 1024,
            outbound_bytes: 1024 * 1024,
            queue_bytes: 4 * 1024 * 1024,
            queue_messages: 8192,
            waiting_messages: 64,
            waiting_bytes: 256 * 1024,
            concurrent: 16,
            stream_bytes: 64 * 1024,
            rate: 50,
            burst: 100,
            rate_patience: Duration::from_secs(3),
            control_rate: 10,
            control_burst: 20,
            json_depth: 128,
            channels: 128,
            resume_window: Duration::from_secs(120),
            grace: Duration::from_secs(10),
            sessions: 10_000,
            session_bytes: 64 * 1024 * 1024,
            user_sessions: 100,
            kept_answers: 256,
            kept_bytes: 1024 * 1024,
            connections: 10_000,
            versions: 64,
            handler_timeout: Duration::from_secs(30),
            handshake_timeout: Duration::from_secs(10),
            message_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(10),
            refresh_ahead: Duration::from_secs(30),
            ping: Duration::from_secs(25),
            timeout: Duration::from_secs(10),
            spread: Duration::from_secs(2),
            protocol_errors: 10,
            online_members: 100,
            members_page: 100,
            members_page_max: 1000,
            replay_events: 300,
            replay_bytes: 64 * 1024,
            history_page_max: 300,
            history_bytes: 64 * 1024 * 1024,
            history_channels: 100_000,
            history_remember: Duration::from_secs(24 * 60 * 60),
            close_request_timeout: Duration::from_secs(5),
            close_timeout: Duration::from_secs(2),
            drain: Duration::from_secs(30),
            head_timeout: Duration::from_secs(10),
            head_bytes: 32 * 1024,
            head_fields: 64,
            origins: Vec::new(),
        }
    }
}

impl Config {
    /// Whether a client whose connection broke may come back to its session.
    pub(crate) const fn keeps_sessions(&self) -> bool {
        !self.resume_window.is_zero() && self.sessions > 0
    }

    /// The same with no span longer than a century: "never" is written as `Duration::MAX`, and no
    /// clock counts that far.
    pub(crate) fn bounded(mut self) -> Self {
        const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
        for span in [
            &mut self.rate_patience,
            &mut self.resume_window,
            &mut self.grace,
            &mut self.handler_timeout,
            &mut self.handshake_timeout,
            &mut self.message_timeout,
            &mut self.write_timeout,
            &mut self.refresh_ahead,
            &mut self.ping,
            &mut self.timeout,
            &mut self.spread,
            &mut self.history_remember,
            &mut self.close_request_timeout,
            &mut self.close_timeout,
            &mut self.drain,
            &mut self.head_timeout,
        ] {
            *span = (*span).min(CENTURY);
        }
        self
    }
}

#[cfg(feature = "settings")]
impl Config {
    /// The names of its fields, which are the ones that the environment is searched for.
    const NAMES: &[&str] = &[
        "message_bytes",
        "outbound_bytes",
        "queue_bytes",
        "queue_messages",
        "waiting_messages",
        "waiting_bytes",
        "concurrent",
        "stream_bytes",
        "rate",
        "burst",
        "rate_patience",
        "control_rate",
        "control_burst",
        "json_depth",
        "channels",
        "resume_window",
        "grace",
        "sessions",
        "session_bytes",
        "user_sessions",
        "kept_answers",
        "kept_bytes",
        "connections",
        "versions",
        "handler_timeout",
        "handshake_timeout",
        "message_timeout",
        "write_timeout",
        "refresh_ahead",
        "ping",
        "timeout",
        "spread",
        "protocol_errors",
        "online_members",
        "members_page",
        "members_page_max",
        "replay_events",
        "replay_bytes",
        "history_page_max",
        "history_bytes",
        "history_channels",
        "history_remember",
        "close_request_timeout",
        "close_timeout",
        "drain",
        "head_timeout",
        "head_bytes",
        "head_fields",
        "origins",
    ];
}

/// A duration as the wire writes it: whole milliseconds.
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
