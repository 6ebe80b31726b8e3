//! The channels of a protocol.

use super::{CommandSpec, EventSpec, HistorySpec, LifeSpec};

/// The definition of one type of channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChannelSpec {
    /// How its names are made: `room:{room}`.
    pub pattern: &'static str,
    /// The variant that declares it.
    pub variant: &'static str,
    /// Its doc comment.
    pub docs: &'static str,
    /// The note of its `#[deprecated]`.
    pub deprecated: Option<&'static str>,
    /// Its deprecation, its sunset and its stability.
    pub life: LifeSpec,
    /// The commands that it takes, by variant; `None`: every command.
    pub commands: Option<&'static [Listed]>,
    /// The events that it carries, by variant; `None`: every event.
    pub events: Option<&'static [Listed]>,
    /// The commands that connections outside it may send to it, by variant.
    pub outsiders: &'static [Listed],
    /// The history that it keeps for clients that reconnect; `None`: it keeps nothing.
    pub history: Option<HistorySpec>,
}

impl ChannelSpec {
    /// `true` if the channel takes the command.
    #[must_use]
    pub fn takes(&self, command: &CommandSpec) -> bool {
        Listed::allows(self.commands, command.variant)
    }

    /// `true` if the channel carries the event.
    #[must_use]
    pub fn carries(&self, event: &EventSpec) -> bool {
        Listed::allows(self.events, event.variant)
    }

    /// `true` if a connection outside the channel may send it the command.
    #[must_use]
    pub fn takes_from_outside(&self, command: &CommandSpec) -> bool {
        self.outsiders
            .iter()
            .any(|listed| listed.variant == command.variant)
    }
}

/// A command or event that a channel lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// The variant's name.
    pub variant: &'static str,
}

impl Listed {
    fn allows(list: Option<&[Self]>, variant: &str) -> bool {
        list.is_none_or(|list| list.iter().any(|listed| listed.variant == variant))
    }
}
