//! Clients that read slowly but steadily, over a line that passes so many bytes a second.

use std::time::Duration;

use futures_util::FutureExt;
use serde_json::{Value, json};
use socket_runtime::Config;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, sleep};

use crate::chat::said;
use crate::sessions::{connect, gone, resume};
use crate::support::TestServer;
use crate::timeouts::{Memory, seconds};

/// What came over a slow line, frame by frame.
#[derive(Default)]
struct Line {
    bytes: Vec<u8>,
}

/// A frame of a server's.
#[derive(Debug, PartialEq)]
enum Frame {
    Text(Value),
    Ping,
    Close(u16),
}

impl Line {
    /// Reads at most so many bytes; `false`: the end.
    async fn read(&mut self, from: &mut (impl AsyncRead + Unpin), most: usize) -> bool {
        let mut buf = vec![0; most];
        let mut have = 0;
        while have < most {
            match from.read(&mut buf[have..]).now_or_never() {
                None => break,
                Some(Ok(0) | Err(_)) => return false,
                Some(Ok(read)) => have += read,
            }
        }
        self.bytes.extend(&buf[..have]);
        true
    }

    /// The next frame that has come whole.
    fn next(&mut self) -> Option<Frame> {
        let (&first, rest) = self.bytes.split_first()?;
        let (len, at) = match *rest.first()? {
            126 => (
                usize::from(u16::from_be_bytes([*rest.get(1)?, *rest.get(2)?])),
                4,
            ),
            127 => {
                let long = rest.get(1..9)?.try_into().unwrap();
                (u64::from_be_bytes(long) as usize, 10)
            }
            short => (usize::from(short), 2),
        };
        let payload = self.bytes.get(at..at + len)?.to_vec();
        self.bytes.drain(..at + len);
        Some(match first {
            0x81 => Frame::Text(serde_json::from_slice(&payload).unwrap()),
            0x89 => Frame::Ping,
            0x88 => Frame::Close(u16::from_be_bytes([payload[0], payload[1]])),
            other => panic!("a frame of the kind {other:x}"),
        })
    }
}

/// A client's frame, masked by zeros.
fn masked(opcode: u8, payload: &str) -> Vec<u8> {
    let mut frame = vec![opcode, 0x80 | payload.len() as u8, 0, 0, 0, 0];
    frame.extend(payload.as_bytes());
    frame
}

const PONG: &str = r#"{"cmd":":pong"}"#;

// P 4.6: `queue_bytes` lets so much wait, and 60 kB/s are a steady sign of life.
#[tokio::test(start_paused = true)]
async fn who_reads_a_long_backlog_slowly_is_asked_at_once_and_stays() {
    for subprotocol in [Some("socket.v1"), None] {
        let server =
            Memory::configured(Config::default().with(|config| config.queue.bytes = 4 << 20));
        let mut client = server.open("?ch=lobby", subprotocol).await;
        if subprotocol.is_some() {
            client.connect(json!({})).await;
        }
        client.call(json!({"cmd": "ping"})).await;
        for n in 0..100 {
            let text = format!("{n} {}", "x".repeat(30_000));
            let room = server.sockets.to_channel("lobby");
            room.send(said("", &text)).await.unwrap();
        }
        let mut line = Line::default();
        let io = client.socket.get_mut();
        let (mut heard, mut asked_after) = (0, None);
        let begun = Instant::now();
        while heard < 100 {
            assert!(line.read(io, 6000).await, "after {:?}", begun.elapsed());
            while let Some(frame) = line.next() {
                match frame {
                    Frame::Text(message) if message["cmd"] == "chat" => {
                        let text = message["param"]["text"].as_str().unwrap();
                        assert!(text.starts_with(&format!("{heard} ")), "out of order");
                        heard += 1;
                    }
                    Frame::Text(message) => {
                        assert_eq!(message, json!({"cmd": ":ping"}));
                        asked_after.get_or_insert(heard);
                        io.write_all(&masked(0x81, PONG)).await.unwrap();
                    }
                    Frame::Ping => {
                        asked_after.get_or_insert(heard);
                        io.write_all(&masked(0x8a, "")).await.unwrap();
                    }
                    Frame::Close(code) => panic!("{code} after {:?}", begun.elapsed()),
                }
            }
            sleep(Duration::from_millis(100)).await;
        }
        // In the middle of the backlog, where 25 s of it were read.
        assert!(
            asked_after.is_some_and(|heard| heard < 60),
            "{asked_after:?}"
        );
        assert!(begun.elapsed() > seconds(45), "{:?}", begun.elapsed());
    }
}

