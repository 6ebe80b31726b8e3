//! All histories of a process, within one bound.
//!
//! Each address has a lock of its own, under which its events are numbered, fanned out and stored.
//! While it is held no lock of the shelf is taken, only those of the node that is delivered to.

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
use super::MemoryLimits;
use super::stream::Stream;

/// Enough that two cores seldom meet at one lock.
const SHARDS: usize = 64;

/// How often a shard is searched for channels that have been quiet for too long.
const SEARCH: Duration = Duration::from_secs(60);

/// Below that many entries a shard's order of age is never tidied.
const FEW: usize = 64;

pub(super) struct Shelf {
    limits: MemoryLimits,
    /// The offset that follows another.
    next: fn(u64) -> u64,
    hasher: RandomState,
    /// What the epochs of this process begin with.
    epoch: u64,
    shards: Vec<Mutex<Shard>>,
    bytes: AtomicUsize,
    streams: AtomicUsize,
}

type Shared = Arc<Mutex<Stream>>;

struct Shard {
    streams: HashMap<Address, Shared>,
    /// What was kept, the oldest first. What has gone since may still be listed.
    ages: VecDeque<Aged>,
    /// With how many entries it is tidied.
    tidy_at: usize,
    /// How many streams were forgotten: those that are new after that have another epoch.
    forgotten: u64,
    /// When it was last searched for streams to forget.
    searched: Instant,
}

/// A kept event in the order of age.
struct Aged {
    stream: Shared,
    at: u64,
    stored: Instant,
    until: Instant,
}

