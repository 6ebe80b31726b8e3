//! The broker of a single process. It keeps history in memory, within a limit.

mod histories;
mod history;

pub use histories::MemoryLimits;

use std::future::ready;
use std::sync::{OnceLock, Weak};

use super::{
    Address, Broker, BrokerError, BrokerFuture, Delivery, HistoryPage, HistorySpec, Missed, Node,
    PageSize, Position, Publication, Range,
};
use histories::Histories;

/// Carries publications within one process and keeps their history in memory. It is always
/// reachable, and its history ends with the process.
pub struct MemoryBroker {
    node: OnceLock<Weak<dyn Node>>,
    histories: Histories,
}

impl Default for MemoryBroker {
    fn default() -> Self {
        Self::new(MemoryLimits::default())
    }
}

impl MemoryBroker {
    /// Creates a broker with these limits.
    #[must_use]
    pub fn new(limits: MemoryLimits) -> Self {
        Self {
            node: OnceLock::new(),
            histories: Histories::new(limits, |top| top + 1),
        }
    }

    /// The same, with offsets chosen by the caller, each greater than the one before it.
    #[cfg(feature = "test")]
    pub(crate) fn numbered(limits: MemoryLimits, next: fn(u64) -> u64) -> Self {
        Self {
            node: OnceLock::new(),
            histories: Histories::new(limits, next),
        }
    }

    /// The bytes that its histories hold.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.histories.bytes()
    }

    /// The number of channels whose position it remembers.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.histories.len()
    }

    fn deliver(&self, delivery: Delivery) {
        if let Some(node) = self.node.get().and_then(Weak::upgrade) {
            node.deliver(delivery);
        }
    }
}

impl std::fmt::Debug for MemoryBroker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryBroker")
            .field("bytes", &self.bytes())
            .field("channels", &self.channels())
            .finish_non_exhaustive()
    }
}

fn done<'a, T: Send + 'a>(value: T) -> BrokerFuture<'a, T> {
    Box::pin(ready(Ok::<T, BrokerError>(value)))
}

impl Broker for MemoryBroker {
    fn attach(&self, node: Weak<dyn Node>) {
        // A second service on the same broker would be a second node, which memory cannot reach.
        let _ = self.node.set(node);
    }

    fn publish(&self, publication: Publication) -> BrokerFuture<'_, Option<Position>> {
        let Some(keep) = publication.keep else {
            self.deliver(Delivery::new(publication, None));
            return done(None);
        };
        let address = publication.address.clone();
        let position = self.histories.store(&address, keep, |place| {
            let delivery = Delivery::new(publication, Some(place));
            let message = delivery.message.clone();
            self.deliver(delivery);
            message
        });
        done(Some(position))
    }

    fn subscribe<'a>(
        &'a self,
        address: &'a Address,
        keep: Option<HistorySpec>,
    ) -> BrokerFuture<'a, Option<Position>> {
        done(keep.map(|_| self.histories.subscribe(address)))
    }

    fn unsubscribe<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, ()> {
        self.histories.unsubscribe(address);
        done(())
    }

    fn top<'a>(&'a self, address: &'a Address, _: HistorySpec) -> BrokerFuture<'a, Position> {
        done(self.histories.top(address))
    }

    fn missed<'a>(
        &'a self,
        address: &'a Address,
        keep: HistorySpec,
        since: u64,
    ) -> BrokerFuture<'a, Missed> {
        done(self.histories.missed(address, keep, since))
    }

    fn history<'a>(
        &'a self,
        address: &'a Address,
        keep: HistorySpec,
        range: Range,
        size: PageSize,
    ) -> BrokerFuture<'a, HistoryPage> {
        done(self.histories.history(address, keep, range, size))
    }
}
