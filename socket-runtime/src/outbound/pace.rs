//! The pace of publishing. Nobody waits for a receiver; but if a program publishes in a loop on the
//! thread that a flusher needs, the queues of clients that read as fast as they can would fill up
//! too, and all of them would be closed as slow.

use std::cell::Cell;

use super::flusher::SOCKETS_PER_TURN;
use super::turn::MAX_WRITES;
use super::writer::MAX_SLICES;

/// Messages that one thread queues before it yields: as many small messages as a flusher writes to
/// each of its sockets in one turn.
const BUDGET: usize = MAX_WRITES * MAX_SLICES * SOCKETS_PER_TURN;

/// Bytes that count as much as one message. With it a turn's messages hold at most half a mebibyte
/// for each socket, which is half of what may be queued.
const BYTES: usize = 512;

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
/// Dropping the future loses nothing.
pub(crate) async fn yield_if_due() {
    if SPENT.get() >= BUDGET {
        SPENT.set(0);
        tokio::task::yield_now().await;
    }
}
