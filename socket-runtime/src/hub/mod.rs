//! What this node holds: connections, and the groups they are in. It knows no sockets and no
//! protocol; no lock of it is held over an await.

mod group;
mod history;
mod node;
mod replay;
mod view;

pub(crate) use group::{Entered, Group, Roster};
pub(crate) use replay::Replays;

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::Arc;

use parking_lot::Mutex;
use socket_protocol::system::{self, UserInfo};
use socket_protocol::{ChannelName, ConnectionId};
use tokio::runtime::Handle;

use crate::broker::{Address, Broker, BrokerError, HistorySpec};
use crate::config::Config;
use crate::connection::Peer;
use crate::stats::Statistics;
use crate::stats::counters::RecoveryCounters;
use group::{Entry, Limits, Subscribed};
use history::{Since, tell_gap};

/// Enough that two cores seldom meet at one lock.
const SHARDS: usize = 64;

pub(crate) struct Hub {
    broker: Arc<dyn Broker>,
    keeps: Keeps,
    hasher: RandomState,
    peers: Vec<Mutex<HashMap<ConnectionId, Arc<Peer>>>>,
    groups: Vec<Mutex<HashMap<Address, Arc<Group>>>>,
    /// Up to how many members changes of a channel are announced.
    announced_members: usize,
    /// How many events are replayed to one that comes back, and how many bytes are queued for it
    /// meanwhile.
    replay_events: u64,
    replay_bytes: usize,
    pub(crate) recoveries: RecoveryCounters,
    /// The traffic of connections that have ended.
    ended: Mutex<Statistics>,
}

/// Says how much history an address keeps.
pub(crate) type Keeps = Box<dyn Fn(&Address) -> Option<HistorySpec> + Send + Sync>;

