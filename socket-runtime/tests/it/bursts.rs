//! Bursts to many members: nothing is lost, nothing changes places, and they leave in few writes.

use serde_json::json;
use socket_runtime::Config;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};

use crate::support::TestServer;
use crate::way::Wire;

const BURST: u64 = 100;

/// A plain client in the lobby, with less around it than most have: there are a thousand of them.
struct Member(BufReader<Wire>);

impl Member {
    async fn enter(server: &TestServer) -> Self {
        let mut stream = server.stream().await;
        let head = "GET /socket?ch=lobby HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
                    sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
        let mut member = Self(BufReader::with_capacity(8 * 1024, stream));
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(member.0.read_u8().await.unwrap());
        }
        assert!(answer.starts_with(b"HTTP/1.1 101"));
        member
    }

    async fn send(&mut self, message: &serde_json::Value) {
        let text = message.to_string();
        let mut frame = vec![0x81, 0x80 | u8::try_from(text.len()).unwrap(), 0, 0, 0, 0];
        frame.extend(text.as_bytes());
        self.0.write_all(&frame).await.unwrap();
        self.0.flush().await.unwrap();
    }

    async fn frame(&mut self) -> Vec<u8> {
        let first = self.0.read_u8().await.unwrap();
        let len = match self.0.read_u8().await.unwrap() {
            126 => usize::from(self.0.read_u16().await.unwrap()),
            len => usize::from(len),
        };
        let mut payload = vec![0; len];
        self.0.read_exact(&mut payload).await.unwrap();
        assert_eq!(first, 0x81, "{payload:?}");
        payload
    }

    /// The texts of the burst, each once and in order, and nothing else.
    async fn burst(&mut self) {
        for n in 0..BURST {
            let event: serde_json::Value = serde_json::from_slice(&self.frame().await).unwrap();
            assert_eq!(event["param"]["text"], n.to_string());
        }
    }
}

#[cfg(unix)]
fn raise_descriptors() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let maximum = getrlimit(Resource::Nofile).maximum;
    let current = maximum;
    setrlimit(Resource::Nofile, Rlimit { current, maximum }).unwrap();
}

#[cfg(not(unix))]
const fn raise_descriptors() {}

async fn check() {
    const MEMBERS: u64 = 1000;
    raise_descriptors();
    let server = TestServer::configured(Config {
        // Nothing but the burst is sent.
        online_members: 0,
        ..Config::default()
    })
    .await;
    let mut members = Vec::new();
    for _ in 0..MEMBERS {
        members.push(Member::enter(&server).await);
    }
    while server.sockets.member_count("lobby").unwrap() < 1000 {
        tokio::task::yield_now().await;
    }
    let mut reading = Vec::new();
    let mut speaks = members.pop().unwrap();
    let before = server.sockets.status().statistics;
    speaks
        .send(&json!({"cmd": "burst", "param": {"count": BURST}}))
        .await;
    members.push(speaks);
    for mut member in members {
        reading.push(tokio::spawn(async move {
            member.burst().await;
            member
        }));
    }
    let mut still = Vec::new();
    for reading in reading {
        still.push(reading.await.unwrap());
    }
    let after = server.sockets.status().statistics;
    let messages = after.sent.messages - before.sent.messages;
    let writes = after.writes - before.writes;
    assert_eq!(messages, MEMBERS * BURST);
    assert!(
        messages / writes >= 50,
        "{messages} messages in {writes} writes"
    );
    assert_eq!(server.sockets.channels()[0].delivered, MEMBERS * BURST);
    // To be seen with `--no-capture`.
    println!("{} messages in a write", messages / writes);
}

#[tokio::test]
async fn a_burst_to_a_thousand_leaves_in_few_writes() {
    check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_to_a_thousand_leaves_in_few_writes_from_two_threads() {
    check().await;
}
