//! The service over a broker that can fail, and everyone's agreement under races.

use std::collections::HashSet;
use std::future::ready;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, OnceLock, Weak};

use serde_json::json;
use socket_runtime::broker::{
    Address, Broker, BrokerError, BrokerFuture, Delivery, HistoryPage, HistorySpec, MemoryBroker,
    Missed, Node, PageSize, Position, Publication, Range,
};
use socket_runtime::{ChannelError, SendError};

use crate::chat::{Server, Sockets, said};
use crate::support::TestServer;

#[derive(Default)]
struct Fragile {
    memory: MemoryBroker,
    down: AtomicBool,
    subscribed: Mutex<HashSet<Address>>,
}

#[derive(Clone, Default)]
struct Handle(Arc<Fragile>);

impl Fragile {
    fn check(&self) -> Result<(), BrokerError> {
        match self.down.load(SeqCst) {
            true => Err(BrokerError::new("the cable is out")),
            false => Ok(()),
        }
    }
}

impl Broker for Handle {
    fn attach(&self, node: Weak<dyn Node>) {
        self.0.memory.attach(node);
    }

    fn publish(&self, publication: Publication) -> BrokerFuture<'_, Option<Position>> {
        Box::pin(async move {
            self.0.check()?;
            self.0.memory.publish(publication).await
        })
    }

    fn subscribe<'a>(
        &'a self,
        address: &'a Address,
        keep: Option<HistorySpec>,
    ) -> BrokerFuture<'a, Option<Position>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.0.check()?;
            self.0.subscribed.lock().unwrap().insert(address.clone());
            self.0.memory.subscribe(address, keep).await
        })
    }

    fn unsubscribe<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, ()> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.0.subscribed.lock().unwrap().remove(address);
            self.0.memory.unsubscribe(address).await
        })
    }

    fn top<'a>(&'a self, address: &'a Address, keep: HistorySpec) -> BrokerFuture<'a, Position> {
        self.0.memory.top(address, keep)
    }

    fn missed<'a>(
        &'a self,
        address: &'a Address,
        keep: HistorySpec,
        since: u64,
    ) -> BrokerFuture<'a, Missed> {
        self.0.memory.missed(address, keep, since)
    }

    fn history<'a>(
        &'a self,
        address: &'a Address,
        keep: HistorySpec,
        range: Range,
        size: PageSize,
    ) -> BrokerFuture<'a, HistoryPage> {
        self.0.memory.history(address, keep, range, size)
    }
}

#[tokio::test]
async fn a_broker_out_of_reach_is_unavailable_and_nothing_is_half_done() {
    let broker = Handle::default();
    let sockets = Sockets::builder(Server).broker(broker.clone()).build();
    let server = TestServer::with(sockets).await;
    let mut client = server.connected("?ch=lobby").await;
    broker.0.down.store(true, SeqCst);
    let join = json!({"cmd": ":join", "channel": "room:1"});
    let chat = json!({"cmd": "chat", "param": {"text": "hi"}});
    assert_eq!(client.refusal(join.clone()).await, "unavailable");
    assert_eq!(client.refusal(chat.clone()).await, "unavailable");
    let sockets = &server.sockets;
    let sent = sockets.to_all().send(said("", "")).await;
    assert!(matches!(sent, Err(SendError::Unavailable(_))));
    let joined = sockets.join(client.id.unwrap(), "room:1").await;
    assert!(matches!(joined, Err(ChannelError::Unavailable(_))));
    assert_eq!(sockets.status().channels, 1);
    broker.0.down.store(false, SeqCst);
    assert_eq!(
        client.call(join).await["param"],
        json!({"recovery": "none"})
    );
    assert_eq!(client.call(chat).await["param"], json!({}));
}

/// Carries events within its node and keeps nothing: what a broker has to write.
#[derive(Default)]
struct Forgetful(OnceLock<Weak<dyn Node>>);

impl Broker for Forgetful {
    fn attach(&self, node: Weak<dyn Node>) {
        let _ = self.0.set(node);
    }

