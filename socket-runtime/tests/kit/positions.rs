//! What a client makes of offsets: nothing twice, nothing missing in silence.

use serde_json::{Value, json};
use socket_runtime::client::{Client, Events, GapReason, Incoming};
use socket_runtime::prelude::*;

use crate::chat::{Chat, ChatChannel, ChatCommand, ChatEvent, room};
use crate::scripted_server::{Peer, Script, script, script_of};

/// An event of room a: its offset, and the one before it where that is said.
fn chat(at: u64, prev: Option<u64>) -> Value {
    let param = json!({"user": "ann", "text": at.to_string()});
    let mut event = json!({"cmd": "chat", "channel": "room:a", "param": param, "at": at});
    if let Some(prev) = prev {
        event["prev"] = prev.into();
    }
    event
}

fn stands(recovery: &str, epoch: &str, at: u64) -> Value {
    json!({"recovery": recovery, "epoch": epoch, "at": at})
}

/// A welcome that says that of room a.
fn again(result: &Value) -> Value {
    json!({"channels": {"room:a": result}})
}

/// What a stream tells next of offsets and gaps.
#[derive(Debug, PartialEq)]
enum Told {
    At(u64),
    Gap(GapReason),
}

async fn next(events: &mut Events<Chat>) -> Told {
    loop {
        match events.next().await.unwrap() {
            Incoming::Event(event) => {
                let ChatEvent::Chat { text, .. } = &event.event else {
                    panic!("{event:?}")
                };
                assert_eq!(event.at.unwrap().to_string(), *text);
                return Told::At(event.at.unwrap());
            }
            Incoming::Gap { channel, reason } => {
                assert_eq!(channel.as_str(), "room:a");
                return Told::Gap(reason);
            }
            _ => {}
        }
    }
}

/// A connection on which room a was joined, with that answer.
async fn joined(client: &Client<Chat>, script: &mut Script, result: Value) -> Peer {
    let (mut peer, _) = script.welcome(json!({})).await;
    client.opened().await.unwrap();
    join(client, &mut peer, result).await;
    peer
}

async fn join(client: &Client<Chat>, peer: &mut Peer, result: Value) {
    let (answer, ()) = tokio::join!(client.join(room("a")), async {
        let join = peer.next().await;
        assert_eq!(
            (&join["cmd"], &join["param"]),
            (&json!(":join"), &json!({}))
        );
        peer.send(json!({"re": join["id"], "param": result})).await;
    });
    answer.unwrap();
}

#[tokio::test(start_paused = true)]
async fn doubles_are_dropped_and_a_hole_is_told_once() {
    let (client, mut script) = script(|builder| builder);
    let mut events = client.events();
    let mut peer = joined(&client, &mut script, stands("fresh", "e", 3)).await;
    for (at, prev) in [
        (4, None),
        (4, None),
        (3, None),
        (9, Some(4)),
        (12, None),
        (13, None),
    ] {
        peer.send(chat(at, prev)).await;
    }
    for expected in [
        Told::At(4),
        Told::At(9),
        Told::Gap(GapReason::Gap),
        Told::At(12),
        Told::At(13),
    ] {
        assert_eq!(next(&mut events).await, expected);
    }
    // Where it goes on from is the last one that came.
    drop(peer);
    let (mut peer, connect) = script.welcome(again(&stands("complete", "e", 15))).await;
    let since = json!({"epoch": "e", "at": 13});
    assert_eq!(connect["channels"]["room:a"]["since"], since);
    for at in [14, 15] {
        peer.send(chat(at, None)).await;
        assert_eq!(next(&mut events).await, Told::At(at));
    }
}

#[tokio::test(start_paused = true)]
async fn a_break_in_the_middle_of_a_replay_goes_on_where_it_broke() {
    let (client, mut script) = script(|builder| builder);
    let mut events = client.events();
    let peer = joined(&client, &mut script, stands("fresh", "e", 3)).await;
    drop(peer);
    let (mut peer, _) = script.welcome(again(&stands("complete", "e", 6))).await;
    peer.send(chat(4, None)).await;
    assert_eq!(next(&mut events).await, Told::At(4));
    drop(peer);
    let (_peer, connect) = script.welcome(again(&stands("gap", "f", 2))).await;
    assert_eq!(connect["channels"]["room:a"]["since"]["at"], 4);
    assert_eq!(next(&mut events).await, Told::Gap(GapReason::Gap));
}

#[tokio::test(start_paused = true)]
async fn what_the_server_could_not_replay_is_a_gap_behind_which_all_is_whole() {
    let (client, mut script) = script(|builder| builder);
    let mut events = client.events();
    let mut peer = joined(&client, &mut script, stands("fresh", "e", 3)).await;
    let gap = json!({"cmd": ":gap", "channel": "room:a", "param": {"epoch": "f", "at": 7}});
    peer.send(gap).await;
    peer.send(chat(8, None)).await;
    assert_eq!(next(&mut events).await, Told::Gap(GapReason::Gap));
    assert_eq!(next(&mut events).await, Told::At(8));
    drop(peer);
    let (_peer, connect) = script.welcome(again(&stands("complete", "f", 8))).await;
    let since = json!({"epoch": "f", "at": 8});
    assert_eq!(connect["channels"]["room:a"]["since"], since);
}

#[tokio::test(start_paused = true)]
async fn without_history_every_break_is_told() {
    let (client, mut script) = script(|builder| builder);
    let mut events = client.events();
    let none = || json!({"recovery": "none"});
    drop(joined(&client, &mut script, none()).await);
    let (mut peer, connect) = script.welcome(again(&none())).await;
    assert_eq!(connect["channels"], json!({"room:a": {}}));
    assert_eq!(next(&mut events).await, Told::Gap(GapReason::NoHistory));
    // Left, and joined again: whoever was out has missed nothing that it was promised.
    client.leave(room("a")).unwrap();
    let leave = peer.next().await;
    assert_eq!(leave["cmd"], ":leave");
    peer.send(json!({"re": leave["id"], "param": {}})).await;
    join(&client, &mut peer, none()).await;
    peer.send(chat(1, None)).await;
    assert_eq!(next(&mut events).await, Told::At(1));
}

#[derive(Debug, Protocol)]
#[protocol(name = "notes", commands = ChatCommand, events = ChatEvent, channels = ChatChannel, user_history(events = 10, keep = "1m"))]
struct Notes;

#[tokio::test(start_paused = true)]
async fn what_is_kept_for_a_user_is_asked_for_at_every_connection() {
    let (client, mut script) = script_of::<Notes>(|builder| builder);
    let mut events = client.events();
    let user = |result: Value| json!({"channels": {":user": result}});
    let (mut peer, connect) = script.welcome(user(stands("fresh", "e", 3))).await;
    assert_eq!(connect["channels"], json!({":user": {}}));
    let mut event = chat(4, None);
    event["channel"] = ":user".into();
    peer.send(event.clone()).await;
    peer.send(event).await;
    drop(peer);
    let (_peer, connect) = script.welcome(user(stands("gap", "e", 9))).await;
    let since = json!({"since": {"epoch": "e", "at": 4}});
    assert_eq!(connect["channels"], json!({":user": since}));
    let mut told = Vec::new();
    while told.last() != Some(&"gap") {
        match events.next().await.unwrap() {
            Incoming::Event(_) => told.push("event"),
            Incoming::Gap { channel, .. } if channel == ChannelName::user() => told.push("gap"),
            _ => {}
        }
    }
    assert_eq!(told, ["event", "gap"]);
}
