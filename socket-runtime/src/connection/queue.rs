//! What is to be sent to one connection: bounded, filled by anyone, drained by the connection's own
//! task. This is the only place where a slow consumer is dropped.

use std::collections::VecDeque;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::task::AtomicWaker;
use parking_lot::Mutex;
use socket_protocol::CloseCode;

use super::room::Room;

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
    /// Close.
    Close(Close),
}

#[derive(Debug)]
pub(crate) struct Queue {
    state: Mutex<State>,
    waker: AtomicWaker,
    room: Room,
    max_bytes: usize,
    max_messages: usize,
}

#[derive(Debug, Default)]
struct State {
    frames: VecDeque<Bytes>,
    /// Of the queued frames and of those that the writer holds.
    bytes: usize,
    messages: usize,
    /// Nothing leaves yet: something that is still being made goes first.
    corked: bool,
    asked: bool,
    close: Option<Close>,
    /// Nothing more is taken: a close was decided on.
    closed: bool,
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

    /// Queues a frame. One that does not fit closes the connection as a slow consumer, and what is
    /// queued is dropped at once: the client comes back and recovers.
    pub(crate) fn push(&self, frame: Bytes) {
        let mut state = self.state.lock();
        if state.closed {
            return;
        }
        if state.messages == self.max_messages || state.bytes + frame.len() > self.max_bytes {
            tracing::warn!(
                bytes = state.bytes,
                messages = state.messages,
                "slow consumer"
            );
            state.discard();
            state.end(CloseCode::SlowConsumer.into());
        } else {
            state.add_last(frame);
            if state.corked || state.frames.len() > 1 {
                return;
            }
        }
        drop(state);
        self.waker.wake();
    }

    /// Holds back everything until [`Self::uncork`].
    pub(crate) fn cork(&self) {
        self.state.lock().corked = true;
    }

    /// Sends the frame and, after it, what was held back.
    pub(crate) fn uncork(&self, first: Option<Bytes>) {
        let mut state = self.state.lock();
        state.corked = false;
        if let Some(frame) = first.filter(|_| !state.closed) {
            state.bytes += frame.len();
            state.messages += 1;
            state.frames.push_front(frame);
        }
        drop(state);
        self.waker.wake();
    }

    /// Tells the task that the client was asked to close.
    pub(crate) fn ask(&self) {
        self.state.lock().asked = true;
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

    /// Queues the connection's last frame behind what is queued, or, with `discard`, in its place.
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
        match state.close.take() {
            Some(close) => Some(Signal::Close(close)),
            None => std::mem::take(&mut state.asked).then_some(Signal::Asked),
        }
    }

    /// Moves everything that may leave into the writer's empty batch.
    pub(crate) fn take(&self, batch: &mut VecDeque<Bytes>) {
        let mut state = self.state.lock();
        if !state.corked {
            std::mem::swap(&mut state.frames, batch);
        }
    }

    /// Makes room: the writer has got rid of that much.
    pub(crate) fn release(&self, bytes: usize, messages: usize) {
        let mut state = self.state.lock();
        state.bytes -= bytes;
        state.messages -= messages;
        drop(state);
        self.room.made();
    }

    /// Ready when at most that many bytes are queued, and half of the messages that may be.
    pub(crate) fn poll_room(&self, cx: &Context<'_>, bytes: usize) -> Poll<()> {
        let state = self.state.lock();
        if state.bytes <= bytes && state.messages <= self.max_messages / 2 {
            return Poll::Ready(());
        }
        // Under the lock, so that no room is made unseen.
        self.room.wait(cx);
        Poll::Pending
    }

    /// Bytes and messages that have not been written yet.
    pub(crate) fn len(&self) -> (usize, usize) {
        let state = self.state.lock();
        (state.bytes, state.messages)
    }
}

impl State {
    fn add_last(&mut self, frame: Bytes) {
        self.bytes += frame.len();
        self.messages += 1;
        self.frames.push_back(frame);
    }

    fn discard(&mut self) {
        for frame in std::mem::take(&mut self.frames) {
            self.bytes -= frame.len();
            self.messages -= 1;
        }
    }

    fn end(&mut self, close: Close) {
        if !self.closed {
            self.closed = true;
            self.close = Some(close);
        }
    }
}
