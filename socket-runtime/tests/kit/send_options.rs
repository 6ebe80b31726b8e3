//! What need not be sent in every case.

use std::time::Duration;

use serde_json::json;
use socket_runtime::client::{Incoming, SendOptions, Sent};

use crate::chat::{kit, room, said, say};
use crate::scripted_server::script;

fn keyed(key: &str) -> SendOptions {
    SendOptions {
        key: Some(key.to_owned()),
        ..SendOptions::default()
    }
}

fn brief(millis: u64) -> SendOptions {
    SendOptions {
        ttl: Some(Duration::from_millis(millis)),
        ..SendOptions::default()
    }
}

fn volatile() -> SendOptions {
    SendOptions {
        volatile: true,
        ..SendOptions::default()
    }
}

#[tokio::test(start_paused = true)]
async fn what_waits_is_replaced_by_its_key_and_forgotten_after_its_time() {
    let (client, mut script) = script(|builder| builder);
    let mut peer = script.accept().await;
    peer.next().await;
    // Not let in yet: everything waits, and what would not is gone.
    let other = client.channel(room("a")).unwrap();
    assert_eq!(
        client.send_with(say("1"), &keyed("k")).unwrap(),
        Sent::Queued
    );
    assert_eq!(
        client.send_with(say("2"), &keyed("other")).unwrap(),
        Sent::Queued
    );
    assert_eq!(
        other.send_with(say("3"), &keyed("k")).unwrap(),
        Sent::Queued
    );
    assert_eq!(
        client.send_with(say("4"), &keyed("k")).unwrap(),
        Sent::Queued
    );
    assert_eq!(
        client.send_with(say("5"), &brief(100)).unwrap(),
        Sent::Queued
    );
    assert_eq!(
        client.send_with(say("6"), &brief(60_000)).unwrap(),
        Sent::Queued
    );
    let for_ever = SendOptions {
        ttl: Some(Duration::MAX),
        ..SendOptions::default()
    };
    assert_eq!(client.send_with(say("7"), &for_ever).unwrap(), Sent::Queued);
    assert_eq!(
        client.send_with(say("8"), &volatile()).unwrap(),
        Sent::Dropped
    );
    tokio::time::sleep(Duration::from_millis(100)).await;
    peer.send(json!({"re": 1, "param": {
        "connection": "0b0c6a3e-5f5e-4a8e-9a55-3c1f0a7f7d10", "resumed": false, "user": null,
        "ping": 25000, "timeout": 10000, "spread": 2000, "limits": {"message": 65536},
        "channels": {},
    }}))
    .await;
    for (text, channel) in [
        ("2", None),
        ("3", Some("room:a")),
        ("4", None),
        ("6", None),
        ("7", None),
    ] {
        let message = peer.next().await;
        assert_eq!(message["param"]["text"], text, "{message}");
        assert_eq!(message["channel"].as_str(), channel);
        // None of it is the server's business.
        assert_eq!(
            message.as_object().unwrap().len(),
            2 + usize::from(channel.is_some())
        );
    }
    // With a connection nothing is dropped, however much comes in one go, and no key replaces
    // what is on its way.
    for text in ["a", "b", "c"] {
        assert_ne!(
            client.send_with(say(text), &volatile()).unwrap(),
            Sent::Dropped
        );
    }
    for text in ["a", "b", "c"] {
        assert_eq!(peer.next().await["param"]["text"], text);
    }
}

#[tokio::test(start_paused = true)]
async fn what_waited_is_taken_although_the_network_bunches_it() {
    let (kit, _) = kit();
    let mut ann = kit.client().channel("lobby").connect().await;
    ann.faults().unreachable(true);
    ann.faults().drop_connection();
    ann.expect_loss().await;
    // More than a server takes at once.
    for n in 0..300 {
        ann.send(say(n.to_string())).unwrap();
    }
    ann.faults().delay(Duration::from_millis(300));
    ann.faults().unreachable(false);
    ann.expect_opened().await;
    // What goes out first is held up on its way, and what follows catches up with it.
    tokio::time::sleep(Duration::from_millis(1)).await;
    ann.faults().delay(Duration::ZERO);
    for n in 0..300 {
        let told = ann.expect("the next one, or a refusal", |incoming| match incoming {
            Incoming::Event(event) => Some(Ok(event.event.clone())),
            Incoming::Error(error) => Some(Err(error.clone())),
            _ => None,
        });
        assert_eq!(told.await.unwrap(), said("", &n.to_string()));
    }
}
