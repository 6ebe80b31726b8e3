//! A connection as others see it: who it is, what it is in, what is queued for it.
//!
//! A [`Handle`] is one socket's. What outlives the socket where its session goes on with another one is
//! its [`Standing`].

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::task::AtomicWaker;
use parking_lot::Mutex;
use socket_protocol::envelope::{EventHead, OpenMessage};
use socket_protocol::manifest::model::Delivery as Class;
use socket_protocol::system::UserInfo;
use socket_protocol::{ChannelName, ConnectionId, Timestamp};
use tokio::time::Instant;

use super::session::Session;
use crate::broker::Address;
use crate::config::Config;
use crate::frame;
use crate::outbound::{Account, Buffered, Flush, NextWriter, Queue, Shard, WriteHalf};
use crate::stats::counters::TrafficCounter;
use crate::stats::versions::VersionCount;
use crate::stats::{ConnectionInfo, Mode, QueueInfo, Statistics};

#[derive(Debug)]
pub(crate) struct Handle {
    own: Arc<Standing>,
    /// Of the session that went on here, in place of its own.
    resumed: OnceLock<Arc<Standing>>,
    pub(crate) mode: Mode,
    /// Its user, as others see it.
    pub(crate) user: Mutex<Option<Arc<UserInfo>>>,
    pub(crate) address: Option<SocketAddr>,
    pub(crate) since: Timestamp,
    pub(crate) queue: Queue,
    shard: OnceLock<Arc<Shard<Self>>>,
    /// Received traffic.
    pub(crate) received: TrafficCounter,
    /// The channels in which it is behind.
    pub(crate) replays: Replays,
    /// Counts it among those of its client's version.
    pub(crate) version: Mutex<Option<Arc<VersionCount>>>,
}

/// A connection as the others see it, whichever socket it has.
#[derive(Debug)]
pub(crate) struct Standing {
    pub(crate) id: ConnectionId,
    pub(crate) memberships: Mutex<Memberships>,
    pub(crate) session: Session,
    /// The answers that it keeps and the commands that wait in it.
    pub(crate) calls: Account,
}

/// The groups that a connection is in. Locked after the roster of a group, never before.
#[derive(Debug)]
pub(crate) struct Memberships {
    /// True while the connection may enter groups: from its handshake to its end, whatever a join
    /// decision does meanwhile.
    pub(crate) open: bool,
    /// By address, the place in its roster.
    pub(crate) places: HashMap<Address, u64>,
    /// The number of channels that may be among them.
    pub(crate) max_channels: usize,
}

impl Memberships {
    /// Returns whether the address would exceed the limit of channels.
    pub(crate) fn is_full(&self, address: &Address) -> bool {
        let is_channel = |address: &Address| matches!(address, Address::Channel(_));
        is_channel(address)
            && !self.places.contains_key(address)
            && self.places.keys().filter(|at| is_channel(at)).count() >= self.max_channels
    }
}

impl Handle {
    pub(crate) fn new(
        id: ConnectionId,
        mode: Mode,
        user: Option<Arc<UserInfo>>,
        address: Option<SocketAddr>,
        config: &Config,
        buffered: &Arc<Buffered>,
    ) -> Self {
        Self {
            own: Arc::new(Standing {
                id,
                memberships: Mutex::new(Memberships {
                    open: false,
                    places: HashMap::new(),
                    max_channels: config.limits.channels,
                }),
                session: Session::default(),
                calls: Account::new(buffered.clone()),
            }),
            resumed: OnceLock::new(),
            mode,
            user: Mutex::new(user),
            address,
            since: Timestamp::now(),
            queue: Queue::new(config.queue.bytes, config.queue.messages, buffered),
            shard: OnceLock::new(),
            received: TrafficCounter::default(),
            replays: Replays::default(),
            version: Mutex::new(None),
        }
    }

    /// Gives it its socket, and the flusher that writes to it.
    pub(crate) fn attach(&self, half: WriteHalf, shard: Option<Arc<Shard<Self>>>) {
        let flushed = shard.is_some_and(|shard| self.shard.set(shard).is_ok());
        self.queue.attach(half, flushed);
    }

    /// Queues a frame, and has it written soon.
    pub(crate) fn send(self: &Arc<Self>, frame: Bytes) {
        self.send_as(frame, Class::Reliable, None, 1);
    }

