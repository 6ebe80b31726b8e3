//! This node's connections, and the groups they are in. The hub knows neither sockets nor the
//! protocol, and holds no lock over an await.

mod catch_up;
mod group;
mod handle;
mod membership;
mod node;
mod pause;
mod relief;
mod replay;
mod roster;
mod session;
mod view;

pub(crate) use handle::Handle;
pub(crate) use session::{Over, Session};

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::Arc;

use parking_lot::Mutex;
use socket_protocol::{ChannelName, ConnectionId};

use crate::broker::{Address, Broker, BrokerError, HistorySpec};
use crate::config::Config;
use crate::outbound::Buffered;
use crate::stats::Statistics;
use crate::stats::counters::RecoveryCounters;
use group::Group;

/// Enough that two cores seldom meet at one lock.
const SHARDS: usize = 64;

pub(crate) struct Hub {
    broker: Arc<dyn Broker>,
    keeps: Keeps,
    hasher: RandomState,
    handles: Vec<Mutex<HashMap<ConnectionId, Arc<Handle>>>>,
    groups: Vec<Mutex<HashMap<Address, Arc<Group>>>>,
    /// The number of members up to which changes of a channel are announced.
    announced_members: usize,
    /// The events replayed to a returning connection, and the bytes queued for it meanwhile.
    replay_events: u64,
    replay_bytes: usize,
    pub(crate) recoveries: RecoveryCounters,
    /// What all hold together.
    buffered: Arc<Buffered>,
    /// The traffic of connections that have ended.
    ended: Mutex<Statistics>,
}

/// Says how much history an address keeps.
pub(crate) type Keeps = Box<dyn Fn(&Address) -> Option<HistorySpec> + Send + Sync>;

/// A connection could not enter a group.
#[derive(Debug)]
pub(crate) enum EnterError {
    /// The connection is not open.
    Closed,
    /// It is in as many channels as it may be in.
    TooMany(usize),
    Broker(BrokerError),
}

impl Hub {
    pub(crate) fn new(broker: Arc<dyn Broker>, config: &Config, keeps: Keeps) -> Self {
        Self {
            broker,
            keeps,
            hasher: RandomState::new(),
            handles: (0..SHARDS).map(|_| Mutex::default()).collect(),
            groups: (0..SHARDS).map(|_| Mutex::default()).collect(),
            announced_members: config.members.online,
            replay_events: config.history.replay_events as u64,
            replay_bytes: config.queue.replay_bytes,
            recoveries: RecoveryCounters::default(),
            buffered: Arc::new(Buffered::new(config.queue.buffered_bytes)),
            ended: Mutex::default(),
        }
    }

    pub(crate) const fn buffered(&self) -> &Arc<Buffered> {
        &self.buffered
    }

    pub(crate) fn broker(&self) -> &dyn Broker {
        &*self.broker
    }

    fn shard<'a, K: Hash, T>(&self, shards: &'a [T], key: &K) -> &'a T {
        &shards[self.hasher.hash_one(key) as usize % SHARDS]
    }

    /// Adds a connection: it can be found by its id, and is in no group yet.
    pub(crate) fn add(&self, handle: &Arc<Handle>) {
        let before = self
            .shard(&self.handles, &handle.id())
            .lock()
            .insert(handle.id(), handle.clone());
        if let Some(before) = before {
            *self.ended.lock() += before.statistics();
        }
    }

    pub(crate) fn handle(&self, id: ConnectionId) -> Option<Arc<Handle>> {
        self.shard(&self.handles, &id).lock().get(&id).cloned()
    }

    /// Every connection, those still shaking hands too.
    pub(crate) fn handles(&self) -> Vec<Arc<Handle>> {
        let of = |shard: &Mutex<HashMap<_, Arc<Handle>>>| {
            shard.lock().values().cloned().collect::<Vec<_>>()
        };
        self.handles.iter().flat_map(of).collect()
    }

    /// Forgets the id under which a connection came, because it goes on under another.
    pub(crate) fn forget(&self, handle: &Handle) {
        self.shard(&self.handles, &handle.id())
            .lock()
            .remove(&handle.id());
    }

    pub(crate) fn find(&self, address: &Address) -> Option<Arc<Group>> {
        self.shard(&self.groups, address)
            .lock()
            .get(address)
            .cloned()
    }

    pub(crate) fn channel(&self, name: &ChannelName) -> Option<Arc<Group>> {
        self.find(&Address::Channel(name.clone()))
    }

    fn find_or_make(&self, address: &Address) -> Arc<Group> {
        if let Some(group) = self.find(address) {
            return group;
        }
        // The definition's own code reads the name, and no lock is held over that.
        let keep = (self.keeps)(address);
        self.shard(&self.groups, address)
            .lock()
            .entry(address.clone())
            .or_insert_with(|| Arc::new(Group::new(address.clone(), keep)))
            .clone()
    }

    /// The history of an address, as the definition declares it.
    pub(crate) fn keeps(&self, address: &Address) -> Option<HistorySpec> {
        match self.find(address) {
            Some(group) => group.keep,
            None => (self.keeps)(address),
        }
    }
}

impl std::fmt::Debug for Hub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hub").finish_non_exhaustive()
    }
}
