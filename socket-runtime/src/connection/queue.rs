//! What is to be sent to one connection: bounded, filled by anyone, written by one at a time. Whoever
//! reads too slowly for the bound is closed, as [`State::fits`] says.
//!
//! The queue owns the socket's write half. Whoever writes, a [flusher](super::flusher) or the
//! connection's own task, takes the half out together with the frames and brings both back, so
//! that there cannot be two writers, and no lock is held while the kernel copies.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::task::AtomicWaker;
use parking_lot::Mutex;
use socket_protocol::CloseCode;
use socket_protocol::manifest::model::Delivery as Class;
use tokio::time::Instant;

use super::room::Room;
use super::state::{State, Turn};
use super::writer::WriteHalf;
use crate::stats::counters::{Losses, Sent};

/// A close that was decided on, with the phrase that the client sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Close {
    pub(crate) code: CloseCode,
    pub(crate) reason: String,
}

impl From<CloseCode> for Close {
    fn from(code: CloseCode) -> Self {
        Self {
            code,
            reason: code.reason().to_owned(),
        }
    }
}

/// What the connection's task is asked to do besides writing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Signal {
    /// The client was asked to close: it has a limited time for it.
    Asked,
    /// The service ends: nothing more is begun, what runs comes to its end, then close.
    Leave,
    /// Close.
    Close(Close),
}

/// Who is to see to a frame that was queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum Next {
    /// Somebody does already.
    Nothing,
    /// The flusher, on whose list the connection now counts as being.
    Flusher,
    /// The connection's own task.
    Task,
}

#[derive(Debug)]
pub(crate) struct Queue {
    pub(super) state: Mutex<State>,
    pub(super) waker: AtomicWaker,
    pub(super) room: Room,
    max_bytes: usize,
    max_messages: usize,
}

impl Queue {
    pub(crate) fn new(max_bytes: usize, max_messages: usize) -> Self {
        Self {
            state: Mutex::default(),
            waker: AtomicWaker::new(),
            room: Room::default(),
            max_bytes,
            max_messages,
        }
    }

    /// Gives the queue its socket, and says whether a flusher may write to it.
    pub(super) fn attach(&self, half: WriteHalf, flushed: bool) {
        let mut state = self.state.lock();
        state.flushed = flushed && half.is_direct();
        state.outgoing.attach(half);
    }

    /// Queues a frame. One that does not fit closes the connection as a slow consumer, and what is
    /// queued is dropped at once: the client comes back and recovers.
    pub(super) fn push(&self, frame: Bytes, class: Class, key: Option<&Arc<str>>) -> Next {
        let mut state = self.state.lock();
        if state.closed {
            return Next::Nothing;
        }
        let half = (self.max_bytes / 2, self.max_messages / 2);
        if class == Class::Volatile && (state.bytes > half.0 || state.messages > half.1) {
            state.losses.dropped += 1;
            return Next::Nothing;
        }
        let key = key.filter(|_| class == Class::Latest);
        if let Some(older) = key.and_then(|key| state.outgoing.take_older(key)) {
            state.forget(1, older);
            state.losses.replaced += 1;
        }
        if !state.fits(frame.len(), self.max_bytes, self.max_messages) {
            return Next::Task;
        }
        match key {
            Some(key) => state.add_latest(frame, key),
            None => state.add_last(frame),
        }
        if state.corked || state.listed || state.turn != Turn::Anyone {
            return Next::Nothing;
        }
        if state.flushed {
            state.listed = true;
            return Next::Flusher;
        }
        match state.outgoing.len() {
            1 => Next::Task,
            // The task was woken for the first of them, or has put it there itself.
            _ => Next::Nothing,
        }
    }

    /// The same for the connection's own task, which writes before it sleeps.
    pub(crate) fn reply(&self, frame: Bytes) {
        let mut state = self.state.lock();
        if state.closed {
            return;
        }
        if state.fits(frame.len(), self.max_bytes, self.max_messages) {
            state.add_last(frame);
        } else {
            drop(state);
            self.waker.wake();
        }
    }

    /// Counts a frame as queued that is held back elsewhere. `false`: it does not fit, and the
    /// connection is given up.
    pub(crate) fn hold(&self, bytes: usize) -> bool {
        let mut state = self.state.lock();
        if state.closed {
            return false;
        }
        let fits = state.fits(bytes, self.max_bytes, self.max_messages);
        if fits {
            state.held_bytes += bytes;
            state.held_messages += 1;
        }
        drop(state);
        if !fits {
            self.waker.wake();
        }
        fits
    }

    /// It is held back no more.
    pub(crate) fn unhold(&self, bytes: usize) {
        let mut state = self.state.lock();
        state.held_bytes -= bytes;
        state.held_messages -= 1;
    }

