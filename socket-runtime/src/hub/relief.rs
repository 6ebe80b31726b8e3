//! Who goes first where all connections and waiting sessions hold too much together.

use std::cmp::Reverse;
use std::sync::{Arc, Weak};

use tokio::runtime;

use super::Hub;
use super::handle::Handle;

impl Hub {
    /// Has those that hold most give way whenever there is too much.
    pub(crate) fn relieve_when_over(self: &Arc<Self>) {
        let hub: Weak<Self> = Arc::downgrade(self);
        self.buffered.on_over(move || {
            let (Some(hub), Ok(runtime)) = (hub.upgrade(), runtime::Handle::try_current()) else {
                return false;
            };
            // In a task of its own: whoever calls holds locks.
            runtime.spawn(async move { hub.relieve() });
            true
        });
    }

    fn relieve(&self) {
        let mut excess = self.buffered.excess();
        let mut holders: Vec<(usize, Arc<Handle>)> = self
            .handles()
            .into_iter()
            .map(|handle| (handle.buffered(), handle))
            .filter(|(bytes, _)| *bytes > 0)
            .collect();
        holders.sort_unstable_by_key(|(bytes, _)| Reverse(*bytes));
        for (bytes, handle) in holders {
            if excess == 0 {
                break;
            }
            excess = excess.saturating_sub(bytes);
            handle.give_way();
        }
        self.buffered.relieved();
    }
}

impl Handle {
    /// Others need the room: what is queued is dropped and the socket closed. Where the session holds
    /// more than that, it ends too.
    fn give_way(&self) {
        let standing = self.standing();
        let (queued, kept) = (self.queue.buffered(), standing.calls.bytes());
        tracing::warn!(id = %self.id(), queued, kept, "gave way: it held most of what all hold");
        self.queue.give_way();
        if kept > queued {
            standing.session.evict();
        }
    }
}
