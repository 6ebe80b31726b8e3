//! Where a slow consumer is dropped, and why.
//!
//! Nobody waits for a client that takes less than it is sent: its connection is closed with 4404, what
//! is queued for it is dropped at once, and it comes back and recovers from history. There are two
//! reasons, which [`SlowConsumers`](crate::stats::SlowConsumers) counts apart:
//! - **Its queue is full.** The next frame fits neither into the bytes nor into the messages that may
//!   be queued ([`Pending::fits`]).
//! - **Its socket stands still.** It took nothing of what there was for it for as long as a write may
//!   take, however little is queued ([`Queue::stands_still`]).

use std::time::Duration;

use socket_protocol::CloseCode;
use tokio::time::Instant;

use super::Queue;
use super::pending::Pending;

impl Pending {
    /// Returns whether a frame of this size fits beside the frames that are queued and held back.
    /// If not, the connection is given up.
    pub(super) fn fits(&mut self, frame: usize, max_bytes: usize, max_messages: usize) -> bool {
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
}

impl Queue {
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
