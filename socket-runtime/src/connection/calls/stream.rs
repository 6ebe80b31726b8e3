//! One streaming call: its items go where all of the connection's messages go, no faster than the
//! client takes them.

use std::sync::Arc;
use std::task::{Context, Poll};

use parking_lot::Mutex;
use socket_protocol::envelope::MessageBuf;
use socket_protocol::{ErrorCode, ItemQueue, WireError};
use tokio::time::Instant;

use crate::config::Config;
use crate::error::Limit;
use crate::frame;
use crate::hub::Handle;

/// The state that the handler of a streaming call and its connection's task share.
#[derive(Debug)]
pub(crate) struct StreamingCall {
    handle: Arc<Handle>,
    /// The largest message, in bytes.
    max_message: usize,
    /// Above how many queued bytes the stream waits.
    max_queued: usize,
    state: Mutex<StreamState>,
}

#[derive(Debug)]
struct StreamState {
    /// Nothing may follow what ended the call.
    ended: bool,
    /// When the last item was queued.
    progress: Instant,
}

impl StreamingCall {
    pub(crate) fn new(handle: &Arc<Handle>, config: &Config) -> Self {
        Self {
            handle: handle.clone(),
            max_message: config.limits.outbound_bytes,
            max_queued: config.queue.stream_bytes.min(config.queue.bytes / 2),
            state: Mutex::new(StreamState {
                ended: false,
                progress: Instant::now(),
            }),
        }
    }

    /// Lets no further item pass.
    pub(crate) fn end(&self) {
        self.state.lock().ended = true;
    }

    /// When the last item was queued; before the first, when the call began.
    pub(crate) fn progress(&self) -> Instant {
        self.state.lock().progress
    }
}

impl ItemQueue for StreamingCall {
    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), WireError>> {
        if self.state.lock().ended {
            return Poll::Ready(Err(ended()));
        }
        self.handle.queue.poll_room(cx, self.max_queued).map(Ok)
    }

    fn push(&self, item: MessageBuf) -> Result<(), WireError> {
        let limit = self.max_message;
        if item.text().len() > limit {
            let error = WireError::new(ErrorCode::TooLarge, "the item is too large");
            return Err(error.with_data(&Limit { limit }));
        }
        // Held while the item is queued: what ends the call is queued behind it.
        let mut state = self.state.lock();
        if state.ended {
            return Err(ended());
        }
        state.progress = Instant::now();
        self.handle.send(frame::text(item));
        Ok(())
    }
}

fn ended() -> WireError {
    WireError::new(ErrorCode::Cancelled, "the call has ended")
}
