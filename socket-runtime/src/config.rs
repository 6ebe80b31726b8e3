//! Every limit in one place: its meaning, unit, default, and what happens at the limit.

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
#[derive(Debug, Clone)]
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
    /// How long a handler, a join decision or a hook may take. Default: 30 s. Then its future is
    /// dropped and the call answered by `timeout`; the connection stays.
    pub handler_timeout: Duration,
    /// How long a client in full mode may take to its `:connect`. Default: 10 s. Then close 4408.
    pub handshake_timeout: Duration,
    /// After how much silence in either direction the server asks for a sign of life. Default: 25 s.
    pub ping: Duration,
    /// How long after `ping` it waits for one. Default: 10 s. Then close 4402.
    pub timeout: Duration,
    /// Over how long a time clients spread their first reconnect. Default: 2 s.
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
    /// How long a client that was asked to close (`close_request`) may take. Default: 5 s. Then close
    /// 4503.
    pub close_request_timeout: Duration,
    /// How long the server waits for a client to take its last messages and answer a close.
    /// Default: 2 s. Then the socket is dropped.
    pub close_timeout: Duration,
    /// How long [`Service::shutdown`](crate::Service::shutdown) gives clients to go elsewhere.
    /// Default: 30 s. Then the connections that are left are closed with 1001.
    pub drain: Duration,
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
            handler_timeout: Duration::from_secs(30),
            handshake_timeout: Duration::from_secs(10),
            ping: Duration::from_secs(25),
            timeout: Duration::from_secs(10),
            spread: Duration::from_secs(2),
            protocol_errors: 10,
            online_members: 100,
            members_page: 100,
            members_page_max: 1000,
            close_request_timeout: Duration::from_secs(5),
            close_timeout: Duration::from_secs(2),
            drain: Duration::from_secs(30),
            origins: Vec::new(),
        }
    }
}

/// A duration as the wire writes it: whole milliseconds.
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
