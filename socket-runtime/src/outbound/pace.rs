//! How much is queued before the flushers have a turn. Nobody waits for a receiver; but where a
//! program publishes in a loop, and its thread is the one that a flusher needs, the queues of those
//! who read as fast as they can would fill up too, and all of them would be closed as slow.

use std::cell::Cell;

use super::flusher::SOCKETS_PER_TURN;
use super::turn::MAX_WRITES;
use super::writer::MAX_SLICES;

/// What one thread queues before it lets others have a turn: as many small messages as a flusher
/// writes to each of its sockets in one.
const BUDGET: usize = MAX_WRITES * MAX_SLICES * SOCKETS_PER_TURN;

/// How many bytes count as much as a message does. With it a turn's messages hold no more than a
/// mebibyte for each socket.
const BYTES: usize = 1024;

thread_local! {
    static SPENT: Cell<usize> = const { Cell::new(0) };
}

/// Counts a frame that was queued for so many.
pub(crate) fn charge(receivers: usize, bytes: usize) {
    let each = 1 + bytes / BYTES;
    // Few receivers have no longer queues than many: a turn of the flusher is enough for them all.
    let cost = receivers.max(SOCKETS_PER_TURN).saturating_mul(each);
    SPENT.set(SPENT.get().saturating_add(cost));
}

/// Gives the flushers their turn, if it is time.
///
/// # Cancel safety
/// Nothing is lost when the future is dropped.
pub(crate) async fn yield_if_due() {
    if SPENT.get() >= BUDGET {
        SPENT.set(0);
        tokio::task::yield_now().await;
    }
}
