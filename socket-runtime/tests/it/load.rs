//! Many connections, much traffic, and readers that never read.

use std::time::Duration;

use serde_json::{Value, json};
use socket_runtime::Config;
use tokio::io::AsyncWriteExt;

use crate::bursts::Member;
use crate::chat::said;
use crate::support::{Bystanders, TestServer};

#[tokio::test]
async fn a_reader_that_never_reads_is_closed_alone() {
    let config = Config::default().with(|config| {
        config.queue.bytes = 256 * 1024;
        config.timeouts.close = Duration::from_millis(50);
        config.sessions.grace = Duration::ZERO;
    });
    let server = TestServer::configured(config).await;
    let mut bystanders = Bystanders::meet(&server).await;
    let mut reads = server.connected("?ch=lobby").await;
    let slow = server.connected("?ch=lobby").await;
    let id = slow.id.unwrap();
    reads.event("online-update").await;
    let text = "x".repeat(4096);
    let mut sent = 0;
    while let Some(info) = server.sockets.connection(id) {
        // Beside the one that is being written.
        assert!(info.queue.bytes <= 260 * 1024, "{:?}", info.queue);
        server
            .sockets
            .to_channel("lobby")
            .send(said("", &text))
            .await
            .unwrap();
        sent += 1;
        assert!(sent < 100_000, "never closed");
        assert_eq!(
            reads.until(|m| m["cmd"] == "chat").await["param"]["text"],
            text.as_str()
        );
        if sent % 500 == 0 {
            bystanders.talk().await;
        }
    }
    let gone = reads.event("online-update").await;
    assert_eq!(
        (&gone["param"]["connection"], &gone["param"]["connected"]),
        (&json!(id), &json!(false))
    );
    bystanders.talk().await;
}

#[tokio::test]
async fn a_slow_consumer_that_reads_again_finds_its_close() {
    let config = Config::default().with(|config| config.queue.messages = 100);
    let server = TestServer::configured(config).await;
    let mut slow = server.connected("?ch=lobby").await;
    // Nothing of this is taken before the test waits: the queue alone holds it.
    for i in 0..101 {
        server
            .sockets
            .to_channel("lobby")
            .send(said("", &i.to_string()))
            .await
            .unwrap();
    }
    assert_eq!(slow.closed().await, (4404, "slow consumer".to_owned()));
}

#[tokio::test]
async fn a_client_that_pings_and_never_reads_is_closed() {
    let config = Config::default().with(|config| {
        config.queue.bytes = 64 * 1024;
        config.timeouts.close = Duration::from_millis(50);
    });
    let server = TestServer::configured(config).await;
    let mut bystanders = Bystanders::meet(&server).await;
    let client = server.plain("?user=flood").await;
    let mut stream = client.socket.into_inner();
    let mut ping = vec![0x89, 0x80 | 100, 0, 0, 0, 0];
    ping.extend([b'p'; 100]);
    let flood = ping.repeat(1000);
    // Ends when the server has closed.
    while stream.write_all(&flood).await.is_ok() {}
    bystanders.talk().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_connections_see_one_order() {
    let server = TestServer::start().await;
    let mut clients = Vec::new();
    for i in 0..100 {
        let mut client = match i % 2 {
            0 => server.connected("?ch=lobby").await,
            _ => server.plain("?ch=lobby").await,
        };
        // A member by now.
        client.settle().await;
        clients.push(client);
    }
    let mut tasks = Vec::new();
    for (i, mut client) in clients.into_iter().enumerate() {
        tasks.push(tokio::spawn(async move {
            for n in 0..10 {
                let text = format!("{i}/{n}");
                client
                    .send(json!({"cmd": "chat", "param": {"text": text}}))
                    .await;
            }
            let mut heard = Vec::new();
            while heard.len() < 1000 {
                let event = client.event("chat").await;
                heard.push(event["param"]["text"].as_str().unwrap().to_owned());
            }
            heard
        }));
    }
    let mut orders = Vec::new();
    for task in tasks {
        orders.push(task.await.unwrap());
    }
    assert!(orders.iter().all(|order| order == &orders[0]));
    for i in 0..100 {
        let prefix = format!("{i}/");
        let own: Vec<_> = orders[0]
            .iter()
            .filter_map(|text| text.strip_prefix(&prefix))
            .collect();
        assert_eq!(own, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    }
}

#[tokio::test]
async fn a_program_that_publishes_without_a_pause_makes_nobody_slow() {
    const EVENTS: u32 = 30_000;
    let server =
        TestServer::configured(Config::default().with(|config| config.members.online = 0)).await;
    let mut reading = Vec::new();
    for _ in 0..2 {
        // One that reads as fast as it can.
        let mut client = Member::over(server.stream().await).await;
        reading.push(tokio::spawn(async move {
            for n in 0..EVENTS {
                let (_, event) = client.frame().await.unwrap();
                let event = String::from_utf8(event).unwrap();
                assert!(
                    event.contains(&format!(r#""text":"{n}""#)),
                    "{event} not {n}"
                );
            }
        }));
    }
    while server.sockets.member_count("lobby").unwrap() < 2 {
        tokio::task::yield_now().await;
    }
    // All on one thread, which the readers and the flusher need too.
    for n in 0..EVENTS {
        let event = said("", &n.to_string());
        let lobby = server.sockets.to_channel("lobby");
        lobby.send(event).await.unwrap();
    }
    for reading in reading {
        reading.await.unwrap();
    }
}

#[tokio::test]
async fn pipelined_calls_are_answered_together() {
    let server = TestServer::start().await;
    let mut client = server.connected("?ch=lobby").await;
    let before = server.sockets.status().statistics;
    let calls: Vec<Value> = (10..60)
        .map(|id| json!({"cmd": "ping", "id": id}))
        .collect();
    client.send(json!(calls)).await;
    client.answer(59).await;
    let writes = server.sockets.status().statistics.writes - before.writes;
    assert!(writes <= 2, "{writes} writes");
}

#[tokio::test]
async fn pongs_keep_off_a_half_written_frame() {
    use futures_util::{SinkExt, StreamExt};
    use tokio_tungstenite::tungstenite::Message;
    let server =
        TestServer::configured(Config::default().with(|config| config.queue.bytes = 4 << 20)).await;
    let client = server.plain("?ch=lobby").await;
    let (mut sink, mut stream) = client.socket.split();
    let text = "x".repeat(900_000);
    // Far more than the socket's buffers hold, so that frames are written in pieces.
    for _ in 0..4 {
        server
            .sockets
            .to_channel("lobby")
            .send(said("", &text))
            .await
            .unwrap();
        for _ in 0..5 {
            sink.send(Message::Ping("p".into())).await.unwrap();
        }
        tokio::task::yield_now().await;
    }
    let (mut events, mut pongs) = (0, 0);
    while events < 4 || pongs == 0 {
        match stream.next().await.unwrap().unwrap() {
            Message::Text(event) => {
                let event: Value = serde_json::from_str(&event).unwrap();
                assert_eq!(event["param"]["text"], text.as_str());
                events += 1;
            }
            Message::Pong(_) => pongs += 1,
            other => panic!("{other:?}"),
        }
    }
}
