//! Those who wait until a queue has room.

use std::task::{Context, Waker};

use parking_lot::Mutex;

/// Usually empty, so an idle connection holds just a pointer.
#[allow(clippy::box_collection, reason = "a pointer for what is seldom there")]
#[derive(Debug, Default)]
pub(super) struct Room(Mutex<Option<Box<Vec<Waker>>>>);

impl Room {
    /// Wakes that task when there is room.
    pub(super) fn wait(&self, cx: &Context<'_>) {
        let mut waiting = self.0.lock();
        let waiting = waiting.get_or_insert_default();
        if !waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
            waiting.push(cx.waker().clone());
        }
    }

    /// Wakes all of them: each looks for itself whether the room is enough.
    pub(super) fn made(&self) {
        let waiting = self.0.lock().take();
        for waker in waiting.into_iter().flat_map(|waiting| *waiting) {
            waker.wake();
        }
    }
}
