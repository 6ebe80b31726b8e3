//! What a definition says about its channels.

use super::{CommandSpec, EventSpec, HistorySpec, LifeSpec};

/// What a definition says about one type of channel.
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
    /// Since when, until when and how firmly it stands.
    pub life: LifeSpec,
    /// The commands that it takes, by variant; `None`: every command.
    pub commands: Option<&'static [Listed]>,
    /// The events that it carries, by variant; `None`: every event.
    pub events: Option<&'static [Listed]>,
    /// The commands that connections outside it may send to it, by variant.
    pub outsiders: &'static [Listed],
    /// How much it keeps for those who come back; `None`: nothing.
    pub history: Option<HistorySpec>,
}

impl ChannelSpec {
    /// Whether the channel takes the command.
    #[must_use]
    pub fn takes(&self, command: &CommandSpec) -> bool {
        Listed::allows(self.commands, command.variant)
    }

    /// Whether the channel carries the event.
    #[must_use]
    pub fn carries(&self, event: &EventSpec) -> bool {
        Listed::allows(self.events, event.variant)
    }

    /// Whether a connection that is not in the channel may send it the command.
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
