//! The traits that the derives implement: a protocol's messages by name, and the way from a wire
//! message to the method that handles it and back.
//!
//! Programs name these traits in bounds; the derives write their implementations.

use std::future::Future;
use std::num::NonZeroU32;
use std::time::Duration;

use serde_json::value::RawValue;

use crate::envelope::{EncodeError, EventHead, MessageBuf, OpenMessage};
use crate::error::{InvalidParam, WireError};
use crate::id::{ChannelName, InvalidChannelName, RequestId};
use crate::int::IntPolicy;
use crate::items::Caller;
use crate::manifest::model::Delivery;

mod channel;
mod history;
mod life;

pub use crate::command::Command;
pub use channel::{ChannelSpec, Listed};
pub use history::HistorySpec;
pub use life::LifeSpec;

/// What a definition says about one command.
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
    /// Since when, until when and how firmly it stands.
    pub life: LifeSpec,
    /// Whether it may safely run twice, so that clients send it again after a lost session.
    pub idempotent: bool,
    /// Whether it sends items before its reply. Those behind it begin meanwhile.
    pub streaming: bool,
    /// Whether those behind it may begin while it runs.
    pub concurrent: bool,
    /// How often one connection may send it, besides what the server allows of all commands.
    pub rate: Option<RateSpec>,
}

/// So many in that time, and as many at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateSpec {
    /// How many.
    pub count: NonZeroU32,
    /// In which time.
    pub per: Duration,
}

impl RateSpec {
    /// So many in that many seconds. Derives write it with a count that is not 0.
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

/// What a definition says about one event.
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
    /// Since when, until when and how firmly it stands.
    pub life: LifeSpec,
    /// What happens to it where a connection is slow or away.
    pub delivery: Delivery,
}

/// What a definition says about one error code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorSpec {
    /// The code on the wire.
    pub code: &'static str,
    /// The variant that declares it.
    pub variant: &'static str,
    /// Its doc comment.
    pub docs: &'static str,
    /// The note of its `#[deprecated]`.
    pub deprecated: Option<&'static str>,
    /// Since when, until when and how firmly it stands.
    pub life: LifeSpec,
}

/// A type that messages may carry: serde's two traits and, under the feature `manifest`, schemars'
/// `JsonSchema`. Made by `#[payload]`; every type that has them is one.
#[cfg(not(feature = "manifest"))]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be carried by a message",
    label = "not a payload",
    note = "put `#[payload]` above the type, or derive serde's `Serialize` and `Deserialize` for it"
)]
pub trait Payload: serde::Serialize + serde::de::DeserializeOwned {}

#[cfg(not(feature = "manifest"))]
#[diagnostic::do_not_recommend]
impl<T: serde::Serialize + serde::de::DeserializeOwned> Payload for T {}

/// A type that messages may carry: serde's two traits and, under the feature `manifest`, schemars'
/// `JsonSchema`. Made by `#[payload]`; every type that has them is one.
#[cfg(feature = "manifest")]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be carried by a message",
    label = "not a payload",
    note = "put `#[payload]` above the type, or derive serde's `Serialize` and `Deserialize` and schemars' `JsonSchema` for it"
)]
pub trait Payload: serde::Serialize + serde::de::DeserializeOwned + schemars::JsonSchema {}

#[cfg(feature = "manifest")]
#[diagnostic::do_not_recommend]
impl<T: serde::Serialize + serde::de::DeserializeOwned + schemars::JsonSchema> Payload for T {}

/// The commands of a protocol; a value is one decoded command. Made by `#[derive(Commands)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a set of commands",
    label = "not a set of commands",
    note = "write `#[derive(Commands)]` above the enum"
)]
pub trait Commands: Sized + Send + 'static {
    /// Each command, in the order of declaration.
    const COMMANDS: &'static [CommandSpec];

    /// Whether a definition with mistakes was replaced by one without commands.
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

/// The events of a protocol; a value is one event. Made by `#[derive(Events)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a set of events",
    label = "not a set of events",
    note = "write `#[derive(Events)]` above the enum"
)]
pub trait Events: Sized + Send + 'static {
    /// Each event, in the order of declaration.
    const EVENTS: &'static [EventSpec];

    /// Whether a definition with mistakes was replaced by one without events.
    #[doc(hidden)]
    const IS_STUB: bool = false;

    /// The place of this event in [`Self::EVENTS`].
    fn index(&self) -> usize;

    /// Encodes the event's message but for its end, which [`OpenMessage::close`] writes.
    ///
    /// # Errors
    /// [`EncodeError`] when a parameter cannot be written as JSON.
    fn encode(self, head: EventHead<'_>) -> Result<OpenMessage, EncodeError>;

    /// What an event of the class `latest` is the latest of, as JSON: a newer one with the same key
    /// replaces an older one that is still queued. `None` for events of the other classes.
    fn key(&self) -> Option<String> {
        None
    }

    /// Decodes the event with that name, for clients; `None` when there is no such event.
    fn decode(name: &str, param: Option<&RawValue>) -> Option<Result<Self, InvalidParam>>;
}