    fn publish(&self, publication: Publication) -> BrokerFuture<'_, Option<Position>> {
        if let Some(node) = self.0.get().and_then(Weak::upgrade) {
            node.deliver(Delivery::new(publication, None));
        }
        Box::pin(ready(Ok(None)))
    }

    fn subscribe<'a>(
        &'a self,
        _: &'a Address,
        _: Option<HistorySpec>,
    ) -> BrokerFuture<'a, Option<Position>> {
        Box::pin(ready(Ok(None)))
    }

    fn unsubscribe<'a>(&'a self, _: &'a Address) -> BrokerFuture<'a, ()> {
        Box::pin(ready(Ok(())))
    }
}

#[tokio::test]
async fn a_channel_of_a_broker_without_history_keeps_none_and_says_so() {
    let sockets = Sockets::builder(Server).broker(Forgetful::default());
    let server = TestServer::with(sockets.build()).await;
    let mut client = server.connected("").await;
    let since = json!({"epoch": "an older life", "at": 3});
    for param in [json!({}), json!({"since": since})] {
        let join = json!({"cmd": ":join", "channel": "archive:1", "param": param});
        let joined = client.call(join).await;
        assert_eq!(joined["param"], json!({"recovery": "none"}));
        client
            .call(json!({"cmd": ":leave", "channel": "archive:1"}))
            .await;
    }
    client
        .call(json!({"cmd": ":join", "channel": "archive:1"}))
        .await;
    let archive = server.sockets.to_channel("archive:1");
    archive.send(said("", "hi")).await.unwrap();
    let event = client.event("chat").await;
    assert_eq!(
        (&event["param"]["text"], &event["at"]),
        (&json!("hi"), &json!(null))
    );
    let history = json!({"cmd": ":history", "channel": "archive:1", "param": {}});
    assert_eq!(client.refusal(history).await, "forbidden");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn joins_leaves_publishes_and_ends_leave_everyone_agreeing() {
    let broker = Handle::default();
    let sockets = Sockets::builder(Server).broker(broker.clone()).build();
    let server = TestServer::with(sockets).await;
    let mut tasks = Vec::new();
    for i in 0..20 {
        let mut client = server
            .connected(&format!("?ch=lobby&user=u{}", i % 5))
            .await;
        let sockets = server.sockets.clone();
        tasks.push(tokio::spawn(async move {
            let id = client.id.unwrap();
            for n in 0..50 {
                let room = format!("room:{}", n % 3);
                let (a, b, c) = tokio::join!(
                    sockets.join(id, room.clone()),
                    sockets.to_channel(room.clone()).send(said("", "")),
                    sockets.leave(id, room.clone()),
                );
                a.unwrap();
                b.unwrap();
                c.unwrap();
                client.send(json!({"cmd": ":join", "channel": room})).await;
                client.settle().await;
            }
            // Every second one goes without a word, in the middle of a join.
            if i % 2 == 0 {
                client
                    .send(json!({"cmd": ":join", "channel": "room:9"}))
                    .await;
                return None;
            }
            for n in 0..3 {
                let room = format!("room:{n}");
                client.call(json!({"cmd": ":leave", "channel": room})).await;
            }
            Some(client)
        }));
    }
    let mut left = Vec::new();
    for task in tasks {
        left.extend(task.await.unwrap());
    }
    let sockets = &server.sockets;
    while sockets.status().connections > left.len() || sockets.status().channels > 1 {
        tokio::task::yield_now().await;
    }
    assert_eq!(sockets.member_count("lobby").unwrap(), 10);
    assert!(
        sockets
            .connections()
            .iter()
            .all(|info| info.channels.len() == 1)
    );
    drop(left);
    while !broker.0.subscribed.lock().unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    let is_empty = || {
        let status = sockets.status();
        (status.connections, status.channels, status.users) == (0, 0, 0)
    };
    while !is_empty() {
        tokio::task::yield_now().await;
    }
}
