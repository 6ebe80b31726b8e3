//! Counts the versions of the protocol that clients speak.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use serde::Serialize;

use super::counters::Counter;

/// The clients of one version of the protocol.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct VersionInfo {
    /// The fingerprint; `None` sums up the versions beyond
    /// [`Limits::versions`](crate::config::Limits::versions).
    pub fingerprint: Option<String>,
    /// Open connections.
    pub connections: usize,
    /// Connections that were accepted since the service was built.
    pub accepted: u64,
    /// Connections that were refused since then.
    pub refused: u64,
}

/// The longest fingerprint that is kept, in bytes; longer ones are counted together.
const LONGEST: usize = 64;

/// The versions of clients, counted by fingerprint up to a limit. Locked once per handshake.
#[derive(Debug)]
pub(crate) struct VersionCounts {
    most: usize,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    named: BTreeMap<Box<str>, Named>,
    others: Arc<VersionCount>,
    clock: u64,
}

#[derive(Debug, Default)]
struct Named {
    count: Arc<VersionCount>,
    /// When one came last, by `Seen::clock`.
    last: u64,
}

/// The count of one version. A connection holds it while it is open, so that the holders are the
/// connections.
#[derive(Debug, Default)]
pub(crate) struct VersionCount {
    accepted: Counter,
    refused: Counter,
}

impl VersionCount {
    /// Counts a client of this version, by whether it was accepted.
    pub(crate) fn came(&self, accepted: bool) {
        match accepted {
            true => self.accepted.one(),
            false => self.refused.one(),
        }
    }
}

impl VersionCounts {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            seen: Mutex::default(),
        }
    }

    /// The counter of a version. Versions that the service knows are always counted by name; of the
    /// others, one without connections makes room for the next.
    pub(crate) fn of(
        &self,
        fingerprint: &str,
        is_known: impl Fn(&str) -> bool,
    ) -> Arc<VersionCount> {
        let mut seen = self.seen.lock();
        seen.clock += 1;
        let clock = seen.clock;
        if let Some(named) = seen.named.get_mut(fingerprint) {
            named.last = clock;
            return named.count.clone();
        }
        if fingerprint.len() > LONGEST {
            return seen.others.clone();
        }
        if !is_known(fingerprint) && seen.named.len() >= self.most && !seen.forget_one(is_known) {
            return seen.others.clone();
        }
        let named = Named {
            last: clock,
            ..Named::default()
        };
        let count = named.count.clone();
        seen.named.insert(fingerprint.into(), named);
        count
    }

    /// The counts by fingerprint; the sum of all others, if any, comes last.
    pub(crate) fn read(&self) -> Vec<VersionInfo> {
        let seen = self.seen.lock();
        let info = |fingerprint: Option<String>, count: &Arc<VersionCount>| VersionInfo {
            fingerprint,
            connections: Arc::strong_count(count) - 1,
            accepted: count.accepted.read(),
            refused: count.refused.read(),
        };
        let mut all: Vec<_> = seen
            .named
            .iter()
            .map(|(name, named)| info(Some(name.to_string()), &named.count))
            .collect();
        let others = info(None, &seen.others);
        if others.accepted + others.refused > 0 {
            all.push(others);
        }
        all
    }
}

impl Seen {
    /// Makes room by forgetting the unknown version without connections that came least recently.
    /// Returns `false` if every version is known or connected.
    fn forget_one(&mut self, is_known: impl Fn(&str) -> bool) -> bool {
        let oldest = self
            .named
            .iter()
            .filter(|(name, named)| Arc::strong_count(&named.count) == 1 && !is_known(name))
            .min_by_key(|(_, named)| named.last)
            .map(|(name, _)| name.clone());
        let Some(oldest) = oldest else {
            return false;
        };
        if let Some(Named { count, .. }) = self.named.remove(&oldest) {
            // The sums stay right.
            self.others.accepted.add_all(&count.accepted);
            self.others.refused.add_all(&count.refused);
        }
        true
    }
}
