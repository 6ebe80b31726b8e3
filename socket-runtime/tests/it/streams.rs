//! Commands that answer with a stream of items before their reply.

use serde_json::json;
use socket_runtime::Config;
use tokio::time::Instant;

use crate::support::TestServer;
use crate::timeouts::{Memory, passed, seconds};

fn count(id: u64, to: u32, bytes: u32, pause: u64) -> serde_json::Value {
    let param = json!({"to": to, "bytes": bytes, "pause": pause});
    json!({"cmd": "count", "id": id, "param": param})
}

#[tokio::test]
async fn items_come_in_order_and_then_the_reply() {
    let server = TestServer::start().await;
    let (full, plain) = (server.connected("").await, server.plain("").await);
    for mut client in [full, plain] {
        client.send(count(7, 3, 1, 0)).await;
        for n in 0..3 {
            let item = client.next().await;
            assert_eq!(item, json!({"re": 7, "item": {"n": n, "beside": "x"}}));
        }
        assert_eq!(client.next().await, json!({"re": 7, "param": 3}));
    }
}

#[tokio::test]
async fn a_stream_needs_an_id() {
    let server = TestServer::start().await;
    let mut client = server.connected("").await;
    let mut message = count(1, 3, 1, 0);
    message.as_object_mut().unwrap().remove("id");
    client.send(message).await;
    let error = client.next().await;
    assert_eq!(error["cmd"], ":error");
    assert_eq!(error["param"]["code"], "invalid-message");
    assert!(client.settle().await.is_empty(), "nothing ran");
}

#[tokio::test]
async fn an_item_that_is_too_large_ends_the_stream() {
    let server = TestServer::configured(
        Config::default().with(|config| config.limits.outbound_bytes = 1000),
    )
    .await;
    let mut client = server.connected("").await;
    client.send(count(7, 1, 1000, 0)).await;
    let error = client.next().await;
    assert_eq!(error["re"], 7);
    assert_eq!(error["error"]["code"], "too-large");
    assert_eq!(error["error"]["data"]["limit"], 1000);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_goes_on_has_time_and_others_pass_it() {
    let mut server =
        Memory::configured(Config::default().with(|config| config.timeouts.handler = seconds(6)));
    let mut client = server.full("").await;
    // Each pause is within the handler's time, all of them are not.
    client.send(count(7, 3, 1, 4_000)).await;
    assert!(client.settle().await.is_empty());
    let start = Instant::now();
    for n in 0..3 {
        let item = client.until(|message| message["re"] == 7).await;
        assert_eq!(item["item"]["n"], n);
    }
    assert_eq!(client.answer(7).await["param"], 3);
    assert!(passed(start, seconds(12)));
    server.dropped.recv().await.unwrap();

    // One that stands still ends, and tells nothing more.
    client.send(count(20, 1, 1, 7_000)).await;
    let error = client.answer(20).await;
    assert_eq!(error["error"]["code"], "timeout");
    server.dropped.recv().await.unwrap();

    // The client's own limit counts from the start.
    let mut message = count(30, 100, 1, 3_000);
    message["timeout"] = 4_000.into();
    client.send(message).await;
    assert_eq!(client.answer(30).await["item"]["n"], 0);
    assert_eq!(client.answer(30).await["error"]["code"], "timeout");
    server.dropped.recv().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_stream_sends_no_more() {
    let mut server = Memory::start();
    let mut client = server.full("").await;
    client.send(count(7, 1000, 1, 1000)).await;
    assert_eq!(client.answer(7).await["item"]["n"], 0);
    client
        .send(json!({"cmd": ":cancel", "param": {"id": 7}}))
        .await;
    let end = client.until(|message| message.get("error").is_some()).await;
    assert_eq!(
        (&end["re"], &end["error"]["code"]),
        (&json!(7), &json!("cancelled"))
    );
    server.dropped.recv().await.unwrap();
    tokio::time::sleep(seconds(5)).await;
    assert!(client.settle().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_stream_waits_for_a_client_that_does_not_read() {
    let server = Memory::start();
    let mut client = server.full("").await;
    let id = client.id.unwrap();
    let (items, bytes) = (400, 1000);
    client.send(count(7, items, bytes, 0)).await;
    // Long enough for all of it, and less than the time after which a client that takes nothing is
    // given up.
    tokio::time::sleep(seconds(5)).await;
    let queue = server.sockets.connection(id).unwrap().queue;
    assert!((60_000..67_000).contains(&queue.bytes), "{queue:?}");
    for n in 0..items {
        assert_eq!(client.next().await["item"]["n"], n);
    }
    assert_eq!(client.next().await, json!({"re": 7, "param": items}));
}
