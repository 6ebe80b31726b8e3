//! Sessions: a client comes back after a break, and nothing that it was told or asked is lost.

use std::time::Duration;

use serde_json::{Value, json};
use socket_runtime::Config;
use tokio::time::sleep;

use crate::support::Client;
use crate::timeouts::{Memory, seconds};

type Peer = Client<tokio::io::DuplexStream>;

/// A connection, and the answer to its handshake.
pub async fn connect(server: &Memory, query: &str, param: Value) -> (Peer, Value) {
    let mut client = server.open(query, Some("socket.v1")).await;
    let reply = client.connect(param).await;
    (client, reply)
}

pub async fn resume(server: &Memory, query: &str, reply: &Value) -> (Peer, Value) {
    connect(server, query, json!({"session": reply["session"]})).await
}

/// Waits until the server has noticed that the connection's socket is gone.
pub async fn gone(server: &Memory, reply: &Value) {
    let id = serde_json::from_value(reply["connection"].clone()).unwrap();
    while server.sockets.connection(id).is_some() {
        sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_goes_on_under_the_same_id_and_nobody_is_told() {
    let server = Memory::start();
    let mut watcher = server.full("?ch=lobby").await;
    let (client, first) = connect(&server, "?ch=lobby&user=ann", json!({})).await;
    assert_eq!(first["resumed"], false);
    watcher.event("online-update").await;
    drop(client);
    gone(&server, &first).await;
    assert_eq!(server.sockets.status().connections, 1);
    assert_eq!(server.sockets.member_count("lobby").unwrap(), 2);
    sleep(seconds(9)).await;
    let (mut client, second) = resume(&server, "?ch=lobby&user=ann", &first).await;
    assert_eq!(second["resumed"], true);
    assert_eq!(second["connection"], first["connection"]);
    assert_ne!(second["session"], first["session"]);
    sleep(seconds(15)).await;
    watcher.hears_no("online-update").await;
    // It is a member as it was.
    watcher
        .send(json!({"cmd": "chat", "param": {"text": "hi"}}))
        .await;
    assert_eq!(client.event("chat").await["param"]["text"], "hi");
}

#[tokio::test(start_paused = true)]
async fn members_are_told_after_the_grace_and_the_session_ends_after_the_window() {
    let server = Memory::start();
    let mut watcher = server.full("?ch=lobby").await;
    let (client, first) = connect(&server, "?ch=lobby&user=ann", json!({})).await;
    watcher.event("online-update").await;
    drop(client);
    gone(&server, &first).await;
    sleep(seconds(11)).await;
    let left = watcher.event("online-update").await;
    assert_eq!(left["param"]["connected"], false);
    // Its session is still there.
    let (client, second) = resume(&server, "?ch=lobby&user=ann", &first).await;
    assert_eq!(second["resumed"], true);
    assert_eq!(
        watcher.event("online-update").await["param"]["connected"],
        true
    );
    drop(client);
    gone(&server, &second).await;
    sleep(seconds(121)).await;
    let (_client, third) = resume(&server, "?ch=lobby&user=ann", &second).await;
    assert_eq!(third["resumed"], false);
    assert_ne!(third["connection"], first["connection"]);
}

#[tokio::test(start_paused = true)]
async fn a_goodbye_ends_the_session_at_once_and_finishes_what_was_received() {
    let server = Memory::start();
    let mut watcher = server.full("?ch=lobby").await;
    let (mut client, first) = connect(&server, "?ch=lobby&user=ann", json!({})).await;
    watcher.event("online-update").await;
    let late = json!({"cmd": "late", "param": {"text": "first", "millis": 500}});
    client.send(late).await;
    client
        .send(json!({"cmd": "chat", "param": {"text": "second"}}))
        .await;
    client.leave().await;
    assert_eq!(watcher.event("chat").await["param"]["text"], "first");
    assert_eq!(watcher.event("chat").await["param"]["text"], "second");
    assert_eq!(
        watcher.event("online-update").await["param"]["connected"],
        false
    );
    let (_client, second) = resume(&server, "?ch=lobby&user=ann", &first).await;
    assert_eq!(second["resumed"], false);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_good_once_and_only_for_its_user() {
    let server = Memory::start();
    let (client, first) = connect(&server, "?user=ann", json!({})).await;
    drop(client);
    gone(&server, &first).await;
    // Another user's, tampered with, of no session, no token at all.
    let (_bob, other) = resume(&server, "?user=bob", &first).await;
    assert_eq!(other["resumed"], false);
    let token = first["session"].as_str().unwrap();
    let tampered = format!(
        "{}{}",
        &token[..token.len() - 1],
        if token.ends_with('0') { '1' } else { '0' }
    );
    for bad in [tampered.as_str(), "", ".", "nonsense", &token[..36]] {
        let (_client, reply) = connect(&server, "?user=ann", json!({"session": bad})).await;
        assert_eq!(reply["resumed"], false, "{bad}");
    }
    // Of a server before it was started again.
    let (_client, reply) = resume(&Memory::start(), "?user=ann", &first).await;
    assert_eq!(reply["resumed"], false);
    // All of that did no harm to the session. Its answer is lost: the token still holds.
    let (client, second) = resume(&server, "?user=ann", &first).await;
    assert_eq!(second["resumed"], true);
    drop(client);
    gone(&server, &second).await;
    let (mut client, third) = resume(&server, "?user=ann", &first).await;
    assert_eq!(third["resumed"], true);
    // The client has the answer, and says something: from now on only the new one holds.
    client.settle().await;
    for old in [&first, &second] {
        let (_client, reply) = resume(&server, "?user=ann", old).await;
        assert_eq!(reply["resumed"], false);
    }
    drop(client);
    gone(&server, &third).await;
    let (_client, fourth) = resume(&server, "?user=ann", &third).await;
    assert_eq!(fourth["resumed"], true);
    assert_eq!(fourth["connection"], first["connection"]);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_open_elsewhere_goes_on_here() {
    let server = Memory::start();
    let (mut older, first) = connect(&server, "?ch=lobby&user=ann", json!({})).await;
    older
        .send(json!({"cmd": "think", "id": 9, "param": {"millis": 500}}))
        .await;
    older.settle().await;
    let (mut newer, second) = resume(&server, "?ch=lobby&user=ann", &first).await;
    assert_eq!(second["resumed"], true);
    assert_eq!(older.closed().await.0, 4505);
    assert_eq!(server.sockets.member_count("lobby").unwrap(), 1);
    // The call that was begun there is answered here, once it is asked for.
    newer
        .send(json!({"cmd": "think", "id": 9, "param": {"millis": 500}}))
        .await;
    assert_eq!(newer.next().await["re"], 9);
    // Used twice at once: one has it in the end, and the session is whole.
    let both = tokio::join!(
        resume(&server, "?ch=lobby&user=ann", &second),
        resume(&server, "?ch=lobby&user=ann", &second)
    );
    let ids = [&both.0.1, &both.1.1].map(|reply| reply["connection"] == first["connection"]);
    assert!(ids.contains(&true), "{ids:?}");
    let open = server.sockets.connections();
    assert_eq!(
        open.iter()
            .filter(|c| json!(c.id) == first["connection"])
            .count(),
        1
    );
}

#[tokio::test(start_paused = true)]
async fn handlers_run_on_and_their_answers_wait() {
    let server = Memory::start();
    let mut watcher = server.full("?ch=lobby").await;
    let (mut client, first) = connect(&server, "?ch=lobby&user=ann", json!({})).await;
    let calls = [
        json!({"cmd": "late", "id": 5, "param": {"text": "one", "millis": 2000}}),
        json!({"cmd": "chat", "id": 6, "param": {"text": "two"}}),
        json!({"cmd": "count", "id": 7, "param": {"to": 9, "bytes": 1, "pause": 1000}}),
    ];
    for call in &calls {
        client.send(call.clone()).await;
    }
    client.send(json!({"cmd": ":ping"})).await;
    client.event(":pong").await;
    drop(client);
    gone(&server, &first).await;
    assert_eq!(watcher.event("chat").await["param"]["text"], "one");
    assert_eq!(watcher.event("chat").await["param"]["text"], "two");
    let (mut client, second) = resume(&server, "?ch=lobby&user=ann", &first).await;
    assert_eq!(second["resumed"], true);
    // Nobody has asked for them yet.
    assert!(client.settle().await.is_empty());
    for call in &calls {
        client.send(call.clone()).await;
    }
    assert_eq!(client.next().await, json!({"re": 5, "param": {}}));
    assert_eq!(client.next().await, json!({"re": 6, "param": {}}));
    // A stream ends with its socket.
    assert_eq!(client.answer(7).await["error"]["code"], "outcome-unknown");
    // None ran twice.
    watcher.hears_no("chat").await;
}

#[tokio::test(start_paused = true)]
async fn an_id_runs_once() {
    let server = Memory::configured(Config::default().with(|config| {
        config.sessions.kept_answers = 3;
        config.rates.rate = 0;
    }));
    let mut client = server.full("?ch=lobby").await;
    // While its first run goes on: one answer.
    for _ in 0..3 {
        client
            .send(json!({"cmd": "think", "id": 10, "param": {"millis": 100}}))
            .await;
    }
    assert_eq!(client.next().await["re"], 10);
    // After it: the same again.
    client
        .send(json!({"cmd": "chat", "id": 10, "param": {"text": "other"}}))
        .await;
    assert_eq!(client.next().await["param"]["members"], 0);
    assert!(client.settle().await.is_empty());
    // One that goes back and was never used, and one whose answer is gone.
    for id in 20..24 {
        client.send(json!({"cmd": "ping", "id": id})).await;
        assert!(client.answer(id).await["error"].is_null());
    }
    for (id, code) in [
        (15, json!("outcome-unknown")),
        (20, json!("outcome-unknown")),
        (22, Value::Null),
    ] {
        client.send(json!({"cmd": "ping", "id": id})).await;
        assert_eq!(client.answer(id).await["error"]["code"], code, "{id}");
    }
    // The protocol's own commands may be repeated.
    for _ in 0..2 {
        client.send(json!({"cmd": ":members", "id": 1})).await;
        assert_eq!(client.answer(1).await["param"]["count"], 1);
    }
    // In plain mode there is no session, and ids are the client's own.
    let mut plain = server.open("?ch=lobby", None).await;
    for _ in 0..2 {
        plain.send(json!({"cmd": "ping", "id": 1})).await;
        assert!(plain.answer(1).await["error"].is_null());
    }
}

#[tokio::test(start_paused = true)]
async fn a_reconnect_does_not_reset_the_rate() {
    let server = Memory::configured(Config::default().with(|config| {
        config.rates.rate = 1;
        config.rates.burst = 5;
    }));
    let (mut client, mut reply) = connect(&server, "", json!({})).await;
    let mut refused = 0;
    for round in 0..4 {
        let calls: Vec<_> = (0..2)
            .map(|n| json!({"cmd": "ping", "id": 100 + round * 10 + n}))
            .collect();
        client.send(Value::Array(calls.clone())).await;
        // What is refused is answered before what waits.
        for _ in &calls {
            let answer = client.next().await;
            refused += usize::from(answer["error"]["code"] == "rate-limited");
        }
        drop(client);
        gone(&server, &reply).await;
        (client, reply) = resume(&server, "", &reply).await;
        assert_eq!(reply["resumed"], true);
    }
    assert_eq!(refused, 3);
}

#[tokio::test(start_paused = true)]
async fn what_connect_names_is_the_whole_truth() {
    let server = Memory::start();
    let (mut client, first) = connect(
        &server,
        "?ch=lobby&user=ann",
        json!({"channels": {"room:a": {}, "room:b": {}}}),
    )
    .await;
    client
        .call(json!({"cmd": "join-room", "param": {"room": "made"}}))
        .await;
    drop(client);
    gone(&server, &first).await;
    let param = json!({"session": first["session"], "channels": {"room:b": {}}});
    let (_client, second) = connect(&server, "?ch=lobby&user=ann", param).await;
    assert_eq!(second["resumed"], true);
    let id = serde_json::from_value(second["connection"].clone()).unwrap();
    let channels = server.sockets.connection(id).unwrap().channels;
    let names: Vec<_> = channels.iter().map(|name| name.as_str()).collect();
    assert_eq!(names, ["lobby", "room:b"]);
    // With another default channel it is another connection.
    let (_client, third) = resume(&server, "?ch=room:z&user=ann", &second).await;
    assert_eq!(third["resumed"], false);
}

#[tokio::test(start_paused = true)]
async fn sessions_that_wait_are_bounded() {
    let server = Memory::configured(Config::default().with(|config| {
        config.sessions.count = 3;
        config.sessions.per_user = 2;
    }));
    let mut replies = Vec::new();
    for user in ["ann", "bob", "ann", "ann", "carl"] {
        let (client, reply) = connect(&server, &format!("?user={user}"), json!({})).await;
        drop(client);
        while server.sockets.status().connections > 0 {
            tokio::task::yield_now().await;
        }
        assert!(server.sockets.status().sessions <= 3);
        replies.push((user, reply));
        sleep(Duration::from_millis(1)).await;
    }
    // Ann's first made room for her third, Bob's for Carl's.
    let (mut resumed, mut clients) = (Vec::new(), Vec::new());
    for (user, reply) in replies.iter().rev() {
        let (client, again) = resume(&server, &format!("?user={user}"), reply).await;
        resumed.push(again["resumed"] == true);
        clients.push(client);
    }
    assert_eq!(resumed, [true, true, true, false, false]);
}

#[tokio::test(start_paused = true)]
async fn a_user_who_is_put_out_does_not_come_back_to_a_session() {
    let mut server = Memory::start();
    let (mut client, first) = connect(&server, "?user=ann", json!({})).await;
    client.send(json!({"cmd": "hang"})).await;
    client.send(json!({"cmd": ":ping"})).await;
    client.event(":pong").await;
    drop(client);
    gone(&server, &first).await;
    let reached = server.sockets.disconnect_user("id-ann", "enough").await;
    assert_eq!(reached.connections, 1);
    server.dropped.recv().await.unwrap();
    let (_client, second) = resume(&server, "?user=ann", &first).await;
    assert_eq!(second["resumed"], false);
}
