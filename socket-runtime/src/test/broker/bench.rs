//! A broker with one node that records what it receives.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use socket_protocol::ChannelName;
use socket_protocol::envelope::{EventHead, OpenMessage};
use socket_protocol::manifest::model::Delivery as Class;
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::broker::{
    Address, Broker, Delivery, HistorySpec, Kept, Node, PageSize, Place, Position, Publication,
    Range,
};

/// Longer than a broker takes for anything; a suite that waits for as long fails.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// For so long that nothing is too old while the suite runs.
pub(super) const KEEP: HistorySpec = HistorySpec::new(20, 3600);

pub(super) const ALL: PageSize = PageSize {
    events: 1000,
    bytes: 1 << 20,
};

/// Records the deliveries of a node.
#[derive(Default)]
pub(super) struct Recorder {
    pub(super) deliveries: Mutex<Vec<Delivery>>,
    pub(super) came: Notify,
}

impl Node for Recorder {
    fn deliver(&self, delivery: Delivery) {
        self.deliveries.lock().push(delivery);
        self.came.notify_one();
    }

    fn lost(&self, address: &Address, _: Position) {
        panic!("{address} was said to be lost, and nothing was");
    }
}

impl Recorder {
    /// The first `count` deliveries.
    pub(super) async fn first(&self, count: usize) -> Vec<Delivery> {
        let all = async {
            loop {
                let came = self.came.notified();
                if self.deliveries.lock().len() >= count {
                    return self.deliveries.lock().clone();
                }
                came.await;
            }
        };
        let all = timeout(PATIENCE, all).await;
        all.unwrap_or_else(|_| panic!("{count} deliveries did not come"))
    }
}

pub(super) struct Bench<B> {
    pub(super) broker: Arc<B>,
    pub(super) node: Arc<Recorder>,
}

pub(super) fn bench<B: Broker>(broker: Arc<B>) -> Bench<B> {
    let node = Arc::new(Recorder::default());
    let as_node: Arc<dyn Node> = node.clone();
    broker.attach(Arc::downgrade(&as_node));
    Bench { broker, node }
}

pub(super) fn room(name: &str) -> Address {
    Address::Channel(ChannelName::new(name).unwrap_or_else(|error| panic!("{error}")))
}

pub(super) fn event(address: &Address, text: &str, keep: Option<HistorySpec>) -> Publication {
    let channel = address.channel();
    let head = EventHead {
        channel: Some(channel.as_str()),
        from: None,
    };
    let message = OpenMessage::event("said", head, &text);
    Publication {
        address: address.clone(),
        message: message.unwrap_or_else(|error| panic!("{error}")),
        keep,
        class: Class::Reliable,
        key: None,
        except: None,
    }
}

/// The text of an event made by [`event`], and the place that the message itself states.
pub(super) fn said(text: &[u8]) -> (String, Option<u64>, Option<u64>) {
    #[derive(serde::Deserialize)]
    struct Said {
        param: String,
        at: Option<u64>,
        prev: Option<u64>,
    }
    let Said { param, at, prev } =
        serde_json::from_slice(text).unwrap_or_else(|error| panic!("{error}"));
    (param, at, prev)
}

impl<B: Broker> Bench<B> {
    pub(super) async fn publish(&self, address: &Address, text: &str) -> Position {
        let position = self.broker.publish(event(address, text, Some(KEEP))).await;
        let position = position.unwrap_or_else(|error| panic!("{error}"));
        position.unwrap_or_else(|| panic!("an event that is kept has a position"))
    }

    pub(super) async fn subscribe(&self, address: &Address) -> Position {
        let position = self.broker.subscribe(address, Some(KEEP)).await;
        let position = position.unwrap_or_else(|error| panic!("{error}"));
        position.unwrap_or_else(|| panic!("an address that keeps history has a position"))
    }

    pub(super) async fn top(&self, address: &Address) -> Position {
        let top = self.broker.top(address, KEEP).await;
        top.unwrap_or_else(|error| panic!("{error}"))
    }

    pub(super) async fn history(
        &self,
        address: &Address,
        range: Range,
        size: PageSize,
    ) -> Vec<Kept> {
        let page = self.broker.history(address, KEEP, range, size).await;
        let page = page.unwrap_or_else(|error| panic!("{error}"));
        for kept in &page.events {
            let (_, at, prev) = said(kept.message.text());
            assert_eq!(at, Some(kept.at), "a message says where it lies");
            let told = prev.unwrap_or(kept.at - 1);
            assert_eq!(told, kept.prev, "a message says what lies before it");
        }
        page.events
    }

    pub(super) async fn all(&self, address: &Address) -> Vec<Kept> {
        let range = Range::After {
            at: 0,
            to: u64::MAX,
        };
        self.history(address, range, ALL).await
    }

    pub(super) async fn missed(&self, address: &Address, since: u64) -> Option<u64> {
        let missed = self.broker.missed(address, KEEP, since).await;
        missed.unwrap_or_else(|error| panic!("{error}")).events
    }
}

pub(super) fn place(delivery: &Delivery) -> &Place {
    let place = delivery.place.as_ref();
    place.unwrap_or_else(|| panic!("an event that is kept has a place"))
}
