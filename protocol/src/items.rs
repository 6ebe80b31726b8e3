//! The items of a streaming command: what its handler sends before it answers.

use std::fmt;
use std::future::poll_fn;

use crate::code::ErrorCode;
use crate::definition::{Caller, Payload};
use crate::envelope::{EncodeError, MessageBuf, encode_item};
use crate::error::WireError;
use crate::id::RequestId;
use crate::reject::Reject;

/// Sends the items of a streaming command to its caller, in order, before the handler answers.
///
/// A command that declares `stream = Type` has it as the last argument of its method:
///
/// ```
/// use socket_protocol::prelude::*;
///
/// #[payload]
/// pub struct LogLine { pub text: String }
///
/// #[derive(Commands)]
/// pub enum LogCommand {
///     /// Every line of a log, then how many there were.
///     #[command(stream = LogLine, reply = u32)]
///     Tail { file: String },
/// }
///
/// struct Server;
///
/// impl<Cx: Send> LogCommandHandler<Cx> for Server {
///     async fn tail(
///         &self,
///         _: Cx,
///         tail: log_command::Tail,
///         mut items: Items<LogLine>,
///     ) -> Result<u32, Reject> {
///         let mut count = 0;
///         for text in ["one", "two"] {
///             items.send(LogLine { text: format!("{}: {text}", tail.file) }).await?;
///             count += 1;
///         }
///         Ok(count)
///     }
/// }
/// # fn main() {}
/// ```
pub struct Items<T> {
    caller: Caller,
    encode: fn(RequestId, T) -> Result<MessageBuf, EncodeError>,
}

impl<T> fmt::Debug for Items<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Items").field(&self.caller).finish()
    }
}

impl<T> Items<T> {
    /// The same with the way of an item to the wire that a derive found for its type.
    #[doc(hidden)]
    #[must_use]
    pub const fn encoded(
        caller: Caller,
        encode: fn(RequestId, T) -> Result<MessageBuf, EncodeError>,
    ) -> Self {
        Self { caller, encode }
    }
}

impl<T: Payload> Items<T> {
    /// Sends to that caller; without an id and a queue, to nobody.
    #[must_use]
    pub const fn new(caller: Caller) -> Self {
        Self {
            caller,
            encode: |id, item| encode_item(id, &item),
        }
    }

    /// Sends one item. It waits while the client does not keep up, so that a stream never holds more
    /// than a little in memory.
    ///
    /// # Errors
    /// - `too-large`: the item is larger than the server sends.
    /// - `internal`: it cannot be written as JSON.
    /// - `cancelled`: the call has ended, which only another task than the handler's own can see.
    ///
    /// `?` answers the command with it.
    ///
    /// # Cancel safety
    /// An item is queued whole or, when the future is dropped first, not at all.
    pub async fn send(&mut self, item: T) -> Result<(), Reject> {
        let Caller {
            id: Some(id),
            items: Some(queue),
            int,
        } = &self.caller
        else {
            return Ok(());
        };
        let item = int
            .within(|| (self.encode)(*id, item))
            .map_err(|error| WireError::new(ErrorCode::Internal, error.to_string()))?;
        poll_fn(|cx| queue.poll_ready(cx)).await?;
        queue.push(item)?;
        Ok(())
    }
}
