//! The send queue of one socket: bounded, filled by anyone, written by one writer at a time. A
//! client that reads too slowly for the limit is dropped, as [`slow`] says.
//!
//! The queue owns the socket's write half. Whoever writes, a [flusher](flusher) or the connection's
//! own task, takes the half out together with the frames and brings both back, so that there cannot
//! be two writers, and no lock is held while the kernel copies.

mod ahead;
mod buffered;
mod capacity;
mod flusher;
mod frames;
mod large;
pub(crate) mod pace;
mod pending;
mod slow;
mod turn;
mod writer;

pub(crate) use buffered::{Account, Buffered, share};
pub(crate) use flusher::{Flush, Flushers, Shard};
pub(crate) use pending::{Asked, Close, Ping};
pub(crate) use writer::{WriteHalf, limit_unsent};

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::task::AtomicWaker;
use parking_lot::Mutex;
use socket_protocol::manifest::model::Delivery as Class;
use tokio::time::Instant;

use crate::stats::counters::{Losses, Sent};
use capacity::Room;
use pending::{Pending, Turn};

/// A request to the connection's task, besides writing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Signal {
    /// The client was asked to close: it has a limited time for it.
    Asked,
    /// The service ends: nothing more is begun, what runs comes to its end, then close.
    Leave,
    /// Close.
    Close(Close),
}

/// The writer of a queued frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(crate) enum NextWriter {
    /// Nobody new: somebody does already, or there is nothing to write.
    Nobody,
    /// The flusher, on whose list the connection now counts as being.
    Flusher,
    /// The connection's own task.
    Task,
}

#[derive(Debug)]
pub(crate) struct Queue {
    pending: Mutex<Pending>,
    waker: AtomicWaker,
    room: Room,
    max_bytes: usize,
    max_messages: usize,
    /// What it holds that its client does not take.
    account: Account,
}

impl Queue {
    pub(crate) fn new(max_bytes: usize, max_messages: usize, buffered: &Arc<Buffered>) -> Self {
        Self {
            pending: Mutex::default(),
            waker: AtomicWaker::new(),
            room: Room::default(),
            max_bytes,
            max_messages,
            account: Account::new(buffered.clone()),
        }
    }

    /// Gives the queue its socket, and says whether a flusher may write to it.
    pub(crate) fn attach(&self, half: WriteHalf, flushed: bool) {
        if let WriteHalf::Tcp(half) = &half {
            limit_unsent(half.as_ref());
        }
        let mut pending = self.pending.lock();
        pending.flushed = flushed && half.is_direct();
        pending.outgoing.attach(half);
    }

    /// From now on large frames are announced.
    pub(crate) fn announce(&self) {
        self.pending.lock().announces = true;
    }

    /// Queues a frame. One that does not fit closes the connection as a slow consumer, and what is
    /// queued is dropped at once: the client comes back and recovers.
    pub(crate) fn push(
        &self,
        frame: Bytes,
        class: Class,
        key: Option<&Arc<str>>,
        receivers: usize,
    ) -> NextWriter {
        let mut pending = self.pending.lock();
        if pending.closed {
            return NextWriter::Nobody;
        }
        let half = (self.max_bytes / 2, self.max_messages / 2);
        if class == Class::Volatile && (pending.bytes > half.0 || pending.messages > half.1) {
            pending.losses.dropped += 1;
            return NextWriter::Nobody;
        }
        let key = key.filter(|_| class == Class::Latest);
        if let Some(older) = key.and_then(|key| pending.outgoing.take_older(key)) {
            pending.forget(1, older);
            pending.losses.replaced += 1;
        }
        if !pending.fits(frame.len(), self.max_bytes, self.max_messages) {
            self.tell(&pending);
            return NextWriter::Task;
        }
        let cost = share(frame.len(), receivers);
        let is_first = pending.outgoing.is_empty();
        match key {
            Some(key) => pending.add_latest(frame, cost, key),
            None => pending.add_last(frame, cost),
        }
        self.tell(&pending);
        if pending.corked || pending.listed || pending.turn != Turn::Anyone {
            return NextWriter::Nobody;
        }
        if pending.flushed {
            pending.listed = true;
            return NextWriter::Flusher;
        }
        if is_first {
            return NextWriter::Task;
        }
        // The task was woken for the first of them, or has put it there itself.
        NextWriter::Nobody
    }

