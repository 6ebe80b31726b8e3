//! What goes wrong between two sides, as it crosses the wire, and what a handler refuses with.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::code::ErrorCode;
use crate::definition::ErrorCodes;
use crate::envelope::raw_value;

/// An error as it crosses the wire: `{"code", "message", "data"?}`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WireError {
    /// Kebab-case and stable: a built-in [`ErrorCode`] or one that the definition declares.
    pub code: Cow<'static, str>,
    /// For people.
    pub message: String,
    /// For programs, typed by the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Box<RawValue>>,
}

impl WireError {
    /// A built-in error without data.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code: code.as_str().into(),
            message: message.into(),
            data: None,
        }
    }

    /// The same with data. Data that JSON cannot hold exactly is left out.
    #[must_use]
    pub fn with_data(mut self, data: &impl Serialize) -> Self {
        self.data = raw_value(data).ok();
        self
    }
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for WireError {}

impl PartialEq for WireError {
    fn eq(&self, other: &Self) -> bool {
        let data = |error: &Self| error.data.as_ref().map(|data| data.get().to_owned());
        self.code == other.code && self.message == other.message && data(self) == data(other)
    }
}

/// Parameters that do not fit their type or break a rule. On the wire: `invalid-param`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[error("{}{reason}", if path.is_empty() { String::new() } else { format!("{path}: ") })]
pub struct InvalidParam {
    /// Where: `attachments[2].size`; empty for the parameters as a whole.
    pub path: String,
    /// What is wrong.
    pub reason: String,
}

impl InvalidParam {
    /// What is wrong at that path.
    pub fn new(path: impl Into<String>, reason: impl fmt::Display) -> Self {
        Self {
            path: path.into(),
            reason: reason.to_string(),
        }
    }

    /// The same, seen from one level further out: `size` inside `attachments[2]` becomes
    /// `attachments[2].size`.
    #[must_use]
    pub fn within(mut self, outer: impl fmt::Display) -> Self {
        let outer = outer.to_string();
        self.path = match (outer.as_str(), self.path.as_str()) {
            ("", path) => path.to_owned(),
            (_, "") => outer,
            (_, path) if path.starts_with('[') => format!("{outer}{path}"),
            (_, path) => format!("{outer}.{path}"),
        };
        self
    }
}

impl From<InvalidParam> for WireError {
    fn from(error: InvalidParam) -> Self {
        Self::new(ErrorCode::InvalidParam, error.to_string()).with_data(&error)
    }
}

/// The error type of a command that declares none of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoError {}

/// The type of the items of a command that streams none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoItem {}

/// Why a handler or a policy refuses: one of the command's own errors, or a built-in one.
///
/// A value of the command's error type becomes a `Reject` with `?` or `.into()`; built-in errors
/// are made by the functions below. `Reject` without a type becomes any other with `?`.
///
/// ```
/// use socket_protocol::{ErrorCodes, Reject};
///
/// #[derive(ErrorCodes)]
/// pub enum JoinError {
///     /// The room is full.
///     RoomFull { max: u32 },
/// }
///
/// fn room(members: u32) -> Result<(), Reject<JoinError>> {
///     if members == 0 {
///         return Err(Reject::forbidden("nobody may open a room"));
///     }
///     if members >= 10 {
///         return Err(JoinError::RoomFull { max: 10 }.into());
///     }
///     Ok(())
/// }
/// # fn main() {
/// assert!(room(10).is_err());
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Reject<E = NoError>(Cause<E>);

#[derive(Debug, Clone, PartialEq)]
enum Cause<E> {
    Declared(E),
    BuiltIn(WireError),
}

impl<E> Reject<E> {
    /// The caller is not known: `unauthorized`.
    pub fn unauthorized(message: impl Into<String>) -> Self {
        Self::built_in(WireError::new(ErrorCode::Unauthorized, message))
    }

    /// The caller is known and not allowed: `forbidden`.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::built_in(WireError::new(ErrorCode::Forbidden, message))
    }

    /// The parameters make no sense together: `invalid-param` at that path.
    pub fn invalid_param(path: impl Into<String>, reason: impl fmt::Display) -> Self {
        Self::built_in(InvalidParam::new(path, reason).into())
    }

    /// Something that is needed is out of reach: `unavailable`.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::built_in(WireError::new(ErrorCode::Unavailable, message))
    }

    /// The connection is not in the channel that this needs: `not-joined`.
    pub fn not_joined(message: impl Into<String>) -> Self {
        Self::built_in(WireError::new(ErrorCode::NotJoined, message))
    }

    /// There is no such channel: `unknown-channel`.
    pub fn unknown_channel(message: impl Into<String>) -> Self {
        Self::built_in(WireError::new(ErrorCode::UnknownChannel, message))
    }

    /// What was named is no channel, or none was named: `invalid-channel`.
    pub fn invalid_channel(message: impl Into<String>) -> Self {
        Self::built_in(WireError::new(ErrorCode::InvalidChannel, message))
    }

    /// Any built-in error as it crosses the wire.
    #[must_use]
    pub const fn built_in(error: WireError) -> Self {
        Self(Cause::BuiltIn(error))
    }
}

impl<E: ErrorCodes> From<E> for Reject<E> {
    fn from(error: E) -> Self {
        Self(Cause::Declared(error))
    }
}

impl<E: ErrorCodes> From<Reject> for Reject<E> {
    fn from(reject: Reject) -> Self {
        match reject.0 {
            Cause::BuiltIn(error) => Self::built_in(error),
            Cause::Declared(never) => match never {},
        }
    }
}

impl<E> From<WireError> for Reject<E> {
    fn from(error: WireError) -> Self {
        Self::built_in(error)
    }
}

impl From<Reject> for WireError {
    fn from(reject: Reject) -> Self {
        match reject.0 {
            Cause::BuiltIn(error) => error,
            Cause::Declared(never) => match never {},
        }
    }
}

impl<E: ErrorCodes> From<Reject<E>> for WireError {
    fn from(reject: Reject<E>) -> Self {
        match reject.0 {
            Cause::BuiltIn(error) => error,
            Cause::Declared(error) => error.into_wire(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_read_from_the_outside_in() {
        let error = InvalidParam::new("size", "too large")
            .within("[2]")
            .within("attachments");
        assert_eq!(error.path, "attachments[2].size");
        assert_eq!(error.to_string(), "attachments[2].size: too large");
        assert_eq!(
            InvalidParam::new("", "not an object").to_string(),
            "not an object"
        );
    }

    #[test]
    fn each_way_to_refuse_has_its_code() {
        type Made = fn(&'static str) -> Reject;
        let ways: [(Made, &str); 7] = [
            (Reject::unauthorized, "unauthorized"),
            (Reject::forbidden, "forbidden"),
            (
                |reason| Reject::invalid_param("a.b", reason),
                "invalid-param",
            ),
            (Reject::unavailable, "unavailable"),
            (Reject::not_joined, "not-joined"),
            (Reject::unknown_channel, "unknown-channel"),
            (Reject::invalid_channel, "invalid-channel"),
        ];
        for (refuse, code) in ways {
            let error = WireError::from(refuse("no"));
            assert_eq!(error.code, code);
            assert!(error.message.ends_with("no"), "{}", error.message);
        }
    }
}