    /// The same for an event of a class, what it is the latest of, and how many are sent it.
    pub(crate) fn send_as(
        self: &Arc<Self>,
        frame: Bytes,
        class: Class,
        key: Option<&Arc<str>>,
        receivers: usize,
    ) {
        match self.queue.push(frame, class, key, receivers) {
            NextWriter::Nobody => {}
            NextWriter::Task => self.queue.wake(),
            NextWriter::Flusher => {
                if !self.shard.get().is_some_and(|shard| shard.add(self)) {
                    self.queue.abandon();
                }
            }
        }
    }

    /// Queues one of the protocol's own events, which plain clients do not know.
    pub(super) fn tell(
        self: &Arc<Self>,
        channel: &ChannelName,
        name: &str,
        param: &impl serde::Serialize,
    ) {
        if self.mode == Mode::Plain {
            return;
        }
        let head = EventHead {
            channel: Some(channel.as_str()),
            from: None,
        };
        match OpenMessage::event(name, head, param) {
            Ok(message) => self.send(frame::text(message.close())),
            Err(error) => tracing::error!(%error, name, "the event could not be encoded"),
        }
    }

    /// What it holds that its client does not take, in bytes.
    pub(crate) fn buffered(&self) -> usize {
        self.queue.buffered() + self.standing().calls.bytes()
    }

    /// The connection as the others see it.
    pub(crate) fn standing(&self) -> &Arc<Standing> {
        self.resumed.get().unwrap_or(&self.own)
    }

    /// From now on it is what that session was.
    pub(crate) fn resume(&self, standing: Arc<Standing>) {
        // A socket goes on with one session at most.
        let _ = self.resumed.set(standing);
    }

    pub(crate) fn id(&self) -> ConnectionId {
        self.standing().id
    }

    pub(crate) fn memberships(&self) -> &Mutex<Memberships> {
        &self.standing().memberships
    }

    pub(crate) fn user(&self) -> Option<Arc<UserInfo>> {
        self.user.lock().clone()
    }

    /// The address of what is sent to its user.
    pub(crate) fn user_address(&self) -> Option<Address> {
        let user = self.user()?;
        Some(Address::User(user.id.as_str().into()))
    }

    pub(crate) fn is_member(&self, channel: &ChannelName) -> bool {
        let address = Address::Channel(channel.clone());
        self.memberships().lock().places.contains_key(&address)
    }

    /// The channels it is in, by name.
    pub(crate) fn channels(&self) -> Vec<ChannelName> {
        let mut names: Vec<_> = self
            .memberships()
            .lock()
            .places
            .keys()
            .filter_map(|address| match address {
                Address::Channel(name) => Some(name.clone()),
                Address::User(_) | Address::All => None,
            })
            .collect();
        names.sort_unstable();
        names
    }

    pub(crate) fn info(&self) -> ConnectionInfo {
        let (bytes, messages) = self.queue.len();
        ConnectionInfo {
            id: self.id(),
            mode: self.mode,
            user: self.user().as_deref().cloned(),
            address: self.address,
            since: self.since,
            channels: self.channels(),
            queue: QueueInfo {
                messages: messages as u64,
                bytes: bytes as u64,
            },
            statistics: self.statistics(),
        }
    }

    pub(crate) fn statistics(&self) -> Statistics {
        let sent = self.queue.sent();
        let losses = self.queue.losses();
        Statistics {
            received: self.received.read(),
            sent: sent.traffic,
            writes: sent.writes,
            replayed: losses.replayed,
            replaced: losses.replaced,
            dropped: losses.dropped,
            slow: losses.slow,
        }
    }
}

impl Flush for Handle {
    fn flush(&self, now: Instant) -> bool {
        self.queue.flush(now)
    }

    fn abandon(&self) {
        self.queue.abandon();
    }
}

/// Where a connection is behind, in the order in which it is read for it.
#[derive(Debug, Default)]
pub(crate) struct Replays {
    addresses: Mutex<VecDeque<Address>>,
    waker: AtomicWaker,
}

impl Replays {
    pub(super) fn add(&self, address: Address) {
        self.addresses.lock().push_back(address);
        self.waker.wake();
    }

    pub(super) fn next(&self) -> Option<Address> {
        let mut addresses = self.addresses.lock();
        let address = addresses.pop_front();
        if addresses.is_empty() {
            // A connection that is behind nowhere keeps no room for it.
            *addresses = VecDeque::new();
        }
        address
    }

    /// Ready when there is something to read.
    pub(crate) fn poll_any(&self, cx: &Context<'_>) -> Poll<()> {
        self.waker.register(cx.waker());
        match self.addresses.lock().is_empty() {
            true => Poll::Pending,
            false => Poll::Ready(()),
        }
    }
}