    /// The same for the connection's own task, which writes before it sleeps.
    pub(crate) fn reply(&self, frame: Bytes) {
        let mut pending = self.pending.lock();
        if pending.closed {
            return;
        }
        if pending.fits(frame.len(), self.max_bytes, self.max_messages) {
            let cost = share(frame.len(), 1);
            pending.add_last(frame, cost);
            self.tell(&pending);
        } else {
            self.tell(&pending);
            drop(pending);
            self.waker.wake();
        }
    }

    /// The same where the frame can wait: one that does not fit is given back.
    pub(crate) fn offer(&self, frame: Bytes) -> Result<(), Bytes> {
        let mut pending = self.pending.lock();
        if pending.closed {
            return Ok(());
        }
        // Where nothing is queued it is the next to be written, whatever is held back.
        if pending.bytes > 0 && !pending.has_place(frame.len(), self.max_bytes, self.max_messages) {
            return Err(frame);
        }
        let cost = share(frame.len(), 1);
        pending.add_last(frame, cost);
        self.tell(&pending);
        Ok(())
    }

    /// Counts a frame as queued that is held back elsewhere. `false`: it does not fit, and the
    /// connection is given up.
    pub(crate) fn hold(&self, bytes: usize, share: usize) -> bool {
        let mut pending = self.pending.lock();
        if pending.closed {
            return false;
        }
        let fits = pending.fits(bytes, self.max_bytes, self.max_messages);
        if fits {
            pending.held_bytes += bytes;
            pending.held_messages += 1;
            pending.held_share += share;
        }
        self.tell(&pending);
        drop(pending);
        if !fits {
            self.waker.wake();
        }
        fits
    }

    /// It is released.
    pub(crate) fn unhold(&self, bytes: usize, share: usize) {
        let mut pending = self.pending.lock();
        pending.held_bytes -= bytes;
        pending.held_messages -= 1;
        pending.held_share -= share;
        self.tell(&pending);
    }

    /// Counts something that was not sent as it came, or was sent late.
    pub(crate) fn count(&self, count: impl FnOnce(&mut Losses)) {
        count(&mut self.pending.lock().losses);
    }

    /// Messages that were not sent unchanged, or late.
    pub(crate) fn losses(&self) -> Losses {
        self.pending.lock().losses
    }

    /// Waits until fewer bytes than that are queued, and returns how many more may be.
    pub(crate) async fn room(&self, bytes: usize) -> usize {
        let most = bytes.clamp(1, self.max_bytes / 2);
        poll_fn(|cx| self.poll_room(cx, most - 1)).await;
        most.saturating_sub(self.len().0).max(1)
    }

    pub(crate) fn wake(&self) {
        self.waker.wake();
    }

    /// The flushers have ended: from now on the task writes.
    pub(crate) fn abandon(&self) {
        let mut pending = self.pending.lock();
        pending.listed = false;
        pending.flushed = false;
        drop(pending);
        self.waker.wake();
    }

    /// Holds back everything until [`Self::uncork`].
    pub(crate) fn cork(&self) {
        self.pending.lock().corked = true;
    }

    /// Lets the connection's task send the frame and, after it, what was held back.
    pub(crate) fn uncork(&self, first: Option<Bytes>) {
        let mut pending = self.pending.lock();
        pending.corked = false;
        if let Some(frame) = first.filter(|_| !pending.closed) {
            pending.add_first(frame);
        }
        self.tell(&pending);
    }

    /// Tells the task that the client was asked to close.
    pub(crate) fn ask(&self) {
        self.pending.lock().asked = true;
        self.waker.wake();
    }

