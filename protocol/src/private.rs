//! What the code written by the derives names. Not part of the public interface: it may change in
//! any release.

use std::fmt::Display;
use std::str::FromStr;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

pub use crate::carrier::{Carrier, Via, ViaNoTwin, payload};
#[cfg(feature = "manifest")]
pub use crate::carrier::{Name, ViaNoSchema, ViaSchema};
pub use crate::checks::{self, Field, Inner, RulePattern, ViaNothing, ViaRules};
pub use crate::command::{ViaCodes, ViaNoCodes};
pub use crate::definition::Payload;
pub use crate::error::{InvalidParam, NoError, NoItem, Reject, WireError};
pub use crate::id::{ChannelName, InvalidChannelName, RequestId};
pub use crate::int::IntPolicy;
pub use crate::items::{Caller, Items};
pub use crate::pattern::{Pattern, Segment};
pub use crate::validate::Validate;
pub use crate::{definition, envelope, int, lists, manifest};
pub use socket_macros::SerdeAttributes;
pub use {serde, serde_json};

use crate::code::ErrorCode;
use crate::definition::{Channels, ErrorCodes};
use crate::envelope::{Empty, MessageBuf, encode_reply, raw_value};

#[cfg(feature = "manifest")]
pub use {inventory, schemars};

/// Decodes parameters; those that are absent count as `{}`.
///
/// # Errors
/// [`InvalidParam`] with the path to what does not fit.
pub fn decode<T: DeserializeOwned>(param: Option<&RawValue>) -> Result<T, InvalidParam> {
    let text = param.map_or("{}", RawValue::get);
    serde_json::from_str(text).map_err(|_| {
        // Only now is it worth to keep track of the path.
        let mut deserializer = serde_json::Deserializer::from_str(text);
        match serde_path_to_error::deserialize::<_, T>(&mut deserializer) {
            Err(error) => {
                let path = error.path().to_string();
                let path = if path == "." { String::new() } else { path };
                InvalidParam::new(path, without_position(&error.inner().to_string()))
            }
            Ok(_) => InvalidParam::new("", "unexpected text behind the parameters"),
        }
    })
}

/// Lets the parameters of a variant with named fields pass only as an object, or as nothing.
///
/// # Errors
/// [`InvalidParam`] when they are something else.
pub fn object(param: Option<&RawValue>) -> Result<Option<&RawValue>, InvalidParam> {
    match param {
        Some(param) if !param.get().starts_with('{') => {
            Err(InvalidParam::new("", "the parameters are an object"))
        }
        _ => Ok(param),
    }
}

/// Stands behind the last command of a set.
///
/// # Panics
/// Always: the index came from nowhere.
pub fn no_such_index(index: usize) -> ! {
    panic!("no command has the index {index}")
}

/// Checks that the parameters of a command without fields are an object, or nothing.
///
/// # Errors
/// [`InvalidParam`] when they are something else.
pub fn decode_empty(param: Option<&RawValue>) -> Result<(), InvalidParam> {
    decode::<Empty>(param).map(|Empty| ())
}

/// Stands for decoding the items of a command that streams none.
///
/// # Errors
/// Always.
pub fn no_items() -> Result<NoItem, InvalidParam> {
    Err(InvalidParam::new("", "the command does not stream"))
}

/// serde_json's position counts from the start of the parameters, which the sender does not see.
fn without_position(reason: &str) -> &str {
    reason
        .rfind(" at line ")
        .map_or(reason, |end| &reason[..end])
}

/// The outcome of a handler as the runtime takes it; [`Empty`] stands for no reply.
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
    int.within(|| {
        let reply = outcome.map_err(Into::into)?;
        id.map(|id| encode_reply(id, &reply))
            .transpose()
            .map_err(|error| WireError::new(ErrorCode::Internal, error.to_string()))
    })
}

/// What an event of the class `latest` is the latest of: the values of its key, as JSON.
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
