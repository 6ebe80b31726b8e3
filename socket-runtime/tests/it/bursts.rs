//! Bursts to many members: nothing is lost, nothing changes places, and they leave in few writes.

use std::time::Duration;

use serde_json::json;
use socket_runtime::Config;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};

use crate::servers::Wire;
use crate::support::TestServer;

const BURST: u64 = 100;

/// How many of them are tried: a machine that takes a thread away in the middle of one makes two.
const BURSTS: u64 = 4;

/// A plain client in the lobby, with less around it than most have: there are a thousand of them.
pub struct Member(BufReader<Wire>);

impl Member {
    async fn enter(server: &TestServer) -> Self {
        Self::over(server.stream().await).await
    }

    pub async fn over(mut stream: Wire) -> Self {
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

    pub async fn send(&mut self, first: u8, payload: &[u8]) -> std::io::Result<()> {
        let len = u8::try_from(payload.len()).unwrap();
        let mut frame = vec![first, 0x80 | len, 0, 0, 0, 0];
        frame.extend(payload);
        self.0.write_all(&frame).await?;
        self.0.flush().await
    }

    /// The next frame: its first byte and its payload. `None`: the end.
    pub async fn frame(&mut self) -> Option<(u8, Vec<u8>)> {
        let first = self.0.read_u8().await.ok()?;
        let len = match self.0.read_u8().await.ok()? {
            126 => usize::from(self.0.read_u16().await.ok()?),
            len => usize::from(len),
        };
        let mut payload = vec![0; len];
        self.0.read_exact(&mut payload).await.ok()?;
        Some((first, payload))
    }

    /// The texts of the burst, each once and in order, and nothing else.
    async fn burst(&mut self) {
        for n in 0..BURST {
            // To read all of it as JSON takes longer than the rest of the test.
            let (_, event) = self.frame().await.unwrap();
            let event = String::from_utf8(event).unwrap();
            let text = format!(r#""param":{{"user":"burst","text":"{n}"}}"#);
            assert!(event.contains(&text), "{event} instead of {n}");
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
    let server = TestServer::configured(Config::default().with(|config| {
        // Nothing but the bursts is sent, however long they take.
        config.members.online = 0;
        config.timeouts.ping = Duration::from_secs(600);
    }))
    .await;
    let mut members = Vec::new();
    for _ in 0..MEMBERS {
        members.push(Member::enter(&server).await);
    }
    while server.sockets.member_count("lobby").unwrap() < 1000 {
        tokio::task::yield_now().await;
    }
    let mut best = 0;
    for burst in 1..=BURSTS {
        let before = server.sockets.status().statistics;
        let ask = json!({"cmd": "burst", "param": {"count": BURST}}).to_string();
        let asked = members[0].send(0x81, ask.as_bytes());
        asked.await.unwrap();
        let reading = members.into_iter().map(|mut member| {
            tokio::spawn(async move {
                member.burst().await;
                member
            })
        });
        let reading: Vec<_> = reading.collect();
        members = Vec::new();
        for reading in reading {
            members.push(reading.await.unwrap());
        }
        let after = server.sockets.status().statistics;
        let messages = after.sent.messages - before.sent.messages;
        assert_eq!(messages, MEMBERS * BURST);
        let delivered = server.sockets.channels()[0].delivered;
        assert_eq!(delivered, burst * MEMBERS * BURST);
        best = best.max(messages / (after.writes - before.writes));
    }
    assert!(best >= 50, "{best} messages in a write");
}

#[tokio::test]
async fn a_burst_to_a_thousand_leaves_in_few_writes() {
    check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_to_a_thousand_leaves_in_few_writes_from_two_threads() {
    check().await;
}
