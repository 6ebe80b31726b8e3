//! Answers that were made while the client did not take what was sent to it.

use std::collections::VecDeque;
use std::task::{Context, Poll, ready};

use bytes::Bytes;

use crate::outbound::Queue;

/// They wait until there is room, in the order in which they were given. There are no more than the
/// commands that may run at once.
#[derive(Debug, Default)]
pub(super) struct Unsent {
    frames: VecDeque<Bytes>,
    bytes: usize,
}

impl Unsent {
    pub(super) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Queues an answer, at once where it fits.
    pub(super) fn send(&mut self, frame: Bytes, queue: &Queue) {
        let frame = match self.is_empty() {
            true => queue.offer(frame).err(),
            false => Some(frame),
        };
        if let Some(frame) = frame {
            self.bytes += frame.len();
            self.frames.push_back(frame);
        }
    }

    /// Queues the first one as soon as it fits.
    pub(super) fn poll_send(&mut self, cx: &Context<'_>, queue: &Queue) -> Poll<()> {
        let first = self.frames.front().map_or(0, Bytes::len);
        ready!(queue.poll_room(cx, queue.room_for(first)));
        if let Some(frame) = self.frames.pop_front() {
            self.bytes -= frame.len();
            if let Err(frame) = queue.offer(frame) {
                // What is held back for a replay takes the room: once nothing is queued it fits.
                self.bytes += frame.len();
                self.frames.push_front(frame);
                ready!(queue.poll_room(cx, 0));
            }
        }
        if self.frames.is_empty() {
            // An idle connection keeps no room for what seldom comes.
            self.frames = VecDeque::new();
        }
        Poll::Ready(())
    }
}
