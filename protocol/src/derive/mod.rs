//! All that the code written by the derives calls, and the names that it says, which
//! `__private` hands out. It may change in any release.
//!
//! - [`carrier`](Carrier): the way of a value to JSON and back, for any type at all.
//! - [`checks`]: rules on parameters.
//! - [`lists`]: whether what a channel lists is what its protocol has.
//! - `codes`: the errors that a command declares.
//! - `decode`: from parameters to a value.

mod carrier;
pub mod checks;
mod codes;
mod decode;
pub mod lists;

use std::fmt::Display;
use std::str::FromStr;

use serde::Serialize;

#[cfg(feature = "manifest")]
pub(crate) use carrier::NO_PAYLOAD;
pub use carrier::{Carrier, Via, ViaNoTwin, payload};
pub use checks::{Field, Inner, RulePattern, ViaNothing, ViaRules};
pub use codes::{ViaCodes, ViaNoCodes};
pub use decode::{decode, decode_empty, no_items, object};

pub use crate::definition::{Caller, Payload, no_such_index};
pub use crate::error::{InvalidParam, NoError, NoItem, WireError};
pub use crate::id::{ChannelName, InvalidChannelName, RequestId};
pub use crate::int::IntPolicy;
pub use crate::items::Items;
pub use crate::pattern::{Pattern, Segment};
pub use crate::reject::Reject;
pub use crate::validate::Validate;
pub use crate::{definition, envelope, int};
pub use socket_macros::SerdeAttributes;
pub use {serde, serde_json};

use crate::code::ErrorCode;
use crate::definition::{Channels, ErrorCodes};
use crate::envelope::{MessageBuf, encode_any_reply};
use crate::json::{Write, raw_value};

/// The outcome of a handler as the runtime takes it; [`Empty`](crate::envelope::Empty) stands for no reply.
///
/// # Errors
/// The handler's refusal, or `internal` for a reply that JSON cannot hold.
pub fn answer(
    to: (Option<RequestId>, IntPolicy),
    outcome: Result<impl Serialize, Reject>,
) -> Result<Option<MessageBuf>, WireError> {
    encode_answer(to, outcome)
}

/// The same for a command with errors of its own.
///
/// # Errors
/// The handler's refusal, or `internal` for a reply that JSON cannot hold.
pub fn answer_or<E: ErrorCodes>(
    to: (Option<RequestId>, IntPolicy),
    outcome: Result<impl Serialize, Reject<E>>,
) -> Result<Option<MessageBuf>, WireError> {
    encode_answer(to, outcome)
}

fn encode_answer<E: Into<WireError>>(
    (id, int): (Option<RequestId>, IntPolicy),
    outcome: Result<impl Serialize, E>,
) -> Result<Option<MessageBuf>, WireError> {
    let _entered = int.enter();
    match outcome {
        Ok(reply) => encode(id, &|to| reply.serialize(to)),
        Err(error) => Err(error.into()),
    }
}

fn encode(id: Option<RequestId>, reply: Write<'_>) -> Result<Option<MessageBuf>, WireError> {
    let Some(id) = id else {
        return Ok(None);
    };
    match encode_any_reply(id, reply) {
        Ok(message) => Ok(Some(message)),
        Err(error) => Err(WireError::new(ErrorCode::Internal, error.to_string())),
    }
}

/// The key of an event of the class `latest`: the values of its fields, as JSON.
#[must_use]
pub fn latest_key(values: &impl Serialize) -> Option<String> {
    // A value that JSON cannot hold stops the event itself, which tells the caller so.
    Some(serde_json::to_string(values).unwrap_or_default())
}

/// A declared error as it crosses the wire.
#[must_use]
pub fn wire_error<T: Serialize>(
    code: &'static str,
    message: String,
    data: Option<&T>,
) -> WireError {
    match data.map(raw_value).transpose() {
        Ok(data) => WireError {
            code: code.into(),
            message,
            data,
        },
        Err(error) => WireError::new(ErrorCode::Internal, error.to_string()),
    }
}

/// A parameter of a channel's name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of a channel",
    label = "needs `FromStr` and `Display`",
    note = "implement `std::str::FromStr` and `std::fmt::Display` for it, so that one prints what the other parses"
)]
pub trait ChannelParam: Sized {
    /// Parses it.
    fn parse(text: &str) -> Option<Self>;

    /// Prints it.
    fn display(&self) -> &dyn Display;
}

#[diagnostic::do_not_recommend]
impl<T: FromStr + Display> ChannelParam for T {
    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn display(&self) -> &dyn Display {
        self
    }
}

/// The channel, if its name is the one that it was parsed from.
#[must_use]
pub fn exactly<C: Channels>(name: &ChannelName, channel: Option<C>) -> Option<C> {
    channel.filter(|channel| channel.name().as_ref() == Ok(name))
}
