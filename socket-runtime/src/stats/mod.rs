//! What can be seen of a running service, and everything that is counted for it.
//!
//! The public shapes stand here; [`counters`] has the counters of connections, groups and the hub,
//! [`refused`] what was turned away and how connections were closed, [`versions`] the versions of
//! the protocol that clients speak.

pub(crate) mod counters;
pub(crate) mod refused;
pub(crate) mod versions;

use std::collections::BTreeMap;
use std::net::SocketAddr;

use serde::Serialize;
use socket_protocol::system::UserInfo;
use socket_protocol::{ChannelName, ConnectionId, Timestamp};

pub use refused::Refused;
pub use versions::VersionInfo;

/// How a connection speaks, chosen by its client at the upgrade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// The subprotocol `socket.v1`: a handshake, batches, application pings.
    Full,
    /// No subprotocol: commands and events only.
    Plain,
}

/// Messages and bytes in one direction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Traffic {
    /// Messages; an array counts once.
    pub messages: u64,
    /// Bytes, with the headers of the frames.
    pub bytes: u64,
}

impl std::ops::AddAssign for Traffic {
    fn add_assign(&mut self, other: Self) {
        self.messages += other.messages;
        self.bytes += other.bytes;
    }
}

/// Traffic both ways.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Statistics {
    /// From clients.
    pub received: Traffic,
    /// To clients.
    pub sent: Traffic,
    /// How often a socket was written to: `sent.messages` over this says how well writes are
    /// gathered.
    pub writes: u64,
    /// How many of the messages were sent from history, to clients that came back.
    pub replayed: u64,
    /// How many events of the class `latest` a newer one has replaced before they were sent.
    pub replaced: u64,
    /// How many events of the class `volatile` were dropped because a client was slow.
    pub dropped: u64,
    /// How many connections were closed because their client was too slow.
    pub slow: SlowConsumers,
}

/// Connections that were closed with 4404, by cause.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct SlowConsumers {
    /// A message did not fit into [`Config::queue_bytes`](crate::Config::queue_bytes).
    pub bytes: u64,
    /// A message did not fit into [`Config::queue_messages`](crate::Config::queue_messages).
    pub messages: u64,
    /// The client took nothing for [`Config::write_timeout`](crate::Config::write_timeout).
    pub stalled: u64,
}

impl std::ops::AddAssign for Statistics {
    fn add_assign(&mut self, other: Self) {
        self.received += other.received;
        self.sent += other.sent;
        self.writes += other.writes;
        self.replayed += other.replayed;
        self.replaced += other.replaced;
        self.dropped += other.dropped;
        self.slow.bytes += other.slow.bytes;
        self.slow.messages += other.slow.messages;
        self.slow.stalled += other.slow.stalled;
    }
}

/// The service as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Status {
    /// The protocol's name.
    pub protocol: &'static str,
    /// Open connections.
    pub connections: usize,
    /// Sessions whose connection broke and that wait for their client.
    pub sessions: usize,
    /// Channels that have members.
    pub channels: usize,
    /// Users with at least one connection.
    pub users: usize,
    /// When the service was built.
    pub since: Timestamp,
    /// The versions of the protocol that clients name, by fingerprint.
    pub versions: Vec<VersionInfo>,
    /// All traffic since then, of connections that have ended too.
    pub statistics: Statistics,
    /// What became of the events that clients had missed.
    pub recoveries: Recoveries,
    /// What was refused since then.
    pub refused: Refused,
    /// How many connections the service has closed since then, by close code; those that clients
    /// closed, and those that broke, are not among them.
    pub closes: BTreeMap<u16, u64>,
}

/// How often a client that joined a channel was told what, and what became of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Recoveries {
    /// It named no position.
    pub fresh: u64,
    /// It gets everything since the position that it named.
    pub complete: u64,
    /// That was no longer possible.
    pub gap: u64,
    /// The channel keeps no history.
    pub none: u64,
    /// It was told by `:gap`, later on, that something was lost.
    pub lost: u64,
}

/// One connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConnectionInfo {
    /// Its id.
    pub id: ConnectionId,
    /// How it speaks.
    pub mode: Mode,
    /// Whose it is.
    pub user: Option<UserInfo>,
    /// Where it comes from, where the server says so.
    pub address: Option<SocketAddr>,
    /// When it was opened.
    pub since: Timestamp,
    /// The channels it is in, by name.
    pub channels: Vec<ChannelName>,
    /// What it has not taken yet.
    pub queue: QueueInfo,
    /// Its traffic.
    pub statistics: Statistics,
}

/// What is queued for a connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct QueueInfo {
    /// Messages.
    pub messages: u64,
    /// Bytes.
    pub bytes: u64,
}

/// One channel that has members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChannelInfo {
    /// Its name.
    pub name: ChannelName,
    /// How many connections are in it.
    pub members: usize,
    /// When the first of its present members came.
    pub since: Timestamp,
    /// What was published to it.
    pub published: Traffic,
    /// How many messages that made for its members.
    pub delivered: u64,
}

/// Part of a long list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page<T> {
    /// This part.
    pub items: Vec<T>,
    /// How many there are in all.
    pub count: usize,
    /// Where the next part begins: pass it as `after`. `None`: this was the last.
    pub next: Option<Cursor>,
}

/// A place in a long list. It stays good when entries come and go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Cursor(pub(crate) u64);

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for Cursor {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl Mode {
    /// What an event says that was published to no channel.
    pub(crate) const fn no_channel(self) -> Option<&'static str> {
        match self {
            Self::Full => None,
            Self::Plain => Some(""),
        }
    }
}
