//! The items of a streaming command: what its handler sends before it answers.

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::code::ErrorCode;
use crate::definition::Payload;
use crate::envelope::{EncodeError, MessageBuf, encode_item};
use crate::error::{Reject, WireError};
use crate::id::RequestId;
use crate::int::IntPolicy;

/// Who is to be answered, and where the items go that come before: what a runtime hands to
/// [`Handle::handle`](crate::definition::Handle::handle).
#[derive(Clone, Default)]
pub struct Caller {
    /// The call's id; `None`: no answer is wanted.
    pub id: Option<RequestId>,
    /// Where the items of a streaming command go; `None` for any other.
    pub items: Option<Arc<dyn ItemQueue>>,
    /// How the protocol writes the large integers of the answer.
    pub int: IntPolicy,
}

impl From<Option<RequestId>> for Caller {
    fn from(id: Option<RequestId>) -> Self {
        Self {
            id,
            items: None,
            int: IntPolicy::Number,
        }
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller")
            .field("id", &self.id)
            .field("streams", &self.items.is_some())
            .finish()
    }
}

/// Where the items of one streaming call are queued for its client. Made by the runtime; a test of a
/// handler may bring its own.
pub trait ItemQueue: Send + Sync {
    /// Ready when there is room for one more item. While there is none, the task is woken when that
    /// changes.
    ///
    /// # Errors
    /// The call has ended: nobody waits for items.
    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), WireError>>;

    /// Queues an encoded item.
    ///
    /// # Errors
    /// The call has ended, or the item is larger than a message may be.
    fn push(&self, item: MessageBuf) -> Result<(), WireError>;
}

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