// P 4.6: what goes on for longer than `ping + timeout` is one message.
#[tokio::test(start_paused = true)]
async fn a_ping_that_the_socket_has_not_taken_is_nobodys_silence() {
    let server = Memory::start();
    let mut client = server.full("?ch=lobby").await;
    let text = "x".repeat(900_000);
    let room = server.sockets.to_channel("lobby");
    room.send(said("", &text)).await.unwrap();
    let mut line = Line::default();
    let io = client.socket.get_mut();
    let begun = Instant::now();
    let mut frames = Vec::new();
    while frames.len() < 2 {
        assert!(line.read(io, 2000).await, "after {:?}", begun.elapsed());
        frames.extend(std::iter::from_fn(|| line.next()));
        sleep(Duration::from_millis(100)).await;
    }
    assert!(begun.elapsed() > seconds(44), "{:?}", begun.elapsed());
    assert_eq!(frames[1], Frame::Text(json!({"cmd": ":ping"})));
    // Silence after that is silence.
    let asked = Instant::now();
    while line.next() != Some(Frame::Close(4402)) {
        assert!(line.read(io, 2000).await);
        sleep(Duration::from_millis(100)).await;
    }
    assert!((seconds(8)..seconds(11)).contains(&asked.elapsed()));
}

// The same over the system's own sockets, whose buffers stand between the two.
#[tokio::test]
async fn a_slow_reader_of_a_real_socket_stays() {
    let server = TestServer::configured(Config::default().with(|config| {
        config.queue.bytes = 16 << 20;
        config.timeouts.ping = Duration::from_millis(300);
        config.timeouts.pong = Duration::from_millis(300);
    }))
    .await;
    let mut client = server.connected("?ch=lobby").await;
    for n in 0..100 {
        let text = format!("{n} {}", "x".repeat(100_000));
        let room = server.sockets.to_channel("lobby");
        room.send(said("", &text)).await.unwrap();
    }
    let mut line = Line::default();
    let mut heard = 0;
    let mut pace = tokio::time::interval(Duration::from_millis(10));
    let io = client.socket.get_mut();
    while heard < 100 {
        pace.tick().await;
        assert!(line.read(io, 32_000).await, "closed after {heard}");
        while let Some(frame) = line.next() {
            match frame {
                Frame::Text(message) if message["cmd"] == ":ping" => {
                    io.write_all(&masked(0x81, PONG)).await.unwrap();
                }
                Frame::Text(_) => heard += 1,
                other => panic!("{other:?} after {heard}"),
            }
        }
    }
}

