//! The items of one streaming call, until they are read.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Context;

use futures_util::task::AtomicWaker;
use parking_lot::Mutex;
use serde_json::value::RawValue;

use super::outcome::{Failure, Outcome};

/// The client's end of a streaming call.
#[derive(Debug)]
pub(crate) struct Feed {
    bound: usize,
    state: Mutex<FeedState>,
    waker: AtomicWaker,
}

#[derive(Debug, Default)]
struct FeedState {
    items: VecDeque<Box<RawValue>>,
    end: Option<Outcome>,
}

impl Feed {
    pub(crate) fn new(bound: usize) -> Arc<Self> {
        Arc::new(Self {
            bound,
            state: Mutex::default(),
            waker: AtomicWaker::new(),
        })
    }

    /// Returns `false` if nobody reads the items and this one found no room; that ends the stream.
    pub(crate) fn push(&self, item: &RawValue) -> bool {
        let mut state = self.state.lock();
        let room = state.items.len() < self.bound;
        if room {
            state.items.push_back(item.to_owned());
        } else {
            let limit = self.bound;
            state.end = Some(Err(Failure::Unread { limit }));
        }
        drop(state);
        self.waker.wake();
        room
    }

    pub(crate) fn end(&self, outcome: Outcome) {
        self.state.lock().end.get_or_insert(outcome);
        self.waker.wake();
    }

    /// The next item, or the end, which comes once. `None` if neither has arrived.
    pub(crate) fn take(&self) -> Option<Result<Box<RawValue>, Outcome>> {
        let mut state = self.state.lock();
        match state.items.pop_front() {
            Some(item) => Some(Ok(item)),
            None => state.end.take().map(Err),
        }
    }

    /// Wakes this task when an item or the end comes.
    pub(crate) fn wake(&self, cx: &Context<'_>) {
        self.waker.register(cx.waker());
    }
}
