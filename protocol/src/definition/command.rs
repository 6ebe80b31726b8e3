//! The commands of a protocol, and what a typed client calls.

use std::num::NonZeroU32;
use std::time::Duration;

use serde_json::value::RawValue;

use super::LifeSpec;
use crate::envelope::{EncodeError, MessageBuf};
use crate::error::{InvalidParam, WireError};
#[cfg(doc)]
use crate::error::{NoError, NoItem};
use crate::id::{ChannelName, RequestId};

/// The definition of one command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommandSpec {
    /// The name on the wire.
    pub name: &'static str,
    /// The variant that declares it.
    pub variant: &'static str,
    /// Its doc comment, without the leading spaces.
    pub docs: &'static str,
    /// The note of its `#[deprecated]`.
    pub deprecated: Option<&'static str>,
    /// Its former wire names, which count as well.
    pub alias: &'static [&'static str],
    /// Its deprecation, its sunset and its stability.
    pub life: LifeSpec,
    /// `true` if it may safely run twice: clients send it again after a lost session.
    pub idempotent: bool,
    /// `true` if it sends items before its reply. Later commands begin meanwhile.
    pub streaming: bool,
    /// `true` if later commands of the connection may begin while it runs.
    pub concurrent: bool,
    /// The rate at which one connection may send it, in addition to the server's limit for all commands.
    pub rate: Option<RateSpec>,
}

/// A rate: `count` commands within `per`, and as many at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateSpec {
    /// The number of commands.
    pub count: NonZeroU32,
    /// The period.
    pub per: Duration,
}

impl RateSpec {
    /// `count` commands in that many seconds. Derives write it with a count above 0.
    #[must_use]
    pub const fn new(count: u32, seconds: u64) -> Self {
        Self {
            count: match NonZeroU32::new(count) {
                Some(count) => count,
                None => NonZeroU32::MIN,
            },
            per: Duration::from_secs(seconds),
        }
    }
}

/// The commands of a protocol; a value is one decoded command. Made by `#[derive(Commands)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a set of commands",
    label = "not a set of commands",
    note = "write `#[derive(Commands)]` above the enum"
)]
pub trait Commands: Sized + Send + 'static {
    /// Each command, in the order of declaration.
    const COMMANDS: &'static [CommandSpec];

    /// `true` for the stub that stands for a definition with mistakes.
    #[doc(hidden)]
    const IS_STUB: bool = false;

    /// The place in [`Self::COMMANDS`] of the command with that wire name, a former one included.
    fn index_of(name: &str) -> Option<usize>;

    /// The place of this command in [`Self::COMMANDS`].
    fn index(&self) -> usize;

    /// Decodes and validates the parameters of the command at `index`.
    ///
    /// # Errors
    /// [`InvalidParam`] says where and why they do not fit.
    ///
    /// # Panics
    /// When `index` is not one of [`Self::COMMANDS`].
    fn decode(index: usize, param: Option<&RawValue>) -> Result<Self, InvalidParam>;

    /// Encodes the command's message, for clients.
    ///
    /// # Errors
    /// [`EncodeError`] when a parameter cannot be written as JSON.
    fn encode(
        self,
        id: Option<RequestId>,
        channel: Option<&ChannelName>,
    ) -> Result<MessageBuf, EncodeError>;
}

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
    /// The type of its reply; `()` if it declares no reply.
    type Reply: 'static;
    /// The type of the items that it sends before its reply; [`NoItem`] if it streams nothing.
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
