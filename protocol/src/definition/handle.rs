//! The ways from a decoded message to the program that answers it.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::{Channels, Commands};
use crate::envelope::MessageBuf;
use crate::error::WireError;
use crate::id::RequestId;
use crate::int::IntPolicy;

/// The way from a decoded command to its method of the handler and back to the wire.
///
/// Made by `#[derive(Commands)]` for every `H` that implements the enum's handler trait.
#[diagnostic::on_unimplemented(
    message = "`{H}` does not handle the commands `{Self}`",
    label = "implement `{Self}Handler` for `{H}`",
    note = "`#[derive(Commands)]` makes the trait `{Self}Handler<Cx>`, with one async method per command; its `Cx` must be the service's own context"
)]
pub trait Handle<H, Cx>: Commands {
    /// Runs the handler's method. The answer is the encoded reply where the caller has an id.
    fn handle(
        self,
        handler: &H,
        cx: Cx,
        caller: Caller,
    ) -> impl Future<Output = Result<Option<MessageBuf>, WireError>> + Send;
}

/// The way from a channel to its join decision.
///
/// Made by `#[derive(Channels)]` for every `H` that implements the enum's policy trait.
#[diagnostic::on_unimplemented(
    message = "`{H}` does not decide who may join the channels `{Self}`",
    label = "implement `{Self}Policy` for `{H}`",
    note = "`#[derive(Channels)]` makes the trait `{Self}Policy<Cx>`, with one async method per channel; its `Cx` must be the service's own context"
)]
pub trait Decide<H, Cx>: Channels {
    /// Decides if the connection of that context may join.
    ///
    /// # Errors
    /// The refusal, as it crosses the wire.
    fn may_join(self, policy: &H, cx: &Cx) -> impl Future<Output = Result<(), WireError>> + Send;
}

/// The caller of a command, and the queue of its items: a runtime hands it to
/// [`Handle::handle`].
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
    /// Ready when there is room for one more item; the task is woken when that changes.
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
