//! From a command to its answer: order, refusals, handlers that misbehave.

use serde_json::{Value, json};
use socket_runtime::Config;

use crate::support::{Bystanders, TestServer};

fn chat(text: &str) -> Value {
    json!({"cmd": "chat", "param": {"text": text}})
}

#[tokio::test]
async fn commands_are_answered_in_order_however_long_one_takes() {
    let server = TestServer::start().await;
    let mut client = server.connected("?ch=lobby").await;
    client
        .send(json!([
            {"cmd": "late", "id": 11, "param": {"text": "1", "millis": 300}},
            {"cmd": "chatt", "id": 12},
            {"cmd": "chat", "id": 13, "param": {"text": "3"}},
            7,
            {"cmd": "chat", "id": 14, "param": {"text": ""}},
        ]))
        .await;
    client.send(json!({"cmd": ":ping", "id": 15})).await;
    let mut order = Vec::new();
    while order.last() != Some(&json!(14)) {
        let message = client.next().await;
        order.push(match message["re"].clone() {
            Value::Null => message["cmd"].clone(),
            id => id,
        });
    }
    // What is no command, and the protocol's own ping, wait for nobody.
    assert_eq!(
        json!(order),
        json!([":error", ":pong", 15, "chat", 11, 12, "chat", 13, 14])
    );
}

#[tokio::test]
async fn a_success_without_id_is_silent_and_an_error_is_not() {
    let server = TestServer::start().await;
    let mut client = server.connected("?ch=silent").await;
    client
        .send(json!({"cmd": "ping", "channel": "lobby"}))
        .await;
    let error = client.next().await;
    assert_eq!(error["param"]["code"], "not-joined");
    assert_eq!(error["param"]["data"], json!({"cmd": "ping"}));
    client.send(json!({"cmd": ":leave"})).await;
    client.send(json!({"cmd": "chatt"})).await;
    let error = client.next().await;
    assert_eq!(
        error["param"]["data"],
        json!({"cmd": "chatt", "similar": "chat"})
    );
}

#[tokio::test]
async fn the_default_channel_is_the_one_of_the_upgrade() {
    let server = TestServer::start().await;
    let mut none = server.connected("").await;
    // Commands that concern no channel are fine; publishing needs one.
    assert!(none.call(json!({"cmd": "ping"})).await["param"].is_object());
    assert_eq!(none.refusal(chat("hi")).await, "invalid-channel");
    assert_eq!(
        none.refusal(json!({"cmd": ":join"})).await,
        "invalid-channel"
    );
    let mut lobby = server.connected("?ch=lobby").await;
    for channel in [json!(""), json!(null), json!("lobby")] {
        let mut command = chat("hi");
        command["channel"] = channel;
        assert_eq!(lobby.call(command).await["param"], json!({}));
    }
    lobby.call(json!({"cmd": ":leave"})).await;
    assert_eq!(lobby.refusal(chat("hi")).await, "not-joined");
    lobby.call(json!({"cmd": ":join"})).await;
    assert_eq!(lobby.call(chat("hi")).await["param"], json!({}));
}

#[tokio::test]
async fn what_a_channel_lists_is_what_it_takes_and_carries() {
    let server = TestServer::start().await;
    let mut member = server.connected("?ch=box").await;
    let mut outsider = server.connected("").await;
    let mut to_box = chat("from outside");
    to_box["channel"] = "box".into();
    assert_eq!(outsider.call(to_box).await["param"], json!({}));
    assert_eq!(member.event("chat").await["from"], json!(outsider.id));
    assert_eq!(member.refusal(json!({"cmd": "ping"})).await, "forbidden");
    let mut silent = server.connected("?ch=silent").await;
    assert_eq!(silent.refusal(chat("hi")).await, "forbidden");
    let answer = outsider.call(json!({"cmd": "uncarried"})).await;
    assert_eq!(answer["error"]["code"], "internal");
}

#[tokio::test]
async fn nobody_forges_where_a_message_is_from() {
    let server = TestServer::start().await;
    let mut client = server.connected("?ch=lobby&user=ann").await;
    let mut forged = chat("hi");
    forged["from"] = "00000000-0000-4000-8000-000000000000".into();
    client.send(forged).await;
    let event = client.event("chat").await;
    assert_eq!(event["from"], json!(client.id));
    assert_eq!(event["param"]["user"], "ann");
    assert_eq!(
        client.call(json!({"cmd": "whoami"})).await["param"]["room"],
        "ann"
    );
    let mut nobody = server.plain("?ch=lobby").await;
    assert_eq!(
        nobody.refusal(json!({"cmd": "whoami"})).await,
        "unauthorized"
    );
}

