//! Brokers carry publications between nodes, number them and keep history. A broker works on
//! addresses and bytes: it reaches connections only through [`Node`], and of JSON it needs to know
//! only that a message is complete.
//!
//! # Writing one
//! [`Broker`] shows one that keeps no history. Every broker that keeps it passes the suite in
//! `socket_runtime::test::broker` (feature `test`). The rules:
//! - **One step.** A publication that is accepted first has the lower offset, is stored first and
//!   delivered first. An event that is not kept is delivered in the order of acceptance too.
//! - **Offsets grow** from 1; a channel without publications stands at 0. Offsets may have holes,
//!   so each event carries `prev`, the offset of the one before it. They fit into 53 bits.
//! - **An epoch** names one life of a channel's offsets. It changes if and only if offsets start
//!   over or the broker has forgotten where they were.
//! - **Epoch and top outlive the events**, so that a quiet channel is not taken for one that lost
//!   something.
//! - **Every loss is reported.** If a broker could not deliver to a node, because it lost its own
//!   connection for a while, it reports that with [`Node::lost`].

mod memory;
mod message;

pub use memory::{MemoryBroker, MemoryLimits};
pub use message::{Address, Delivery, Kept, Message, Place, Position, Publication};
pub use socket_protocol::definition::HistorySpec;

use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::{Arc, Weak};

/// The result of a broker's method, which may wait for another machine.
pub type BrokerFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, BrokerError>> + Send + 'a>>;

/// The receiver of a broker's deliveries on this node.
pub trait Node: Send + Sync {
    /// Queues the message for each connection of this node at the address, in the order of the
    /// calls. It waits for none of them and calls no method of the broker. It ignores an event of
    /// history that it has already received.
    fn deliver(&self, delivery: Delivery);

    /// Reports that events of history up to this position may be missing, and that later ones will
    /// be delivered. The node reads the missing events for its connections, and tells clients of a
    /// gap if they can no longer be read.
    fn lost(&self, address: &Address, position: Position);
}

