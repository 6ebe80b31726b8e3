//! Each verdict, and each position that a client may name.

use serde_json::{Value, json};
use socket_runtime::Config;

use crate::chat::said;
use crate::support::TestServer;

/// The texts and offsets of the `chat` events among the messages.
pub fn chats(messages: &[Value]) -> Vec<(String, u64)> {
    let chats = messages.iter().filter(|message| message["cmd"] == "chat");
    chats
        .map(|chat| {
            let text = chat["param"]["text"].as_str().unwrap();
            (text.to_owned(), chat["at"].as_u64().unwrap())
        })
        .collect()
}

/// Says so many things, numbered from `from`.
pub async fn say(server: &TestServer, channel: &str, from: u64, count: u64) {
    for n in from..from + count {
        let target = server.sockets.to_channel(channel);
        target.send(said(n.to_string())).await.unwrap();
    }
}

pub fn numbered(from: u64, count: u64) -> Vec<(String, u64)> {
    (from..from + count).map(|n| (n.to_string(), n)).collect()
}

fn join(channel: &str, since: &Value) -> Value {
    json!({"cmd": ":join", "channel": channel, "param": {"since": since}})
}

#[tokio::test]
async fn who_comes_back_gets_what_it_missed_after_the_answer_and_before_what_is_live() {
    let server = TestServer::start().await;
    let mut ann = server.connected("?ch=lobby").await;
    let fresh = ann.call(json!({"cmd": ":join", "channel": "room:1"})).await;
    let epoch = fresh["param"]["epoch"].clone();
    assert_eq!(
        fresh["param"],
        json!({"recovery": "fresh", "epoch": epoch, "at": 0})
    );
    say(&server, "room:1", 1, 3).await;
    assert_eq!(chats(&ann.settle().await), numbered(1, 3));
    drop(ann);
    say(&server, "room:1", 4, 4).await;
    let mut ann = server.connected("?ch=lobby").await;
    ann.send(join("room:1", &json!({"epoch": epoch, "at": 3})))
        .await;
    ann.send(json!({"cmd": "chat", "channel": "room:1", "param": {"text": "8"}, "id": 1000}))
        .await;
    ann.answer(1000).await;
    drop(ann);

    let mut ann = server.connected("?ch=lobby").await;
    let mut request = join("room:1", &json!({"epoch": epoch, "at": 5}));
    request["id"] = json!(77);
    ann.send(request).await;
    assert_eq!(
        ann.next().await,
        json!({"re": 77, "param": {"recovery": "complete", "epoch": epoch, "at": 8}})
    );
    assert_eq!(chats(&ann.settle().await), numbered(6, 3));
    say(&server, "room:1", 9, 1).await;
    let live = ann.next().await;
    assert_eq!(
        live,
        json!({"cmd": "chat", "channel": "room:1", "param": {"text": "9"}, "at": 9})
    );
    assert_eq!(server.sockets.status().recoveries.complete, 2);
    assert!((7..=8).contains(&server.sockets.status().statistics.replayed));
}

