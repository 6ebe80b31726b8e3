//! More of everything than there should be.

use std::time::Duration;

use serde_json::json;
use socket_runtime::Config;
use tokio::io::AsyncWriteExt;

use crate::chat::{Server, Sockets, said};
use crate::stream::{PING, Raw, frame};
use crate::support::{Bystanders, TestServer};

#[tokio::test]
async fn pings_that_are_never_read_end_their_connection() {
    let server = TestServer::start().await;
    let mut bystanders = Bystanders::meet(&server).await;
    let mut client = Raw::open(&server, "").await;
    let flood = frame(PING, &[b'p'; 125]).repeat(2000);
    client.send(&flood).await;
    bystanders.talk().await;
    while server.sockets.status().connections > 2 {
        tokio::task::yield_now().await;
    }
    // Without a rate the queue is the bound.
    let server = TestServer::configured(Config::default().with(|config| {
        config.rates.control_rate = 0;
        config.queue.bytes = 64 * 1024;
        config.timeouts.close = Duration::from_millis(50);
    }))
    .await;
    let mut bystanders = Bystanders::meet(&server).await;
    let mut client = Raw::open(&server, "").await;
    while client.0.write_all(&flood).await.is_ok() {}
    bystanders.talk().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_thousand_joins_make_no_more_than_the_limit() {
    let server =
        TestServer::configured(Config::default().with(|config| config.rates.rate = 0)).await;
    let mut bystanders = Bystanders::meet(&server).await;
    let mut client = server.connected("").await;
    let mut refused = 0;
    for batch in 0..400_u64 {
        let joins: Vec<_> = (0..250)
            .map(|i| {
                let n = batch * 250 + i + 10;
                json!({"cmd": ":join", "id": n, "channel": format!("room:{n}")})
            })
            .collect();
        client.send(json!(joins)).await;
        for _ in 0..250 {
            let answer = client.until(|m| m["re"].is_u64()).await;
            refused += u32::from(answer["error"]["code"] == "too-many");
        }
        if batch % 100 == 0 {
            bystanders.talk().await;
        }
    }
    assert_eq!(refused, 100_000 - 128);
    assert_eq!(server.sockets.channels().len(), 128 + 1);
    bystanders.talk().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscriber_that_never_reads_is_closed_alone_and_within_its_bound() {
    let (told, mut hears) = tokio::sync::mpsc::unbounded_channel();
    let config = Config::default().with(|config| {
        // Its end is told at once.
        config.sessions.resume_window = Duration::ZERO;
    });
    let sockets = Sockets::builder(Server)
        .config(config)
        .on_disconnected(move |cx, _| {
            let told = told.clone();
            async move { told.send(cx.connection()).unwrap() }
        });
    let server = TestServer::with(sockets.build()).await;
    let mut bystanders = Bystanders::meet(&server).await;
    let mut reads = server.connected("?ch=lobby").await;
    let slow = server.connected("?ch=lobby").await;
    let id = slow.id.unwrap();
    reads.event("online-update").await;
    let text = "x".repeat(200);
    for sent in 1..=100_000_u32 {
        let lobby = server.sockets.to_channel("lobby");
        lobby.send(said("", &text)).await.unwrap();
        if let Some(info) = server.sockets.connection(id) {
            assert!(info.queue.bytes <= 4 * 1024 * 1024, "{:?}", info.queue);
            assert!(info.queue.messages <= 8192, "{:?}", info.queue);
        }
        if sent % 1000 == 0 {
            for _ in 0..1000 {
                reads.event("chat").await;
            }
        }
        if sent % 20_000 == 0 {
            bystanders.talk().await;
        }
    }
    assert_eq!(hears.recv().await, Some(id));
    assert!(hears.try_recv().is_err(), "somebody else was closed");
    assert_eq!(server.sockets.status().connections, 3);
    bystanders.talk().await;
    drop(slow);
}
