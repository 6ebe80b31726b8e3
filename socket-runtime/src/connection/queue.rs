//! What is to be sent to one connection: bounded, filled by anyone, written by one at a time. This
//! is the only place where a slow consumer is dropped.
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
use parking_lot::{Mutex, MutexGuard};
use socket_protocol::CloseCode;
use socket_protocol::manifest::model::Delivery as Class;
use tokio::time::Instant;

use super::room::Room;
use super::writer::{Outgoing, WriteHalf, Written};
use crate::service::status::{SlowConsumers, Traffic};

/// How often a flusher writes to one socket before it looks at the next.
const MAX_WRITES: usize = 8;

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
    state: Mutex<State>,
    waker: AtomicWaker,
    room: Room,
    max_bytes: usize,
    max_messages: usize,
}

#[derive(Debug)]
struct State {
    /// While somebody writes: what came since.
    outgoing: Outgoing,
    turn: Turn,
    /// A flusher writes, as the socket allows.
    flushed: bool,
    /// The flusher has the connection on its list.
    listed: bool,
    /// The task waits until somebody else has written.
    awaited: bool,
    /// Somebody waits for room.
    crowded: bool,
    /// What somebody holds and has not begun to write is to be dropped.
    discards: bool,
    /// Of all frames that are not wholly written.
    bytes: usize,
    messages: usize,
    /// Of what is held back elsewhere, until a replay has come that far.
    held_bytes: usize,
    held_messages: usize,
    losses: Losses,
    /// Nothing leaves yet: something that is still being made goes first.
    corked: bool,
    asked: bool,
    leaves: bool,
    close: Option<Box<Close>>,
    /// Nothing more is taken: a close was decided on.
    closed: bool,
    sent: Sent,
    /// Since when the client takes nothing of what there is for it.
    stalled: Option<Instant>,
}

/// Whose turn it is to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Anyone,
    /// Somebody writes at this moment.
    Taken,
    /// The connection's task: the socket took no more, and it waits until it does.
    Task,
    /// Nobody: there is no socket any more.
    Ended,
}

/// What was not sent as it came, and what was sent late.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Losses {
    pub(crate) replaced: u64,
    pub(crate) dropped: u64,
    pub(crate) replayed: u64,
    pub(crate) slow: SlowConsumers,
}

/// What has been sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sent {
    pub(crate) traffic: Traffic,
    pub(crate) writes: u64,
    /// When a message was last sent.
    pub(crate) at: Instant,
}