// P 6.9
#[tokio::test(start_paused = true)]
async fn a_pong_acknowledges_no_answer_that_was_queued_behind_its_ping() {
    let server = Memory::start();
    let (mut client, first) = connect(&server, "?user=ann", json!({})).await;
    client.send(json!({"cmd": "ping", "id": 10})).await;
    client.answer(10).await;
    // At this pace the first of them takes longer than the server waits before it asks.
    for (id, bytes) in [(11, 300_000), (12, 10), (13, 10)] {
        client
            .send(json!({"cmd": "large", "id": id, "param": {"bytes": bytes}}))
            .await;
    }
    let mut line = Line::default();
    let io = client.socket.get_mut();
    let ping = Frame::Text(json!({"cmd": ":ping"}));
    let mut seen = Vec::new();
    while !seen.contains(&ping) {
        assert!(line.read(io, 2000).await);
        seen.extend(std::iter::from_fn(|| line.next()));
        sleep(Duration::from_millis(250)).await;
    }
    io.write_all(&masked(0x81, PONG)).await.unwrap();
    io.write_all(&masked(0x81, r#"{"cmd":":ping","id":1000}"#))
        .await
        .unwrap();
    while !seen.contains(&Frame::Text(json!({"re": 1000, "param": {}}))) {
        assert!(line.read(io, 1000).await);
        seen.extend(std::iter::from_fn(|| line.next()));
        tokio::task::yield_now().await;
    }
    drop(client);
    gone(&server, &first).await;
    let (mut client, second) = resume(&server, "?user=ann", &first).await;
    assert_eq!(second["resumed"], true);
    for (id, code) in [
        (10, json!("outcome-unknown")),
        (11, Value::Null),
        (12, Value::Null),
        (13, Value::Null),
    ] {
        client.send(json!({"cmd": "ping", "id": id})).await;
        assert_eq!(client.answer(id).await["error"]["code"], code, "{id}");
    }
}

/// So many calls, each with its answer; how many `:ping`s came meanwhile. They are answered if
/// `answers` says so.
async fn call(
    client: &mut crate::support::Client<tokio::io::DuplexStream>,
    ids: std::ops::Range<u64>,
    answers: bool,
) -> usize {
    let mut pings = 0;
    for id in ids {
        client
            .send(json!({"cmd": "large", "id": id, "param": {"bytes": 4000}}))
            .await;
        loop {
            let message = client.patiently().await;
            if message["re"] == id {
                break;
            }
            assert_eq!(message, json!({"cmd": ":ping"}));
            pings += 1;
            if answers {
                client.send(json!({"cmd": ":pong"})).await;
            }
        }
    }
    pings
}

// P 6.9: a client that calls without a pause is never silent, and asked all the same.
#[tokio::test(start_paused = true)]
async fn a_busy_client_is_asked_for_its_answers() {
    let server = Memory::configured(Config::default().with(|config| config.rates.rate = 0));
    let (mut client, first) = connect(&server, "?user=ann", json!({})).await;
    assert_eq!(call(&mut client, 10..26, true).await, 1);
    // At most once a second.
    assert_eq!(call(&mut client, 26..100, true).await, 0);
    sleep(seconds(1)).await;
    assert_eq!(call(&mut client, 100..102, true).await, 1);
    client.settle_at_once().await;
    drop(client);
    gone(&server, &first).await;
    let (mut client, second) = resume(&server, "?user=ann", &first).await;
    assert_eq!(second["resumed"], true);
    for (id, code) in [(99, json!("outcome-unknown")), (101, Value::Null)] {
        client.send(json!({"cmd": "ping", "id": id})).await;
        assert_eq!(client.answer(id).await["error"]["code"], code, "{id}");
    }
}

// P 6.9
#[tokio::test(start_paused = true)]
async fn what_a_client_never_acknowledges_ages() {
    let server = Memory::configured(Config::default().with(|config| config.rates.rate = 0));
    let (mut client, _) = connect(&server, "?user=ann", json!({})).await;
    call(&mut client, 10..30, false).await;
    for round in 0..40 {
        sleep(seconds(1)).await;
        let id = 100 + round;
        client.send(json!({"cmd": ":ping", "id": id})).await;
        while client.patiently().await["re"] != id {}
    }
    client.send(json!({"cmd": "ping", "id": 10})).await;
    loop {
        let message = client.patiently().await;
        if message["re"] == 10 {
            assert_eq!(message["error"]["code"], "outcome-unknown");
            break;
        }
    }
}

// Answers that went to a socket before are not acknowledged by a `:pong` on this one.
#[tokio::test(start_paused = true)]
async fn a_pong_acknowledges_nothing_of_another_socket() {
    let server = Memory::configured(Config::default().with(|config| config.rates.rate = 0));
    let (mut client, first) = connect(&server, "?user=ann", json!({})).await;
    for id in 10..40 {
        client.send(json!({"cmd": "ping", "id": id})).await;
    }
    client.send(json!({"cmd": ":ping"})).await;
    client.event(":pong").await;
    drop(client);
    gone(&server, &first).await;
    let (mut client, second) = resume(&server, "?user=ann", &first).await;
    assert_eq!(second["resumed"], true);
    sleep(seconds(26)).await;
    assert_eq!(client.patiently().await["cmd"], ":ping");
    client.send(json!({"cmd": ":pong"})).await;
    client.settle_at_once().await;
    for id in 10..40 {
        client.send(json!({"cmd": "ping", "id": id})).await;
        assert!(client.until_patiently(id).await["error"].is_null(), "{id}");
    }
}
