//! Masks, opcodes, reserved bits, lengths, fragments, UTF-8.

use std::time::Duration;

use socket_runtime::Config;

use crate::stream::{PING, Raw, TEXT, declares, frame};
use crate::support::{Bystanders, TestServer};

async fn check(server: &TestServer, cases: Vec<(&str, Vec<u8>, u16)>) {
    let mut bystanders = Bystanders::meet(server).await;
    for (what, bytes, code) in cases {
        // At once, and byte by byte where that does not take for ever.
        for step in [bytes.len(), 1] {
            if bytes.len() / step > 2000 {
                continue;
            }
            for mut client in [Raw::open(server, "").await, Raw::full(server).await] {
                for part in bytes.chunks(step) {
                    client.send(part).await;
                }
                assert_eq!(client.closed().await, code, "{what}, {step} at a time");
            }
        }
        bystanders.talk().await;
    }
}

#[tokio::test]
async fn every_broken_frame_has_its_code() {
    let server = TestServer::start().await;
    let mut cases = vec![
        ("not masked", vec![TEXT, 1, b'x'], 1002),
        ("not masked, empty", vec![TEXT, 0], 1002),
        ("ping not masked", vec![PING, 0], 1002),
        ("binary", frame(0x82, b"x"), 1003),
        ("binary, empty", frame(0x82, b""), 1003),
        ("declared 2^63", declares(TEXT, 1 << 63), 1009),
        ("declared 2^64 - 1", declares(TEXT, u64::MAX), 1009),
        ("declared 2^63 - 1", declares(TEXT, (1 << 63) - 1), 1009),
        ("declared 2^32", declares(TEXT, 1 << 32), 1009),
        ("one over the limit", declares(TEXT, 65_537), 1009),
        (
            "over the limit in pieces",
            [frame(0x01, &[b' '; 65_536]), frame(0x80, b" ")].concat(),
            1009,
        ),
        ("continuation of nothing", frame(0x00, b"x"), 1002),
        ("last continuation of nothing", frame(0x80, b"x"), 1002),
        (
            "message within a message",
            [frame(0x01, b"x"), frame(TEXT, b"x")].concat(),
            1002,
        ),
        ("fragmented ping", frame(0x09, b"x"), 1002),
        (
            "fragmented close",
            frame(0x08, &1000_u16.to_be_bytes()),
            1002,
        ),
        ("ping of 126", frame(PING, &[b'x'; 126]), 1002),
        ("pong of 126", frame(0x8A, &[b'x'; 126]), 1002),
        ("close of 126", frame(0x88, &[3; 126]), 1002),
        ("close of one byte", frame(0x88, b"x"), 1002),
        (
            "close with invalid UTF-8",
            frame(0x88, b"\x03\xe8\xff"),
            1007,
        ),
        (
            "empty continuations",
            [frame(0x01, b""), frame(0x00, b"").repeat(100)].concat(),
            1002,
        ),
    ];
    for bits in [0x10, 0x20, 0x40, 0x70] {
        cases.push(("reserved bits", frame(TEXT | bits, b"x"), 1002));
    }
    for opcode in [0x3, 0x4, 0x5, 0x6, 0x7, 0xB, 0xC, 0xD, 0xE, 0xF] {
        cases.push(("reserved opcode", frame(0x80 | opcode, b"x"), 1002));
    }
    for code in [0_u16, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65_535] {
        cases.push((
            "a close code of nobody's",
            frame(0x88, &code.to_be_bytes()),
            1002,
        ));
    }
    check(&server, cases).await;
}

#[tokio::test]
async fn text_is_utf8_also_across_fragments() {
    let server = TestServer::start().await;
    let pieces = |parts: &[&[u8]]| {
        let (last, first) = parts.split_last().unwrap();
        let mut bytes = Vec::new();
        for (i, part) in first.iter().enumerate() {
            bytes.extend(frame(u8::from(i == 0), part));
        }
        bytes.extend(frame(0x80, last));
        bytes
    };
    let cases = vec![
        ("one byte", frame(TEXT, b"\xff"), 1007),
        ("too long a form", frame(TEXT, b"\xc0\xaf"), 1007),
        ("surrogate", frame(TEXT, b"\xed\xa0\x80"), 1007),
        ("beyond Unicode", frame(TEXT, b"\xf4\x90\x80\x80"), 1007),
        ("cut off", frame(TEXT, b"\xf0\x9f\x98"), 1007),
        ("cut off in pieces", pieces(&[b"\xf0\x9f", b"\x98"]), 1007),
        ("broken between pieces", pieces(&[b"\xf0\x9f", b"x"]), 1007),
    ];
    check(&server, cases).await;
    // A character may lie across fragments of one byte, with pings between them.
    let mut client = Raw::open(&server, "?ch=lobby").await;
    let text = r#"{"cmd":"chat","param":{"text":"😀"}}"#.as_bytes();
    let mut bytes = frame(0x01, &text[..1]);
    for (i, byte) in text[1..].iter().enumerate() {
        if i % 5 == 0 {
            bytes.extend(frame(PING, b"p"));
        }
        bytes.extend(frame(0x00, &[*byte]));
    }
    bytes.extend(frame(0x80, b""));
    client.send(&bytes).await;
    assert_eq!(client.text().await["param"]["text"], "😀");
}

#[tokio::test]
async fn a_declared_length_that_never_comes_is_not_waited_for() {
    let server = TestServer::configured(
        Config::default().with(|config| config.timeouts.message = Duration::from_millis(200)),
    )
    .await;
    check(
        &server,
        vec![
            ("no payload", declares(TEXT, 60_000), 1002),
            ("half a header", vec![TEXT, 0xfe, 0x10], 1002),
            ("no last fragment", frame(0x01, b"{"), 1002),
            ("half a ping", vec![PING, 0xfd, 0, 0, 0, 0, 1], 1002),
        ],
    )
    .await;
}

#[tokio::test]
async fn what_was_queued_before_a_close_is_still_sent() {
    let server = TestServer::start().await;
    let mut client = Raw::open(&server, "?ch=lobby").await;
    let bytes = [
        frame(TEXT, br#"{"cmd":":ping","id":7}"#),
        frame(PING, b"p"),
        frame(0x88, &1000_u16.to_be_bytes()),
    ];
    client.send(&bytes.concat()).await;
    assert_eq!(client.frame().await.unwrap().1, br#"{"re":7,"param":{}}"#);
    assert_eq!(client.frame().await, Some((0x8A, b"p".to_vec())));
    assert_eq!(client.closed().await, 1000);
}

#[tokio::test]
async fn a_message_of_exactly_the_limit_is_taken() {
    let server = TestServer::start().await;
    let mut text = br#"{"cmd":"ping","id":7}"#.to_vec();
    text.resize(65_536, b' ');
    let halves = [frame(0x01, &text[..40_000]), frame(0x80, &text[40_000..])];
    for bytes in [frame(TEXT, &text), halves.concat()] {
        let mut client = Raw::open(&server, "").await;
        client.send(&bytes).await;
        assert_eq!(client.text().await["re"], 7);
    }
}
