//! Counters, and the public view of a running service.
//!
//! The public types are here; [`counters`] has the counters of connections, groups and the hub,
//! [`refused`] counts refusals and closes, [`versions`] counts the versions that clients speak.

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

/// The mode of a connection, which its client chooses at the upgrade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Mode {
    /// The subprotocol `socket.v1`: a handshake, batches, application pings.
    Full,
    /// No subprotocol: commands and events only.
    Plain,
}

/// Messages and bytes in one direction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
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
#[non_exhaustive]
pub struct Statistics {
    /// From clients.
    pub received: Traffic,
    /// To clients.
    pub sent: Traffic,
    /// Writes to sockets: `sent.messages` divided by this tells how well writes are gathered.
    pub writes: u64,
    /// Messages that were sent from history to returning clients.
    pub replayed: u64,
    /// Events of the class `latest` that a newer event replaced before they were sent.
    pub replaced: u64,
    /// Events of the class `volatile` that were dropped because a client was slow.
    pub dropped: u64,
    /// Connections that were closed because their client was too slow.
    pub slow: SlowConsumers,
}

/// Connections that were closed with 4404, by cause.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SlowConsumers {
    /// A message did not fit into [`QueueLimits::bytes`](crate::config::QueueLimits::bytes).
    pub bytes: u64,
    /// A message did not fit into [`QueueLimits::messages`](crate::config::QueueLimits::messages).
    pub messages: u64,
    /// The client took nothing for [`Timeouts::write`](crate::config::Timeouts::write).
    pub stalled: u64,
    /// All connections and waiting sessions held more than
    /// [`QueueLimits::buffered_bytes`](crate::config::QueueLimits::buffered_bytes), and none of them more than this one.
    pub buffered: u64,
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
        self.slow.buffered += other.slow.buffered;
    }
}

/// The service as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Status {
    /// The protocol's name.
    pub protocol: &'static str,
    /// Open connections.
    pub connections: usize,
    /// Sessions whose connection was lost and whose client may still return.
    pub sessions: usize,
    /// Bytes that are held for clients that do not keep up: messages that their sockets do not take,
    /// answers that are kept, commands that wait. Bounded by
    /// [`QueueLimits::buffered_bytes`](crate::config::QueueLimits::buffered_bytes); whoever holds less than 4 KiB is left
    /// out.
    pub buffered: usize,
    /// Channels that have members.
    pub channels: usize,
    /// Users with at least one connection.
    pub users: usize,
    /// When the service was built.
    pub since: Timestamp,
    /// The versions of the protocol that clients name, by fingerprint.
    pub versions: Vec<VersionInfo>,
    /// All traffic since then, including connections that have ended.
    pub statistics: Statistics,
    /// The answers to clients that had missed events.
    pub recoveries: Recoveries,
    /// Refusals since then.
    pub refused: Refused,
    /// Connections that the service has closed since then, by close code. Connections that clients
    /// closed or that were lost are not included.
    pub closes: BTreeMap<u16, u64>,
}

/// The answers to clients that joined a channel, by their kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Recoveries {
    /// The client named no position.
    pub fresh: u64,
    /// The client received every event since its position.
    pub complete: u64,
    /// Some of those events were no longer kept.
    pub gap: u64,
    /// The channel keeps no history.
    pub none: u64,
    /// The client was told of a loss by `:gap` while it was connected.
    pub lost: u64,
}

/// One connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ConnectionInfo {
    /// Its id.
    pub id: ConnectionId,
    /// Its mode.
    pub mode: Mode,
    /// Its user; `None` for an anonymous connection.
    pub user: Option<UserInfo>,
    /// Its remote address, if the HTTP server provides it.
    pub address: Option<SocketAddr>,
    /// When it was opened.
    pub since: Timestamp,
    /// The channels it is in, by name.
    pub channels: Vec<ChannelName>,
    /// Messages that are queued for it.
    pub queue: QueueInfo,
    /// Its traffic.
    pub statistics: Statistics,
}

/// The queue of a connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct QueueInfo {
    /// Messages.
    pub messages: u64,
    /// Bytes.
    pub bytes: u64,
}

/// One channel that has members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ChannelInfo {
    /// The channel's name.
    pub name: ChannelName,
    /// The number of its members.
    pub members: usize,
    /// When the first of its present members came.
    pub since: Timestamp,
    /// Publications to it.
    pub published: Traffic,
    /// Deliveries that the publications caused.
    pub delivered: u64,
}

/// A page of a long list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Page<T> {
    /// The entries.
    pub items: Vec<T>,
    /// The number of entries in all.
    pub count: usize,
    /// The start of the next page: pass it as `after`. `None` on the last page.
    pub next: Option<Cursor>,
}

/// A place in a long list. It remains valid when entries come and go.
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
    /// The `channel` of an event that was published to no channel.
    pub(crate) const fn no_channel(self) -> Option<&'static str> {
        match self {
            Self::Full => None,
            Self::Plain => Some(""),
        }
    }
}
