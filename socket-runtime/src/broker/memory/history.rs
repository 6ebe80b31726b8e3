//! The history of one address.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::time::Instant;

use super::super::{HistorySpec, Kept, Message, PageSize, Place, Position, Range};

/// The cost of an event besides its bytes: its entry here, its place in the order of age, and the
/// allocator's overhead.
const OVERHEAD: usize = 160;

/// The position of an address, and its last events.
#[derive(Debug)]
pub(super) struct History {
    epoch: Arc<str>,
    top: u64,
    events: VecDeque<Stored>,
    /// When something was last published.
    pub(super) used: Instant,
    /// This process has connections there, so it may not be forgotten.
    pub(super) subscribed: bool,
    /// It was forgotten: whoever comes now makes a new one.
    pub(super) gone: bool,
}

#[derive(Debug)]
struct Stored {
    event: Kept,
    until: Instant,
}

fn cost(message: &Message) -> usize {
    message.frame().len() + OVERHEAD
}

impl History {
    pub(super) fn new(epoch: Arc<str>) -> Self {
        Self {
            epoch,
            top: 0,
            events: VecDeque::new(),
            used: Instant::now(),
            subscribed: false,
            gone: false,
        }
    }

    pub(super) fn position(&self) -> Position {
        Position {
            epoch: self.epoch.clone(),
            at: self.top,
        }
    }

    /// Returns whether nothing would be lost without it, because an equal one is created on demand.
    pub(super) const fn is_blank(&self) -> bool {
        self.top == 0 && !self.subscribed
    }

    /// Returns whether it holds no event.
    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The place of the next event.
    pub(super) fn place(&self, at: u64) -> Place {
        Place {
            epoch: self.epoch.clone(),
            at,
            prev: self.top,
        }
    }

    /// Keeps an event. Returns by how much the history has grown, and by how much it has shrunk.
    pub(super) fn push(
        &mut self,
        place: &Place,
        message: Message,
        keep: HistorySpec,
        now: Instant,
    ) -> (usize, usize) {
        let grown = cost(&message);
        self.top = place.at;
        self.used = now;
        self.events.push_back(Stored {
            event: Kept {
                at: place.at,
                prev: place.prev,
                message,
            },
            until: now + keep.keep,
        });
        (grown, self.trim(keep, now))
    }

    /// Drops events beyond the limits. Returns their bytes.
    pub(super) fn trim(&mut self, keep: HistorySpec, now: Instant) -> usize {
        let most = usize::try_from(keep.events).unwrap_or(usize::MAX);
        self.drop_while(|history, first| history.events.len() > most || first.until <= now)
    }

    /// Drops events that are too old. Returns their bytes.
    pub(super) fn expire(&mut self, now: Instant) -> usize {
        self.drop_while(|_, first| first.until <= now)
    }

    /// Returns whether the event at that offset is still kept.
    pub(super) fn holds(&self, at: u64) -> bool {
        self.events
            .front()
            .is_some_and(|first| first.event.at <= at)
    }

    /// Drops the events up to that one. Returns their bytes.
    pub(super) fn evict(&mut self, at: u64) -> usize {
        self.drop_while(|_, first| first.event.at <= at)
    }

    fn drop_while(&mut self, wanted: impl Fn(&Self, &Stored) -> bool) -> usize {
        let mut bytes = 0;
        while self.events.front().is_some_and(|first| wanted(self, first)) {
            if let Some(first) = self.events.pop_front() {
                bytes += cost(&first.event.message);
            }
        }
        if self.events.is_empty() {
            // A quiet channel keeps no room for events.
            self.events = VecDeque::new();
        }
        bytes
    }

    /// The number of events after an offset, if all of them are kept.
    pub(super) fn missed(&self, since: u64) -> Option<u64> {
        if since >= self.top {
            return (since == self.top).then_some(0);
        }
        let from = self.first_after(since);
        let first = self.events.get(from)?;
        (first.event.prev <= since).then(|| (self.events.len() - from) as u64)
    }

    /// A part of the events, the oldest first.
    pub(super) fn page(&self, range: Range, size: PageSize) -> Vec<Kept> {
        let mut bytes = 0;
        let mut fits = |stored: &&Stored| {
            let first = bytes == 0;
            bytes += stored.event.message.text().len();
            first || bytes <= size.bytes
        };
        match range {
            Range::After { at, to } => self
                .events
                .range(self.first_after(at)..)
                .take(size.events)
                .take_while(|stored| stored.event.at <= to && fits(stored))
                .map(|stored| stored.event.clone())
                .collect(),
            Range::Before { at } => {
                let end = self.events.partition_point(|stored| stored.event.at < at);
                let newest = self.events.range(..end).rev();
                let mut events: Vec<Kept> = newest
                    .take(size.events)
                    .take_while(|stored| fits(stored))
                    .map(|stored| stored.event.clone())
                    .collect();
                events.reverse();
                events
            }
        }
    }

    fn first_after(&self, at: u64) -> usize {
        self.events.partition_point(|stored| stored.event.at <= at)
    }
}
