//! One socket, both ways: reads as long as input is at hand, then writes everything that was
//! queued meanwhile at once.

pub(crate) mod echo;
mod parser;
mod progress;
pub(crate) mod reader;
mod tap;

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::AsyncRead;
use tokio::time::Instant;

use crate::hub::Handle;
use crate::outbound::{Ping, Signal};
use reader::{Input, ReadError, Reader};

/// Messages that are read before their answers are written, even if more input is at hand.
const MAX_READS: usize = 64;

/// An event on the socket, or a request.
#[derive(Debug)]
pub(crate) enum Event {
    Input(Input),
    Signal(Signal),
    /// A deadline began: a message is unfinished, or the client takes nothing.
    Waits,
}

/// The socket's reading half, and the queue that has the other one.
#[derive(Debug)]
pub(crate) struct Transport<S> {
    handle: Arc<Handle>,
    reader: Reader<S>,
    reads: usize,
    /// When the last frame arrived.
    pub(crate) received: Instant,
    /// When a message was last sent, as far as was looked at.
    pub(crate) sent: Instant,
    /// The close has been queued: what tungstenite would still write is not.
    closing: bool,
    /// Since when the client takes nothing of what there is for it.
    pub(crate) stalled: Option<Instant>,
    /// Since when a message is unfinished, as the last event told.
    told_unfinished: Option<Instant>,
}

impl<S: AsyncRead + Unpin> Transport<S> {
    pub(crate) fn new(handle: Arc<Handle>, io: S, max_message: usize) -> Self {
        Self {
            handle,
            reader: Reader::new(io, max_message),
            reads: 0,
            received: Instant::now(),
            sent: Instant::now(),
            closing: false,
            stalled: None,
            told_unfinished: None,
        }
    }

    /// The next event; writes meanwhile. Reads only if told so.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    pub(crate) async fn next(&mut self, reading: bool) -> Result<Event, ReadError> {
        poll_fn(|cx| self.poll_next(cx, reading)).await
    }

    fn poll_next(&mut self, cx: &mut Context<'_>, reading: bool) -> Poll<Result<Event, ReadError>> {
        if let Some(signal) = self.handle.queue.signal(cx) {
            return Poll::Ready(Ok(Event::Signal(signal)));
        }
        if reading
            && self.reads < MAX_READS
            && let Poll::Ready(input) = self.poll_read(cx)
        {
            return Poll::Ready(input.map(Event::Input));
        }
        let was_stalled = self.stalled.is_some();
        let wrote = self.poll_write(cx);
        self.reads = 0;
        if let Poll::Ready(Err(_)) = wrote {
            return Poll::Ready(Err(ReadError::Lost));
        }
        if reading && let Poll::Ready(input) = self.poll_read(cx) {
            return Poll::Ready(input.map(Event::Input));
        }
        let unfinished = self.reader.unfinished();
        if (self.stalled.is_some() && !was_stalled) || unfinished != self.told_unfinished {
            self.told_unfinished = unfinished;
            return Poll::Ready(Ok(Event::Waits));
        }
        Poll::Pending
    }

    /// Since when a message is unfinished.
    pub(crate) fn unfinished(&self) -> Option<Instant> {
        self.reader.unfinished()
    }

    fn poll_read(&mut self, cx: &Context<'_>) -> Poll<Result<Input, ReadError>> {
        let input = self.reader.poll(cx);
        // Also what is part of a message: a client that is slow is alive.
        let bytes = self.reader.received();
        if bytes > 0 {
            self.received = Instant::now();
            self.handle.received.bytes.add(bytes);
        }
        let input = ready!(input);
        self.reads += 1;
        if matches!(input, Ok(Input::Text(_))) {
            self.handle.received.messages.one();
        }
        if let Some(answer) = self.reader.answers().filter(|_| !self.closing) {
            match input {
                // Behind what is queued: the client may still read it.
                Ok(Input::Close(_)) => self.push_last(answer, false),
                _ => self.handle.queue.reply(answer),
            }
        }
        Poll::Ready(input)
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let wrote = self.handle.queue.poll_write(cx);
        self.stalled = match wrote {
            Poll::Ready(_) => None,
            Poll::Pending => self.handle.queue.stalled(),
        };
        wrote
    }

    /// Looks at what the flusher has done meanwhile, and gives back room that is not needed. Returns
    /// where the latest `:ping` is.
    pub(crate) fn look(&mut self) -> Ping {
        let (sent, ping) = self.handle.queue.look();
        self.sent = sent;
        ping
    }

    /// Queues the last frame; with `discard`, in place of all that was not begun.
    pub(crate) fn push_last(&mut self, frame: bytes::Bytes, discard: bool) {
        self.closing = true;
        self.handle.queue.push_last(frame, discard);
    }

    /// Writes what is queued, ends our side, and waits until the client has ended its own.
    pub(crate) async fn finish(&mut self) {
        let flushed = poll_fn(|cx| self.poll_write(cx)).await;
        if flushed.is_err() {
            return;
        }
        if poll_fn(|cx| self.handle.queue.poll_shutdown(cx))
            .await
            .is_ok()
        {
            poll_fn(|cx| self.reader.poll_discard(cx)).await;
        }
    }
}

impl<S> Drop for Transport<S> {
    fn drop(&mut self) {
        self.handle.queue.end();
    }
}
