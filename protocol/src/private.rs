//! What the code written by the derives names. Not part of the public interface: it may change in
//! any release.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

pub use crate::pattern::{Pattern, Segment};
pub use garde::rules;
pub use {serde, serde_json};

use crate::code::ErrorCode;
use crate::definition::{ChannelSpec, CommandSpec, ErrorCodes, EventSpec, Listed};
use crate::envelope::{Empty, MessageBuf, encode_reply};
use crate::error::{InvalidParam, WireError};
use crate::id::RequestId;
use crate::validate::Validate;

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

/// Checks that the parameters of a command without fields are an object, or nothing.
///
/// # Errors
/// [`InvalidParam`] when they are something else.
pub fn decode_empty(param: Option<&RawValue>) -> Result<(), InvalidParam> {
    decode::<Empty>(param).map(|Empty| ())
}

/// serde_json's position counts from the start of the parameters, which the sender does not see.
fn without_position(reason: &str) -> &str {
    reason
        .rfind(" at line ")
        .map_or(reason, |end| &reason[..end])
}

/// The outcome of a handler as the runtime takes it.
///
/// # Errors
/// The handler's refusal, or `internal` for a reply that JSON cannot hold.
pub fn answer<R: Serialize, E>(
    id: Option<RequestId>,
    outcome: Result<R, E>,
) -> Result<Option<MessageBuf>, WireError>
where
    WireError: From<E>,
{
    let reply = outcome?;
    id.map(|id| encode_reply(id, &reply))
        .transpose()
        .map_err(|error| WireError::new(ErrorCode::Internal, error.to_string()))
}

/// The same for a command without a reply, which is answered by `{}`.
///
/// # Errors
/// The handler's refusal.
pub fn answer_empty<E>(
    id: Option<RequestId>,
    outcome: Result<(), E>,
) -> Result<Option<MessageBuf>, WireError>
where
    WireError: From<E>,
{
    answer(id, outcome.map(|()| Empty))
}

/// A declared error as it crosses the wire.
#[must_use]
pub fn wire_error<T: Serialize>(
    code: &'static str,
    message: String,
    data: Option<&T>,
) -> WireError {
    match data.map(serde_json::value::to_raw_value).transpose() {
        Ok(data) => WireError {
            code: code.into(),
            message,
            data,
        },
        Err(error) => WireError::new(ErrorCode::Internal, error.to_string()),
    }
}

/// Turns the outcome of one rule into ours, with the path of its field.
///
/// # Errors
/// The rule that is broken.
pub fn rule(path: &str, outcome: Result<(), garde::Error>) -> Result<(), InvalidParam> {
    outcome.map_err(|error| InvalidParam::new(path, error.message()))
}

/// Checks the rules of a field's own type, where it has any: [`ViaRules`] is found first for a
/// type that implements [`Validate`], [`ViaNothing`] for every other.
#[derive(Debug)]
pub struct Field<'a, T: ?Sized>(pub &'a T);

/// See [`Field`].
pub trait ViaRules {
    /// Checks them.
    ///
    /// # Errors
    /// The rule that is broken.
    fn check(&self, path: &str) -> Result<(), InvalidParam>;
}

impl<T: Validate + ?Sized> ViaRules for Field<'_, T> {
    fn check(&self, path: &str) -> Result<(), InvalidParam> {
        self.0.validate().map_err(|error| error.within(path))
    }
}

/// See [`Field`].
pub trait ViaNothing {
    /// There is nothing to check.
    ///
    /// # Errors
    /// Never.
    fn check(&self, path: &str) -> Result<(), InvalidParam>;
}

impl<T: ?Sized> ViaNothing for &Field<'_, T> {
    fn check(&self, _: &str) -> Result<(), InvalidParam> {
        Ok(())
    }
}

/// Stops the compiler when a channel lists a command or an event that the protocol does not have.
#[doc(hidden)]
pub const fn check_lists(channels: &[ChannelSpec], commands: &[CommandSpec], events: &[EventSpec]) {
    let mut i = 0;
    while i < channels.len() {
        if let Some(listed) = channels[i].commands {
            check_commands(listed, commands);
        }
        check_commands(channels[i].outsiders, commands);
        if let Some(listed) = channels[i].events {
            let mut j = 0;
            while j < listed.len() {
                let mut known = false;
                let mut k = 0;
                while k < events.len() {
                    known |= same(listed[j].variant, events[k].variant);
                    k += 1;
                }
                assert!(known, "{}", listed[j].unknown);
                j += 1;
            }
        }
        i += 1;
    }
}

const fn check_commands(listed: &[Listed], commands: &[CommandSpec]) {
    let mut j = 0;
    while j < listed.len() {
        let mut known = false;
        let mut k = 0;
        while k < commands.len() {
            known |= same(listed[j].variant, commands[k].variant);
            k += 1;
        }
        assert!(known, "{}", listed[j].unknown);
        j += 1;
    }
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// Stands for the bound that a command's `error = …` must meet.
pub const fn assert_error_codes<E: ErrorCodes>() {}
