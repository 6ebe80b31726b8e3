//! Every limit of the client in one place.

use std::time::Duration;

/// What a client holds and how long it waits. The defaults suit a program that talks to one server.
///
/// ```
/// use std::time::Duration;
/// use socket_runtime::client::Options;
///
/// let options = Options { call_timeout: Duration::from_secs(3), ..Options::default() };
/// assert_eq!(options.queue_messages, 1_000);
/// ```
#[derive(Debug, Clone)]
pub struct Options {
    /// How long one attempt to connect may take: token, TCP, TLS, upgrade, `:connect` and its reply
    /// together. Default: 10 s. Then the attempt is given up, and the next one comes with backoff.
    pub connect_timeout: Duration,
    /// How long a call waits for its answer where it does not say. Default: 10 s. Then it ends with
    /// [`CallError::Timeout`](super::CallError::Timeout), and the server drops its handler.
    pub call_timeout: Duration,
    /// How many messages may wait to be sent. Default: 1,000. The next one is refused.
    pub queue_messages: usize,
    /// The same, in bytes. Default: 1 MiB.
    pub queue_bytes: usize,
    /// How many events may wait in one [`Events`](super::Events) that is not read. Default: 1,024.
    /// Further ones are dropped and counted: the stream says so by
    /// [`Incoming::Missed`](super::Incoming::Missed).
    pub event_queue: usize,
    /// How many items of one streaming call may wait to be read. Default: 1,024. With one more the
    /// call is cancelled and ends with [`CallError::Unread`](super::CallError::Unread).
    pub item_queue: usize,
    /// The largest message that the server may send, in bytes. Default: 16 MiB. A larger one ends
    /// the connection, and the client comes back with backoff.
    pub message_bytes: usize,
    /// Over how long a time the first attempt after a break is spread, until the server announces
    /// its own value. Default: 2 s. The delay is anywhere below it, and the bound doubles with each
    /// attempt.
    pub spread: Duration,
    /// What no delay between attempts exceeds. Default: 20 s.
    pub max_delay: Duration,
    /// How long a connection must have lasted for the next delay to be a first one again.
    /// Default: 5 s.
    pub stable_after: Duration,
    /// How long the client stays away at least when the server closed for too many messages (4429).
    /// Default: 3 s.
    pub rate_limit_delay: Duration,
    /// How long before its token runs out the client brings a new one. Default: 30 s; half of the
    /// token's life where that is later.
    pub refresh_ahead: Duration,
    /// How fast the queue is sent after a break where the server announces no rate, in messages per
    /// second. Default: 50.
    pub rate: u64,
    /// The burst that is assumed where the server announces none, in messages. Default: 100. Four
    /// fifths of a burst go at once; the rest is for what the network bunches on its way.
    pub burst: u64,
    /// How long the last messages and the close may take to be written when the program ends the
    /// client. Default: 2 s. Then the socket is dropped.
    pub close_timeout: Duration,
}

/// What a command that waits for no answer is worth, for [`Client::send_with`](super::Client::send_with).
/// The default keeps every one until it is sent.
///
/// ```
/// # use socket_runtime::client::{Client, SendError, SendOptions};
/// # use socket_runtime::prelude::*;
/// # use std::time::Duration;
/// # #[derive(Debug, Events)] pub enum PadEvent { Moved { x: f64 } }
/// # #[derive(Channels)] pub enum PadChannel { #[channel("pad")] Pad }
/// # #[derive(Protocol)]
/// # #[protocol(name = "pad", commands = PadCommand, events = PadEvent, channels = PadChannel)]
/// # pub struct Pad;
/// #[derive(Commands)]
/// pub enum PadCommand {
///     Move { x: f64 },
/// }
///
/// # fn run(client: &Client<Pad>) -> Result<(), SendError> {
/// // Without a connection only the newest place waits, and no longer than a second.
/// let newest = SendOptions {
///     key: Some("me".to_owned()),
///     ttl: Some(Duration::from_secs(1)),
///     ..SendOptions::default()
/// };
/// client.send_with(pad_command::Move { x: 0.5 }, &newest)?;
/// # Ok(())
/// # }
/// # fn main() {}
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SendOptions {
    /// Of what waits of this command, channel and key only the newest is kept. Default: none, all
    /// are kept.
    pub key: Option<String>,
    /// How long it is worth sending. Default: none, for ever. Then it is dropped from the queue, in
    /// silence.
    pub ttl: Option<Duration>,
    /// Whether it is dropped rather than queued: where there is no connection, or what gathered
    /// without one still goes out before it. Default: no. [`Sent::Dropped`](super::Sent::Dropped)
    /// says so.
    pub volatile: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            call_timeout: Duration::from_secs(10),
            queue_messages: 1_000,
            queue_bytes: 1024 * 1024,
            event_queue: 1_024,
            item_queue: 1_024,
            message_bytes: 16 * 1024 * 1024,
            spread: Duration::from_secs(2),
            max_delay: Duration::from_secs(20),
            stable_after: Duration::from_secs(5),
            rate_limit_delay: Duration::from_secs(3),
            refresh_ahead: Duration::from_secs(30),
            rate: 50,
            burst: 100,
            close_timeout: Duration::from_secs(2),
        }
    }
}
