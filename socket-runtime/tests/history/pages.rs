//! `:history`.

use serde_json::{Value, json};
use socket_runtime::Config;

use crate::chat::said;
use crate::join::{chats, say};
use crate::support::TestServer;

fn history(channel: &str, param: Value) -> Value {
    json!({"cmd": ":history", "channel": channel, "param": param})
}

fn offsets(answer: &Value) -> Vec<u64> {
    let events = answer["param"]["events"].as_array().unwrap();
    events
        .iter()
        .map(|event| event["at"].as_u64().unwrap())
        .collect()
}

#[tokio::test]
async fn pages_go_back_to_the_oldest_event_that_is_kept() {
    let server = TestServer::start().await;
    say(&server, "room:1", 1, 10).await;
    let mut client = server.connected("?ch=room:1").await;
    let newest = client.call(history("", json!({"limit": 4}))).await;
    assert_eq!(offsets(&newest), [7, 8, 9, 10]);
    assert_eq!(newest["param"]["at"], 10);
    let events = newest["param"]["events"].as_array().unwrap();
    assert_eq!(chats(events)[0], ("7".to_owned(), 7));
    assert_eq!(
        events[0],
        json!({"cmd": "chat", "channel": "room:1", "param": {"text": "7"}, "at": 7})
    );
    let before = client
        .call(history("room:1", json!({"limit": 4, "before": 7})))
        .await;
    assert_eq!(offsets(&before), [3, 4, 5, 6]);
    for (param, expected) in [
        (json!({"limit": 4, "before": 3}), vec![1, 2]),
        (json!({"limit": 4, "before": 1}), vec![]),
        (json!({"limit": 4, "before": 0}), vec![]),
        (json!({"limit": 0}), vec![]),
        (json!({"before": 3}), vec![1, 2]),
        (json!({"limit": 2, "before": u64::MAX}), vec![9, 10]),
        (json!({"limit": u64::MAX}), (1..=10).collect()),
        (json!({}), (1..=10).collect()),
    ] {
        let answer = client.call(history("room:1", param.clone())).await;
        assert_eq!(offsets(&answer), expected, "{param}");
        assert_eq!(answer["param"]["epoch"], newest["param"]["epoch"]);
    }
    for param in [
        json!({"limit": -1}),
        json!({"before": "x"}),
        json!({"limit": 1.5}),
    ] {
        assert_eq!(
            client.refusal(history("room:1", param)).await,
            "invalid-param"
        );
    }
}

#[tokio::test]
async fn only_members_read_and_only_where_something_is_kept() {
    let server = TestServer::start().await;
    let mut client = server.connected("?ch=lobby&user=ann").await;
    for (channel, code) in [
        ("room:1", "not-joined"),
        ("lobby", "forbidden"),
        ("nowhere", "unknown-channel"),
        (":else", "invalid-channel"),
    ] {
        let refused = client.refusal(history(channel, json!({"limit": 1}))).await;
        assert_eq!(refused, code, "{channel}");
    }
    let sockets = &server.sockets;
    sockets
        .to_user("id-ann")
        .send(said("to ann"))
        .await
        .unwrap();
    sockets
        .to_user("id-bob")
        .send(said("to bob"))
        .await
        .unwrap();
    sockets.to_all().send(said("to all")).await.unwrap();
    for (channel, text) in [(":user", "to ann"), (":all", "to all")] {
        let answer = client.call(history(channel, json!({"limit": 5}))).await;
        let events = answer["param"]["events"].as_array().unwrap();
        assert_eq!(chats(events), [(text.to_owned(), 1)], "{channel}");
    }
    let mut nobody = server.connected("").await;
    let refused = nobody.refusal(history(":user", json!({"limit": 1}))).await;
    assert_eq!(refused, "forbidden");
}

#[tokio::test]
async fn plain_clients_read_it_too() {
    let server = TestServer::start().await;
    say(&server, "room:1", 1, 3).await;
    let mut plain = server.plain("?ch=room:1").await;
    let answer = plain.call(history("", json!({"limit": 2}))).await;
    assert_eq!(offsets(&answer), [2, 3]);
}

#[tokio::test]
async fn an_answer_is_no_larger_than_any_message() {
    let config = Config::default().with(|config| {
        config.limits.outbound_bytes = 4096;
        config.history.page_max = 50;
    });
    let server = TestServer::configured(config).await;
    let sockets = &server.sockets;
    for _ in 0..100 {
        let text = "x".repeat(100);
        sockets.to_channel("room:1").send(said(text)).await.unwrap();
    }
    let mut client = server.connected("?ch=room:1").await;
    let mut all = Vec::new();
    let mut before = u64::MAX;
    loop {
        let param = json!({"limit": 1000, "before": before});
        let answer = client.call(history("", param)).await;
        assert!(answer.to_string().len() <= 4096);
        let page = offsets(&answer);
        let Some(first) = page.first() else { break };
        before = *first;
        all.splice(0..0, page);
    }
    assert_eq!(all, (1..=100).collect::<Vec<u64>>());
    // The largest that is kept fits into an answer.
    let most = |bytes| sockets.to_channel("room:1").send(said("x".repeat(bytes)));
    let mut bytes = 4096;
    while most(bytes).await.is_err() {
        bytes -= 1;
    }
    let answer = client.call(history("", json!({"limit": 1}))).await;
    assert_eq!(offsets(&answer), [101]);
}
