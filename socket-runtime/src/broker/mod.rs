//! What carries publications between nodes: names and bytes. A broker knows no connections, and
//! nothing of JSON beyond that a message is whole.

mod memory;

pub use memory::MemoryBroker;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Weak};

use socket_protocol::envelope::MessageBuf;
use socket_protocol::{ChannelName, ConnectionId};

/// What a broker's methods return: they may wait for another machine.
pub type BrokerFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, BrokerError>> + Send + 'a>>;

/// The group of connections that a publication is for.
///
/// It prints as the name that a broker may use for it: a channel's own name, `:user:` and the
/// user's id, or `:all`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Address {
    /// The members of a channel.
    Channel(ChannelName),
    /// Every connection of the user with that id.
    User(Arc<str>),
    /// Every connection.
    All,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Channel(name) => name.fmt(f),
            Self::User(id) => write!(f, ":user:{id}"),
            Self::All => f.write_str(":all"),
        }
    }
}

/// One event on its way to everyone at an address.
#[derive(Debug)]
pub struct Publication {
    /// Whom it is for.
    pub address: Address,
    /// The event as every receiver gets it.
    pub message: MessageBuf,
    /// The one connection that does not get it.
    pub except: Option<ConnectionId>,
}

/// What a broker hands this node's publications to.
pub trait Node: Send + Sync {
    /// Queues the message for each connection of this node at the address, in the order of the
    /// calls. It does not wait for any of them.
    fn deliver(&self, publication: Publication);
}

/// Carries publications to every node that subscribed to their address, in one order per address.
pub trait Broker: Send + Sync + 'static {
    /// Learns which node it serves. Called once, before anything else; the broker must not keep
    /// the node alive.
    fn attach(&self, node: Weak<dyn Node>);

    /// Carries a publication to all subscribed nodes, this one included. Numbering, storing and
    /// fanning out are one step: what is accepted first is delivered first.
    ///
    /// # Errors
    /// [`BrokerError`] when the broker is out of reach; then nobody gets it.
    fn publish(&self, publication: Publication) -> BrokerFuture<'_, ()>;

    /// Subscribes this node to an address: what is published after this is delivered here. The
    /// future may be dropped on its way; the broker is then asked again, or to unsubscribe.
    ///
    /// # Errors
    /// [`BrokerError`] when the broker is out of reach.
    fn subscribe<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, ()>;

    /// Ends that. Calls for one address never overlap.
    ///
    /// # Errors
    /// [`BrokerError`] when the broker is out of reach; publications may still arrive then, and
    /// find nobody.
    fn unsubscribe<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, ()>;
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
