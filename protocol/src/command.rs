//! What a typed client calls, and what a call brings back.

use serde_json::value::RawValue;

use crate::carrier::Carrier;
use crate::definition::{Commands, ErrorCodes};
use crate::error::{InvalidParam, WireError};
#[cfg(doc)]
use crate::error::{NoError, NoItem};

/// One command of the set `S`, with what it is answered by: what a typed client calls.
///
/// `#[derive(Commands)]` makes one for each variant: the struct of a variant with fields, and a
/// constant or a function of the same name for the others, all in the module that is named after
/// the enum (`chat_command::JoinRoom { .. }`, `chat_command::Ping`, `chat_command::Move(point)`).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a command of `{S}`",
    label = "not a command of `{S}`",
    note = "commands stand in the module named after their enum: `chat_command::Ping`, `chat_command::JoinRoom {{ .. }}`"
)]
pub trait Command<S: Commands>: Send + 'static {
    /// What it is answered by; `()` where it declares no reply.
    type Reply: 'static;
    /// What it sends before its reply; [`NoItem`] where it streams nothing.
    type Item: 'static;
    /// The errors that it declares; [`NoError`] where it declares none.
    type Error: 'static;

    /// The command as a value of its set.
    fn into_command(self) -> S;

    /// Decodes the reply.
    ///
    /// # Errors
    /// [`InvalidParam`] where it does not fit the type: the server speaks another version.
    fn decode_reply(param: Option<&RawValue>) -> Result<Self::Reply, InvalidParam>;

    /// Decodes an item of a streaming command.
    ///
    /// # Errors
    /// [`InvalidParam`] where it does not fit the type, or the command streams nothing.
    fn decode_item(item: Option<&RawValue>) -> Result<Self::Item, InvalidParam>;

    /// Decodes an error that the command declares.
    ///
    /// # Errors
    /// The error itself where it is a built-in one, or its data does not fit.
    fn decode_error(error: WireError) -> Result<Self::Error, WireError>;
}

/// Decodes the declared errors of a command; found first for a set of error codes.
pub trait ViaCodes<T> {
    /// Decodes a declared error.
    ///
    /// # Errors
    /// The error itself where the set does not have it.
    fn declared(&self, error: WireError) -> Result<T, WireError>;
}

impl<T: ErrorCodes> ViaCodes<T> for Carrier<T> {
    fn declared(&self, error: WireError) -> Result<T, WireError> {
        match T::from_wire(&error) {
            Some(Ok(declared)) => Ok(declared),
            Some(Err(_)) | None => Err(error),
        }
    }
}

/// Stands for [`ViaCodes`] where the type is none. Nothing calls it: the program does not compile.
pub trait ViaNoCodes<T> {
    /// Stands for [`ViaCodes::declared`].
    ///
    /// # Errors
    /// Always.
    fn declared(&self, error: WireError) -> Result<T, WireError>;
}

impl<T> ViaNoCodes<T> for &Carrier<T> {
    fn declared(&self, error: WireError) -> Result<T, WireError> {
        Err(error)
    }
}
