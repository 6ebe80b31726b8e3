//! From the socket's bytes to WebSocket messages. tungstenite does the reading; what it writes on
//! its own, pongs and the echo of a close, does not touch the socket but joins the queue.

use std::io::{self, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use socket_protocol::CloseCode;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes, WebSocket};

use super::progress::Progress;

/// Small, because every connection holds one; large messages get a buffer of their own.
const READ_BUFFER: usize = 4 * 1024;

/// What was read.
#[derive(Debug)]
pub(crate) enum Input {
    /// A message.
    Text(Utf8Bytes),
    /// A message in binary, which the protocol does not know.
    Binary(Bytes),
    /// A control frame: a sign of life, no more.
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
    websocket: WebSocket<Tap<S>>,
}

impl<S: AsyncRead + Unpin> Reader<S> {
    /// Reads messages of at most so many bytes.
    pub(crate) fn new(io: S, max_message: usize) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(0)
            // Only pongs and a close pass through it, and the tap takes them at once.
            .max_write_buffer_size(READ_BUFFER)
            .max_message_size(Some(max_message))
            .max_frame_size(Some(max_message));
        let tap = Tap {
            io,
            waker: Waker::noop().clone(),
            written: Vec::new(),
            received: 0,
            progress: Progress::default(),
        };
        Self {
            websocket: WebSocket::from_raw_socket(tap, Role::Server, Some(config)),
        }
    }

    pub(crate) fn io(&mut self) -> &mut S {
        &mut self.websocket.get_mut().io
    }

    /// Bytes read since the last call.
    pub(crate) fn received(&mut self) -> usize {
        std::mem::take(&mut self.websocket.get_mut().received)
    }

    /// The frames that tungstenite wrote since the last call.
    pub(crate) fn answers(&mut self) -> Option<Bytes> {
        let written = &mut self.websocket.get_mut().written;
        (!written.is_empty()).then(|| std::mem::take(written).into())
    }

    /// Since when a message is unfinished.
    pub(crate) fn unfinished(&self) -> Option<Instant> {
        self.websocket.get_ref().progress.since()
    }

    /// The next input, or `Pending` when the socket has no more.
    pub(crate) fn poll(&mut self, cx: &Context<'_>) -> Poll<Result<Input, ReadError>> {
        let tap = self.websocket.get_mut();
        if !tap.waker.will_wake(cx.waker()) {
            tap.waker = cx.waker().clone();
        }
        Poll::Ready(match self.websocket.read() {
            Ok(Message::Text(text)) => Ok(Input::Text(text)),
            Ok(Message::Binary(bytes)) => Ok(Input::Binary(bytes)),
            Ok(Message::Close(frame)) => {
                // Writes the echo. That this ends the WebSocket is what we have just learnt.
                let _ = self.websocket.flush();
                Ok(Input::Close(frame))
            }
            Ok(Message::Ping(_)) => {
                let _ = self.websocket.flush();
                Ok(Input::Control)
            }
            Ok(Message::Pong(_) | Message::Frame(_)) => Ok(Input::Control),
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

/// What tungstenite takes for its socket.
#[derive(Debug)]
struct Tap<S> {
    io: S,
    waker: Waker,
    written: Vec<u8>,
    received: usize,
    progress: Progress,
}

impl<S: AsyncRead + Unpin> Read for Tap<S> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut buf = ReadBuf::new(into);
        let mut cx = Context::from_waker(&self.waker);
        match Pin::new(&mut self.io).poll_read(&mut cx, &mut buf) {
            Poll::Ready(Ok(())) => {
                let bytes = buf.filled();
                self.received += bytes.len();
                if !self.progress.feed(bytes) {
                    return Err(io::ErrorKind::InvalidData.into());
                }
                Ok(bytes.len())
            }
            Poll::Ready(Err(error)) => Err(error),
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
        }
    }
}

impl<S> Write for Tap<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.written.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
