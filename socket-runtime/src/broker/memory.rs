//! The broker of a service that is one process.

use std::future::ready;
use std::sync::{OnceLock, Weak};

use super::{Address, Broker, BrokerFuture, Node, Publication};

/// Carries publications within one process. It is always in reach.
#[derive(Default)]
pub struct MemoryBroker {
    node: OnceLock<Weak<dyn Node>>,
}

impl std::fmt::Debug for MemoryBroker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryBroker").finish_non_exhaustive()
    }
}

impl Broker for MemoryBroker {
    fn attach(&self, node: Weak<dyn Node>) {
        // A second service on the same broker would be a second node, which memory cannot reach.
        let _ = self.node.set(node);
    }

    fn publish(&self, publication: Publication) -> BrokerFuture<'_, ()> {
        if let Some(node) = self.node.get().and_then(Weak::upgrade) {
            node.deliver(publication);
        }
        Box::pin(ready(Ok(())))
    }

    fn subscribe<'a>(&'a self, _: &'a Address) -> BrokerFuture<'a, ()> {
        Box::pin(ready(Ok(())))
    }

    fn unsubscribe<'a>(&'a self, _: &'a Address) -> BrokerFuture<'a, ()> {
        Box::pin(ready(Ok(())))
    }
}
