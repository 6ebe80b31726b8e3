//! A broker that causes the troubles of a network.

use std::collections::HashSet;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use crate::broker::{
    Address, Broker, BrokerError, BrokerFuture, Delivery, HistoryPage, HistorySpec, MemoryBroker,
    MemoryLimits, Missed, Node, PageSize, Position, Publication, Range,
};

/// The calls that fail, and the deliveries that are lost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Trouble {
    /// `publish` fails.
    pub publish: bool,
    /// `subscribe` fails.
    pub subscribe: bool,
    /// `unsubscribe` fails.
    pub unsubscribe: bool,
    /// `top`, `missed` and `history` fail.
    pub history: bool,
    /// Publications are stored and not delivered.
    pub delivery: bool,
}

impl Trouble {
    /// Every call fails.
    pub const DOWN: Self = Self {
        publish: true,
        subscribe: true,
        unsubscribe: true,
        history: true,
        delivery: true,
    };
}

/// Keeps history in memory, with holes between its offsets, answers a little later than it is
/// called, and fails on demand. Its clones are the same broker.
///
/// ```
/// use socket_runtime::broker::Broker as _;
/// use socket_runtime::test::broker::{Trouble, TroubledBroker};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let broker = TroubledBroker::default();
/// broker.set(Trouble::DOWN);
/// let address = socket_runtime::broker::Address::All;
/// assert!(broker.subscribe(&address, None).await.is_err());
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct TroubledBroker(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    memory: MemoryBroker,
    trouble: Arc<Mutex<Trouble>>,
    subscribed: Mutex<HashSet<Address>>,
    /// Kept alive for the memory's sake, which holds none.
    gate: Mutex<Option<Arc<dyn Node>>>,
}

/// Stands between the memory and the node.
struct Gate {
    node: Weak<dyn Node>,
    trouble: Arc<Mutex<Trouble>>,
}

impl Node for Gate {
    fn deliver(&self, delivery: Delivery) {
        if let (false, Some(node)) = (self.trouble.lock().delivery, self.node.upgrade()) {
            node.deliver(delivery);
        }
    }

    fn lost(&self, address: &Address, position: Position) {
        if let Some(node) = self.node.upgrade() {
            node.lost(address, position);
        }
    }
}

impl std::fmt::Debug for dyn Node {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Node")
    }
}

impl Default for TroubledBroker {
    fn default() -> Self {
        Self::new(MemoryLimits::default())
    }
}

impl TroubledBroker {
    /// Creates a broker with these limits, and without trouble.
    #[must_use]
    pub fn new(limits: MemoryLimits) -> Self {
        // Holes of 0 to 4 offsets.
        let memory = MemoryBroker::numbered(limits, |top| top + 1 + (top * 7 + 3) % 5);
        Self(Arc::new(Inner {
            memory,
            trouble: Arc::default(),
            subscribed: Mutex::default(),
            gate: Mutex::new(None),
        }))
    }

    /// Causes this trouble from now on.
    pub fn set(&self, trouble: Trouble) {
        *self.0.trouble.lock() = trouble;
    }

    /// The addresses that its node is subscribed to.
    #[must_use]
    pub fn subscribed(&self) -> HashSet<Address> {
        self.0.subscribed.lock().clone()
    }

    /// Tells the node that deliveries for these addresses may be missing, like a broker whose own
    /// connection has been restored.
    ///
    /// # Errors
    /// [`BrokerError`] while reading history fails.
    pub async fn come_back(&self, keep: HistorySpec) -> Result<(), BrokerError> {
        let addresses: Vec<Address> = self.subscribed().into_iter().collect();
        for address in addresses {
            let position = self.top(&address, keep).await?;
            let node = self.0.gate.lock().clone();
            if let Some(node) = node {
                node.lost(&address, position);
            }
        }
        Ok(())
    }

    async fn check(&self, fails: fn(Trouble) -> bool) -> Result<(), BrokerError> {
        tokio::task::yield_now().await;
        let trouble = *self.0.trouble.lock();
        match fails(trouble) {
            true => Err(BrokerError::new("the cable is out")),
            false => Ok(()),
        }
    }
}

impl Broker for TroubledBroker {
    fn attach(&self, node: Weak<dyn Node>) {
        let trouble = self.0.trouble.clone();
        let gate: Arc<dyn Node> = Arc::new(Gate { node, trouble });
        self.0.memory.attach(Arc::downgrade(&gate));
        *self.0.gate.lock() = Some(gate);
    }

    fn publish(&self, publication: Publication) -> BrokerFuture<'_, Option<Position>> {
        Box::pin(async move {
            self.check(|trouble| trouble.publish).await?;
            self.0.memory.publish(publication).await
        })
    }

    fn subscribe<'a>(
        &'a self,
        address: &'a Address,
        keep: Option<HistorySpec>,
    ) -> BrokerFuture<'a, Option<Position>> {
        Box::pin(async move {
            self.check(|trouble| trouble.subscribe).await?;
            self.0.subscribed.lock().insert(address.clone());
            self.0.memory.subscribe(address, keep).await
        })
    }

    fn unsubscribe<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, ()> {
        Box::pin(async move {
            self.check(|trouble| trouble.unsubscribe).await?;
            self.0.subscribed.lock().remove(address);
            self.0.memory.unsubscribe(address).await
        })
    }

    fn top<'a>(&'a self, address: &'a Address, keep: HistorySpec) -> BrokerFuture<'a, Position> {
        Box::pin(async move {
            self.check(|trouble| trouble.history).await?;
            self.0.memory.top(address, keep).await
        })
    }

    fn missed<'a>(
        &'a self,
        address: &'a Address,
        keep: HistorySpec,
        since: u64,
    ) -> BrokerFuture<'a, Missed> {
        Box::pin(async move {
            self.check(|trouble| trouble.history).await?;
            self.0.memory.missed(address, keep, since).await
        })
    }

    fn history<'a>(
        &'a self,
        address: &'a Address,
        keep: HistorySpec,
        range: Range,
        size: PageSize,
    ) -> BrokerFuture<'a, HistoryPage> {
        Box::pin(async move {
            self.check(|trouble| trouble.history).await?;
            self.0.memory.history(address, keep, range, size).await
        })
    }
}
