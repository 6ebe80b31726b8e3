//! The state behind a queue's lock.

use std::sync::Arc;

use bytes::Bytes;
use socket_protocol::CloseCode;
use tokio::time::Instant;

use super::large::announcement;
use super::writer::{Outgoing, Written};
use crate::stats::counters::{Losses, Sent};

#[derive(Debug)]
pub(super) struct Pending {
    /// While somebody writes: what came since.
    pub(super) outgoing: Outgoing,
    pub(super) turn: Turn,
    /// A flusher writes, as the socket allows.
    pub(super) flushed: bool,
    /// The flusher has the connection on its list.
    pub(super) listed: bool,
    /// The task waits until somebody else has written.
    pub(super) awaited: bool,
    /// Somebody waits for room.
    pub(super) crowded: bool,
    /// Frames that a writer holds and has not begun are to be dropped.
    pub(super) discards: bool,
    /// Of all frames that are not wholly written.
    pub(super) bytes: usize,
    pub(super) messages: usize,
    /// What the connection answers for of them, where others are sent the same.
    pub(super) share: usize,
    /// Of the frame that is being written, while somebody else holds it.
    pub(super) front: usize,
    /// Of what is held back elsewhere, until a replay has come that far.
    pub(super) held_bytes: usize,
    pub(super) held_messages: usize,
    pub(super) held_share: usize,
    /// What goes ahead of all that is not begun, while somebody else holds that.
    pub(super) ahead: Vec<Ahead>,
    pub(super) ping: Ping,
    pub(super) losses: Losses,
    /// The client knows announcements of large frames.
    pub(super) announces: bool,
    /// Nothing leaves yet: something that is still being made goes first.
    pub(super) corked: bool,
    pub(super) asked: bool,
    pub(super) leaves: bool,
    pub(super) close: Option<Box<Close>>,
    /// Nothing more is taken: a close was decided on.
    pub(super) closed: bool,
    pub(super) sent: Sent,
    /// Since when the client takes nothing of what there is for it.
    pub(super) stalled: Option<Instant>,
}

/// The writer whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    Anyone,
    /// Somebody writes at this moment.
    Taken,
    /// The connection's task: it waits until the socket takes more.
    Task,
    /// Nobody, because the socket has ended.
    Ended,
}

/// A frame that goes ahead of all that is not begun.
#[derive(Debug)]
pub(super) struct Ahead {
    pub(super) frame: Bytes,
    pub(super) is_ping: bool,
}

/// Where the latest `:ping` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ping {
    /// It was written then; before the first, when the connection began.
    Written(Instant),
    /// It waits until whoever holds the frames brings them back.
    Held,
    /// It is written when so many more frames are, itself among them.
    Due(usize),
}

/// What became of a frame that was to ask for a sign of life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// It is queued.
    Queued,
    /// One that was queued before is not written yet, and serves.
    Before,
    /// Nothing leaves at the moment.
    Not,
}

impl Ping {
    /// Takes note of frames that were written.
    pub(super) fn leave(&mut self, written: usize, now: Instant) {
        if let Self::Due(frames) = *self {
            *self = match frames.saturating_sub(written) {
                0 => Self::Written(now),
                frames => Self::Due(frames),
            };
        }
    }
}

impl Default for Pending {
    fn default() -> Self {
        Self {
            outgoing: Outgoing::default(),
            turn: Turn::Anyone,
            flushed: false,
            listed: false,
            awaited: false,
            crowded: false,
            discards: false,
            bytes: 0,
            messages: 0,
            share: 0,
            front: 0,
            held_bytes: 0,
            held_messages: 0,
            held_share: 0,
            ahead: Vec::new(),
            ping: Ping::Written(Instant::now()),
            losses: Losses::default(),
            announces: false,
            corked: false,
            asked: false,
            leaves: false,
            close: None,
            closed: false,
            sent: Sent::default(),
            stalled: None,
        }
    }
}

impl Pending {
    pub(super) fn add_last(&mut self, frame: Bytes, share: usize) {
        self.announce(&frame);
        self.bytes += frame.len();
        self.messages += 1;
        self.share += share;
        self.outgoing.push_last(frame);
    }

    /// Adds a frame ahead of all that is not begun.
    pub(super) fn add_first(&mut self, frame: Bytes) {
        let announcement = announcement(&frame).filter(|_| self.announces);
        self.add_ahead(frame, false);
        if let Some(announcement) = announcement {
            self.add_ahead(announcement, false);
        }
    }

    /// Adds the announcement of a large frame that follows.
    fn announce(&mut self, frame: &Bytes) {
        if self.announces
            && let Some(announcement) = announcement(frame)
        {
            self.bytes += announcement.len();
            self.messages += 1;
            self.share += announcement.len();
            self.outgoing.push_last(announcement);
        }
    }

    pub(super) fn add_latest(&mut self, frame: Bytes, share: usize, key: &Arc<str>) {
        self.announce(&frame);
        self.bytes += frame.len();
        self.messages += 1;
        self.share += share;
        self.outgoing.push_latest(frame, key);
    }

    /// Takes the turn, if there is something to write.
    pub(super) fn take(&mut self) -> Option<Outgoing> {
        (self.outgoing.is_due() && !self.corked).then(|| {
            self.turn = Turn::Taken;
            self.outgoing.close_up();
            self.front = self.outgoing.front();
            std::mem::take(&mut self.outgoing)
        })
    }

    /// The task has nothing to write.
    pub(super) fn is_idle(&mut self) {
        if self.turn == Turn::Task {
            self.turn = Turn::Anyone;
            self.stalled = None;
        }
    }

    pub(super) fn discard(&mut self) {
        // Frames that a writer holds are dropped when they come back.
        self.discards = self.turn == Turn::Taken;
        let (messages, bytes) = self.outgoing.discard();
        self.forget(messages, bytes);
        for ahead in std::mem::take(&mut self.ahead) {
            self.forget(1, ahead.frame.len());
        }
    }

    pub(super) fn forget(&mut self, messages: usize, bytes: usize) {
        // Of each byte the same part, so that no frame has to hold a number of its own.
        self.share -= match bytes {
            0 => 0,
            all if all == self.bytes => self.share,
            some => (self.share as u128 * some as u128 / self.bytes as u128) as usize,
        };
        self.messages -= messages;
        self.bytes -= bytes;
    }

    /// Whether at most so many bytes are queued, and half of the messages that may be.
    pub(super) const fn has_room(&self, bytes: usize, max_messages: usize) -> bool {
        self.bytes <= bytes && self.messages <= max_messages / 2
    }

    /// What stands still for the client: all, where its socket took less than there was or nothing
    /// may leave yet, and what is held back. Else somebody writes it soon.
    pub(super) fn standing(&self) -> usize {
        let stands = self.corked || self.turn == Turn::Task;
        self.held_share + if stands { self.share } else { 0 }
    }

    pub(super) fn count(&mut self, written: &Written, now: Instant) {
        self.sent.traffic.bytes += written.bytes as u64;
        self.sent.traffic.messages += written.messages as u64;
        self.sent.writes += written.writes as u64;
        if written.messages > 0 {
            self.sent.at = now;
        }
        self.ping.leave(written.frames, now);
        if written.bytes > 0 {
            self.stalled = None;
        }
    }

    pub(super) fn end(&mut self, close: Close) {
        if !self.closed {
            self.closed = true;
            self.close = Some(Box::new(close));
        }
    }
}

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
