//! All histories of a process, within one limit.
//!
//! Each address has a lock of its own, under which its events are numbered, fanned out and stored.
//! While it is held no lock of all histories is taken, only those of the node that is delivered to.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

use super::super::{
    Address, HistoryPage, HistorySpec, Message, Missed, PageSize, Place, Position, Range,
};
use super::history::History;

/// Enough that two cores seldom meet at one lock.
const SHARDS: usize = 64;

/// The interval at which a shard is searched for channels that have been quiet for too long.
const SEARCH: Duration = Duration::from_secs(60);

/// Below that many entries a shard's order of age is never tidied.
const FEW: usize = 64;

/// The limits of a [`MemoryBroker`](super::MemoryBroker).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct MemoryLimits {
    /// Bytes that all histories together may hold. Default: 64 MiB. Beyond it the oldest events are
    /// dropped, whichever channel they belong to; a client that still needs one is told of a gap.
    pub bytes: usize,
    /// Channels whose position it remembers. Default: 100,000, in addition to those that have
    /// members. Beyond it the channel that was quiet for the longest time is forgotten, with its
    /// history: its next event starts a new epoch.
    pub channels: usize,
    /// How long it remembers the position of a channel after its last kept event is gone. Default:
    /// 24 h. The channel is then forgotten in the same way.
    pub remember: Duration,
}

impl Default for MemoryLimits {
    fn default() -> Self {
        Self {
            bytes: 64 * 1024 * 1024,
            channels: 100_000,
            remember: Duration::from_secs(24 * 60 * 60),
        }
    }
}

pub(super) struct Histories {
    limits: MemoryLimits,
    /// The offset that follows another.
    next: fn(u64) -> u64,
    hasher: RandomState,
    /// The prefix of this process's epochs.
    epoch: u64,
    shards: Vec<Mutex<Shard>>,
    bytes: AtomicUsize,
    count: AtomicUsize,
}

type Shared = Arc<Mutex<History>>;

struct Shard {
    histories: HashMap<Address, Shared>,
    /// The kept events, oldest first. Events that are gone may still be listed.
    ages: VecDeque<Aged>,
    /// The number of entries at which it is tidied.
    tidy_at: usize,
    /// The number of forgotten histories; histories that are new after that have another epoch.
    forgotten: u64,
    /// When it was last searched for histories to forget.
    searched: Instant,
}

/// A kept event in the order of age.
struct Aged {
    history: Shared,
    at: u64,
    stored: Instant,
    until: Instant,
}

