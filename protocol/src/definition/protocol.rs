//! A whole protocol, and its channels, whose lists are checked against it.

use super::lists::Lists;
use super::{ChannelSpec, Commands, Events, HistorySpec};
use crate::id::{ChannelName, InvalidChannelName};
use crate::int::IntPolicy;

/// The channels of a protocol; a value is one channel. Made by `#[derive(Channels)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a set of channels",
    label = "not a set of channels",
    note = "write `#[derive(Channels)]` above the enum"
)]
pub trait Channels: Sized + Send + Sync + 'static {
    /// Each type of channel, in the order of declaration.
    const CHANNELS: &'static [ChannelSpec];

    /// The compile-time check of the lists in the definition.
    #[doc(hidden)]
    type Lists<P: Protocol>: Lists;

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
    /// The history of the messages to each user, on `:user`; `None`: nothing is kept.
    const USER_HISTORY: Option<HistorySpec> = None;
    /// The history of the messages to everybody, on `:all`; `None`: nothing is kept.
    const ALL_HISTORY: Option<HistorySpec> = None;
    /// Its commands: sent by clients.
    type Commands: Commands;
    /// Its events: sent by the server.
    type Events: Events;
    /// Its channels.
    type Channels: Channels;
}

impl IntPolicy {
    /// That of a protocol: what its `int` says, and numbers where it says nothing.
    ///
    /// ```
    /// use socket_protocol::prelude::*;
    /// use socket_protocol::IntPolicy;
    ///
    /// #[derive(Commands)]
    /// enum BankCommand { Pay { amount: u64 } }
    ///
    /// #[derive(Events)]
    /// enum BankEvent { Paid { amount: u64 } }
    ///
    /// #[derive(Protocol)]
    /// #[protocol(name = "bank", commands = BankCommand, events = BankEvent, int = "bigint")]
    /// struct Bank;
    ///
    /// assert_eq!(IntPolicy::of::<Bank>(), IntPolicy::BigInt);
    /// ```
    #[must_use]
    pub fn of<P: Protocol>() -> Self {
        P::INT.unwrap_or_default()
    }
}
