//! From the socket's bytes to WebSocket messages.
//!
//! A text that comes whole, as nearly all do, is taken from the thread's read buffer as it stands.
//! Everything else is for the [`Parser`].

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use socket_protocol::CloseCode;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use super::parser::Parser;
use super::tap::{Tap, Whole};

/// A result of reading.
#[derive(Debug)]
pub(crate) enum Input {
    /// A message.
    Text(Utf8Bytes),
    /// A message in binary, which the protocol does not know.
    Binary(Bytes),
    /// A control frame, which is a sign of life.
    Control,
    /// The client's close; its echo is in the queue.
    Close(Option<CloseFrame>),
}

/// Why nothing more can be read.
#[derive(Debug)]
pub(crate) enum ReadError {
    /// The socket ended without a close.
    Lost,
    /// The client broke a rule of the transport, which this code names.
    Violation(CloseCode),
}

#[derive(Debug)]
pub(crate) struct Reader<S> {
    tap: Tap<S>,
    /// Only while there is something for it: an idle connection holds none.
    parser: Option<Box<Parser>>,
    max_message: usize,
}

impl<S: AsyncRead + Unpin> Reader<S> {
    /// Reads messages of at most so many bytes.
    pub(crate) fn new(io: S, max_message: usize) -> Self {
        Self {
            tap: Tap::new(io),
            parser: None,
            max_message,
        }
    }

    pub(crate) fn io(&mut self) -> &mut S {
        &mut self.tap.io
    }

    /// Bytes read since the last call.
    pub(crate) fn received(&mut self) -> usize {
        self.tap.received()
    }

    /// The frames that the parser wrote since the last call.
    pub(crate) fn answers(&mut self) -> Option<Bytes> {
        self.parser.as_mut()?.answers()
    }

    /// Since when a message is unfinished.
    pub(crate) fn unfinished(&self) -> Option<Instant> {
        self.tap.unfinished()
    }

    /// The next input, or `Pending` when the socket has no more.
    pub(crate) fn poll(&mut self, cx: &Context<'_>) -> Poll<Result<Input, ReadError>> {
        let tap = &mut self.tap;
        tap.wake(cx);
        if !self.parser.as_ref().is_some_and(|parser| parser.is_busy()) {
            match tap.whole(self.max_message) {
                Ok(Whole::Text(text)) => {
                    let text = text.map_err(ReadError::Violation);
                    return Poll::Ready(text.map(Input::Text));
                }
                Ok(Whole::Nothing) => {
                    self.parser = None;
                    return Poll::Pending;
                }
                Ok(Whole::Other) => {}
                Err(error) => return Poll::Ready(Err(classify(&Error::Io(error)))),
            }
        }
        let parser = self
            .parser
            .get_or_insert_with(|| Box::new(Parser::new(self.max_message)));
        Poll::Ready(match parser.read(tap) {
            Ok(Message::Text(text)) => Ok(Input::Text(text)),
            Ok(Message::Binary(bytes)) => Ok(Input::Binary(bytes)),
            Ok(Message::Close(frame)) => Ok(Input::Close(frame)),
            Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => Ok(Input::Control),
            Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                return Poll::Pending;
            }
            Err(error) => Err(classify(&error)),
        })
    }

    /// Reads and forgets until the client has closed its side: bytes left unread would make the
    /// kernel reset the connection, and the client would not see the close that it was sent.
    pub(crate) fn poll_discard(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut bytes = [0; 1024];
        loop {
            let mut buf = ReadBuf::new(&mut bytes);
            match Pin::new(self.io()).poll_read(cx, &mut buf) {
                Poll::Ready(Ok(())) if !buf.filled().is_empty() => {}
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

fn classify(error: &Error) -> ReadError {
    use tokio_tungstenite::tungstenite::error::ProtocolError;
    if matches!(error, Error::Io(error) if error.kind() == io::ErrorKind::InvalidData) {
        return ReadError::Violation(CloseCode::ProtocolViolation);
    }
    match error {
        Error::Utf8(_) => ReadError::Violation(CloseCode::InvalidUtf8),
        Error::Capacity(_) => ReadError::Violation(CloseCode::TooLarge),
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => ReadError::Lost,
        Error::Protocol(_) => ReadError::Violation(CloseCode::ProtocolViolation),
        _ => ReadError::Lost,
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::super::tap::unmask;
    use super::*;
    use tokio::io::AsyncWriteExt as _;

    fn frame(first: u8, mask: [u8; 4], payload: &[u8]) -> Vec<u8> {
        let mut bytes = vec![first];
        match u8::try_from(payload.len()) {
            Ok(len) if len < 126 => bytes.push(0x80 | len),
            _ => {
                bytes.push(0x80 | 126);
                bytes.extend(u16::try_from(payload.len()).unwrap().to_be_bytes());
            }
        }
        bytes.extend(mask);
        bytes.extend(unmask(payload, mask));
        bytes
    }

    /// Reads the bytes in pieces of that size.
    async fn read(bytes: &[u8], piece: usize) -> Vec<String> {
        let (server, mut client) = tokio::io::duplex(1 << 20);
        let mut reader = Reader::new(server, 1000);
        let cx = Context::from_waker(Waker::noop());
        let mut inputs = Vec::new();
        for piece in bytes.chunks(piece) {
            client.write_all(piece).await.unwrap();
            while let Poll::Ready(input) = reader.poll(&cx) {
                let ends = input.is_err();
                inputs.push(match input {
                    Ok(Input::Text(text)) => text.to_string(),
                    other => format!("{other:?}"),
                });
                if ends {
                    return inputs;
                }
            }
            // It stays for the rest of a message, and an idle connection holds none.
            assert!(reader.parser.as_deref().is_none_or(Parser::is_busy));
        }
        inputs
    }

    #[tokio::test]
    async fn messages_are_the_same_however_their_bytes_come() {
        let mask = [1, 2, 3, 4];
        let long = "x".repeat(300);
        let good = [
            frame(0x81, mask, b""),
            frame(0x81, mask, "a \u{e9}".as_bytes()),
            frame(0x81, [0; 4], long.as_bytes()),
            frame(0x89, mask, b"ping"),
            frame(0x81, mask, b"b"),
            frame(0x01, mask, b"one "),
            frame(0x89, mask, b"between"),
            frame(0x80, mask, b"message"),
            frame(0x81, mask, b"c"),
            frame(0x82, mask, b"binary"),
        ]
        .concat();
        for (end, last) in [
            (frame(0x81, mask, b"\xff"), "InvalidUtf8"),
            (frame(0x81, mask, &[b'x'; 1001]), "TooLarge"),
            (vec![0x81, 1, b'x'], "ProtocolViolation"),
            (
                [frame(0x01, mask, b"x"), frame(0x81, mask, b"y")].concat(),
                "ProtocolViolation",
            ),
            (frame(0x88, mask, b""), "Close(None)"),
        ] {
            let bytes = [good.clone(), end].concat();
            let whole = read(&bytes, bytes.len()).await;
            assert_eq!(whole.len(), 10, "{whole:?}");
            assert!(whole[9].contains(last), "{whole:?}");
            assert_eq!((&*whole[1], &*whole[6]), ("a \u{e9}", "one message"));
            for piece in 1..=40 {
                assert_eq!(read(&bytes, piece).await, whole, "in pieces of {piece}");
            }
        }
    }
}
