//! What was refused and how connections were closed, counted.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use serde::Serialize;
use socket_protocol::CloseCode;

use super::counters::Counter;

/// How often clients were refused, since the service was built.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// Requests for a WebSocket when there were as many connections as there may be: HTTP 503.
    pub full: u64,
    /// Such requests while the service was going away: HTTP 503.
    pub draining: u64,
    /// Such requests from pages of foreign origins: HTTP 403.
    pub origins: u64,
    /// Clients that were not let in: HTTP 401 or 403 in plain mode, else the error that answers
    /// their handshake.
    pub logins: u64,
    /// Commands that came too often: `rate-limited`.
    pub rate_limited: u64,
    /// Messages that were none: `invalid-message`.
    pub invalid: u64,
}

/// What [`Refused`] is read from. Nothing here is on the way of a message that is taken.
#[derive(Debug, Default)]
pub(crate) struct RefusedCounters {
    pub(crate) full: Counter,
    pub(crate) draining: Counter,
    pub(crate) origins: Counter,
    pub(crate) logins: Counter,
    pub(crate) rate_limited: Counter,
    pub(crate) invalid: Counter,
    closes: Mutex<BTreeMap<u16, u64>>,
}

impl RefusedCounters {
    /// Notes a close of the service's own.
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
            logins: self.logins.read(),
            rate_limited: self.rate_limited.read(),
            invalid: self.invalid.read(),
        }
    }
}
