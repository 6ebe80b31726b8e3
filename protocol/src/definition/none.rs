//! The sets of messages of a protocol that lacks one.

use serde_json::value::RawValue;

use super::{
    Caller, ChannelSpec, Channels, CommandSpec, Commands, Decide, EventSpec, Events, Handle,
    Protocol,
};
use crate::envelope::{EncodeError, EventHead, MessageBuf, OpenMessage};
use crate::error::{InvalidParam, WireError};
use crate::id::{ChannelName, InvalidChannelName, RequestId};

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
        super::no_such_index(index)
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
