//! How much is queued before the flushers have a turn. Nobody waits for a receiver; but where a
//! program publishes in a loop, and its thread is the one that a flusher needs, the queues of those
//! who read as fast as they can would fill up too, and all of them would be closed as slow.

use std::cell::Cell;

use super::flusher::SOCKETS_PER_TURN;

/// What one thread queues before it lets others have a turn: a thousand small messages for each
/// socket that a flusher writes to in its turn.
const BUDGET: usize = 1024 * SOCKETS_PER_TURN;

/// What a message counts for besides each of its bytes. With it a turn's messages hold a mebibyte at
/// most for each socket.
const MESSAGE: usize = 1024;

thread_local! {
    static SPENT: Cell<usize> = const { Cell::new(0) };
}

/// Counts a frame that was queued for so many.
pub(crate) fn spend(receivers: usize, bytes: usize) {
    let each = 1 + bytes / MESSAGE;
    // Few receivers have no longer queues than many: a turn of the flusher is enough for them all.
    let cost = receivers.max(SOCKETS_PER_TURN).saturating_mul(each);
    SPENT.set(SPENT.get().saturating_add(cost));
}

/// Gives the flushers their turn, if it is time.
///
/// # Cancel safety
/// Nothing is lost when the future is dropped.
pub(crate) async fn keep() {
    if SPENT.get() >= BUDGET {
        SPENT.set(0);
        tokio::task::yield_now().await;
    }
}