    /// Tells the task to close as soon as what runs has ended.
    pub(crate) fn leave(&self) {
        self.pending.lock().leaves = true;
        self.waker.wake();
    }

    /// Takes nothing more and tells the task to close. The first reason counts.
    pub(crate) fn close(&self, close: Close) {
        self.pending.lock().end(close);
        self.waker.wake();
    }

    /// Takes nothing more.
    pub(crate) fn shut(&self) {
        self.pending.lock().closed = true;
    }

    /// Queues the connection's last frame behind what is queued, or, with `discard`, in place of
    /// all that is not begun.
    pub(crate) fn push_last(&self, frame: Bytes, discard: bool) {
        let mut pending = self.pending.lock();
        if discard {
            pending.discard();
        }
        pending.corked = false;
        pending.closed = true;
        pending.add_last(frame, 0);
        self.tell(&pending);
    }

    /// The requests to the task, each once.
    pub(crate) fn signal(&self, cx: &Context<'_>) -> Option<Signal> {
        self.waker.register(cx.waker());
        let mut pending = self.pending.lock();
        if let Some(close) = pending.close.take() {
            return Some(Signal::Close(*close));
        }
        if std::mem::take(&mut pending.leaves) {
            return Some(Signal::Leave);
        }
        std::mem::take(&mut pending.asked).then_some(Signal::Asked)
    }

    /// Ready when at most that many bytes are queued, and half of the messages that may be.
    pub(crate) fn poll_room(&self, cx: &Context<'_>, bytes: usize) -> Poll<()> {
        let mut pending = self.pending.lock();
        if pending.has_room(bytes, self.max_messages) {
            return Poll::Ready(());
        }
        // Under the lock, so that no room is made unseen.
        pending.crowded = true;
        self.room.wait(cx);
        Poll::Pending
    }

    /// The same at this moment.
    pub(crate) fn has_room(&self, bytes: usize) -> bool {
        self.pending.lock().has_room(bytes, self.max_messages)
    }

    /// How many bytes may be queued so that a frame of so many fits.
    pub(crate) const fn room_for(&self, frame: usize) -> usize {
        self.max_bytes.saturating_sub(frame)
    }

    /// Bytes and messages that have not been written yet.
    pub(crate) fn len(&self) -> (usize, usize) {
        let pending = self.pending.lock();
        (pending.bytes, pending.messages)
    }

    /// Sent traffic.
    pub(crate) fn sent(&self) -> Sent {
        self.pending.lock().sent
    }

    /// Since when the client takes nothing of what there is for it.
    pub(crate) fn stalled(&self) -> Option<Instant> {
        self.pending.lock().stalled
    }

    /// When a message was last sent, and where the latest `:ping` is. Now and then asked for, when room
    /// is given back too that a quiet connection does not need.
    pub(crate) fn look(&self) -> (Instant, Ping) {
        let mut pending = self.pending.lock();
        pending.outgoing.shrink();
        (pending.sent.at, pending.ping)
    }

    /// Tells the sum what its client does not take.
    fn tell(&self, pending: &Pending) {
        self.account.set(pending.standing());
    }

    /// Ends our side of the socket, when everything has been written.
    pub(crate) fn poll_shutdown(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let half = self.pending.lock().outgoing.half();
        let Some(mut half) = half else {
            return Poll::Ready(Ok(()));
        };
        let ended = half.poll_shutdown(cx);
        self.pending.lock().outgoing.attach(half);
        ended
    }

    /// The connection has lost its socket: nothing is written, and nothing kept.
    pub(crate) fn end(&self) {
        let mut pending = self.pending.lock();
        pending.closed = true;
        pending.turn = Turn::Ended;
        pending.bytes = 0;
        pending.messages = 0;
        pending.share = 0;
        pending.ahead = Vec::new();
        self.tell(&pending);
        let outgoing = std::mem::take(&mut pending.outgoing);
        drop(pending);
        drop(outgoing);
        self.room.made();
    }
}