#[tokio::test]
async fn each_position_has_its_verdict() {
    let server = TestServer::start().await;
    say(&server, "room:1", 1, 10).await;
    say(&server, "short:1", 1, 10).await;
    let mut client = server.connected("?ch=lobby").await;
    let fresh = client
        .call(json!({"cmd": ":join", "channel": "room:1"}))
        .await;
    let epoch = fresh["param"]["epoch"].as_str().unwrap().to_owned();
    client
        .call(json!({"cmd": ":leave", "channel": "room:1"}))
        .await;
    for (channel, since, expected, replayed) in [
        ("room:1", json!({"epoch": epoch, "at": 10}), "complete", 0),
        ("room:1", json!({"epoch": epoch, "at": 7}), "complete", 3),
        ("room:1", json!({"epoch": epoch, "at": 0}), "complete", 10),
        ("room:1", json!({"epoch": epoch, "at": 11}), "gap", 0),
        (
            "room:1",
            json!({"epoch": epoch, "at": 9_007_199_254_740_991_u64}),
            "gap",
            0,
        ),
        ("room:1", json!({"epoch": epoch, "at": u64::MAX}), "gap", 0),
        ("room:1", json!({"epoch": "another", "at": 7}), "gap", 0),
        ("room:1", json!({"epoch": "", "at": 0}), "gap", 0),
        ("room:1", Value::Null, "fresh", 0),
        ("short:1", json!({"epoch": epoch, "at": 5}), "complete", 5),
        ("short:1", json!({"epoch": epoch, "at": 4}), "gap", 0),
        (
            "room:empty",
            json!({"epoch": epoch, "at": 0}),
            "complete",
            0,
        ),
        ("room:empty", json!({"epoch": epoch, "at": 1}), "gap", 0),
        ("lobby", json!({"epoch": epoch, "at": 3}), "none", 0),
    ] {
        let answer = client.call(join(channel, &since)).await;
        let param = &answer["param"];
        assert_eq!(param["recovery"], expected, "{channel} {since}: {answer}");
        let at = match channel {
            "lobby" => Value::Null,
            "room:empty" => json!(0),
            _ => json!(10),
        };
        assert_eq!(param["at"], at, "{channel} {since}");
        assert_eq!(param["epoch"].is_string(), channel != "lobby");
        let came = chats(&client.settle().await);
        assert_eq!(came, numbered(11 - replayed, replayed), "{channel} {since}");
        client
            .call(json!({"cmd": ":leave", "channel": channel}))
            .await;
    }
    for since in [
        json!({"epoch": epoch, "at": -1}),
        json!({"epoch": epoch, "at": 1.5}),
        json!({"epoch": epoch, "at": "1"}),
        json!({"epoch": 3, "at": 1}),
        json!({"at": 1}),
        json!({"epoch": epoch}),
        json!([epoch]),
        json!("x"),
    ] {
        let refused = client.refusal(join("room:1", &since)).await;
        assert_eq!(refused, "invalid-param", "{since}");
    }
    let text = format!(
        r#"{{"cmd":":join","channel":"room:1","param":{{"since":{{"epoch":"{epoch}","at":1e99}}}},"id":500}}"#
    );
    client.text(text).await;
    assert_eq!(client.answer(500).await["error"]["code"], "invalid-param");
}

#[tokio::test]
async fn more_than_the_server_replays_is_a_gap() {
    let config = Config::default().with(|config| config.history.replay_events = 4);
    let server = TestServer::configured(config).await;
    say(&server, "room:1", 1, 10).await;
    let mut client = server.connected("").await;
    let fresh = client
        .call(json!({"cmd": ":join", "channel": "room:1"}))
        .await;
    let epoch = &fresh["param"]["epoch"];
    for (at, expected) in [(6, "complete"), (5, "gap")] {
        client
            .call(json!({"cmd": ":leave", "channel": "room:1"}))
            .await;
        let answer = client
            .call(join("room:1", &json!({"epoch": epoch, "at": at})))
            .await;
        assert_eq!(answer["param"]["recovery"], expected);
    }
}

