//! Sessions that wait: strangers push out nobody who logged in, and a broken rule ends one.

use serde_json::json;
use socket_runtime::Config;
use tokio::io::AsyncWriteExt;

use crate::sessions::{connect, gone, resume};
use crate::timeouts::Memory;

#[tokio::test(start_paused = true)]
async fn strangers_push_out_nobody_who_logged_in() {
    let server = Memory::configured(Config::default().with(|config| config.sessions.count = 30));
    let mut users = Vec::new();
    for n in 0..20 {
        let query = format!("?user=user{n}");
        let (client, reply) = connect(&server, &query, json!({})).await;
        drop(client);
        gone(&server, &reply).await;
        users.push((query, reply));
    }
    let mut strangers = Vec::new();
    for _ in 0..40 {
        let (client, reply) = connect(&server, "", json!({})).await;
        drop(client);
        gone(&server, &reply).await;
        strangers.push(reply);
    }
    assert_eq!(server.sockets.status().sessions, 30);
    for (query, reply) in &users {
        let (_client, again) = resume(&server, query, reply).await;
        assert_eq!(again["resumed"], true, "{query}");
    }
    // The last of them are still there.
    let (_client, again) = resume(&server, "", &strangers[39]).await;
    assert_eq!(again["resumed"], true);
}

#[tokio::test(start_paused = true)]
async fn strangers_share_one_quota() {
    let server = Memory::configured(Config::default().with(|config| config.sessions.anonymous = 2));
    let mut replies = Vec::new();
    for _ in 0..3 {
        let (client, reply) = connect(&server, "", json!({})).await;
        drop(client);
        gone(&server, &reply).await;
        replies.push(reply);
    }
    assert_eq!(server.sockets.status().sessions, 2);
    let (_client, again) = resume(&server, "", &replies[0]).await;
    assert_eq!(again["resumed"], false);
    let (_client, again) = resume(&server, "", &replies[1]).await;
    assert_eq!(again["resumed"], true);
}

// P 6.11
#[tokio::test(start_paused = true)]
async fn a_broken_rule_ends_the_session_at_once() {
    let violations: [(&str, Vec<u8>, u16); 4] = [
        ("binary", vec![0x82, 0x80, 0, 0, 0, 0], 1003),
        ("unmasked", vec![0x81, 1, b'x'], 1002),
        ("no UTF-8", vec![0x81, 0x81, 0, 0, 0, 0, 0xff], 1007),
        (
            "too long",
            vec![0x81, 0xff, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0],
            1009,
        ),
    ];
    for (what, bytes, code) in violations {
        let server = Memory::start();
        let mut watcher = server.full("?ch=lobby").await;
        let (mut client, reply) = connect(&server, "?ch=lobby&user=ann", json!({})).await;
        watcher.event("online-update").await;
        client.socket.get_mut().write_all(&bytes).await.unwrap();
        assert_eq!(client.closed().await.0, code, "{what}");
        let left = watcher.event("online-update").await;
        assert_eq!(left["param"]["connected"], false, "{what}");
        assert_eq!(server.sockets.status().sessions, 0, "{what}");
        let (_client, again) = resume(&server, "?ch=lobby&user=ann", &reply).await;
        assert_eq!(again["resumed"], false, "{what}");
    }
}
