//! Which events need not all arrive.

use serde_json::{Value, json};
use socket_runtime::{Config, SendError};

use crate::chat::{ChatEvent, said};
use crate::join::{chats, numbered, say};
use crate::servers::Wire;
use crate::support::{Client, TestServer};

fn typing(user: &str, word: u32, bytes: usize) -> ChatEvent {
    ChatEvent::Typing {
        user: user.to_owned(),
        word,
        beside: "x".repeat(bytes),
    }
}

/// A server whose queues are short, and a client that reads nothing until it is asked to.
async fn stuck(channel: &str) -> (TestServer, Client<Wire>) {
    let config = Config::default().with(|config| {
        config.queue.bytes = 1024 * 1024;
        config.queue.messages = 400;
    });
    let server = TestServer::configured(config).await;
    let client = server.connected(&format!("?ch={channel}")).await;
    // The kernel's buffers are full when something stays in the queue.
    let sockets = &server.sockets;
    let queued = || sockets.connections()[0].queue.bytes;
    while queued() < 200_000 {
        let big = typing("filler", 0, 100_000);
        sockets
            .to_connection(client.id.unwrap())
            .send(big)
            .await
            .unwrap();
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
    }
    (server, client)
}

#[tokio::test]
async fn the_latest_of_each_key_arrives_and_the_queue_does_not_grow() {
    let (server, mut client) = stuck("lobby").await;
    let sockets = &server.sockets;
    let lobby = sockets.to_channel("lobby");
    drop(lobby);
    for word in 0..5000 {
        for user in ["ann", "bob"] {
            let target = sockets.to_channel("lobby");
            target.send(typing(user, word, 10)).await.unwrap();
        }
        if word == 2500 {
            sockets
                .to_channel("lobby")
                .send(said("between"))
                .await
                .unwrap();
            sockets
                .to_channel("lobby")
                .send(typing("eve", 0, 0))
                .await
                .unwrap();
        }
    }
    assert!(sockets.connections()[0].queue.messages < 20);
    assert!(sockets.connections()[0].statistics.replaced > 9000);
    let mut came = Vec::new();
    while came.last() != Some(&("bob".to_owned(), 4999)) {
        let event = client.next().await;
        let name = |event: &Value| event["param"]["user"].as_str().unwrap_or("-").to_owned();
        if name(&event) != "filler" {
            let word = event["param"]["word"].as_u64().unwrap_or(0);
            came.push((name(&event), word));
        }
    }
    // What was written before the kernel's buffers were full, then each once, in order.
    let end: Vec<_> = came.iter().rev().take(4).rev().cloned().collect();
    let expected = [("-", 0), ("eve", 0), ("ann", 4999), ("bob", 4999)];
    assert_eq!(end, expected.map(|(user, word)| (user.to_owned(), word)));
}

#[tokio::test]
async fn volatile_events_are_dropped_for_the_slow_alone() {
    let (server, mut slow) = stuck("lobby").await;
    let mut quick = server.connected("?ch=lobby").await;
    let sockets = &server.sockets;
    for x in 0..1000 {
        let beside = "x".repeat(2000);
        let target = sockets.to_channel("lobby");
        target.send(ChatEvent::Cursor { x, beside }).await.unwrap();
        assert_eq!(quick.event("cursor").await["param"]["x"], x);
    }
    let info = sockets.connection(slow.id.unwrap()).unwrap();
    assert!(info.statistics.dropped > 0);
    assert!(info.queue.bytes <= 1024 * 1024 / 2 + 4096);
    let quick_info = sockets.connection(quick.id.unwrap()).unwrap();
    assert_eq!(quick_info.statistics.dropped, 0);
    // It is not closed, and goes on getting what is reliable.
    sockets
        .to_channel("lobby")
        .send(said("still here"))
        .await
        .unwrap();
    assert_eq!(slow.event("chat").await["param"]["text"], "still here");
}

#[tokio::test]
async fn a_reliable_event_that_does_not_fit_closes_and_the_cause_is_counted() {
    let (server, mut client) = stuck("lobby").await;
    let sockets = &server.sockets;
    for n in 0..400 {
        let text = n.to_string();
        sockets.to_channel("lobby").send(said(text)).await.unwrap();
    }
    assert_eq!(client.closed().await.0, 4404);
    while sockets.status().connections > 0 {
        tokio::task::yield_now().await;
    }
    let slow = sockets.status().statistics.slow;
    assert_eq!((slow.bytes, slow.messages, slow.stalled), (0, 1, 0));
}

#[tokio::test]
async fn only_reliable_events_are_kept() {
    let server = TestServer::start().await;
    let mut client = server.connected("?ch=room:1").await;
    let sockets = &server.sockets;
    let room = || sockets.to_channel("room:1");
    room().send(said("1")).await.unwrap();
    room().send(typing("ann", 1, 0)).await.unwrap();
    let beside = String::new();
    room()
        .send(ChatEvent::Cursor { x: 1, beside })
        .await
        .unwrap();
    room().send(said("2")).await.unwrap();
    sockets
        .to_connection(client.id.unwrap())
        .send(said("you"))
        .await
        .unwrap();
    let came = client.settle().await;
    let at: Vec<_> = came.iter().map(|event| event["at"].clone()).collect();
    assert_eq!(
        at,
        [json!(1), Value::Null, Value::Null, json!(2), Value::Null]
    );
    let history = json!({"cmd": ":history", "param": {"limit": 10}});
    let answer = client.call(history).await;
    let events = answer["param"]["events"].as_array().unwrap();
    assert_eq!(chats(events), numbered(1, 2));
}

#[tokio::test]
async fn nobody_can_be_left_out_of_history() {
    let server = TestServer::start().await;
    let mut client = server.connected("?ch=room:1").await;
    let mut other = server.connected("?ch=room:1").await;
    let sockets = &server.sockets;
    let id = client.id.unwrap();
    for target in [
        sockets.to_channel("room:1"),
        sockets.to_user("id-ann"),
        sockets.to_all(),
    ] {
        let refused = target.except(id).send(said("x")).await;
        assert!(matches!(refused, Err(SendError::ExceptInHistory { .. })));
    }
    sockets
        .to_channel("lobby")
        .except(id)
        .send(said("x"))
        .await
        .unwrap();
    let aside = json!({"cmd": "aside", "param": {"text": "x"}});
    assert_eq!(client.refusal(aside).await, "internal");
    // What is not kept may leave somebody out.
    let typing = json!({"cmd": "typing", "param": {"user": "ann", "word": 3}});
    client.call(typing).await;
    assert_eq!(other.event("typing").await["param"]["word"], 3);
    assert_eq!(client.settle().await, Vec::<Value>::new());
    say(&server, "room:1", 1, 1).await;
    assert_eq!(chats(&client.settle().await), numbered(1, 1));
}