impl Queue {
    pub(crate) fn new(max_bytes: usize, max_messages: usize) -> Self {
        Self {
            state: Mutex::new(State {
                outgoing: Outgoing::default(),
                turn: Turn::Anyone,
                flushed: false,
                listed: false,
                awaited: false,
                crowded: false,
                discards: false,
                bytes: 0,
                messages: 0,
                held_bytes: 0,
                held_messages: 0,
                losses: Losses::default(),
                corked: false,
                asked: false,
                leaves: false,
                close: None,
                closed: false,
                sent: Sent {
                    traffic: Traffic::default(),
                    writes: 0,
                    at: Instant::now(),
                },
                stalled: None,
            }),
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

    /// Writes as far as the socket takes it, from a flusher's list. `true`: there is more, which
    /// the connection stays on the list for.
    pub(super) fn flush(&self, now: Instant) -> bool {
        let outgoing = {
            let mut state = self.state.lock();
            state.listed = false;
            match state.turn {
                Turn::Anyone => state.take(),
                Turn::Taken | Turn::Task | Turn::Ended => None,
            }
        };
        let Some(outgoing) = outgoing else {
            return false;
        };
        let mut taken = Taken::new(self, outgoing);
        for _ in 0..MAX_WRITES {
            if !taken.outgoing.try_write(&mut taken.written) {
                // The task waits until the socket takes more, or finds that it is broken.
                taken.give_back(Next::Task, now);
                self.waker.wake();
                return false;
            }
            if taken.outgoing.is_empty() && !taken.goes_on(now) {
                return false;
            }
        }
        taken.give_back(Next::Flusher, now);
        true
    }

    /// Writes from the connection's task, until nothing is queued or the socket takes no more.
    ///
    /// # Errors
    /// The socket's.
    pub(super) fn poll_write(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outgoing = {
            let mut state = self.state.lock();
            if state.turn == Turn::Taken {
                state.awaited = true;
                self.waker.register(cx.waker());
                return Poll::Pending;
            }
            match state.take() {
                Some(outgoing) => outgoing,
                None => {
                    state.is_idle();
                    return Poll::Ready(Ok(()));
                }
            }
        };
        let mut taken = Taken::new(self, outgoing);
        loop {
            match taken.outgoing.poll_write(cx, &mut taken.written) {
                Poll::Ready(Ok(())) => {
                    if !taken.goes_on(Instant::now()) {
                        return Poll::Ready(Ok(()));
                    }
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {
                    taken.give_back(Next::Task, Instant::now());
                    return Poll::Pending;
                }
            }
        }
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

impl State {
    /// Whether the frame fits. If not, the connection is given up.
    fn fits(&mut self, frame: usize, max_bytes: usize, max_messages: usize) -> bool {
        let messages = self.messages + self.held_messages < max_messages;
        let bytes = self.bytes + self.held_bytes + frame <= max_bytes;
        let fits = messages && bytes;
        if !fits {
            self.losses.slow.messages += u64::from(!messages);
            self.losses.slow.bytes += u64::from(messages);
            let (bytes, messages) = (self.bytes, self.messages);
            tracing::warn!(bytes, messages, "slow consumer");
            self.discard();
            self.end(CloseCode::SlowConsumer.into());
        }
        fits
    }

    fn add_last(&mut self, frame: Bytes) {
        self.bytes += frame.len();
        self.messages += 1;
        self.outgoing.push_last(frame);
    }

    fn add_latest(&mut self, frame: Bytes, key: &Arc<str>) {
        self.bytes += frame.len();
        self.messages += 1;
        self.outgoing.push_latest(frame, key);
    }

    /// Takes the turn, if there is something to write.
    fn take(&mut self) -> Option<Outgoing> {
        (self.outgoing.is_due() && !self.corked).then(|| {
            self.turn = Turn::Taken;
            self.outgoing.close_up();
            std::mem::take(&mut self.outgoing)
        })
    }

    /// The task has nothing to write.
    fn is_idle(&mut self) {
        if self.turn == Turn::Task {
            self.turn = Turn::Anyone;
            self.stalled = None;
        }
    }

    fn discard(&mut self) {
        // What somebody else holds is dropped when it comes back.
        self.discards = self.turn == Turn::Taken;
        let (messages, bytes) = self.outgoing.discard();
        self.forget(messages, bytes);
    }

    fn forget(&mut self, messages: usize, bytes: usize) {
        self.messages -= messages;
        self.bytes -= bytes;
    }

    fn count(&mut self, written: &Written, now: Instant) {
        self.sent.traffic.bytes += written.bytes as u64;
        self.sent.traffic.messages += written.messages as u64;
        self.sent.writes += written.writes as u64;
        if written.messages > 0 {
            self.sent.at = now;
        }
        if written.bytes > 0 {
            self.stalled = None;
        }
    }

    fn end(&mut self, close: Close) {
        if !self.closed {
            self.closed = true;
            self.close = Some(Box::new(close));
        }
    }
}

/// The turn of whoever writes: what was taken out of the queue, and comes back whatever happens.
struct Taken<'a> {
    queue: &'a Queue,
    outgoing: Outgoing,
    written: Written,
    over: bool,
}

impl<'a> Taken<'a> {
    fn new(queue: &'a Queue, outgoing: Outgoing) -> Self {
        Self {
            queue,
            outgoing,
            written: Written::default(),
            over: false,
        }
    }

    /// All that was taken is written. Takes what was queued meanwhile; `false`: nothing was, and
    /// the turn is over.
    fn goes_on(&mut self, now: Instant) -> bool {
        let queue = self.queue;
        let mut state = queue.state.lock();
        let room = self.settle(&mut state, now);
        let goes_on = self.outgoing.is_due() && !state.corked;
        if goes_on {
            drop(state);
        } else {
            self.end(state, Next::Nothing, now);
        }
        if room {
            queue.room.made();
        }
        goes_on
    }

    /// Ends the turn before all is written, and says who goes on.
    fn give_back(&mut self, next: Next, now: Instant) {
        let queue = self.queue;
        let mut state = queue.state.lock();
        let room = self.settle(&mut state, now);
        self.end(state, next, now);
        if room {
            queue.room.made();
        }
    }

    /// Accounts for what was written, and adds what was queued meanwhile. `true`: somebody waits for
    /// the room that this made.
    fn settle(&mut self, state: &mut State, now: Instant) -> bool {
        let written = std::mem::take(&mut self.written);
        state.count(&written, now);
        if state.turn == Turn::Ended {
            self.outgoing = Outgoing::default();
            return false;
        }
        state.forget(written.frames, written.frame_bytes);
        if std::mem::take(&mut state.discards) {
            let (frames, bytes) = self.outgoing.discard();
            state.forget(frames, bytes);
        }
        let (replaced, bytes) = self.outgoing.append(&mut state.outgoing);
        state.forget(replaced, bytes);
        state.losses.replaced += replaced as u64;
        written.frames > 0 && std::mem::take(&mut state.crowded)
    }

    fn end(&mut self, mut state: MutexGuard<'_, State>, next: Next, now: Instant) {
        self.over = true;
        if state.turn == Turn::Ended {
            return;
        }
        state.turn = match next {
            Next::Nothing | Next::Flusher => Turn::Anyone,
            Next::Task => Turn::Task,
        };
        match next {
            Next::Nothing => state.stalled = None,
            Next::Flusher => state.listed = true,
            Next::Task => {
                state.stalled.get_or_insert(now);
            }
        }
        self.outgoing.tidy();
        state.outgoing = std::mem::take(&mut self.outgoing);
        let awaited = std::mem::take(&mut state.awaited);
        drop(state);
        if awaited {
            self.queue.waker.wake();
        }
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if !self.over {
            // A broken socket, or a panic: the task finds out, and ends the connection.
            self.give_back(Next::Task, Instant::now());
            self.queue.waker.wake();
        }
    }
}
