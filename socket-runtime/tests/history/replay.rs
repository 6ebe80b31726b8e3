//! Replays that take their time.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::{Value, json};
use socket_runtime::Config;
use tokio::net::{TcpSocket, TcpStream};

use crate::chat::{ChatEvent, said};
use crate::join::say;
use crate::reader::Reader;
use crate::support::{Client, TestServer};

/// A client whose system takes little before it is read from.
async fn narrow(server: &TestServer) -> Client<TcpStream> {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let address = format!("127.0.0.1:{}", server.port).parse().unwrap();
    let stream = socket.connect(address).await.unwrap();
    Client::over(server.request("", Some("socket.v1")), stream).await
}

async fn epoch(server: &TestServer) -> Value {
    let mut client = server.connected("").await;
    let fresh = client
        .call(json!({"cmd": ":join", "channel": "room:x"}))
        .await;
    fresh["param"]["epoch"].clone()
}

fn text(n: u64, bytes: usize) -> String {
    format!("{n} {}", "x".repeat(bytes))
}

/// The number at the beginning of a text made by [`text`].
fn number(event: &Value) -> u64 {
    let text = event["param"]["text"].as_str().unwrap();
    text.split(' ').next().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_comes_back_through_a_slow_reader_without_a_4404() {
    const CHANNELS: u64 = 128;
    const EVENTS: u64 = 300;
    let config = Config::default().with(|config| {
        config.history.bytes = 512 * 1024 * 1024;
        // The client only reads, for as long as the machine takes: it is not to be asked for a sign
        // of life among its events.
        config.timeouts.ping = Duration::from_secs(3600);
    });
    let server = TestServer::configured(config).await;
    let sockets = &server.sockets;
    for n in 1..=EVENTS {
        for channel in 0..CHANNELS {
            let target = sockets.to_channel(format!("long:{channel}"));
            target.send(said(text(n, 4096))).await.unwrap();
        }
    }
    let since = json!({"since": {"epoch": epoch(&server).await, "at": 0}});
    let mut client = narrow(&server).await;
    let all: Vec<String> = (0..CHANNELS).map(|n| format!("long:{n}")).collect();
    let channels: HashMap<_, _> = all.iter().map(|name| (name, since.clone())).collect();
    let connected = client.connect(json!({"channels": channels})).await;
    for name in &all {
        assert_eq!(connected["channels"][name]["recovery"], "complete");
        assert_eq!(connected["channels"][name]["at"], EVENTS);
    }
    // What goes on meanwhile comes too.
    for name in &all {
        let live = said(text(EVENTS + 1, 10));
        sockets.to_channel(name).send(live).await.unwrap();
    }
    let id = client.id.unwrap();
    let mut next: HashMap<String, u64> = all.iter().map(|name| (name.clone(), 1)).collect();
    let mut most = 0;
    for count in 0..CHANNELS * (EVENTS + 1) {
        let event = client.next().await;
        let expected = next.get_mut(event["channel"].as_str().unwrap()).unwrap();
        assert_eq!(
            (number(&event), &event["at"]),
            (*expected, &json!(*expected))
        );
        *expected += 1;
        if count % 64 == 0 {
            most = most.max(sockets.connection(id).unwrap().queue.bytes);
        }
    }
    assert!(next.values().all(|next| *next == EVENTS + 2));
    assert!(most <= 64 * 1024 + 8192, "{most} bytes were queued");
    assert_eq!(sockets.status().statistics.slow, Default::default());
    assert_eq!(
        sockets.status().statistics.replayed,
        CHANNELS * (EVENTS + 1)
    );
}

/// A client that is that many events behind in `room:1`, which keeps 300, and takes nothing.
async fn far_behind(events: u64) -> (TestServer, Client<TcpStream>) {
    let server = TestServer::start().await;
    for n in 1..=events {
        let target = server.sockets.to_channel("room:1");
        target.send(said(text(n, 100_000))).await.unwrap();
    }
    let since = json!({"since": {"epoch": epoch(&server).await, "at": 0}});
    let mut client = narrow(&server).await;
    client.connect(json!({"channels": {"room:1": since}})).await;
    (server, client)
}

#[tokio::test]
async fn what_is_evicted_before_it_is_read_is_a_gap() {
    let (server, mut client) = far_behind(300).await;
    for n in 301..=600 {
        let target = server.sockets.to_channel("room:1");
        target.send(said(text(n, 10))).await.unwrap();
    }
    let mut expected = 1;
    let gap = loop {
        let message = client.next().await;
        if message["cmd"] == ":gap" {
            break message;
        }
        assert_eq!(number(&message), expected);
        expected += 1;
    };
    assert!(expected < 300);
    assert_eq!(gap["channel"], "room:1");
    assert_eq!(gap["param"]["at"], 600);
    say(&server, "room:1", 601, 1).await;
    let live = client.next().await;
    assert_eq!((number(&live), &live["at"]), (601, &json!(601)));
    assert_eq!(server.sockets.status().recoveries.lost, 1);
}

#[tokio::test]
async fn a_replay_ends_with_the_membership() {
    let (server, mut client) = far_behind(300).await;
    let id = client.id.unwrap();
    assert!(server.sockets.leave(id, "room:1").await.unwrap());
    let mut expected = 1;
    loop {
        let message = client.next().await;
        if message["cmd"] == ":closed" {
            break;
        }
        assert_eq!(number(&message), expected);
        expected += 1;
    }
    assert!(expected < 300);
    assert_eq!(client.settle().await, Vec::<Value>::new());
    // Coming back is another replay, from the position that it names.
    let since = json!({"since": {"epoch": epoch(&server).await, "at": 298}});
    let join = json!({"cmd": ":join", "channel": "room:1", "param": since});
    assert_eq!(client.call(join).await["param"]["recovery"], "complete");
    for n in [299, 300] {
        assert_eq!(number(&client.next().await), n);
    }
}

#[tokio::test]
async fn what_is_not_kept_waits_in_its_place() {
    let (server, mut client) = far_behind(290).await;
    let room = || server.sockets.to_channel("room:1");
    let typing = |word| ChatEvent::Typing {
        user: "ann".to_owned(),
        word,
        beside: String::new(),
    };
    room().send(typing(1)).await.unwrap();
    room().send(said("291")).await.unwrap();
    room().send(typing(2)).await.unwrap();
    let beside = String::new();
    room()
        .send(ChatEvent::Cursor { x: 1, beside })
        .await
        .unwrap();
    room().send(said("292")).await.unwrap();
    let other = server.connected("?ch=room:1").await;
    for n in 1..=291 {
        assert_eq!(number(&client.next().await), n);
    }
    assert_eq!(client.next().await["param"]["word"], 2);
    assert_eq!(number(&client.next().await), 292);
    let came = client.next().await;
    assert_eq!(came["cmd"], "online-update");
    assert_eq!(came["param"]["connection"], json!(other.id.unwrap()));
    room().send(typing(3)).await.unwrap();
    assert_eq!(client.next().await["param"]["word"], 3);
    let queue = server.sockets.connection(client.id.unwrap()).unwrap().queue;
    assert_eq!((queue.bytes, queue.messages), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_replayed_and_what_is_live_meet_without_loss_or_double() {
    let config = Config::default().with(|config| config.rates.rate = 0);
    let server = TestServer::configured(config).await;
    let publishers: Vec<_> = (0..3)
        .map(|_| {
            let sockets = server.sockets.clone();
            tokio::spawn(async move {
                for n in 0..1500 {
                    sockets
                        .to_channel("room:1")
                        .send(said(n.to_string()))
                        .await
                        .unwrap();
                    if n % 5 == 0 {
                        tokio::task::yield_now().await;
                    }
                }
            })
        })
        .collect();
    let mut readers = Vec::new();
    for _ in 0..4 {
        let mut client = server.connected("").await;
        readers.push(tokio::spawn(async move {
            let mut reader = Reader::default();
            let mut id = 1000;
            loop {
                id += 2;
                reader.join(&mut client, "room:1", id).await;
                for _ in 0..id % 7 {
                    let room = &reader.rooms["room:1"];
                    if room.at == Some(4500) {
                        return (reader, client);
                    }
                    let event = client.next().await;
                    reader.event(&event);
                }
                if reader.rooms["room:1"].at == Some(4500) {
                    return (reader, client);
                }
                reader.leave(&mut client, "room:1", id + 1).await;
            }
        }));
    }
    for publisher in publishers {
        publisher.await.unwrap();
    }
    for reader in readers {
        let (reader, _client) = reader.await.unwrap();
        let room = &reader.rooms["room:1"];
        assert!(room.at == Some(4500));
        if room.jumps == 0 {
            assert_eq!(room.seen.len() as u64, 4500 - room.first.unwrap());
        }
    }
}
