//! Broken transports get their close code, and nobody else notices.

use std::time::Duration;

use futures_util::SinkExt;
use serde_json::json;
use socket_runtime::{Config, Disconnected};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::servers::Wire;
use crate::support::{Bystanders, TestServer};

/// A client's frame with the mask 0: the payload as it stands.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
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

const TEXT: u8 = 0x81;

/// Opens a connection by hand; its socket, after the handshake.
async fn raw(server: &TestServer, query: &str) -> Wire {
    let mut stream = server.stream().await;
    let head = format!(
        "GET /socket{query} HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(stream.read_u8().await.unwrap());
    }
    assert!(answer.starts_with(b"HTTP/1.1 101"));
    stream
}

#[tokio::test]
async fn violations_are_closed_with_their_code() {
    let server = TestServer::start().await;
    let mut bystanders = Bystanders::meet(&server).await;
    let declared = |len: u64| {
        let mut bytes = vec![TEXT, 0x80 | 127];
        bytes.extend(len.to_be_bytes());
        bytes.extend([0; 4]);
        bytes
    };
    for (what, bytes, code) in [
        ("binary", frame(0x82, b"x"), 1003),
        ("invalid UTF-8", frame(TEXT, b"\xff"), 1007),
        ("over the limit", frame(TEXT, &[b' '; 65537]), 1009),
        (
            "over the limit in pieces",
            [frame(0x01, &[b' '; 40000]), frame(0x80, &[b' '; 40000])].concat(),
            1009,
        ),
        ("declared 2^63", declared(1 << 63), 1009),
        ("declared 2^64 - 1", declared(u64::MAX), 1009),
        ("not masked", vec![TEXT, 1, b'x'], 1002),
        ("reserved bits", frame(0xC1, b"x"), 1002),
        ("reserved data opcode", frame(0x83, b"x"), 1002),
        ("reserved control opcode", frame(0x8B, b"x"), 1002),
        ("continuation of nothing", frame(0x80, b"x"), 1002),
        (
            "message within a message",
            [frame(0x01, b"x"), frame(TEXT, b"x")].concat(),
            1002,
        ),
        ("fragmented ping", frame(0x09, b"x"), 1002),
        ("long ping", frame(0x89, &[b'x'; 126]), 1002),
        ("close of one byte", frame(0x88, b"x"), 1002),
        (
            "close with a code of nobody's",
            frame(0x88, &999u16.to_be_bytes()),
            1002,
        ),
    ] {
        let mut stream = raw(&server, "").await;
        stream.write_all(&bytes).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let close: Vec<u8> = [&[0x88, answer[1]], &u16::to_be_bytes(code)[..]].concat();
        assert!(answer.starts_with(&close), "{what}: {answer:?}");
        assert_eq!(answer.len(), 2 + usize::from(answer[1]), "{what}");
        bystanders.talk().await;
    }
}

#[tokio::test]
async fn a_message_may_come_in_pieces_with_pings_between() {
    let server = TestServer::start().await;
    let mut stream = raw(&server, "?ch=lobby").await;
    let text = br#"{"cmd":"ping","id":7}"#;
    let mut bytes = frame(0x01, &text[..1]);
    for piece in text[1..].chunks(1) {
        bytes.extend(frame(0x89, b"p"));
        bytes.extend(frame(0x00, piece));
    }
    bytes.extend(frame(0x80, b""));
    for byte in bytes {
        stream.write_all(&[byte]).await.unwrap();
    }
    // TLS may keep back what it was given.
    stream.flush().await.unwrap();
    let mut pongs = 0;
    loop {
        let (first, len) = (
            stream.read_u8().await.unwrap(),
            stream.read_u8().await.unwrap(),
        );
        let mut payload = vec![0; usize::from(len)];
        stream.read_exact(&mut payload).await.unwrap();
        match first {
            0x8A => pongs += 1,
            TEXT => {
                assert!(payload.starts_with(br#"{"re":7,"#));
                break;
            }
            other => panic!("{other:x}"),
        }
    }
    // A pong may answer several pings that came together.
    assert!((1..text.len()).contains(&pongs), "{pongs}");
}

#[tokio::test]
async fn a_client_that_closes_gets_its_close_back_and_its_socket_closed() {
    let server = TestServer::start().await;
    for close in [Some((1000, "bye")), Some((4001, "mine")), None] {
        let mut client = server.connected("?ch=lobby").await;
        let frame = close.map(|(code, reason)| CloseFrame {
            code: CloseCode::from(code),
            reason: reason.into(),
        });
        client
            .socket
            .send(Message::Close(frame.clone()))
            .await
            .unwrap();
        loop {
            match client.frame().await {
                Message::Close(echo) => {
                    assert_eq!(echo, frame);
                    break;
                }
                Message::Text(_) => {}
                other => panic!("{other:?}"),
            }
        }
        assert!(
            futures_util::StreamExt::next(&mut client.socket)
                .await
                .is_none()
        );
    }
}

#[tokio::test]
async fn hooks_are_told_once_and_why() {
    let (told, mut hears) = tokio::sync::mpsc::unbounded_channel();
    let opened = told.clone();
    let sockets = crate::chat::Sockets::builder(crate::chat::Server)
        .on_connected(move |cx| {
            let told = opened.clone();
            async move {
                cx.send(crate::chat::said("server", "welcome"))
                    .await
                    .unwrap();
                told.send(format!(
                    "{} {:?}",
                    cx.connection(),
                    cx.channel().map(|c| c.as_str())
                ))
                .unwrap();
            }
        })
        .on_disconnected(move |cx, reason| {
            let told = told.clone();
            async move {
                assert!(cx.info().channels.is_empty());
                let reason = match reason {
                    Disconnected::Client { code, reason } => format!("client {code:?} {reason}"),
                    Disconnected::Server { code, reason } => {
                        format!("server {} {reason}", code.number())
                    }
                    Disconnected::Lost => "lost".to_owned(),
                    other => format!("{other:?}"),
                };
                told.send(format!("{} {reason}", cx.connection())).unwrap();
            }
        })
        .config(Config::default().with(|config| {
            // Nobody waits for one that is lost.
            config.sessions.resume_window = Duration::ZERO;
        }))
        .build();
    let server = TestServer::with(sockets).await;
    for end in ["client", "server", "lost"] {
        let mut client = server.connected("?ch=lobby").await;
        assert_eq!(client.next().await["param"]["text"], "welcome");
        let id = client.id.unwrap();
        assert_eq!(hears.recv().await.unwrap(), format!("{id} Some(\"lobby\")"));
        let expected = match end {
            "client" => {
                client
                    .socket
                    .close(Some(CloseFrame {
                        code: CloseCode::Normal,
                        reason: "bye".into(),
                    }))
                    .await
                    .unwrap();
                "client Some(1000) bye"
            }
            "server" => {
                server.sockets.disconnect(id, "enough").await.unwrap();
                client.closed().await;
                drop(client);
                "server 4503 enough"
            }
            _ => {
                drop(client);
                "lost"
            }
        };
        assert_eq!(hears.recv().await.unwrap(), format!("{id} {expected}"));
    }
    // A connection that was never open is not told of.
    let mut never = server.full("").await;
    never.send(json!({"cmd": "ping"})).await;
    assert_eq!(never.closed().await.0, 4500);
    assert!(hears.try_recv().is_err());
}