impl Shelf {
    pub(super) fn new(limits: MemoryLimits, next: fn(u64) -> u64) -> Self {
        let hasher = RandomState::new();
        let shard = || Shard {
            streams: HashMap::new(),
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
            streams: AtomicUsize::new(0),
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes.load(Relaxed)
    }

    pub(super) fn len(&self) -> usize {
        self.streams.load(Relaxed)
    }

    fn number(&self, address: &Address) -> usize {
        self.hasher.hash_one(address) as usize % SHARDS
    }

    /// The epoch of a stream that is new to the shard.
    fn new_epoch(&self, number: usize, shard: &Shard) -> Arc<str> {
        let Self { epoch, .. } = self;
        match shard.forgotten {
            0 => format!("{epoch:x}").into(),
            forgotten => format!("{epoch:x}-{number:x}-{forgotten:x}").into(),
        }
    }

    /// Does something with an address's stream, which is made where there is none.
    fn with<T>(&self, address: &Address, act: impl FnOnce(&Shared, &mut Stream) -> T) -> T {
        let number = self.number(address);
        loop {
            let mut made = false;
            let shared = {
                let mut shard = self.shards[number].lock();
                let epoch = self.new_epoch(number, &shard);
                match shard.streams.entry(address.clone()) {
                    Entry::Occupied(found) => found.get().clone(),
                    Entry::Vacant(room) => {
                        made = true;
                        room.insert(Arc::new(Mutex::new(Stream::new(epoch))))
                            .clone()
                    }
                }
            };
            if made {
                self.streams.fetch_add(1, Relaxed);
                self.forget(number, &shared);
            }
            let mut stream = shared.lock();
            if !stream.gone {
                return act(&shared, &mut stream);
            }
        }
    }

    /// Reads an address's stream, or says where one stands that was never published to.
    fn read<T>(
        &self,
        address: &Address,
        act: impl FnOnce(&mut Stream) -> T,
    ) -> Result<T, Position> {
        let number = self.number(address);
        let shared = {
            let shard = self.shards[number].lock();
            match shard.streams.get(address) {
                Some(shared) => shared.clone(),
                None => {
                    let epoch = self.new_epoch(number, &shard);
                    return Err(Position { epoch, at: 0 });
                }
            }
        };
        let mut stream = shared.lock();
        Ok(act(&mut stream))
    }

    /// Numbers an event, lets `deliver` make its message and fan it out, and stores it.
    pub(super) fn store(
        &self,
        address: &Address,
        keep: HistorySpec,
        deliver: impl FnOnce(Place) -> Message,
    ) -> Position {
        let (aged, position) = self.with(address, |shared, stream| {
            let place = stream.place((self.next)(stream.position().at));
            let message = deliver(place.clone());
            let now = Instant::now();
            let (grown, shrunk) = stream.push(&place, message, keep, now);
            self.bytes.fetch_add(grown, Relaxed);
            self.bytes.fetch_sub(shrunk, Relaxed);
            let aged = Aged {
                stream: shared.clone(),
                at: place.at,
                stored: now,
                until: now + keep.keep,
            };
            (aged, stream.position())
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

    /// Takes what is gone out of the order of age, and what is too old out of the streams.
    fn tidy(&self, shard: &mut Shard, now: Instant) {
        shard.ages.retain(|aged| {
            // One that is just being published to is tidied next time.
            let Some(mut stream) = aged.stream.try_lock() else {
                return true;
            };
            self.bytes.fetch_sub(stream.expire(now), Relaxed);
            stream.holds(aged.at)
        });
        shard.tidy_at = (2 * shard.ages.len()).max(FEW);
    }

    fn evict(&self, aged: &Aged) {
        let bytes = aged.stream.lock().evict(aged.at);
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

    /// Forgets streams that nobody asked for in a long time and, where there are too many, the one
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
                let mut stream = shared.try_lock()?;
                if stream.subscribed || Arc::ptr_eq(shared, made) {
                    return None;
                }
                self.bytes.fetch_sub(stream.expire(now), Relaxed);
                Some((stream.used, address.clone()))
            };
            let mut quiet: Vec<_> = shard.streams.iter().filter_map(if_quiet).collect();
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

    /// Forgets one stream, unless that has changed; with `empty`, only if it holds no event.
    fn take_off(&self, shard: &mut Shard, address: &Address, empty: bool) {
        let Some(shared) = shard.streams.get(address).cloned() else {
            return;
        };
        let Some(mut stream) = shared.try_lock() else {
            return;
        };
        if stream.subscribed || (empty && !stream.is_empty()) {
            return;
        }
        self.bytes.fetch_sub(stream.evict(u64::MAX), Relaxed);
        stream.gone = true;
        shard.streams.remove(address);
        shard.forgotten += 1;
        self.streams.fetch_sub(1, Relaxed);
    }

    /// Remembers the stream for as long as there are connections, and says where it stands.
    pub(super) fn subscribe(&self, address: &Address) -> Position {
        self.with(address, |_, stream| {
            stream.subscribed = true;
            stream.position()
        })
    }

    pub(super) fn unsubscribe(&self, address: &Address) {
        let mut shard = self.shards[self.number(address)].lock();
        let Some(shared) = shard.streams.get(address).cloned() else {
            return;
        };
        let mut stream = shared.lock();
        stream.subscribed = false;
        // Its like is made again when somebody asks.
        if stream.is_blank() {
            stream.gone = true;
            shard.streams.remove(address);
            self.streams.fetch_sub(1, Relaxed);
        }
    }

    pub(super) fn top(&self, address: &Address) -> Position {
        match self.read(address, |stream| stream.position()) {
            Ok(position) | Err(position) => position,
        }
    }

    pub(super) fn missed(&self, address: &Address, keep: HistorySpec, since: u64) -> Missed {
        self.read(address, |stream| {
            self.bytes
                .fetch_sub(stream.trim(keep, Instant::now()), Relaxed);
            Missed {
                position: stream.position(),
                events: stream.missed(since),
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
        self.read(address, |stream| {
            self.bytes
                .fetch_sub(stream.trim(keep, Instant::now()), Relaxed);
            HistoryPage {
                position: stream.position(),
                events: stream.page(range, size),
            }
        })
        .unwrap_or_else(|position| HistoryPage {
            position,
            events: Vec::new(),
        })
    }
}