/// The error codes of a command. Made by `#[derive(ErrorCodes)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a set of error codes",
    label = "not a set of error codes",
    note = "write `#[derive(ErrorCodes)]` above the enum"
)]
pub trait ErrorCodes: Sized + Send + 'static {
    /// Each code, in the order of declaration.
    const CODES: &'static [ErrorSpec];

    /// The error as it crosses the wire. Data that JSON cannot hold makes it `internal`.
    fn into_wire(self) -> WireError;

    /// Decodes an error that crossed the wire, for clients; `None` when its code is not of this set.
    fn from_wire(error: &WireError) -> Option<Result<Self, InvalidParam>>;
}

/// The channels of a protocol; a value is one channel. Made by `#[derive(Channels)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a set of channels",
    label = "not a set of channels",
    note = "write `#[derive(Channels)]` above the enum"
)]
pub trait Channels: Sized + Send + Sync + 'static {
    /// Each type of channel, in the order of declaration.
    const CHANNELS: &'static [ChannelSpec];

    /// What the compiler asks of the lists in the definition.
    #[doc(hidden)]
    type Lists<P: Protocol>: crate::lists::Lists;

    /// The place of this channel's type in [`Self::CHANNELS`].
    fn index(&self) -> usize;

    /// The channel of that name; `None` when no pattern makes exactly this name.
    fn parse(name: &ChannelName) -> Option<Self>;

    /// The channel's name.
    ///
    /// # Errors
    /// [`InvalidChannelName`] when its parameters make none, for instance one that is too long.
    fn name(&self) -> Result<ChannelName, InvalidChannelName>;
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
    /// Whether the connection of that context may join.
    fn may_join(self, policy: &H, cx: &Cx) -> impl Future<Output = Result<(), WireError>> + Send;
}

/// A whole protocol: its name and its three sets of messages. Made by `#[derive(Protocol)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a protocol",
    label = "not a protocol",
    note = "write `#[derive(Protocol)] #[protocol(name = \"…\", commands = …, events = …, channels = …)]` above a unit struct"
)]
pub trait Protocol: Send + Sync + 'static {
    /// The protocol's name.
    const NAME: &'static str;
    /// How integers of 64 bits and more cross the wire where neither their field nor its type says
    /// so. `None`: as numbers, which the generator refuses.
    const INT: Option<IntPolicy> = None;
    /// What is kept of what is sent to each user, on `:user`.
    const USER_HISTORY: Option<HistorySpec> = None;
    /// What is kept of what is sent to everybody, on `:all`.
    const ALL_HISTORY: Option<HistorySpec> = None;
    /// What clients may send.
    type Commands: Commands;
    /// What the server sends.
    type Events: Events;
    /// Where.
    type Channels: Channels;
}

/// The commands of a protocol that has none: its server only tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoCommands {}

impl Commands for NoCommands {
    const COMMANDS: &'static [CommandSpec] = &[];

    fn index_of(_: &str) -> Option<usize> {
        None
    }

    fn index(&self) -> usize {
        match *self {}
    }

    fn decode(index: usize, _: Option<&RawValue>) -> Result<Self, InvalidParam> {
        crate::__private::no_such_index(index)
    }

    fn encode(
        self,
        _: Option<RequestId>,
        _: Option<&ChannelName>,
    ) -> Result<MessageBuf, EncodeError> {
        match self {}
    }
}

#[diagnostic::do_not_recommend]
impl<H: Sync, Cx: Send> Handle<H, Cx> for NoCommands {
    async fn handle(self, _: &H, _: Cx, _: Caller) -> Result<Option<MessageBuf>, WireError> {
        match self {}
    }
}

/// The events of a protocol that has none: its server only answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoEvents {}

impl Events for NoEvents {
    const EVENTS: &'static [EventSpec] = &[];

    fn index(&self) -> usize {
        match *self {}
    }

    fn encode(self, _: EventHead<'_>) -> Result<OpenMessage, EncodeError> {
        match self {}
    }

    fn decode(_: &str, _: Option<&RawValue>) -> Option<Result<Self, InvalidParam>> {
        None
    }
}

/// The channels of a protocol that has none: everything concerns a connection, a user or everyone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoChannels {}

impl Channels for NoChannels {
    const CHANNELS: &'static [ChannelSpec] = &[];

    type Lists<P: Protocol> = ();

    fn index(&self) -> usize {
        match *self {}
    }

    fn parse(_: &ChannelName) -> Option<Self> {
        None
    }

    fn name(&self) -> Result<ChannelName, InvalidChannelName> {
        match *self {}
    }
}

#[diagnostic::do_not_recommend]
impl<H: Sync, Cx: Sync> Decide<H, Cx> for NoChannels {
    async fn may_join(self, _: &H, _: &Cx) -> Result<(), WireError> {
        match self {}
    }
}