#[tokio::test]
async fn the_handshake_brings_everything_back_users_and_everyones_too() {
    let server = TestServer::start().await;
    let query = "?ch=lobby&user=ann";
    let everything = |since: &Value| json!({"channels": {"room:1": since, "room:2": {}, ":user": since, ":all": since}});
    let mut ann = server.full(query).await;
    let first = ann.connect(everything(&json!({}))).await;
    let epoch = first["channels"]["room:1"]["epoch"].clone();
    let fresh = json!({"recovery": "fresh", "epoch": epoch, "at": 0});
    assert_eq!(
        first["channels"],
        json!({
            "lobby": {"recovery": "none"},
            "room:1": fresh, "room:2": fresh, ":user": fresh, ":all": fresh,
        })
    );
    drop(ann);
    let sockets = &server.sockets;
    for n in 1..=3 {
        sockets
            .to_channel("room:1")
            .send(said(format!("room {n}")))
            .await
            .unwrap();
        sockets
            .to_user("id-ann")
            .send(said(format!("user {n}")))
            .await
            .unwrap();
        sockets
            .to_user("id-bob")
            .send(said(format!("bob {n}")))
            .await
            .unwrap();
        sockets
            .to_all()
            .send(said(format!("all {n}")))
            .await
            .unwrap();
    }
    let mut ann = server.full(query).await;
    let since = json!({"since": {"epoch": epoch, "at": 1}});
    let back = ann.connect(everything(&since)).await;
    let complete = json!({"recovery": "complete", "epoch": epoch, "at": 3});
    for channel in ["room:1", ":user", ":all"] {
        assert_eq!(back["channels"][channel], complete, "{channel}");
    }
    let came = ann.settle().await;
    for (channel, name) in [("room:1", "room"), (":user", "user"), (":all", "all")] {
        let of: Vec<_> = came
            .iter()
            .filter(|event| event["channel"] == channel)
            .cloned()
            .collect();
        let expected = [(format!("{name} 2"), 2), (format!("{name} 3"), 3)];
        assert_eq!(chats(&of), expected);
    }
    assert_eq!(chats(&came).len(), 6);
    let nobody = server
        .full("?ch=lobby")
        .await
        .connect(everything(&since))
        .await;
    assert_eq!(nobody["channels"][":user"], json!({"recovery": "none"}));
    assert_eq!(nobody["channels"][":all"], complete);
}

#[tokio::test]
async fn who_is_put_in_learns_where_the_channel_stands() {
    let server = TestServer::start().await;
    say(&server, "room:1", 1, 2).await;
    let mut client = server.connected("").await;
    server
        .sockets
        .join(client.id.unwrap(), "room:1")
        .await
        .unwrap();
    let joined = client.next().await;
    assert_eq!(joined["cmd"], ":joined");
    assert_eq!(joined["param"]["recovery"], "fresh");
    assert_eq!(joined["param"]["at"], 2);
    assert!(joined["param"]["epoch"].is_string());
    say(&server, "room:1", 3, 1).await;
    assert_eq!(client.next().await["at"], 3);
}

#[tokio::test]
async fn a_replay_obeys_the_same_decision_as_a_join() {
    let server = TestServer::start().await;
    let secret = "secret";
    server
        .sockets
        .to_channel(secret)
        .send(said("1"))
        .await
        .unwrap();
    let mut ann = server.connected("?user=ann").await;
    let fresh = ann.call(json!({"cmd": ":join", "channel": secret})).await;
    let epoch = &fresh["param"]["epoch"];
    let mut bob = server.connected("?user=bob").await;
    let since = json!({"epoch": epoch, "at": 0});
    assert_eq!(bob.refusal(join(secret, &since)).await, "forbidden");
    let history = json!({"cmd": ":history", "channel": secret, "param": {"limit": 10}});
    assert_eq!(bob.refusal(history).await, "not-joined");
    assert_eq!(bob.settle().await, Vec::<Value>::new());
    let mut plain = server.plain("?user=ann").await;
    let answer = plain.call(join(secret, &since)).await;
    assert_eq!(answer["param"]["recovery"], "complete");
    assert_eq!(plain.event("chat").await["at"], 1);
}

#[tokio::test]
async fn joining_again_changes_nothing() {
    let server = TestServer::start().await;
    let mut client = server.connected("").await;
    let fresh = client
        .call(json!({"cmd": ":join", "channel": "room:1"}))
        .await;
    say(&server, "room:1", 1, 2).await;
    let since = json!({"epoch": fresh["param"]["epoch"], "at": 0});
    client.send(join("room:1", &since)).await;
    let again = client.call(join("room:1", &since)).await;
    assert_eq!(again["param"]["recovery"], "fresh");
    assert_eq!(again["param"]["at"], 2);
    assert_eq!(chats(&client.settle().await), []);
}
