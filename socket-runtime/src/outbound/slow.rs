//! Where a slow consumer is dropped, and why.
//!
//! Nobody waits for a client that takes less than it is sent: its connection is closed with 4404, what
//! is queued for it is dropped at once, and it comes back and recovers from history. There are three
//! reasons, which [`SlowConsumers`](crate::stats::SlowConsumers) counts apart:
//! - **Its queue is full.** The next frame fits neither into the bytes nor into the messages that may
//!   be queued ([`Pending::fits`]).
//! - **Its socket stands still.** It took nothing of what there was for it for as long as a write may
//!   take, however little is queued ([`Queue::stands_still`]).
//! - **All hold too much together**, and nobody holds more than it does ([`Queue::give_way`]).

use std::time::Duration;

use socket_protocol::CloseCode;
use tokio::time::Instant;

use super::Queue;
use super::pending::{Pending, Turn};

impl Pending {
    /// Returns whether a frame of this size fits beside the frames that are queued and held back.
    /// If not, the connection is given up.
    pub(super) fn fits(&mut self, frame: usize, max_bytes: usize, max_messages: usize) -> bool {
        let fits = self.has_place(frame, max_bytes, max_messages);
        if !fits {
            let messages = self.messages + self.held_messages < max_messages;
            self.losses.slow.messages += u64::from(!messages);
            self.losses.slow.bytes += u64::from(messages);
            let (bytes, messages) = (self.bytes, self.messages);
            tracing::warn!(bytes, messages, "slow consumer");
            self.discard();
            self.end(CloseCode::SlowConsumer.into());
        }
        fits
    }

    /// The same without a consequence. The message that is being written is beside the bound.
    pub(super) fn has_place(&self, frame: usize, max_bytes: usize, max_messages: usize) -> bool {
        let front = match self.turn {
            Turn::Taken => self.front,
            Turn::Anyone | Turn::Task | Turn::Ended => self.outgoing.front(),
        };
        let all = self.bytes + self.held_bytes;
        self.messages + self.held_messages < max_messages
            && (all == 0 || all.saturating_sub(front) + frame <= max_bytes)
    }
}

impl Queue {
    /// What its client does not take, as the sum of all knows it.
    pub(crate) fn buffered(&self) -> usize {
        self.account.bytes()
    }

    /// Others need the room: the connection is given up.
    pub(crate) fn give_way(&self) {
        let mut pending = self.pending.lock();
        if !pending.closed {
            pending.losses.slow.buffered += 1;
        }
        pending.discard();
        pending.end(CloseCode::SlowConsumer.into());
        self.tell(&pending);
        drop(pending);
        self.wake();
    }

    /// Returns whether the client has taken nothing since then for too long. It is counted, and the
    /// caller closes the connection.
    pub(crate) fn stands_still(
        &self,
        since: Option<Instant>,
        limit: Duration,
        now: Instant,
    ) -> bool {
        let still = since.is_some_and(|since| now >= since + limit);
        if still {
            self.pending.lock().losses.slow.stalled += 1;
        }
        still
    }
}
