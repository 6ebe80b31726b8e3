//! Every bound of a connection: what happens at it, and that nobody else notices.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::SinkExt;
use serde_json::{Value, json};
use socket_runtime::{ChannelError, Config};
use tokio::io::{AsyncWriteExt, DuplexStream};
use tokio::time::{Instant, advance};
use tokio_tungstenite::tungstenite::Message;

use crate::chat::said;
use crate::support::{Bystanders, Client, TestServer};
use crate::timeouts::{Memory, passed, seconds};

fn code(message: &Value) -> &str {
    message["error"]["code"].as_str().unwrap_or_default()
}

/// So many answers by their ids: what is refused is answered before what waits.
async fn answers(client: &mut Client<DuplexStream>, count: usize) -> BTreeMap<u64, Value> {
    let mut answers = BTreeMap::new();
    while answers.len() < count {
        let answer = client.skipping_pings().await;
        if let Some(id) = answer["re"].as_u64() {
            answers.insert(id, answer);
        }
    }
    answers
}

#[tokio::test(start_paused = true)]
async fn commands_over_the_rate_are_refused_and_told_how_long_to_wait() {
    let server = Memory::start();
    for subprotocol in [Some("socket.v1"), None] {
        let mut client = server.open("?ch=lobby", subprotocol).await;
        if subprotocol.is_some() {
            client.connect(json!({})).await;
        }
        for id in 100..203 {
            client.send(json!({"cmd": "ping", "id": id})).await;
        }
        let answers = answers(&mut client, 103).await;
        assert!((100..200).all(|id| code(&answers[&id]).is_empty()));
        for id in 200..203 {
            let refused = &answers[&id];
            assert_eq!(code(refused), "rate-limited");
            let wait = refused["error"]["data"]["retryAfter"].as_u64().unwrap();
            assert!((1..=21).contains(&wait), "{wait}");
        }
        // Without an id it is told too.
        client
            .send(json!({"cmd": "chat", "param": {"text": "x"}}))
            .await;
        let told = client.until(|m| m["cmd"] == ":error").await;
        assert_eq!(told["param"]["code"], "rate-limited");
        assert_eq!(told["param"]["data"]["cmd"], "chat");
        // What was refused was not decoded, but what is no message is told so.
        client.text("nonsense").await;
        let told = client.until(|m| m["cmd"] == ":error").await;
        assert_eq!(told["param"]["code"], "invalid-message");
        // As long as it was told to wait, and not longer.
        advance(Duration::from_millis(21)).await;
        assert_eq!(code(&client.call(json!({"cmd": "ping"})).await), "");
        assert_eq!(client.refusal(json!({"cmd": "ping"})).await, "rate-limited");
    }
}