/// Carries publications to every node that subscribed to their address, in one order per address.
///
/// A broker that keeps no history writes the first four methods:
///
/// ```
/// use std::future::ready;
/// use std::sync::{OnceLock, Weak};
/// use socket_runtime::broker::{
///     Address, Broker, BrokerFuture, Delivery, HistorySpec, Node, Position, Publication,
/// };
///
/// /// Carries what is published to its own node, and forgets it.
/// #[derive(Default)]
/// struct Forgetful(OnceLock<Weak<dyn Node>>);
///
/// impl Broker for Forgetful {
///     fn attach(&self, node: Weak<dyn Node>) {
///         let _ = self.0.set(node);
///     }
///
///     fn publish(&self, publication: Publication) -> BrokerFuture<'_, Option<Position>> {
///         if let Some(node) = self.0.get().and_then(Weak::upgrade) {
///             node.deliver(Delivery::new(publication, None));
///         }
///         Box::pin(ready(Ok(None)))
///     }
///
///     fn subscribe<'a>(
///         &'a self,
///         _: &'a Address,
///         _: Option<HistorySpec>,
///     ) -> BrokerFuture<'a, Option<Position>> {
///         Box::pin(ready(Ok(None)))
///     }
///
///     fn unsubscribe<'a>(&'a self, _: &'a Address) -> BrokerFuture<'a, ()> {
///         Box::pin(ready(Ok(())))
///     }
/// }
/// ```
pub trait Broker: Send + Sync + 'static {
    /// Sets the node that the broker serves. Called once, before anything else; the broker must not
    /// keep the node alive.
    fn attach(&self, node: Weak<dyn Node>);

    /// Carries a publication to all subscribed nodes, including this one, and keeps it if it asks
    /// for history. Numbering, storing and delivering are one step: a publication that is accepted
    /// first is delivered first. Returns the position at which it is kept.
    ///
    /// # Errors
    /// [`BrokerError`] if the broker cannot be reached; the event then reaches nobody.
    fn publish(&self, publication: Publication) -> BrokerFuture<'_, Option<Position>>;

    /// Subscribes this node to an address: later publications are delivered here. The future may be
    /// dropped before it is ready; the broker is then asked again, or asked to unsubscribe.
    ///
    /// If history is kept, it returns the position after which everything is delivered; deliveries
    /// at or before it are ignored.
    ///
    /// # Errors
    /// [`BrokerError`] if the broker cannot be reached.
    fn subscribe<'a>(
        &'a self,
        address: &'a Address,
        keep: Option<HistorySpec>,
    ) -> BrokerFuture<'a, Option<Position>>;

    /// Ends the subscription. Calls for one address never overlap.
    ///
    /// # Errors
    /// [`BrokerError`] if the broker cannot be reached; publications may then still arrive, and are
    /// ignored.
    fn unsubscribe<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, ()>;

    /// The position of an address that keeps history. The default is for a broker that keeps none:
    /// [`Position::nowhere`].
    ///
    /// # Errors
    /// [`BrokerError`] if the broker cannot be reached.
    fn top<'a>(&'a self, address: &'a Address, keep: HistorySpec) -> BrokerFuture<'a, Position> {
        let _ = (address, keep);
        Box::pin(ready(Ok(Position::nowhere())))
    }

    /// Counts the events after an offset of the present epoch. The default is for a broker that keeps
    /// no history: it cannot say, and clients are told that nothing is recovered.
    ///
    /// # Errors
    /// [`BrokerError`] if the broker cannot be reached.
    fn missed<'a>(
        &'a self,
        address: &'a Address,
        keep: HistorySpec,
        since: u64,
    ) -> BrokerFuture<'a, Missed> {
        let _ = (address, keep, since);
        Box::pin(ready(Ok(Missed::new(Position::nowhere(), None))))
    }

    /// Reads a page of the kept events, oldest first. For [`Range::After`] the page starts at the
    /// range's oldest event, for [`Range::Before`] it ends at the newest. The default is for a broker
    /// that keeps no history: an empty page that lies nowhere.
    ///
    /// # Errors
    /// [`BrokerError`] if the broker cannot be reached.
    fn history<'a>(
        &'a self,
        address: &'a Address,
        keep: HistorySpec,
        range: Range,
        size: PageSize,
    ) -> BrokerFuture<'a, HistoryPage> {
        let _ = (address, keep, range, size);
        Box::pin(ready(Ok(HistoryPage::new(Position::nowhere(), Vec::new()))))
    }
}

/// A broker that the program holds as well.
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

/// A range of a history. A broker serves each variant, so a further one changes what brokers owe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    /// The events after an offset, up to another.
    After {
        /// Exclusive.
        at: u64,
        /// Inclusive.
        to: u64,
    },
    /// The events before an offset.
    Before {
        /// Exclusive.
        at: u64,
    },
}

/// The size of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PageSize {
    /// The most events.
    pub events: usize,
    /// The most bytes of messages. The first event of a page may exceed it.
    pub bytes: usize,
}

impl PageSize {
    /// A page of at most so many events and bytes.
    #[must_use]
    pub const fn new(events: usize, bytes: usize) -> Self {
        Self { events, bytes }
    }
}

/// A page of a history.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HistoryPage {
    /// The position of the address.
    pub position: Position,
    /// The events, oldest first.
    pub events: Vec<Kept>,
}

impl HistoryPage {
    /// These events, the oldest first, of an address that stands there.
    #[must_use]
    pub const fn new(position: Position, events: Vec<Kept>) -> Self {
        Self { position, events }
    }
}

/// The number of events after an offset.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Missed {
    /// The position of the address.
    pub position: Position,
    /// The number of events after the offset; `None` if not all of them are kept any more, or if
    /// the offset lies ahead of the address.
    pub events: Option<u64>,
}

impl Missed {
    /// So many events behind the offset that was asked for, of an address that stands there.
    #[must_use]
    pub const fn new(position: Position, events: Option<u64>) -> Self {
        Self { position, events }
    }
}

/// The broker cannot be reached. Nothing was published; try again later.
#[derive(Debug, thiserror::Error)]
#[error("the broker cannot be reached: {0}")]
pub struct BrokerError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl BrokerError {
    /// Wraps the cause.
    pub fn new(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}
