//! Streaming calls, from the client's end.

use std::sync::atomic::Ordering::Relaxed;

use serde_json::json;
use socket_runtime::client::{CallError, Items, Options};

use crate::chat::{Chat, Line, RoomError, Then, chat_command, kit, seconds, settle};
use crate::scripted_server::script;

fn tail(lines: u32, then: Then) -> chat_command::Tail {
    chat_command::Tail { lines, then }
}

async fn numbers(items: &mut Items<Chat, chat_command::Tail>, count: u32) {
    for number in 0..count {
        assert_eq!(items.next().await.unwrap().unwrap(), Line { number });
    }
}

#[tokio::test(start_paused = true)]
async fn items_come_in_order_and_then_the_reply_or_the_error() {
    let (kit, _) = kit();
    let client = kit.client().connect().await;
    let mut items = client.call(tail(500, Then::Answer)).items().unwrap();
    numbers(&mut items, 500).await;
    assert!(items.next().await.is_none());
    assert!(items.next().await.is_none());
    assert_eq!(items.reply().await.unwrap().times, 500);
    // Whoever wants the reply alone gets it.
    assert_eq!(client.call(tail(3, Then::Answer)).await.unwrap().times, 3);
    let items = client.call(tail(3, Then::Answer)).items().unwrap();
    assert_eq!(items.reply().await.unwrap().times, 3);

    let mut refused = client.call(tail(2, Then::Refuse)).items().unwrap();
    numbers(&mut refused, 2).await;
    let error = refused.next().await.unwrap().unwrap_err();
    let full = RoomError::RoomFull {
        max: 10,
        room: String::new(),
    };
    assert!(matches!(error, CallError::Refused { error, .. } if error == full));
    assert!(refused.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_dropped_or_too_late_ends_its_handler() {
    let (kit, server) = kit();
    let client = kit.client().connect().await;
    let mut dropped = client.call(tail(1, Then::Hang)).items().unwrap();
    numbers(&mut dropped, 1).await;
    settle().await;
    assert_eq!(server.hanging.load(Relaxed), 1);
    drop(dropped);
    settle().await;
    assert_eq!(server.hanging.load(Relaxed), 0);

    let call = client.call(tail(1, Then::Hang)).timeout(seconds(3));
    let mut late = call.items().unwrap();
    numbers(&mut late, 1).await;
    assert!(matches!(late.next().await, Some(Err(CallError::Timeout))));
    assert!(late.next().await.is_none());
    settle().await;
    assert_eq!(server.hanging.load(Relaxed), 0);
}

#[tokio::test(start_paused = true)]
async fn a_break_ends_a_stream_and_nothing_of_it_is_sent_again() {
    let (kit, server) = kit();
    let mut client = kit.client().connect().await;
    let mut items = client.call(tail(1, Then::Hang)).items().unwrap();
    numbers(&mut items, 1).await;
    client.faults().drop_connection();
    let broken = items.next().await;
    assert!(matches!(
        broken,
        Some(Err(CallError::Disconnected { sent: true }))
    ));
    client.expect_opened().await;
    settle().await;
    assert_eq!(server.hanging.load(Relaxed), 0);
}

#[tokio::test(start_paused = true)]
async fn whoever_does_not_read_is_told_and_the_call_cancelled() {
    let (client, mut script) = script(|builder| {
        builder.options(Options {
            item_queue: 2,
            ..Options::default()
        })
    });
    let (mut peer, _) = script.welcome(json!({})).await;
    let mut items = client.call(tail(9, Then::Answer)).items().unwrap();
    let id = peer.next().await["id"].clone();
    for number in 0..4 {
        peer.send(json!({"re": id, "item": {"number": number}}))
            .await;
    }
    let cancel = peer.next().await;
    assert_eq!(
        (&cancel["cmd"], &cancel["param"]["id"]),
        (&json!(":cancel"), &id)
    );
    numbers(&mut items, 2).await;
    let unread = items.next().await;
    assert!(matches!(unread, Some(Err(CallError::Unread { limit: 2 }))));
    // An item of another version ends nothing else.
    let mut other = client.call(tail(1, Then::Answer)).items().unwrap();
    let id = peer.next().await["id"].clone();
    peer.send(json!({"re": id, "item": {"number": "one"}}))
        .await;
    peer.send(json!({"re": id, "param": {"times": 1}})).await;
    let wrong = other.next().await;
    assert!(matches!(wrong, Some(Err(CallError::Reply(error))) if error.path == "number"));
    assert_eq!(other.reply().await.unwrap().times, 1);
}
