//! The brokers that are here, and the service over one that makes trouble.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use socket_runtime::broker::{
    Address, Broker, HistorySpec, MemoryBroker, MemoryLimits, PageSize, Range,
};
use socket_runtime::test::broker::{Trouble, TroubledBroker, suite};
use socket_runtime::{Config, SendError};

use crate::chat::{Server, Sockets, said};
use crate::join::{chats, say};
use crate::support::TestServer;

/// As the room declares it.
const ROOM: HistorySpec = HistorySpec::new(300, 600);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_does_what_every_broker_does() {
    suite(|| async { Arc::new(MemoryBroker::default()) }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_does_one_with_holes() {
    suite(|| async { Arc::new(TroubledBroker::default()) }).await;
}

async fn troubled(config: Config) -> (TestServer, TroubledBroker) {
    let broker = TroubledBroker::default();
    let sockets = Sockets::builder(Server).config(config);
    let sockets = sockets.broker(broker.clone()).build();
    (TestServer::with(sockets).await, broker)
}

#[tokio::test]
async fn holes_are_told_by_prev_in_what_is_live_replayed_and_read() {
    let (server, _broker) = troubled(Config::default()).await;
    let mut client = server.connected("?ch=room:1").await;
    say(&server, "room:1", 1, 20).await;
    let live = client.settle().await;
    let mut at = 0;
    let mut holes = 0;
    for event in &live {
        let here = event["at"].as_u64().unwrap();
        match event["prev"].as_u64() {
            Some(prev) => {
                holes += 1;
                assert_eq!(prev, at);
                assert_ne!(prev, here - 1, "a field that says nothing is left out");
            }
            None => assert_eq!(at, here - 1),
        }
        at = here;
    }
    assert!(holes > 5);
    let again = json!({"cmd": ":history", "param": {"limit": 100}});
    let read = client.call(again).await;
    assert_eq!(read["param"]["events"].as_array().unwrap(), &live);
    let mut other = server.connected("").await;
    let epoch = &read["param"]["epoch"];
    // A position in a hole is one too: somebody has all that lies before it.
    for since in [0, chats(&live)[3].1, chats(&live)[3].1 + 1] {
        let param = json!({"since": {"epoch": epoch, "at": since}});
        let join = json!({"cmd": ":join", "channel": "room:1", "param": param});
        let answer = other.call(join).await;
        assert_eq!(answer["param"]["recovery"], "complete");
        let replayed = other.settle().await;
        let missed: Vec<_> = live
            .iter()
            .filter(|event| event["at"].as_u64().unwrap() > since)
            .cloned()
            .collect();
        assert_eq!(replayed, missed, "since {since}");
        other
            .call(json!({"cmd": ":leave", "channel": "room:1"}))
            .await;
    }
}

#[tokio::test]
async fn each_call_that_fails_is_unavailable_and_leaves_nothing_behind() {
    let (server, broker) = troubled(Config::default()).await;
    let mut client = server.connected("?ch=lobby").await;
    let fresh = client
        .call(json!({"cmd": ":join", "channel": "room:1"}))
        .await;
    let position = json!({"epoch": fresh["param"]["epoch"], "at": 0});
    let since = json!({"cmd": ":join", "channel": "room:2", "param": {"since": position}});
    let join = json!({"cmd": ":join", "channel": "room:2"});
    let chat = json!({"cmd": "chat", "channel": "room:1", "param": {"text": "x"}});
    let read = json!({"cmd": ":history", "channel": "room:1", "param": {"limit": 1}});
    let calm = Trouble::default();
    for (trouble, failing) in [
        (
            Trouble {
                publish: true,
                ..calm
            },
            vec![&chat],
        ),
        (
            Trouble {
                subscribe: true,
                ..calm
            },
            vec![&join, &since],
        ),
        (
            Trouble {
                history: true,
                ..calm
            },
            vec![&since, &read],
        ),
        (Trouble::DOWN, vec![&chat, &join, &since, &read]),
    ] {
        broker.set(trouble);
        for request in failing {
            let refused = client.refusal(request.clone()).await;
            assert_eq!(refused, "unavailable", "{request} {trouble:?}");
        }
        broker.set(calm);
    }
    assert_eq!(server.sockets.connections()[0].channels.len(), 2);
    broker.set(Trouble {
        unsubscribe: true,
        ..calm
    });
    client
        .call(json!({"cmd": ":leave", "channel": "room:1"}))
        .await;
    broker.set(calm);
    assert_eq!(client.settle().await, Vec::<serde_json::Value>::new());
    let sent = server.sockets.to_channel("room:1").send(said("1")).await;
    assert!(!matches!(sent, Err(SendError::Unavailable(_))));
    client.call(join).await;
    say(&server, "room:2", 1, 1).await;
    assert_eq!(client.event("chat").await["param"]["text"], "1");
}

#[tokio::test]
async fn what_a_broker_did_not_deliver_is_read_when_it_says_so() {
    let (server, broker) = troubled(Config::default()).await;
    let mut client = server.connected("?ch=room:1").await;
    say(&server, "room:1", 1, 2).await;
    broker.set(Trouble {
        delivery: true,
        ..Trouble::default()
    });
    say(&server, "room:1", 3, 3).await;
    broker.set(Trouble::default());
    assert_eq!(chats(&client.settle().await).len(), 2);
    broker.come_back(ROOM).await.unwrap();
    let texts = |messages: Vec<(String, u64)>| -> Vec<String> {
        messages.into_iter().map(|(text, _)| text).collect()
    };
    let mut came = Vec::new();
    while came.len() < 3 {
        came.push(client.event("chat").await);
    }
    assert_eq!(texts(chats(&came)), ["3", "4", "5"]);
    // Nor does the node need to be told: a hole shows by itself.
    broker.set(Trouble {
        delivery: true,
        ..Trouble::default()
    });
    say(&server, "room:1", 6, 2).await;
    broker.set(Trouble::default());
    say(&server, "room:1", 8, 1).await;
    let mut came = Vec::new();
    while came.len() < 3 {
        came.push(client.event("chat").await);
    }
    assert_eq!(texts(chats(&came)), ["6", "7", "8"]);
    assert_eq!(client.settle().await, Vec::<serde_json::Value>::new());
}

#[tokio::test]
async fn what_can_be_read_no_more_is_a_gap_while_connected() {
    let (server, broker) = troubled(Config::default()).await;
    let mut client = server.connected("?ch=short:1").await;
    let mut plain = server.plain("?ch=short:1").await;
    say(&server, "short:1", 1, 2).await;
    broker.set(Trouble {
        delivery: true,
        ..Trouble::default()
    });
    say(&server, "short:1", 3, 10).await;
    broker.set(Trouble::default());
    broker.come_back(HistorySpec::new(5, 60)).await.unwrap();
    let gap = client.event(":gap").await;
    assert_eq!(gap["channel"], "short:1");
    let channel = Address::Channel("short:1".parse().unwrap());
    let top = broker.top(&channel, HistorySpec::new(5, 60)).await.unwrap();
    assert_eq!(gap["param"], json!({"epoch": &*top.epoch, "at": top.at}));
    say(&server, "short:1", 13, 1).await;
    assert_eq!(client.next().await["param"]["text"], "13");
    while plain.event("chat").await["param"]["text"] != "13" {}
    assert_eq!(server.sockets.status().recoveries.lost, 2);
}

#[tokio::test(start_paused = true)]
async fn a_replay_waits_for_a_broker_that_is_out_of_reach() {
    let (server, broker) = troubled(Config::default()).await;
    let mut client = server.connected("?ch=room:1").await;
    say(&server, "room:1", 1, 1).await;
    client.event("chat").await;
    broker.set(Trouble {
        delivery: true,
        ..Trouble::default()
    });
    say(&server, "room:1", 2, 1).await;
    let top = Address::Channel("room:1".parse().unwrap());
    let _ = broker.top(&top, ROOM).await.unwrap();
    broker.set(Trouble::default());
    broker.come_back(ROOM).await.unwrap();
    broker.set(Trouble {
        history: true,
        ..Trouble::default()
    });
    client.settle().await;
    tokio::time::advance(Duration::from_secs(3)).await;
    broker.set(Trouble::default());
    assert_eq!(client.event("chat").await["param"]["text"], "2");
}

#[tokio::test]
async fn memory_is_bounded_in_all_and_the_oldest_goes_first() {
    let mut limits = MemoryLimits::default();
    limits.bytes = 100_000;
    let broker = Arc::new(MemoryBroker::new(limits));
    let server = server_over(broker.clone()).await;
    for n in 0..500 {
        let text = format!("{n} {}", "x".repeat(1000));
        let room = format!("room:{}", n % 50);
        server
            .sockets
            .to_channel(room)
            .send(said(text))
            .await
            .unwrap();
        assert!(broker.bytes() <= 100_000, "{n}");
    }
    let mut left = Vec::new();
    for n in 0..50 {
        let address = Address::Channel(format!("room:{n}").parse().unwrap());
        let range = Range::Before { at: u64::MAX };
        let size = PageSize::new(1000, 1 << 20);
        let page = broker.history(&address, ROOM, range, size).await.unwrap();
        assert_eq!(page.position.at, 10, "where it stands is remembered");
        left.push(page.events.len());
    }
    let all: usize = left.iter().sum();
    assert!((60..100).contains(&all), "{all}");
    assert!(left.iter().all(|left| (1..=2).contains(left)), "{left:?}");
}

#[tokio::test(start_paused = true)]
async fn where_a_quiet_channel_stands_outlives_its_events_for_so_long() {
    let mut limits = MemoryLimits::default();
    limits.channels = 10;
    let broker = Arc::new(MemoryBroker::new(limits));
    let server = server_over(broker.clone()).await;
    let address = |n: u32| Address::Channel(format!("room:{n}").parse().unwrap());
    let top = async |n| broker.top(&address(n), ROOM).await.unwrap();
    say(&server, "room:0", 1, 3).await;
    let first = top(0).await;
    tokio::time::advance(Duration::from_secs(3600)).await;
    assert_eq!(top(0).await, first, "an hour after its last event");
    let missed = broker.missed(&address(0), ROOM, 3).await.unwrap();
    assert_eq!(missed.events, Some(0), "who had all of it has all of it");
    let missed = broker.missed(&address(0), ROOM, 2).await.unwrap();
    assert_eq!(missed.events, None, "the third event is too old");
    say(&server, "room:0", 4, 1).await;
    assert_eq!(top(0).await.at, 4, "and it goes on where it stood");
    for n in 1..=30 {
        tokio::time::advance(Duration::from_secs(1)).await;
        say(&server, &format!("room:{n}"), 1, 1).await;
        assert!(broker.channels() <= 10);
    }
    assert_ne!(
        top(0).await.epoch,
        first.epoch,
        "it was the quietest of too many"
    );
    assert_eq!(top(30).await.at, 1);
    tokio::time::advance(Duration::from_secs(25 * 3600)).await;
    // Looking for what may be forgotten takes a channel that is new to each part of the shelf.
    for n in 1000..3000 {
        let _ = broker.subscribe(&address(n), Some(ROOM)).await.unwrap();
        broker.unsubscribe(&address(n)).await.unwrap();
    }
    assert_eq!(broker.channels(), 0, "a day after the last of them");
    assert_eq!(broker.bytes(), 0);
}

#[tokio::test]
async fn members_keep_their_channel_from_being_forgotten() {
    let mut limits = MemoryLimits::default();
    limits.channels = 3;
    let broker = Arc::new(MemoryBroker::new(limits));
    let server = server_over(broker.clone()).await;
    let mut client = server.connected("?ch=room:mine").await;
    say(&server, "room:mine", 1, 1).await;
    for n in 0..100 {
        say(&server, &format!("room:{n}"), 1, 1).await;
    }
    say(&server, "room:mine", 2, 1).await;
    assert_eq!(
        chats(&client.settle().await),
        [("1".to_owned(), 1), ("2".to_owned(), 2)]
    );
}

async fn server_over(broker: Arc<MemoryBroker>) -> TestServer {
    let sockets = Sockets::builder(Server).broker(broker).build();
    TestServer::with(sockets).await
}