#[tokio::test(start_paused = true)]
async fn each_element_of_an_array_counts_and_signs_of_life_do_not() {
    let server = Memory::start();
    let mut client = server.full("").await;
    let calls: Vec<_> = (1000..1250)
        .map(|id| json!({"cmd": "ping", "id": id}))
        .collect();
    client.send(json!(calls)).await;
    let answers = answers(&mut client, 250).await;
    let refused = answers.values().filter(|m| code(m) == "rate-limited");
    assert_eq!(refused.count(), 150);
    client.text(r#" { "id" : 2000, "cmd" : ":ping" } "#).await;
    assert_eq!(
        client.until_patiently(2000).await,
        json!({"re": 2000, "param": {}})
    );
}

#[tokio::test(start_paused = true)]
async fn a_client_that_keeps_breaking_the_rate_is_closed() {
    let server = Memory::start();
    let mut client = server.full("").await;
    let start = Instant::now();
    for _ in 0..200 {
        let _ = client.socket.feed(Message::text(r#"{"cmd":"ping"}"#)).await;
    }
    client.socket.flush().await.unwrap();
    let mut sent = 0;
    while server.sockets.status().connections > 0 && sent < 400 {
        advance(Duration::from_millis(10)).await;
        let _ = client.socket.send(Message::text(r#"{"cmd":"ping"}"#)).await;
        sent += 1;
    }
    assert_eq!(client.closed_patiently().await.0, 4429);
    assert!(start.elapsed() >= seconds(3), "{:?}", start.elapsed());
    assert!(start.elapsed() < seconds(5), "{:?}", start.elapsed());
    // Bursts with pauses between are refused and no more.
    let mut client = server.full("").await;
    for round in 1..6 {
        for _ in 0..200 {
            client.text(r#"{"cmd":"ping"}"#).await;
        }
        client.send(json!({"cmd": ":ping", "id": round})).await;
        client.until_patiently(round).await;
        advance(seconds(2)).await;
    }
    client.send(json!({"cmd": "ping", "id": 9})).await;
    assert_eq!(code(&client.until_patiently(9).await), "");
}

#[tokio::test(start_paused = true)]
async fn a_command_may_have_a_rate_of_its_own() {
    let server = Memory::start();
    let mut client = server.full("").await;
    for _ in 0..5 {
        assert_eq!(code(&client.call(json!({"cmd": "knock"})).await), "");
    }
    let refused = client.call(json!({"cmd": "knock", "param": 7})).await;
    assert_eq!(code(&refused), "rate-limited");
    assert_eq!(code(&client.call(json!({"cmd": "ping"})).await), "");
    // Each connection has its own.
    let mut other = server.full("").await;
    assert_eq!(code(&other.call(json!({"cmd": "knock"})).await), "");
    advance(Duration::from_millis(
        refused["error"]["data"]["retryAfter"].as_u64().unwrap(),
    ))
    .await;
    assert_eq!(code(&client.call(json!({"cmd": "knock"})).await), "");
}

#[tokio::test]
async fn floods_of_control_frames_are_closed() {
    let server = TestServer::start().await;
    let mut bystanders = Bystanders::meet(&server).await;
    let (ping, pong, text) = (
        Message::Ping("p".into()),
        Message::Pong("p".into()),
        Message::text(r#"{"cmd":":ping"}"#),
    );
    for flood in [ping, pong, text] {
        for full in [true, false] {
            let mut client = match full {
                true => server.connected("").await,
                false => server.plain("").await,
            };
            for _ in 0..40 {
                if client.socket.feed(flood.clone()).await.is_err() {
                    break;
                }
            }
            let _ = client.socket.flush().await;
            assert_eq!(client.closed().await.0, 4429, "{flood:?}");
            bystanders.talk().await;
        }
    }
}

#[tokio::test]
async fn what_nests_too_deep_is_no_message() {
    let server = TestServer::start().await;
    let mut client = server.connected("?ch=lobby").await;
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    // The object is a level of its own.
    for (levels, refused) in [
        (126, "invalid-param"),
        (128, "invalid-message"),
        (20_000, "invalid-message"),
    ] {
        client
            .text(format!(
                r#"{{"cmd":"chat","id":5{levels},"param":{}}}"#,
                nested(levels)
            ))
            .await;
        let answer = client.answer(format!("5{levels}").parse().unwrap()).await;
        assert_eq!(code(&answer), refused, "{levels}");
    }
    client.text(nested(20_000)).await;
    let told = client.event(":error").await;
    assert_eq!(told["param"]["code"], "invalid-message");
    assert_eq!(code(&client.call(json!({"cmd": "ping"})).await), "");
}

#[tokio::test]
async fn a_connection_is_in_so_many_channels_and_no_more() {
    let server =
        TestServer::configured(Config::default().with(|config| config.limits.channels = 3)).await;
    let mut bystanders = Bystanders::meet(&server).await;
    let mut client = server.full("?ch=lobby").await;
    let connected = client
        .connect(json!({"channels": {"room:1": {}, "room:2": {}, "room:3": {}}}))
        .await;
    assert_eq!(connected["limits"]["channels"], 3);
    let channels = connected["channels"].as_object().unwrap();
    let refused: Vec<_> = channels
        .values()
        .filter(|outcome| outcome["error"]["code"] == "too-many")
        .collect();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0]["error"]["data"], json!({"limit": 3}));
    let join = |room: &str| json!({"cmd": ":join", "channel": room});
    assert_eq!(client.refusal(join("room:9")).await, "too-many");
    // One that it is in already is no further one.
    assert_eq!(code(&client.call(join("room:1")).await), "");
    let id = client.id.unwrap();
    let refused = server.sockets.join(id, "room:9").await;
    assert!(matches!(refused, Err(ChannelError::TooMany { limit: 3 })));
    assert_eq!(server.sockets.connection(id).unwrap().channels.len(), 3);
    assert_eq!(server.sockets.member_count("room:9").unwrap(), 0);
    assert!(
        server
            .sockets
            .channels()
            .iter()
            .all(|channel| channel.name.as_str() != "room:9")
    );
    client
        .call(json!({"cmd": ":leave", "channel": "room:1"}))
        .await;
    assert_eq!(code(&client.call(join("room:9")).await), "");
    bystanders.talk().await;
}

#[tokio::test]
async fn a_full_service_takes_nobody_before_the_upgrade() {
    let server =
        TestServer::configured(Config::default().with(|config| config.limits.connections = 3))
            .await;
    let mut bystanders = Bystanders::meet(&server).await;
    let third = server.full("").await;
    for subprotocol in [Some("socket.v1"), None] {
        let (status, text) = server.refused(server.request("", subprotocol)).await;
        assert_eq!((status, text.contains("full")), (503, true), "{text}");
    }
    bystanders.talk().await;
    drop(third);
    while server.sockets.status().connections > 2 {
        tokio::task::yield_now().await;
    }
    let mut next = None;
    while next.is_none() {
        let stream = server.stream().await;
        next = tokio_tungstenite::client_async(server.request("", None), stream)
            .await
            .ok();
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_not_finished_is_not_waited_for() {
    let server = Memory::start();
    let head: &[u8] = &[0x01, 0x81, 0, 0, 0, 0, b'{'];
    let declared: &[u8] = &[0x81, 0xfe, 0x10, 0, 0, 0, 0, 0, b'{'];
    for begun in [head, declared, &[0x81]] {
        let mut client = server.full("").await;
        let start = Instant::now();
        client.socket.get_mut().write_all(begun).await.unwrap();
        assert_eq!(client.closed_patiently().await.0, 1002);
        assert!(passed(start, seconds(30)), "{:?}", start.elapsed());
    }
    // Pings in between do not help; the last fragment does.
    let mut client = server.full("").await;
    let io = client.socket.get_mut();
    io.write_all(&[0x01, 0x81, 0, 0, 0, 0, b'{']).await.unwrap();
    advance(seconds(20)).await;
    io.write_all(&[0x89, 0x80, 0, 0, 0, 0]).await.unwrap();
    advance(seconds(9)).await;
    let rest = br#""cmd":"ping","id":77}"#;
    io.write_all(&[0x80, 0x80 | rest.len() as u8, 0, 0, 0, 0])
        .await
        .unwrap();
    io.write_all(rest).await.unwrap();
    assert_eq!(code(&client.until_patiently(77).await), "");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_takes_nothing_is_closed() {
    let server = Memory::configured(Config::default().with(|config| {
        // The others are told at once.
        config.sessions.grace = Duration::ZERO;
    }));
    let client = server.full("?ch=lobby").await;
    let id = client.id.unwrap();
    let mut other = server.full("?ch=lobby").await;
    let start = Instant::now();
    // More than the stream holds, less than the queue.
    for _ in 0..20 {
        let text = "x".repeat(2000);
        server
            .sockets
            .to_channel("lobby")
            .send(said("", &text))
            .await
            .unwrap();
    }
    // Only its end is waited for: nothing more has to be sent for the server to see it.
    loop {
        let message = other.skipping_pings().await;
        if message["param"]["connection"] == json!(id) && message["param"]["connected"] == false {
            break;
        }
    }
    assert!(passed(start, seconds(10)), "{:?}", start.elapsed());
    drop(client);
}

#[tokio::test(start_paused = true)]
async fn concurrent_commands_let_others_pass_up_to_a_bound() {
    let server = Memory::start();
    let mut client = server.full("?ch=lobby").await;
    let start = Instant::now();
    for id in 100..120 {
        client
            .send(json!({"cmd": "think", "id": id, "param": {"millis": 1000}}))
            .await;
    }
    client.send(json!({"cmd": "ping", "id": 200})).await;
    client
        .send(json!({"cmd": ":cancel", "id": 201, "param": {"id": 105}}))
        .await;
    assert_eq!(code(&client.until_patiently(105).await), "cancelled");
    // Sixteen run at once; the other four, and what is behind them, after them.
    client.until_patiently(200).await;
    assert!(passed(start, seconds(1)), "{:?}", start.elapsed());
    client.until_patiently(119).await;
    assert!(passed(start, seconds(2)), "{:?}", start.elapsed());
    // Each has its own time.
    client
        .send(json!({"cmd": "think", "id": 300, "timeout": 500, "param": {"millis": 60_000}}))
        .await;
    client
        .send(json!({"cmd": "think", "id": 301, "param": {"millis": 60_000}}))
        .await;
    let start = Instant::now();
    assert_eq!(code(&client.until_patiently(300).await), "timeout");
    assert!(passed(start, Duration::from_millis(500)));
    assert_eq!(code(&client.until_patiently(301).await), "timeout");
    assert!(passed(start, seconds(30)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handler_that_blocks_its_thread_breaks_nothing() {
    let server = TestServer::start().await;
    let mut bystanders = Bystanders::meet(&server).await;
    let mut client = server.connected("").await;
    client
        .send(json!({"cmd": "block", "id": 90, "param": {"millis": 300}}))
        .await;
    for _ in 0..5 {
        bystanders.talk().await;
    }
    assert_eq!(code(&client.answer(90).await), "");
}
