//! The events of a protocol.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::LifeSpec;
use crate::envelope::{EncodeError, EventHead, OpenMessage};
use crate::error::InvalidParam;

/// The definition of one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventSpec {
    /// The name on the wire.
    pub name: &'static str,
    /// The variant that declares it.
    pub variant: &'static str,
    /// Its doc comment.
    pub docs: &'static str,
    /// The note of its `#[deprecated]`.
    pub deprecated: Option<&'static str>,
    /// Its deprecation, its sunset and its stability.
    pub life: LifeSpec,
    /// How it is delivered to a connection that is slow or away.
    pub delivery: Delivery,
}

/// How an event is delivered to a connection that is slow or away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Delivery {
    /// In order, or the connection ends; kept where the channel keeps history.
    #[default]
    Reliable,
    /// A newer one of the same key replaces an older one; never kept.
    Latest,
    /// Dropped where the queue fills; never kept.
    Volatile,
}

impl Delivery {
    #[allow(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde hands a reference to skip_serializing_if"
    )]
    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// The events of a protocol; a value is one event. Made by `#[derive(Events)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a set of events",
    label = "not a set of events",
    note = "write `#[derive(Events)]` above the enum"
)]
pub trait Events: Sized + Send + 'static {
    /// Each event, in the order of declaration.
    const EVENTS: &'static [EventSpec];

    /// `true` for the stub that stands for a definition with mistakes.
    #[doc(hidden)]
    const IS_STUB: bool = false;

    /// The place of this event in [`Self::EVENTS`].
    fn index(&self) -> usize;

    /// Encodes the event's message but for its end, which [`OpenMessage::close`] writes.
    ///
    /// # Errors
    /// [`EncodeError`] when a parameter cannot be written as JSON.
    fn encode(self, head: EventHead<'_>) -> Result<OpenMessage, EncodeError>;

    /// The key of an event of the class `latest`, as JSON: a newer event with the same key replaces an
    /// older one that is still queued. `None` for events of the other classes.
    fn key(&self) -> Option<String> {
        None
    }

    /// Decodes the event with that name, for clients; `None` when there is no such event.
    fn decode(name: &str, param: Option<&RawValue>) -> Option<Result<Self, InvalidParam>>;
}
