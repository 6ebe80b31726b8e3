//! Turns of writing: whoever has one holds the frames and the socket's write half.

use std::io;
use std::task::{Context, Poll};

use parking_lot::MutexGuard;
use tokio::time::Instant;

use super::pending::{Ahead, Pending, Turn};
use super::writer::{Outgoing, Written};
use super::{NextWriter, Queue};

/// Writes to one socket before the flusher looks at the next.
pub(super) const MAX_WRITES: usize = 8;

impl Queue {
    /// Writes as far as the socket takes it, from a flusher's list. `true`: there is more, which
    /// the connection stays on the list for.
    pub(crate) fn flush(&self, now: Instant) -> bool {
        let outgoing = {
            let mut pending = self.pending.lock();
            pending.listed = false;
            match pending.turn {
                Turn::Anyone => pending.take(),
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
                taken.give_back(NextWriter::Task, now);
                self.waker.wake();
                return false;
            }
            if taken.outgoing.is_empty() && !taken.goes_on(now) {
                return false;
            }
        }
        taken.give_back(NextWriter::Flusher, now);
        true
    }

    /// Writes from the connection's task, until nothing is queued or the socket takes no more.
    ///
    /// # Errors
    /// The socket's.
    pub(crate) fn poll_write(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outgoing = {
            let mut pending = self.pending.lock();
            if pending.turn == Turn::Taken {
                pending.awaited = true;
                self.waker.register(cx.waker());
                return Poll::Pending;
            }
            match pending.take() {
                Some(outgoing) => outgoing,
                None => {
                    pending.is_idle();
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
                    taken.give_back(NextWriter::Task, Instant::now());
                    return Poll::Pending;
                }
            }
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
        let mut pending = queue.pending.lock();
        let room = self.settle(&mut pending, now);
        let goes_on = self.outgoing.is_due() && !pending.corked;
        if goes_on {
            drop(pending);
        } else {
            self.end(pending, NextWriter::Nobody, now);
        }
        if room {
            queue.room.made();
        }
        goes_on
    }

    /// Ends the turn before all is written, and says who goes on.
    fn give_back(&mut self, next: NextWriter, now: Instant) {
        let queue = self.queue;
        let mut pending = queue.pending.lock();
        let room = self.settle(&mut pending, now);
        self.end(pending, next, now);
        if room {
            queue.room.made();
        }
    }

    /// Accounts for what was written, and adds what was queued meanwhile. `true`: somebody waits for
    /// the room that this made.
    fn settle(&mut self, pending: &mut Pending, now: Instant) -> bool {
        let written = std::mem::take(&mut self.written);
        pending.count(&written, now);
        if pending.turn == Turn::Ended {
            self.outgoing = Outgoing::default();
            return false;
        }
        pending.forget(written.frames, written.frame_bytes);
        if std::mem::take(&mut pending.discards) {
            let (frames, bytes) = self.outgoing.discard();
            pending.forget(frames, bytes);
        }
        let (replaced, bytes) = self.outgoing.append(&mut pending.outgoing);
        pending.forget(replaced, bytes);
        pending.losses.replaced += replaced as u64;
        for Ahead { frame, is_ping } in std::mem::take(&mut pending.ahead) {
            pending.put_ahead(&mut self.outgoing, frame, is_ping);
        }
        pending.front = self.outgoing.front();
        written.frames > 0 && std::mem::take(&mut pending.crowded)
    }

    fn end(&mut self, mut pending: MutexGuard<'_, Pending>, next: NextWriter, now: Instant) {
        self.over = true;
        if pending.turn == Turn::Ended {
            return;
        }
        pending.turn = match next {
            NextWriter::Nobody | NextWriter::Flusher => Turn::Anyone,
            NextWriter::Task => Turn::Task,
        };
        match next {
            NextWriter::Nobody => pending.stalled = None,
            NextWriter::Flusher => pending.listed = true,
            NextWriter::Task => {
                pending.stalled.get_or_insert(now);
            }
        }
        self.outgoing.tidy();
        pending.outgoing = std::mem::take(&mut self.outgoing);
        self.queue.tell(&pending);
        let awaited = std::mem::take(&mut pending.awaited);
        drop(pending);
        if awaited {
            self.queue.waker.wake();
        }
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if !self.over {
            // A broken socket, or a panic: the task finds out, and ends the connection.
            self.give_back(NextWriter::Task, Instant::now());
            self.queue.waker.wake();
        }
    }
}

#[cfg(test)]
mod tests;
