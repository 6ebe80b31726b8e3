//! Counters of connections, groups and the hub.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use socket_protocol::system::Recovery;
use tokio::time::Instant;

use super::{Recoveries, SlowConsumers, Traffic};

/// A number that only grows. Counting never contends with other cores.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn one(&self) {
        self.add(1);
    }

    pub(crate) fn add(&self, n: usize) {
        self.0.fetch_add(n as u64, Relaxed);
    }

    /// Adds another counter's values.
    pub(crate) fn add_all(&self, other: &Self) {
        self.0.fetch_add(other.read(), Relaxed);
    }

    pub(crate) fn read(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// Messages and bytes in one direction, counted.
#[derive(Debug, Default)]
pub(crate) struct TrafficCounter {
    pub(crate) messages: Counter,
    pub(crate) bytes: Counter,
}

impl TrafficCounter {
    pub(crate) fn read(&self) -> Traffic {
        Traffic {
            messages: self.messages.read(),
            bytes: self.bytes.read(),
        }
    }
}

/// Publications to one group, and the deliveries that they caused.
#[derive(Debug, Default)]
pub(crate) struct GroupCounters {
    pub(crate) published: TrafficCounter,
    pub(crate) delivered: Counter,
}

/// Counts recoveries by their kind.
#[derive(Debug, Default)]
pub(crate) struct RecoveryCounters {
    fresh: Counter,
    complete: Counter,
    gap: Counter,
    none: Counter,
    pub(crate) lost: Counter,
}

impl RecoveryCounters {
    pub(crate) fn count(&self, recovery: Recovery) {
        let counter = match recovery {
            Recovery::Fresh => &self.fresh,
            Recovery::Complete => &self.complete,
            Recovery::Gap => &self.gap,
            Recovery::None => &self.none,
        };
        counter.one();
    }

    pub(crate) fn read(&self) -> Recoveries {
        Recoveries {
            fresh: self.fresh.read(),
            complete: self.complete.read(),
            gap: self.gap.read(),
            none: self.none.read(),
            lost: self.lost.read(),
        }
    }
}

/// Refusals since the service was built, by kind.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Losses {
    pub(crate) replaced: u64,
    pub(crate) dropped: u64,
    pub(crate) replayed: u64,
    pub(crate) slow: SlowConsumers,
}

/// Messages sent to one connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sent {
    pub(crate) traffic: Traffic,
    pub(crate) writes: u64,
    /// When a message was last sent.
    pub(crate) at: Instant,
}

impl Default for Sent {
    fn default() -> Self {
        Self {
            traffic: Traffic::default(),
            writes: 0,
            at: Instant::now(),
        }
    }
}