/// Why a connection could not enter a group.
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
            peers: (0..SHARDS).map(|_| Mutex::default()).collect(),
            groups: (0..SHARDS).map(|_| Mutex::default()).collect(),
            announced_members: config.online_members,
            replay_events: config.replay_events as u64,
            replay_bytes: config.replay_bytes,
            recoveries: RecoveryCounters::default(),
            ended: Mutex::default(),
        }
    }

    pub(crate) fn broker(&self) -> &dyn Broker {
        &*self.broker
    }

    fn shard<'a, K: Hash, T>(&self, shards: &'a [T], key: &K) -> &'a T {
        &shards[self.hasher.hash_one(key) as usize % SHARDS]
    }

    /// Adds a connection: it can be found by its id, and is in no group yet.
    pub(crate) fn add(&self, peer: &Arc<Peer>) {
        let before = self
            .shard(&self.peers, &peer.id())
            .lock()
            .insert(peer.id(), peer.clone());
        if let Some(before) = before {
            *self.ended.lock() += before.statistics();
        }
    }

    pub(crate) fn peer(&self, id: ConnectionId) -> Option<Arc<Peer>> {
        self.shard(&self.peers, &id).lock().get(&id).cloned()
    }

    /// Every connection, those still shaking hands too.
    pub(crate) fn peers(&self) -> Vec<Arc<Peer>> {
        let of = |shard: &Mutex<HashMap<_, Arc<Peer>>>| {
            shard.lock().values().cloned().collect::<Vec<_>>()
        };
        self.peers.iter().flat_map(of).collect()
    }

    /// Takes a connection out of everything it is in, and forgets it.
    pub(crate) async fn remove(&self, peer: &Arc<Peer>) {
        let places: Vec<Address> = {
            let mut memberships = peer.memberships().lock();
            memberships.open = false;
            memberships.places.keys().cloned().collect()
        };
        for address in &places {
            self.leave(peer, address, || {}).await;
        }
        if self
            .shard(&self.peers, &peer.id())
            .lock()
            .remove(&peer.id())
            .is_some()
        {
            *self.ended.lock() += peer.statistics();
        }
    }

    /// Forgets the id under which a connection came, because it goes on under another.
    pub(crate) fn forget(&self, peer: &Peer) {
        self.shard(&self.peers, &peer.id())
            .lock()
            .remove(&peer.id());
    }

    /// Takes a connection out of what every connection of its user is in, and out of what all are in.
    pub(crate) async fn leave_shared(&self, peer: &Peer) {
        let places: Vec<Address> = peer.memberships().lock().places.keys().cloned().collect();
        for address in &places {
            if !matches!(address, Address::Channel(_)) {
                self.leave(peer, address, || {}).await;
            }
        }
    }

    /// Takes a connection out of all of its channels.
    pub(crate) async fn leave_channels(&self, peer: &Peer) {
        for channel in peer.channels() {
            self.leave(peer, &Address::Channel(channel), || {}).await;
        }
    }

    /// Makes the connection a member; `entered` is called in the very step. Returns whether it was
    /// none before.
    pub(crate) async fn enter(
        self: &Arc<Self>,
        peer: &Arc<Peer>,
        address: &Address,
        since: Option<system::Position>,
        mut entered: impl FnMut(&Roster, &Entered) + Send,
    ) -> Result<bool, EnterError> {
        {
            // Before the group is made and the broker asked for it.
            let memberships = peer.memberships().lock();
            if memberships.is_full(address) {
                return Err(EnterError::TooMany(memberships.max_channels));
            }
        }
        let since = self.ask(address, since).await?;
        let since = since.as_ref();
        let limits = self.limits(address);
        let mut entered = |roster: &Roster, how: &Entered| {
            if matches!(address, Address::Channel(_)) {
                self.recoveries.count(how.recovered.recovery);
            }
            entered(roster, how);
        };
        loop {
            let group = self.find_or_make(address);
            let entry = match group.enter(peer, false, since, limits, &mut entered) {
                Entry::Empty => {
                    let entered = &mut entered;
                    self.enter_first(peer, &group, since, entered).await?
                }
                entry => entry,
            };
            match entry {
                Entry::Member(changed) => {
                    if changed {
                        self.announce(&group).await;
                    }
                    return Ok(changed);
                }
                Entry::Closed => {
                    self.vacate(&group).await;
                    return Err(EnterError::Closed);
                }
                Entry::Full(limit) => {
                    self.vacate(&group).await;
                    return Err(EnterError::TooMany(limit));
                }
                Entry::Gone | Entry::Empty => {}
            }
        }
    }

    /// The same for a group that the broker may not deliver to yet.
    async fn enter_first(
        self: &Arc<Self>,
        peer: &Arc<Peer>,
        group: &Arc<Group>,
        since: Option<&Since>,
        entered: &mut (dyn FnMut(&Roster, &Entered) + Send),
    ) -> Result<Entry, EnterError> {
        // The caller may be dropped while the broker is asked.
        let abandoned = Abandoned::new(self, group);
        let mut subscribed = group.subscribed.lock().await;
        if *subscribed != Subscribed::Yes && !group.roster.lock().gone {
            *subscribed = Subscribed::Perhaps;
            match self.broker.subscribe(&group.address, group.keep).await {
                Ok(position) => group.roster.lock().stand_at(position),
                Err(error) => {
                    drop(subscribed);
                    self.vacate(group).await;
                    abandoned.disarm();
                    return Err(EnterError::Broker(error));
                }
            }
            *subscribed = Subscribed::Yes;
        }
        let entry = group.enter(peer, true, since, self.limits(&group.address), entered);
        abandoned.disarm();
        Ok(entry)
    }

    /// Ends a membership; `left` is called in the very step. `false`: there was none.
    pub(crate) async fn leave(
        &self,
        peer: &Peer,
        address: &Address,
        mut left: impl FnMut() + Send,
    ) -> bool {
        while let Some(group) = self.find(address) {
            match group.exit(peer, self.announces(address), &mut left) {
                Some(true) => {
                    self.announce(&group).await;
                    self.vacate(&group).await;
                    return true;
                }
                Some(false) => return false,
                None => {}
            }
        }
        false
    }

    /// Makes the connection another user's: it gets what is sent to that one, and is counted for it
    /// wherever it is a member.
    pub(crate) async fn rekey(
        self: &Arc<Self>,
        peer: &Arc<Peer>,
        user: Option<Arc<UserInfo>>,
    ) -> Result<(), EnterError> {
        let address = |user: &UserInfo| Address::User(user.id.as_str().into());
        let old = peer.user().as_deref().map(address);
        let new = user.as_deref().map(address);
        if old != new
            && let Some(new) = &new
        {
            self.enter(peer, new, None, |_, entered| {
                // Another user's history begins for it.
                if let Some(position) = &entered.recovered.position {
                    tell_gap(peer, new, position);
                }
            })
            .await?;
        }
        *peer.user.lock() = user;
        if old != new
            && let Some(old) = &old
        {
            self.leave(peer, old, || {}).await;
        }
        let places: Vec<Address> = peer.memberships().lock().places.keys().cloned().collect();
        for address in &places {
            if let Some(group) = self.find(address) {
                group.rekey(peer, self.announces(address));
                self.announce(&group).await;
            }
        }
        Ok(())
    }

    fn limits(&self, address: &Address) -> Limits {
        Limits {
            announced_members: self.announces(address),
            replay_events: self.replay_events,
        }
    }

    fn announces(&self, address: &Address) -> Option<usize> {
        matches!(address, Address::Channel(_)).then_some(self.announced_members)
    }

    /// Drops a group that nobody is in.
    async fn vacate(&self, group: &Arc<Group>) {
        if group.roster.lock().len() > 0 {
            return;
        }
        let mut subscribed = group.subscribed.lock().await;
        {
            let roster = group.roster.lock();
            if roster.len() > 0 || roster.gone {
                return;
            }
        }
        // Nobody can have come since: the first one to come waits for `subscribed`.
        if *subscribed != Subscribed::No {
            if let Err(error) = self.broker.unsubscribe(&group.address).await {
                tracing::warn!(%error, address = %group.address, "still subscribed");
            }
            *subscribed = Subscribed::No;
        }
        group.roster.lock().gone = true;
        self.shard(&self.groups, &group.address)
            .lock()
            .remove(&group.address);
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

    /// How much history an address keeps.
    pub(crate) fn keeps(&self, address: &Address) -> Option<HistorySpec> {
        match self.find(address) {
            Some(group) => group.keep,
            None => (self.keeps)(address),
        }
    }
}

/// Vacates a group if whoever was to be the first in it is dropped on the way.
struct Abandoned {
    hub: Arc<Hub>,
    group: Option<Arc<Group>>,
}

impl Abandoned {
    fn new(hub: &Arc<Hub>, group: &Arc<Group>) -> Self {
        Self {
            hub: hub.clone(),
            group: Some(group.clone()),
        }
    }

    fn disarm(mut self) {
        self.group = None;
    }
}

impl Drop for Abandoned {
    fn drop(&mut self) {
        // Without a runtime the process is ending, and the group with it.
        if let (Some(group), Ok(runtime)) = (self.group.take(), Handle::try_current()) {
            let hub = self.hub.clone();
            runtime.spawn(async move { hub.vacate(&group).await });
        }
    }
}

impl std::fmt::Debug for Hub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hub").finish_non_exhaustive()
    }
}
