//! tungstenite handles everything that is not a complete text: control frames, fragments, partial
//! frames, and violations of the protocol.
//!
//! It gets one frame at a time, so that between messages it holds nothing and can be dropped. What
//! it writes on its own, pongs and the echo of a close, does not touch the socket but joins the queue.

use std::io::{self, Read, Write};

use bytes::Bytes;
use tokio::io::AsyncRead;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig, WebSocketContext};
use tokio_tungstenite::tungstenite::{Message, Result};

use super::progress::Progress;
use super::tap::Tap;

/// tungstenite's, small, because most of what it reads is; large messages get one of their own.
const READ_BUFFER: usize = 128;

/// The most that tungstenite may have written and not got rid of, in bytes.
const WRITE_BUFFER: usize = 512;

#[derive(Debug)]
pub(crate) struct Parser {
    websocket: WebSocketContext,
    /// Of what tungstenite was given.
    given: Progress,
    written: Vec<u8>,
}

impl Parser {
    /// For messages of at most so many bytes.
    pub(crate) fn new(max_message: usize) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(0)
            // Only pongs and a close pass through it, and they are taken at once.
            .max_write_buffer_size(WRITE_BUFFER)
            .max_message_size(Some(max_message))
            .max_frame_size(Some(max_message));
        Self {
            websocket: WebSocketContext::new(Role::Server, Some(config)),
            given: Progress::default(),
            written: Vec::new(),
        }
    }

    /// Returns whether it has begun a message, so that the rest goes to it too.
    pub(crate) const fn is_busy(&self) -> bool {
        self.given.is_unfinished()
    }

    /// The frames that were written since the last call.
    pub(crate) fn answers(&mut self) -> Option<Bytes> {
        let written = &mut self.written;
        (!written.is_empty()).then(|| std::mem::take(written).into())
    }

    /// The next message.
    pub(crate) fn read<S: AsyncRead + Unpin>(&mut self, tap: &mut Tap<S>) -> Result<Message> {
        let mut socket = Socket {
            tap,
            given: &mut self.given,
            written: &mut self.written,
        };
        let message = self.websocket.read(&mut socket)?;
        if matches!(message, Message::Ping(_) | Message::Close(_)) {
            // Writes the answer. That a close ends the WebSocket is what we have just learnt.
            let _ = self.websocket.flush(&mut socket);
        }
        Ok(message)
    }
}

/// The socket that tungstenite reads.
struct Socket<'a, S> {
    tap: &'a mut Tap<S>,
    given: &'a mut Progress,
    written: &'a mut Vec<u8>,
}

impl<S: AsyncRead + Unpin> Read for Socket<'_, S> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        // Nothing of the next frame, which may be a whole text.
        let most = into.len().min(self.given.frame_left());
        let taken = self.tap.read(&mut into[..most])?;
        self.given.feed(&into[..taken]);
        Ok(taken)
    }
}

impl<S> Write for Socket<'_, S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.written.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
