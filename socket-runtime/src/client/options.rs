//! Every limit and wait of the client.

use std::time::Duration;

/// The limits and waits of a client. The defaults suit a program that talks to one server.
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
    /// Time limit for one attempt to connect: token, TCP, TLS, upgrade, `:connect` and its reply
    /// together. Default: 10 s. An attempt that exceeds it is abandoned, and the next one follows
    /// with backoff.
    pub connect_timeout: Duration,
    /// How long a call waits for its answer, unless the call sets its own time. Default: 10 s. The
    /// call then ends with [`CallError::Timeout`](super::CallError::Timeout), and the server drops
    /// its handler.
    pub call_timeout: Duration,
    /// Messages that may be queued. Default: 1,000. A further one is refused.
    pub queue_messages: usize,
    /// Bytes that may be queued. Default: 1 MiB. A further message is refused.
    pub queue_bytes: usize,
    /// Unread events that one [`Events`](super::Events) holds. Default: 1,024. Further events are
    /// dropped, and the stream reports their number as
    /// [`Incoming::Missed`](super::Incoming::Missed).
    pub event_queue: usize,
    /// Unread items that one streaming call holds. Default: 1,024. A further item cancels the call,
    /// which ends with [`CallError::Unread`](super::CallError::Unread).
    pub item_queue: usize,
    /// The largest message that the server may send, in bytes. Default: 16 MiB. A larger message
    /// ends the connection, and the client comes back with backoff.
    pub message_bytes: usize,
    /// The window for the first attempt after a break, until the server announces its own. Default:
    /// 2 s. The delay is random within it, and the window doubles with each attempt.
    pub spread: Duration,
    /// The longest delay between attempts. Default: 20 s.
    pub max_delay: Duration,
    /// How long a connection must have lasted for the backoff to start over. Default: 5 s.
    pub stable_after: Duration,
    /// The shortest delay after the server closed with 4429, rate limited. Default: 3 s.
    pub rate_limit_delay: Duration,
    /// How long before its token expires the client sends a new one. Default: 30 s, or half of the
    /// token's life if that is shorter.
    pub refresh_ahead: Duration,
    /// The rate at which the queue is sent after a break if the server announces none, in messages
    /// per second. Default: 50.
    pub rate: u64,
    /// The burst that is assumed if the server announces none, in messages. Default: 100. Four
    /// fifths of a burst are sent at once; the rest is kept for messages that the network delivers
    /// in bunches.
    pub burst: u64,
    /// Time limit for writing the last messages and the close when the program ends the client.
    /// Default: 2 s. The socket is then dropped.
    pub close_timeout: Duration,
}

/// How [`Client::send_with`](super::Client::send_with) treats a command while it is queued. By
/// default every command is kept until it is sent.
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
    /// Of the queued messages with the same command, channel and key, only the newest is kept.
    /// Default: no key, all are kept.
    pub key: Option<String>,
    /// How long the command is worth sending. After that it is silently dropped from the queue.
    /// Default: forever.
    pub ttl: Option<Duration>,
    /// Drops the command rather than queueing it, if there is no connection or if messages from
    /// before the connection are still being sent. [`Sent::Dropped`](super::Sent::Dropped) reports
    /// it. Default: false.
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