    /// Counts something that was not sent as it came, or was sent late.
    pub(crate) fn count(&self, count: impl FnOnce(&mut Losses)) {
        count(&mut self.state.lock().losses);
    }

    /// What was not sent as it came, and what was sent late.
    pub(crate) fn losses(&self) -> Losses {
        self.state.lock().losses
    }

    /// Waits until fewer bytes are queued than that, and returns how many more may be.
    pub(crate) async fn room(&self, bytes: usize) -> usize {
        let most = bytes.clamp(1, self.max_bytes / 2);
        poll_fn(|cx| self.poll_room(cx, most - 1)).await;
        most.saturating_sub(self.len().0).max(1)
    }

    pub(super) fn wake(&self) {
        self.waker.wake();
    }

    /// There is no flusher any more: from now on the task writes.
    pub(super) fn abandon(&self) {
        let mut state = self.state.lock();
        state.listed = false;
        state.flushed = false;
        drop(state);
        self.waker.wake();
    }

    /// Holds back everything until [`Self::uncork`].
    pub(crate) fn cork(&self) {
        self.state.lock().corked = true;
    }

    /// Lets the connection's task send the frame and, after it, what was held back.
    pub(crate) fn uncork(&self, first: Option<Bytes>) {
        let mut state = self.state.lock();
        state.corked = false;
        if let Some(frame) = first.filter(|_| !state.closed) {
            state.bytes += frame.len();
            state.messages += 1;
            state.outgoing.push_first(frame);
        }
    }

    /// Tells the task that the client was asked to close.
    pub(crate) fn ask(&self) {
        self.state.lock().asked = true;
        self.waker.wake();
    }

    /// Tells the task to close as soon as what runs has ended.
    pub(crate) fn leave(&self) {
        self.state.lock().leaves = true;
        self.waker.wake();
    }

    /// Takes nothing more and tells the task to close. The first reason counts.
    pub(crate) fn close(&self, close: Close) {
        self.state.lock().end(close);
        self.waker.wake();
    }

    /// Takes nothing more.
    pub(crate) fn shut(&self) {
        self.state.lock().closed = true;
    }

    /// Queues the connection's last frame behind what is queued, or, with `discard`, in place of
    /// all that is not begun.
    pub(crate) fn push_last(&self, frame: Bytes, discard: bool) {
        let mut state = self.state.lock();
        if discard {
            state.discard();
        }
        state.corked = false;
        state.closed = true;
        state.add_last(frame);
    }

    /// What the task is asked to do, each once.
    pub(crate) fn signal(&self, cx: &Context<'_>) -> Option<Signal> {
        self.waker.register(cx.waker());
        let mut state = self.state.lock();
        if let Some(close) = state.close.take() {
            return Some(Signal::Close(*close));
        }
        if std::mem::take(&mut state.leaves) {
            return Some(Signal::Leave);
        }
        std::mem::take(&mut state.asked).then_some(Signal::Asked)
    }

    /// Ready when at most that many bytes are queued, and half of the messages that may be.
    pub(crate) fn poll_room(&self, cx: &Context<'_>, bytes: usize) -> Poll<()> {
        let mut state = self.state.lock();
        if state.bytes <= bytes && state.messages <= self.max_messages / 2 {
            return Poll::Ready(());
        }
        // Under the lock, so that no room is made unseen.
        state.crowded = true;
        self.room.wait(cx);
        Poll::Pending
    }

    /// Bytes and messages that have not been written yet.
    pub(crate) fn len(&self) -> (usize, usize) {
        let state = self.state.lock();
        (state.bytes, state.messages)
    }

    /// What has been sent.
    pub(crate) fn sent(&self) -> Sent {
        self.state.lock().sent
    }

    /// Since when the client takes nothing of what there is for it.
    pub(crate) fn stalled(&self) -> Option<Instant> {
        self.state.lock().stalled
    }

    /// When a message was last sent. Now and then asked for, when room is given back too that a
    /// quiet connection does not need.
    pub(crate) fn look(&self) -> Instant {
        let mut state = self.state.lock();
        state.outgoing.shrink();
        state.sent.at
    }

    /// Ends our side of the socket, when everything has been written.
    pub(super) fn poll_shutdown(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let half = self.state.lock().outgoing.half();
        let Some(mut half) = half else {
            return Poll::Ready(Ok(()));
        };
        let ended = half.poll_shutdown(cx);
        self.state.lock().outgoing.attach(half);
        ended
    }

    /// The connection has no socket any more: nothing is written, and nothing kept.
    pub(super) fn end(&self) {
        let mut state = self.state.lock();
        state.closed = true;
        state.turn = Turn::Ended;
        state.bytes = 0;
        state.messages = 0;
        let outgoing = std::mem::take(&mut state.outgoing);
        drop(state);
        drop(outgoing);
        self.room.made();
    }
}