#[tokio::test]
async fn a_panic_tells_nothing_of_the_inside_and_harms_nobody() {
    let server = TestServer::start().await;
    let mut bystanders = Bystanders::meet(&server).await;
    let mut client = server.connected("?ch=lobby").await;
    for _ in 0..3 {
        let answer = client.call(json!({"cmd": "panic"})).await;
        assert_eq!(answer["error"]["code"], "internal");
        assert!(!answer.to_string().contains("secret"));
        let incident = answer["error"]["data"]["incident"].as_str().unwrap();
        assert_eq!(incident.len(), 36);
        bystanders.talk().await;
    }
    let join = json!({"cmd": ":join", "channel": "broken"});
    assert_eq!(client.refusal(join).await, "internal");
    assert_eq!(client.call(chat("still here")).await["param"], json!({}));
}

#[tokio::test]
async fn a_call_can_be_cancelled_while_it_runs_and_while_it_waits() {
    let mut server = TestServer::start().await;
    let mut client = server.connected("?ch=lobby").await;
    client
        .send(json!([{"cmd": "hang", "id": 10}, {"cmd": "panic", "id": 11}, {"cmd": "ping", "id": 12}]))
        .await;
    client
        .send(json!({"cmd": ":cancel", "param": {"id": 11}, "id": 13}))
        .await;
    for (re, code) in [(11, Some("cancelled")), (13, None)] {
        let answer = client.next().await;
        assert_eq!(
            (&answer["re"], answer["error"]["code"].as_str()),
            (&json!(re), code)
        );
    }
    assert!(server.dropped.try_recv().is_err());
    client
        .send(json!({"cmd": ":cancel", "param": {"id": 10}}))
        .await;
    for (re, code) in [(10, Some("cancelled")), (12, None)] {
        let answer = client.next().await;
        assert_eq!(
            (&answer["re"], answer["error"]["code"].as_str()),
            (&json!(re), code)
        );
    }
    server.dropped.recv().await.unwrap();
    // What has ended or never was is nobody's error.
    client
        .send(json!({"cmd": ":cancel", "param": {"id": 10}}))
        .await;
    assert!(client.settle().await.is_empty());
}

#[tokio::test]
async fn a_handler_ends_with_a_connection_that_is_closed_for_good() {
    let mut server = TestServer::start().await;
    let mut bystanders = Bystanders::meet(&server).await;
    let mut client = server.connected("?ch=lobby").await;
    client.send(json!({"cmd": "hang"})).await;
    client.send(json!({"cmd": ":ping"})).await;
    client.event(":pong").await;
    let gone = server.sockets.disconnect(client.id.unwrap(), "enough");
    gone.await.unwrap();
    server.dropped.recv().await.unwrap();
    assert_eq!(client.closed().await, (4503, "enough".to_owned()));
    bystanders.talk().await;
}

#[tokio::test]
async fn a_reply_over_the_limit_is_an_error() {
    let config = Config::default().with(|config| config.limits.outbound_bytes = 1000);
    let server = TestServer::configured(config).await;
    let mut client = server.connected("").await;
    let large = |bytes: u32| json!({"cmd": "large", "param": {"bytes": bytes}});
    assert!(client.call(large(900)).await["param"].is_object());
    let answer = client.call(large(1000)).await;
    assert_eq!(answer["error"]["code"], "too-large");
    assert_eq!(answer["error"]["data"], json!({"limit": 1000}));
}

#[tokio::test]
async fn too_many_messages_that_are_none_end_the_connection() {
    let server = TestServer::start().await;
    let mut bystanders = Bystanders::meet(&server).await;
    for mut client in [
        server.connected("?ch=lobby").await,
        server.plain("?ch=lobby").await,
    ] {
        for _ in 0..100 {
            // Other errors do not count.
            client.send(json!({"cmd": "chatt"})).await;
        }
        for i in 0..11 {
            client.text("nonsense").await;
            if i < 10 {
                client
                    .until(|m| m["param"]["code"] == "invalid-message")
                    .await;
            }
        }
        assert_eq!(client.closed().await.0, 4502);
        bystanders.talk().await;
    }
}

#[tokio::test]
async fn what_waits_is_bounded_and_nothing_is_lost() {
    let server =
        TestServer::configured(Config::default().with(|config| config.rates.rate = 0)).await;
    let mut client = server.connected("?ch=lobby").await;
    client
        .send(json!({"cmd": "late", "param": {"text": "first", "millis": 50}}))
        .await;
    for i in 0..500 {
        client.send(chat(&i.to_string())).await;
    }
    for expected in std::iter::once("first".to_owned()).chain((0..500).map(|i| i.to_string())) {
        assert_eq!(
            client.event("chat").await["param"]["text"],
            expected.as_str()
        );
    }
}
