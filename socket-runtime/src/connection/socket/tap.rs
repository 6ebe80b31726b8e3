//! The bytes of a socket: read into a buffer that the thread's sockets share, and looked at for a text
//! that lies there whole.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::{Buf, Bytes};
use socket_protocol::CloseCode;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::progress::Progress;

/// The first byte of a text in one frame.
const WHOLE_TEXT: u8 = 0x81;

/// Bytes that are read from a socket at once.
const SCRATCH: usize = 16 * 1024;

thread_local! {
    /// The read buffer of a thread, used by all its connections in turn.
    static SHARED: RefCell<Box<[u8]>> = RefCell::new(vec![0; SCRATCH].into_boxed_slice());
}

/// The socket, and what was read of it.
#[derive(Debug)]
pub(crate) struct Tap<S> {
    pub(crate) io: S,
    waker: Waker,
    received: usize,
    progress: Progress,
    /// Bytes that were read and are not consumed yet.
    rest: Bytes,
}

/// The next input, if the parser is not needed for it.
pub(crate) enum Whole {
    /// A text; the error is the close code for an invalid one.
    Text(Result<Utf8Bytes, CloseCode>),
    Nothing,
    /// It is needed.
    Other,
}

impl<S: AsyncRead + Unpin> Tap<S> {
    pub(crate) fn new(io: S) -> Self {
        Self {
            io,
            waker: Waker::noop().clone(),
            received: 0,
            progress: Progress::default(),
            rest: Bytes::new(),
        }
    }

    /// Wakes this task when the socket has more.
    pub(crate) fn wake(&mut self, cx: &Context<'_>) {
        if !self.waker.will_wake(cx.waker()) {
            self.waker = cx.waker().clone();
        }
    }

    /// Bytes read since the last call.
    pub(crate) fn received(&mut self) -> usize {
        std::mem::take(&mut self.received)
    }

    /// Since when a message is unfinished.
    pub(crate) const fn unfinished(&self) -> Option<Instant> {
        self.progress.since()
    }

    /// The next text, if it lies there whole.
    pub(crate) fn whole(&mut self, most: usize) -> io::Result<Whole> {
        if !self.rest.is_empty() {
            return Ok(match whole_text(&self.rest, most) {
                Some((text, len)) => {
                    self.drop_rest(len);
                    Whole::Text(text)
                }
                None => Whole::Other,
            });
        }
        SHARED.with_borrow_mut(|shared| {
            let bytes = match self.read_socket(shared) {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return Ok(Whole::Nothing);
                }
                Err(error) => return Err(error),
            };
            let (whole, later) = match whole_text(bytes, most) {
                Some((text, len)) => (Whole::Text(text), &bytes[len..]),
                None => (Whole::Other, bytes),
            };
            if !later.is_empty() {
                self.rest = Bytes::copy_from_slice(later);
            }
            Ok(whole)
        })
    }

    /// Reads once; nothing: the end.
    fn read_socket<'a>(&mut self, shared: &'a mut [u8]) -> io::Result<&'a [u8]> {
        let mut buf = ReadBuf::new(shared);
        let mut cx = Context::from_waker(&self.waker);
        match Pin::new(&mut self.io).poll_read(&mut cx, &mut buf) {
            Poll::Ready(read) => read?,
            Poll::Pending => return Err(io::ErrorKind::WouldBlock.into()),
        }
        let count = buf.filled().len();
        let bytes = &shared[..count];
        self.received += bytes.len();
        if !self.progress.feed(bytes) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(bytes)
    }

    /// Reads as much as there is room for.
    pub(crate) fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.rest.is_empty() {
            self.rest = SHARED.with_borrow_mut(|shared| {
                let bytes = self.read_socket(shared)?;
                Ok::<_, io::Error>(Bytes::copy_from_slice(bytes))
            })?;
        }
        let taken = into.len().min(self.rest.len());
        into[..taken].copy_from_slice(&self.rest[..taken]);
        self.drop_rest(taken);
        Ok(taken)
    }

    fn drop_rest(&mut self, count: usize) {
        self.rest.advance(count);
        if self.rest.is_empty() {
            // Gives its memory back.
            self.rest = Bytes::new();
        }
    }
}

/// The text that the bytes begin with, and how many of them it takes. `None`: they begin with
/// anything else, with only part of one, or with one of more than so many bytes.
fn whole_text(bytes: &[u8], most: usize) -> Option<(Result<Utf8Bytes, CloseCode>, usize)> {
    let [WHOLE_TEXT, second, rest @ ..] = bytes else {
        return None;
    };
    let (len, rest) = match second {
        0x80..=0xfd => (usize::from(second & 0x7f), rest),
        0xfe => {
            let (len, rest) = rest.split_first_chunk()?;
            (usize::from(u16::from_be_bytes(*len)), rest)
        }
        _ => return None,
    };
    let (mask, rest) = rest.split_first_chunk::<4>()?;
    let payload = rest.get(..len).filter(|_| len <= most)?;
    let text = String::from_utf8(unmask(payload, *mask))
        .map(Utf8Bytes::from)
        .map_err(|_| CloseCode::InvalidUtf8);
    Some((text, bytes.len() - rest.len() + len))
}

pub(super) fn unmask(payload: &[u8], mask: [u8; 4]) -> Vec<u8> {
    let mut bytes = payload.to_vec();
    let wide = u64::from(u32::from_ne_bytes(mask)) * 0x1_0000_0001;
    let mut words = bytes.chunks_exact_mut(8);
    for word in &mut words {
        if let Ok(word) = <&mut [u8; 8]>::try_from(word) {
            *word = (u64::from_ne_bytes(*word) ^ wide).to_ne_bytes();
        }
    }
    for (byte, mask) in words.into_remainder().iter_mut().zip(mask.iter().cycle()) {
        *byte ^= mask;
    }
    bytes
}