impl Histories {
    pub(super) fn new(limits: MemoryLimits, next: fn(u64) -> u64) -> Self {
        let hasher = RandomState::new();
        let shard = || Shard {
            histories: HashMap::new(),
            ages: VecDeque::new(),
            tidy_at: FEW,
            forgotten: 0,
            searched: Instant::now(),
        };
        Self {
            limits,
            next,
            // Another one in each process, as the keys of maps are.
            epoch: hasher.hash_one("epoch"),
            shards: (0..SHARDS).map(|_| Mutex::new(shard())).collect(),
            hasher,
            bytes: AtomicUsize::new(0),
            count: AtomicUsize::new(0),
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes.load(Relaxed)
    }

    pub(super) fn len(&self) -> usize {
        self.count.load(Relaxed)
    }

    fn number(&self, address: &Address) -> usize {
        self.hasher.hash_one(address) as usize % SHARDS
    }

    /// The epoch of a history that is new to the shard.
    fn new_epoch(&self, number: usize, shard: &Shard) -> Arc<str> {
        let Self { epoch, .. } = self;
        match shard.forgotten {
            0 => format!("{epoch:x}").into(),
            forgotten => format!("{epoch:x}-{number:x}-{forgotten:x}").into(),
        }
    }

    /// Runs `act` on an address's history, which is created if needed.
    fn with<T>(&self, address: &Address, act: impl FnOnce(&Shared, &mut History) -> T) -> T {
        let number = self.number(address);
        loop {
            let mut made = false;
            let shared = {
                let mut shard = self.shards[number].lock();
                let epoch = self.new_epoch(number, &shard);
                match shard.histories.entry(address.clone()) {
                    Entry::Occupied(found) => found.get().clone(),
                    Entry::Vacant(room) => {
                        made = true;
                        room.insert(Arc::new(Mutex::new(History::new(epoch))))
                            .clone()
                    }
                }
            };
            if made {
                self.count.fetch_add(1, Relaxed);
                self.forget(number, &shared);
            }
            let mut history = shared.lock();
            if !history.gone {
                return act(&shared, &mut history);
            }
        }
    }

    /// Reads an address's history, or says where one stands that was never published to.
    fn read<T>(
        &self,
        address: &Address,
        act: impl FnOnce(&mut History) -> T,
    ) -> Result<T, Position> {
        let number = self.number(address);
        let shared = {
            let shard = self.shards[number].lock();
            match shard.histories.get(address) {
                Some(shared) => shared.clone(),
                None => {
                    let epoch = self.new_epoch(number, &shard);
                    return Err(Position { epoch, at: 0 });
                }
            }
        };
        let mut history = shared.lock();
        Ok(act(&mut history))
    }

    /// Numbers an event, lets `deliver` make its message and fan it out, and stores it.
    pub(super) fn store(
        &self,
        address: &Address,
        keep: HistorySpec,
        deliver: impl FnOnce(Place) -> Message,
    ) -> Position {
        let (aged, position) = self.with(address, |shared, history| {
            let place = history.place((self.next)(history.position().at));
            let message = deliver(place.clone());
            let now = Instant::now();
            let (grown, shrunk) = history.push(&place, message, keep, now);
            self.bytes.fetch_add(grown, Relaxed);
            self.bytes.fetch_sub(shrunk, Relaxed);
            let aged = Aged {
                history: shared.clone(),
                at: place.at,
                stored: now,
                until: now + keep.keep,
            };
            (aged, history.position())
        });
        let now = aged.stored;
        let mut old = Vec::new();
        {
            let mut shard = self.shards[self.number(address)].lock();
            shard.ages.push_back(aged);
            while let Some(first) = shard.ages.pop_front_if(|first| first.until <= now) {
                old.push(first);
            }
            if shard.ages.len() > shard.tidy_at {
                self.tidy(&mut shard, now);
            }
        }
        for aged in &old {
            self.evict(aged);
        }
        while self.bytes() > self.limits.bytes
            && let Some(aged) = self.pop_oldest()
        {
            self.evict(&aged);
        }
        position
    }

    /// Takes what is gone out of the order of age, and what is too old out of the histories.
    fn tidy(&self, shard: &mut Shard, now: Instant) {
        shard.ages.retain(|aged| {
            // One that is just being published to is tidied next time.
            let Some(mut history) = aged.history.try_lock() else {
                return true;
            };
            self.bytes.fetch_sub(history.expire(now), Relaxed);
            history.holds(aged.at)
        });
        shard.tidy_at = (2 * shard.ages.len()).max(FEW);
    }

    fn evict(&self, aged: &Aged) {
        let bytes = aged.history.lock().evict(aged.at);
        self.bytes.fetch_sub(bytes, Relaxed);
    }

    /// The oldest of all events.
    fn pop_oldest(&self) -> Option<Aged> {
        let oldest = |shard: &Mutex<Shard>| Some(shard.lock().ages.front()?.stored);
        let shards = self.shards.iter();
        let (_, shard) = shards
            .filter_map(|shard| Some((oldest(shard)?, shard)))
            .min_by_key(|(stored, _)| *stored)?;
        shard.lock().ages.pop_front()
    }

    /// Forgets histories that nobody asked for in a long time and, where there are too many, the one
    /// that was quiet for the longest time.
    fn forget(&self, number: usize, made: &Shared) {
        let now = Instant::now();
        for number in (number..SHARDS).chain(0..number) {
            let too_many = self.len() > self.limits.channels;
            let mut shard = self.shards[number].lock();
            if !too_many && now < shard.searched + SEARCH {
                return;
            }
            shard.searched = now;
            let if_quiet = |(address, shared): (&Address, &Shared)| {
                // One that is just being published to is not quiet.
                let mut history = shared.try_lock()?;
                if history.subscribed || Arc::ptr_eq(shared, made) {
                    return None;
                }
                self.bytes.fetch_sub(history.expire(now), Relaxed);
                Some((history.used, address.clone()))
            };
            let mut quiet: Vec<_> = shard.histories.iter().filter_map(if_quiet).collect();
            quiet.sort_unstable_by_key(|(used, _)| *used);
            for (used, address) in quiet {
                let too_old = used + self.limits.remember <= now;
                if too_old || self.len() > self.limits.channels {
                    self.take_off(&mut shard, &address, too_old);
                } else {
                    break;
                }
            }
            if self.len() <= self.limits.channels {
                return;
            }
        }
    }

    /// Forgets one history, unless that has changed; with `empty`, only if it holds no event.
    fn take_off(&self, shard: &mut Shard, address: &Address, empty: bool) {
        let Some(shared) = shard.histories.get(address).cloned() else {
            return;
        };
        let Some(mut history) = shared.try_lock() else {
            return;
        };
        if history.subscribed || (empty && !history.is_empty()) {
            return;
        }
        self.bytes.fetch_sub(history.evict(u64::MAX), Relaxed);
        history.gone = true;
        shard.histories.remove(address);
        shard.forgotten += 1;
        self.count.fetch_sub(1, Relaxed);
    }

    /// Remembers the history for as long as there are connections, and says where it stands.
    pub(super) fn subscribe(&self, address: &Address) -> Position {
        self.with(address, |_, history| {
            history.subscribed = true;
            history.position()
        })
    }

    pub(super) fn unsubscribe(&self, address: &Address) {
        let mut shard = self.shards[self.number(address)].lock();
        let Some(shared) = shard.histories.get(address).cloned() else {
            return;
        };
        let mut history = shared.lock();
        history.subscribed = false;
        // Its like is made again when somebody asks.
        if history.is_blank() {
            history.gone = true;
            shard.histories.remove(address);
            self.count.fetch_sub(1, Relaxed);
        }
    }

    pub(super) fn top(&self, address: &Address) -> Position {
        match self.read(address, |history| history.position()) {
            Ok(position) | Err(position) => position,
        }
    }

    pub(super) fn missed(&self, address: &Address, keep: HistorySpec, since: u64) -> Missed {
        self.read(address, |history| {
            self.bytes
                .fetch_sub(history.trim(keep, Instant::now()), Relaxed);
            Missed {
                position: history.position(),
                events: history.missed(since),
            }
        })
        .unwrap_or_else(|position| Missed {
            position,
            events: (since == 0).then_some(0),
        })
    }

    pub(super) fn history(
        &self,
        address: &Address,
        keep: HistorySpec,
        range: Range,
        size: PageSize,
    ) -> HistoryPage {
        self.read(address, |history| {
            self.bytes
                .fetch_sub(history.trim(keep, Instant::now()), Relaxed);
            HistoryPage {
                position: history.position(),
                events: history.page(range, size),
            }
        })
        .unwrap_or_else(|position| HistoryPage {
            position,
            events: Vec::new(),
        })
    }
}
