//! What everybody who does not read may hold, each alone and all together.

use std::time::Duration;

use futures_util::SinkExt;
use serde_json::{Value, json};
use socket_runtime::Config;
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Message;

use crate::chat::said;
use crate::sessions::{connect, gone, resume};
use crate::support::{Bystanders, TestServer};
use crate::timeouts::{Memory, seconds};

/// How much is queued for the only connection, in bytes.
fn queued(server: &Memory) -> u64 {
    let connections = server.sockets.connections();
    connections
        .iter()
        .map(|connection| connection.queue.bytes)
        .sum()
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_made_when_there_is_room_for_it() {
    let server = Memory::start();
    for n in 0..300 {
        let text = format!("{n} {}", "x".repeat(3000));
        let archive = server.sockets.to_channel("archive:a");
        archive.send(said("", &text)).await.unwrap();
    }
    let history = |id| json!({"cmd": ":history", "id": id, "channel": "archive:a"});
    let large = |id| json!({"cmd": "large", "id": id, "param": {"bytes": 900_000}});
    let members = |id| json!({"cmd": ":members", "id": id, "channel": "archive:a"});
    for ask in [&history as &dyn Fn(u64) -> Value, &large] {
        let mut client = server.full("?ch=archive:a").await;
        for id in 10..16 {
            client.send(ask(id)).await;
        }
        client.send(members(16)).await;
        // Nobody reads: one of them is made.
        sleep(seconds(5)).await;
        let held = queued(&server);
        assert!((800_000..1_100_000).contains(&held), "{held}");
        for id in 10..17 {
            let answer = client.answer(id).await;
            assert!(answer["error"].is_null(), "{answer}");
        }
        client.leave().await;
        while server.sockets.status().connections > 0 {
            sleep(Duration::from_millis(1)).await;
        }
    }
}

// Those behind it wait in their turn, what needs no answer does not wait.
#[tokio::test(start_paused = true)]
async fn what_is_answered_by_nothing_long_does_not_wait_for_room() {
    let server = Memory::start();
    let mut listens = server.full("?ch=lobby").await;
    let mut client = server.full("?ch=room:mine").await;
    for _ in 0..3 {
        let room = server.sockets.to_channel("room:mine");
        room.send(said("", &"x".repeat(100_000))).await.unwrap();
    }
    client
        .send(json!({"cmd": "chat", "channel": "", "param": {"text": "never"}}))
        .await;
    client
        .send(json!({"cmd": ":join", "channel": "lobby", "id": 10}))
        .await;
    client
        .send(json!({"cmd": "chat", "channel": "lobby", "id": 11, "param": {"text": "heard"}}))
        .await;
    let heard = listens
        .until(|message| message["param"]["text"] == "heard")
        .await;
    assert_eq!(heard["channel"], "lobby");
}

#[tokio::test]
async fn whoever_holds_most_goes_first_where_all_hold_too_much() {
    let server = TestServer::configured(Config::default().with(|config| {
        config.queue.buffered_bytes = 4 << 20;
        config.timeouts.write = Duration::from_secs(60);
        config.timeouts.close = Duration::from_millis(50);
    }))
    .await;
    let mut bystanders = Bystanders::meet(&server).await;
    let mut small = server.connected("?ch=room:small").await;
    let room = server.sockets.to_channel("room:small");
    room.send(said("", &"x".repeat(300_000))).await.unwrap();
    let mut strangers = Vec::new();
    for n in 0..10 {
        let client = server.connected(&format!("?ch=room:{n}")).await;
        for _ in 0..10 {
            let room = server.sockets.to_channel(format!("room:{n}"));
            room.send(said("", &"x".repeat(100_000))).await.unwrap();
        }
        strangers.push(client);
        bystanders.talk().await;
    }
    loop {
        let status = server.sockets.status();
        let closed = status.closes.get(&4404).copied().unwrap_or(0);
        if status.buffered <= 4 << 20 && closed > 0 {
            assert_eq!(status.statistics.slow.buffered, closed);
            assert!((3..10).contains(&closed), "{closed}");
            break;
        }
        bystanders.talk().await;
        // No faster than their own rate allows.
        sleep(Duration::from_millis(60)).await;
    }
    // It holds less than they do.
    assert_eq!(small.event("chat").await["channel"], "room:small");
    let answer = small.call(json!({"cmd": "ping"})).await;
    assert_eq!(answer["error"], Value::Null);
    bystanders.talk().await;
}

// What a message for many holds it holds once.
#[tokio::test(start_paused = true)]
async fn a_message_for_many_counts_once() {
    let server = Memory::configured(
        Config::default().with(|config| config.queue.buffered_bytes = 2_000_000),
    );
    let mut members = Vec::new();
    for _ in 0..50 {
        members.push(server.full("?ch=lobby").await);
    }
    let text = "x".repeat(900_000);
    let lobby = server.sockets.to_channel("lobby");
    lobby.send(said("", &text)).await.unwrap();
    sleep(seconds(1)).await;
    let buffered = server.sockets.status().buffered;
    assert!((800_000..1_000_000).contains(&buffered), "{buffered}");
    for member in &mut members {
        assert_eq!(member.event("chat").await["param"]["text"], text);
    }
    assert_eq!(server.sockets.status().closes.get(&4404), None);
    assert_eq!(server.sockets.status().buffered, 0);
}

// Answers that are kept for those who do not come back count too.
#[tokio::test(start_paused = true)]
async fn sessions_that_hold_most_end_first() {
    let server = Memory::configured(
        Config::default().with(|config| config.queue.buffered_bytes = 1_500_000),
    );
    let mut replies = Vec::new();
    for user in ["ann", "bob", "carl"] {
        let (mut client, reply) = connect(&server, &format!("?user={user}"), json!({})).await;
        let bytes = if user == "ann" { 30_000 } else { 100_000 };
        for id in 10..18 {
            let call = json!({"cmd": "large", "id": id, "param": {"bytes": bytes}});
            client.send(call).await;
            client.answer(id).await;
        }
        let held = server.sockets.status().buffered;
        assert!(held >= 8 * bytes as usize, "{held}");
        let _ = client.socket.feed(Message::Ping("".into())).await;
        drop(client);
        gone(&server, &reply).await;
        replies.push((user, reply));
    }
    while server.sockets.status().sessions > 2 {
        sleep(Duration::from_millis(1)).await;
    }
    let mut resumed = Vec::new();
    for (user, reply) in &replies {
        let (_client, again) = resume(&server, &format!("?user={user}"), reply).await;
        resumed.push(again["resumed"] == true);
    }
    // Of the two that hold most one was enough.
    assert!(resumed[0], "{resumed:?}");
    assert_eq!(resumed.iter().filter(|resumed| **resumed).count(), 2);
}
