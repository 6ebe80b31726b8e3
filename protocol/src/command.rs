//! What a typed client calls, and what a call brings back.

use serde_json::value::RawValue;

use crate::definition::Commands;
#[cfg(doc)]
use crate::error::NoError;
use crate::error::{InvalidParam, WireError};

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
    /// The errors that it declares; [`NoError`] where it declares none.
    type Error: 'static;

    /// The command as a value of its set.
    fn into_command(self) -> S;

    /// Decodes the reply.
    ///
    /// # Errors
    /// [`InvalidParam`] where it does not fit the type: the server speaks another version.
    fn decode_reply(param: Option<&RawValue>) -> Result<Self::Reply, InvalidParam>;

    /// Decodes an error that the command declares.
    ///
    /// # Errors
    /// The error itself where it is a built-in one, or its data does not fit.
    fn decode_error(error: WireError) -> Result<Self::Error, WireError>;
}
