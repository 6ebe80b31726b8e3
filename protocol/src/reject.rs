//! The refusal of a handler or a policy.

use std::fmt;

use crate::code::ErrorCode;
use crate::definition::ErrorCodes;
use crate::error::{InvalidParam, NoError, WireError};

/// The refusal of a handler or a policy: one of the command's own errors, or a built-in one.
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
    /// The caller is unknown: `unauthorized`.
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

    /// The channel name is invalid or missing: `invalid-channel`.
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
