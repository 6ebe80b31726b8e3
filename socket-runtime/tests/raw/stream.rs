//! A client that writes bytes and reads frames.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use crate::servers::Wire;
use crate::support::TestServer;

pub const TEXT: u8 = 0x81;
pub const PING: u8 = 0x89;

/// A client's frame with the mask 0: the payload as it stands.
pub fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        len @ 0..=125 => bytes.push(0x80 | len as u8),
        len @ 126..=0xffff => {
            bytes.push(0x80 | 126);
            bytes.extend((len as u16).to_be_bytes());
        }
        len => {
            bytes.push(0x80 | 127);
            bytes.extend((len as u64).to_be_bytes());
        }
    }
    bytes.extend([0; 4]);
    bytes.extend(payload);
    bytes
}

/// A frame whose header says another length.
pub fn declares(first: u8, len: u64) -> Vec<u8> {
    let mut bytes = vec![first, 0x80 | 127];
    bytes.extend(len.to_be_bytes());
    bytes.extend([0; 4]);
    bytes
}

pub struct Raw(pub Wire);

impl Raw {
    /// A plain client, after the upgrade.
    pub async fn open(server: &TestServer, query: &str) -> Self {
        Self::open_with(server, query, "").await
    }

    /// A client of full mode, after the upgrade and before its handshake.
    pub async fn full(server: &TestServer) -> Self {
        Self::open_with(server, "", "sec-websocket-protocol: socket.v1\r\n").await
    }

    async fn open_with(server: &TestServer, query: &str, header: &str) -> Self {
        let mut stream = server.stream().await;
        let head = format!(
            "GET /socket{query} HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n{header}\
             sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(stream.read_u8().await.unwrap());
        }
        assert!(answer.starts_with(b"HTTP/1.1 101"));
        Self(stream)
    }

    /// Writes as far as the server takes it.
    pub async fn send(&mut self, bytes: &[u8]) {
        let _ = self.0.write_all(bytes).await;
        let _ = self.0.flush().await;
    }

    /// The next frame of the server: its first byte and its payload. `None`: the end.
    pub async fn frame(&mut self) -> Option<(u8, Vec<u8>)> {
        let read = async {
            let first = self.0.read_u8().await.ok()?;
            let len = match self.0.read_u8().await.ok()? {
                126 => u64::from(self.0.read_u16().await.ok()?),
                127 => self.0.read_u64().await.ok()?,
                len => u64::from(len),
            };
            let mut payload = vec![0; usize::try_from(len).unwrap()];
            self.0.read_exact(&mut payload).await.ok()?;
            Some((first, payload))
        };
        timeout(std::time::Duration::from_secs(20), read)
            .await
            .expect("nothing came")
    }

    /// The code of the close, after which nothing comes.
    pub async fn closed(&mut self) -> u16 {
        loop {
            let (first, payload) = self.frame().await.expect("a close before the end");
            if first == 0x88 {
                assert_eq!(self.frame().await, None, "something behind the close");
                return u16::from_be_bytes([payload[0], payload[1]]);
            }
        }
    }

    /// The next message.
    pub async fn text(&mut self) -> serde_json::Value {
        loop {
            let (first, payload) = self.frame().await.expect("a message before the end");
            if first == TEXT {
                return serde_json::from_slice(&payload).unwrap();
            }
        }
    }
}
