//! What goes ahead of all that is queued and not begun: it concerns no channel's order, and asks
//! something of the client that it should not hear only behind a long backlog.

use bytes::Bytes;

use super::Queue;
use super::pending::{Ahead, Asked, Pending, Ping, Turn};
use super::writer::Outgoing;

impl Queue {
    /// Queues a frame of the connection's own task ahead of all that is not begun.
    pub(crate) fn reply_first(&self, frame: Bytes) {
        let mut pending = self.pending.lock();
        if !pending.closed {
            pending.add_ahead(frame, false);
        }
    }

    /// The same for the frame that asks for a sign of life, of which one at a time is queued.
    pub(crate) fn ping(&self, frame: Bytes) -> Asked {
        let mut pending = self.pending.lock();
        if pending.closed || pending.corked {
            return Asked::Not;
        }
        match pending.ping {
            Ping::Held | Ping::Due(_) => Asked::Before,
            Ping::Written(_) => {
                pending.add_ahead(frame, true);
                Asked::Queued
            }
        }
    }
}

impl Pending {
    pub(super) fn add_ahead(&mut self, frame: Bytes, is_ping: bool) {
        self.bytes += frame.len();
        self.messages += 1;
        self.share += frame.len();
        if self.turn == Turn::Taken {
            self.ahead.push(Ahead { frame, is_ping });
            if is_ping {
                self.ping = Ping::Held;
            }
            return;
        }
        let mut outgoing = std::mem::take(&mut self.outgoing);
        self.put_ahead(&mut outgoing, frame, is_ping);
        self.outgoing = outgoing;
    }

    /// Puts a frame ahead of those of `outgoing` that are not begun.
    pub(super) fn put_ahead(&mut self, outgoing: &mut Outgoing, frame: Bytes, is_ping: bool) {
        match &mut self.ping {
            ping if is_ping => *ping = Ping::Due(outgoing.begun() + 1),
            Ping::Due(frames) => *frames += 1,
            Ping::Held | Ping::Written(_) => {}
        }
        outgoing.push_first(frame);
    }
}
