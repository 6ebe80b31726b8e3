//! What carries publications between nodes, numbers them and keeps history: names and bytes. A
//! broker knows no connections, and nothing of JSON beyond that a message is whole.
//!
//! # Writing one
//! Every broker passes the suite in `socket_runtime::test::broker` (feature `test`). What it has to
//! hold to:
//! - **One step.** What is accepted first has the lower offset, is stored first and delivered first.
//!   An event that is not kept is delivered in the order of acceptance too.
//! - **Offsets grow**, from 1; a channel on which nothing was published stands at 0. They may have
//!   holes, which each event tells by `prev`, the offset of the one before it. They fit into 53 bits.
//! - **An epoch** names one life of a channel's offsets. It changes when offsets begin again or the
//!   broker forgot where they were, and never otherwise.
//! - **Epoch and top outlive the events**, so that a quiet channel is not taken for one that lost
//!   something.
//! - **Nothing is lost in silence.** What a broker could not deliver to a node, because it lost its
//!   own connection for a while, it tells by [`Node::lost`].

mod memory;
mod message;

pub use memory::{MemoryBroker, MemoryLimits};
pub use message::{Address, Delivery, Kept, Message, Place, Position, Publication};
pub use socket_protocol::definition::HistorySpec;

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Weak};

/// What a broker's methods return: they may wait for another machine.
pub type BrokerFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, BrokerError>> + Send + 'a>>;

/// What a broker hands this node's publications to.
pub trait Node: Send + Sync {
    /// Queues the message for each connection of this node at the address, in the order of the
    /// calls. It does not wait for any of them, and calls no method of the broker. An event of
    /// history that it has had already is ignored.
    fn deliver(&self, delivery: Delivery);

    /// Says that events of history up to this position may not have been delivered, and that what
    /// comes after it will be. The node reads them for its connections, and tells those that it
    /// cannot read them for.
    fn lost(&self, address: &Address, position: Position);
}

/// Carries publications to every node that subscribed to their address, in one order per address.
pub trait Broker: Send + Sync + 'static {
    /// Learns which node it serves. Called once, before anything else; the broker must not keep
    /// the node alive.
    fn attach(&self, node: Weak<dyn Node>);

    /// Carries a publication to all subscribed nodes, this one included, and keeps it where it says
    /// so. Numbering, storing and fanning out are one step: what is accepted first is delivered
    /// first. The position is where it is kept.
    ///
    /// # Errors
    /// [`BrokerError`] when the broker is out of reach; then nobody gets it.
    fn publish(&self, publication: Publication) -> BrokerFuture<'_, Option<Position>>;

    /// Subscribes this node to an address: what is published after this is delivered here. The
    /// future may be dropped on its way; the broker is then asked again, or to unsubscribe.
    ///
    /// Where history is kept it returns the position behind which everything is delivered; what is
    /// delivered of what lies before it is ignored.
    ///
    /// # Errors
    /// [`BrokerError`] when the broker is out of reach.
    fn subscribe<'a>(
        &'a self,
        address: &'a Address,
        keep: Option<HistorySpec>,
    ) -> BrokerFuture<'a, Option<Position>>;

    /// Ends that. Calls for one address never overlap.
    ///
    /// # Errors
    /// [`BrokerError`] when the broker is out of reach; publications may still arrive then, and
    /// find nobody.
    fn unsubscribe<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, ()>;

    /// Where an address that keeps history stands.
    ///
    /// # Errors
    /// [`BrokerError`] when the broker is out of reach.
    fn top<'a>(&'a self, address: &'a Address, keep: HistorySpec) -> BrokerFuture<'a, Position>;

    /// How much was published behind an offset of the present epoch.
    ///
    /// # Errors
    /// [`BrokerError`] when the broker is out of reach.
    fn missed<'a>(
        &'a self,
        address: &'a Address,
        keep: HistorySpec,
        since: u64,
    ) -> BrokerFuture<'a, Missed>;

    /// Part of what is kept, the oldest first. Of [`Range::After`] it is the oldest part, of
    /// [`Range::Before`] the newest.
    ///
    /// # Errors
    /// [`BrokerError`] when the broker is out of reach.
    fn history<'a>(
        &'a self,
        address: &'a Address,
        keep: HistorySpec,
        range: Range,
        size: PageSize,
    ) -> BrokerFuture<'a, HistoryPage>;
}

/// A broker that the program holds too.
impl<B: Broker> Broker for Arc<B> {
    fn attach(&self, node: Weak<dyn Node>) {
        (**self).attach(node);
    }

    fn publish(&self, publication: Publication) -> BrokerFuture<'_, Option<Position>> {
        (**self).publish(publication)
    }

    fn subscribe<'a>(
        &'a self,
        address: &'a Address,
        keep: Option<HistorySpec>,
    ) -> BrokerFuture<'a, Option<Position>> {
        (**self).subscribe(address, keep)
    }

    fn unsubscribe<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, ()> {
        (**self).unsubscribe(address)
    }

    fn top<'a>(&'a self, address: &'a Address, keep: HistorySpec) -> BrokerFuture<'a, Position> {
        (**self).top(address, keep)
    }

    fn missed<'a>(
        &'a self,
        address: &'a Address,
        keep: HistorySpec,
        since: u64,
    ) -> BrokerFuture<'a, Missed> {
        (**self).missed(address, keep, since)
    }

    fn history<'a>(
        &'a self,
        address: &'a Address,
        keep: HistorySpec,
        range: Range,
        size: PageSize,
    ) -> BrokerFuture<'a, HistoryPage> {
        (**self).history(address, keep, range, size)
    }
}

/// Which part of a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    /// What follows an offset, up to another.
    After {
        /// Exclusive.
        at: u64,
        /// Inclusive.
        to: u64,
    },
    /// What lies before an offset.
    Before {
        /// Exclusive.
        at: u64,
    },
}

/// How much of it at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageSize {
    /// The most events.
    pub events: usize,
    /// The most bytes of their messages. The first event of a page may be larger.
    pub bytes: usize,
}

/// Part of a history.
#[derive(Debug, Clone)]
pub struct HistoryPage {
    /// Where the address stands.
    pub position: Position,
    /// The events, the oldest first.
    pub events: Vec<Kept>,
}

/// What was published behind an offset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missed {
    /// Where the address stands.
    pub position: Position,
    /// How many events there are behind the offset; `None` where not all of them are kept any more,
    /// and where the offset lies ahead of the address.
    pub events: Option<u64>,
}

/// The broker is out of reach. Nothing was published; try again later.
#[derive(Debug, thiserror::Error)]
#[error("the broker is out of reach: {0}")]
pub struct BrokerError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl BrokerError {
    /// The error with its cause.
    pub fn new(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}
