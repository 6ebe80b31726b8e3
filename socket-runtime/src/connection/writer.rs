//! From the queue to the socket: everything that is queued in one write.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use tokio::io::AsyncWrite;

use super::frame;
use super::queue::Queue;

/// The most frames of one write; what is behind them goes with the next.
const MAX_SLICES: usize = 128;

/// What one call of [`Writer::poll`] got rid of.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) bytes: usize,
    /// Messages, without control frames.
    pub(crate) messages: usize,
    pub(crate) writes: usize,
}

/// Holds what was taken from the queue and not written yet, so that a write may be given up at any
/// moment and go on later.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    batch: VecDeque<Bytes>,
    /// Bytes of the first frame that are written.
    offset: usize,
    unflushed: bool,
}

impl Writer {
    /// Writes until the queue is empty or the socket takes no more.
    ///
    /// # Errors
    /// The socket's.
    pub(crate) fn poll<S: AsyncWrite + Unpin>(
        &mut self,
        cx: &mut Context<'_>,
        io: &mut S,
        queue: &Queue,
        written: &mut Written,
    ) -> Poll<io::Result<()>> {
        loop {
            if self.batch.is_empty() {
                queue.take(&mut self.batch);
            }
            if self.batch.is_empty() {
                if self.unflushed {
                    ready!(Pin::new(io).poll_flush(cx))?;
                    self.unflushed = false;
                }
                return Poll::Ready(Ok(()));
            }
            let bytes = ready!(self.write_once(cx, io))?;
            if bytes == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            written.writes += 1;
            written.bytes += bytes;
            self.unflushed = true;
            self.advance(bytes, queue, written);
        }
    }

    fn write_once<S: AsyncWrite + Unpin>(
        &self,
        cx: &mut Context<'_>,
        io: &mut S,
    ) -> Poll<io::Result<usize>> {
        let first = &self.batch[0][self.offset..];
        if self.batch.len() == 1 || !io.is_write_vectored() {
            return Pin::new(io).poll_write(cx, first);
        }
        let mut slices = [IoSlice::new(&[]); MAX_SLICES];
        slices[0] = IoSlice::new(first);
        let mut count = 1;
        for (slice, frame) in slices[1..].iter_mut().zip(self.batch.iter().skip(1)) {
            *slice = IoSlice::new(frame);
            count += 1;
        }
        Pin::new(io).poll_write_vectored(cx, &slices[..count])
    }

    /// Drops what has been written from the batch.
    fn advance(&mut self, mut bytes: usize, queue: &Queue, written: &mut Written) {
        let (mut done_bytes, mut done) = (0, 0);
        while let Some(frame) = self.batch.front() {
            let left = frame.len() - self.offset;
            if bytes < left {
                self.offset += bytes;
                break;
            }
            bytes -= left;
            self.offset = 0;
            done += 1;
            done_bytes += frame.len();
            written.messages += usize::from(frame::is_message(frame));
            self.batch.pop_front();
        }
        if done > 0 {
            queue.release(done_bytes, done);
        }
    }

    /// Drops what is not begun, because the connection is given up. A frame that is half written is
    /// finished, so that the close behind it can be read.
    pub(crate) fn discard(&mut self, queue: &Queue) {
        let begun = usize::from(self.offset > 0);
        let dropped = self.batch.split_off(begun.min(self.batch.len()));
        queue.release(dropped.iter().map(Buf::remaining).sum(), dropped.len());
    }
}
