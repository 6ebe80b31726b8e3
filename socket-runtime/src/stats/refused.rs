//! Counts refusals and closes.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use serde::Serialize;
use socket_protocol::CloseCode;

use super::counters::Counter;

/// Refusals since the service was built, by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Refused {
    /// Upgrade requests beyond the limit of connections: HTTP 503.
    pub full: u64,
    /// Upgrade requests during shutdown: HTTP 503.
    pub draining: u64,
    /// Upgrade requests from pages of foreign origins: HTTP 403.
    pub origins: u64,
    /// Such requests for hosts under which the server is not reached: HTTP 403.
    pub hosts: u64,
    /// Such requests from addresses that have as many connections as they may have: HTTP 429.
    pub addresses: u64,
    /// Clients whose user has as many connections as it may have: HTTP 429 in plain mode, else
    /// `too-many`.
    pub users: u64,
    /// Clients whose login or default channel was refused: HTTP 401 or 403 in plain mode, an error
    /// in the handshake in full mode.
    pub logins: u64,
    /// Commands above a rate limit: `rate-limited`.
    pub rate_limited: u64,
    /// Invalid messages: `invalid-message`.
    pub invalid: u64,
}

/// The counters behind [`Refused`]. None of them is touched by a message that is accepted.
#[derive(Debug, Default)]
pub(crate) struct RefusedCounters {
    pub(crate) full: Counter,
    pub(crate) draining: Counter,
    pub(crate) origins: Counter,
    pub(crate) hosts: Counter,
    pub(crate) addresses: Counter,
    pub(crate) users: Counter,
    pub(crate) logins: Counter,
    pub(crate) rate_limited: Counter,
    pub(crate) invalid: Counter,
    closes: Mutex<BTreeMap<u16, u64>>,
}

impl RefusedCounters {
    /// Counts a close by the service.
    pub(crate) fn close(&self, code: CloseCode) {
        *self.closes.lock().entry(code.number()).or_default() += 1;
    }

    pub(crate) fn closes(&self) -> BTreeMap<u16, u64> {
        self.closes.lock().clone()
    }

    pub(crate) fn read(&self) -> Refused {
        Refused {
            full: self.full.read(),
            draining: self.draining.read(),
            origins: self.origins.read(),
            hosts: self.hosts.read(),
            addresses: self.addresses.read(),
            users: self.users.read(),
            logins: self.logins.read(),
            rate_limited: self.rate_limited.read(),
            invalid: self.invalid.read(),
        }
    }
}
