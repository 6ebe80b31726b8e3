//! How bad a change is: where it stands, who meets whom, and what the table says of it.

use std::fmt::{self, Display};
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// How much a change hurts, from nothing to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Level {
    /// Nobody notices.
    Compatible,
    /// Works, but somebody should look.
    Warning,
    /// Works on the wire; TypeScript that is built against the new types no longer compiles.
    Source,
    /// Somebody who is connected breaks.
    Breaking,
}

impl Level {
    /// The word for reports.
    #[must_use]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Compatible => "compatible",
            Self::Warning => "warning",
            Self::Source => "source",
            Self::Breaking => "breaking",
        }
    }
}

impl Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Level {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The sides that are compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) enum Mode {
    /// A new server meets the pages that are open: the usual deploy.
    #[default]
    Backward,
    /// A new page meets an old server: a rolling deploy, a rollback.
    Forward,
    /// Both.
    Full,
}

impl Mode {
    /// All of them, in the order of the docs.
    pub(crate) const ALL: [Self; 3] = [Self::Backward, Self::Forward, Self::Full];

    /// The word for flags and reports.
    #[must_use]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Backward => "backward",
            Self::Forward => "forward",
            Self::Full => "full",
        }
    }
}

impl Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Mode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|mode| mode.as_str().eq_ignore_ascii_case(text))
            .ok_or_else(|| format!("unknown mode `{text}`: use backward, forward or full"))
    }
}

/// The part of a protocol that a change stands in: the columns of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Position {
    /// Parameters from clients, and the permission to send them.
    Param,
    /// The reply of a command.
    Reply,
    /// The error of a command.
    Error,
    /// An event that the server sends on its own.
    Event,
}

impl Position {
    /// All of them, in the order of the table's columns.
    pub(crate) const ALL: [Self; 4] = [Self::Param, Self::Reply, Self::Error, Self::Event];

    /// The word for people.
    #[must_use]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Param => "param",
            Self::Reply => "reply",
            Self::Error => "error",
            Self::Event => "event",
        }
    }
}

/// One cell of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cell {
    /// The rule does not occur here.
    Na,
    /// Compatible.
    Ok,
    /// A warning.
    W,
    /// TypeScript source.
    S,
    /// A warning, and TypeScript source.
    SW,
    /// Breaking.
    B,
    /// Compatible; breaking where the reading side denies unknown keys.
    OkDeny,
    /// A warning; breaking where the reading side denies unknown keys.
    WDeny,
    /// Breaking; a warning where the reading side takes unknown variants.
    BOpen,
    /// Breaking; TypeScript source where the old form still works.
    BKept,
    /// Breaking; a warning where the day until which it was promised has passed.
    BOver,
    /// Compatible; breaking where digits become text.
    OkText,
    /// A warning; breaking where digits become text.
    WText,
    /// A warning; TypeScript source too where the emitted type changes.
    WBrand,
    /// Breaking where something is no longer allowed.
    BNarrow,
    /// Breaking where something is newly allowed.
    BWiden,
}

/// A fact of the old and of the new definition.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sides {
    /// Of the old one.
    pub(crate) old: bool,
    /// Of the new one.
    pub(crate) new: bool,
}

impl Sides {
    fn reading(self, position: Position, mode: Mode) -> bool {
        match (position, mode) {
            (Position::Param, Mode::Forward) => self.old,
            (Position::Param, _) | (_, Mode::Forward) => self.new,
            _ => self.old,
        }
    }
}

/// The facts about a change that a conditional cell asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    /// The sides that refuse unknown keys.
    pub(crate) denies: Sides,
    /// The sides whose union accepts unknown variants.
    pub(crate) open: Sides,
    /// The old form still works on the wire.
    pub(crate) kept: bool,
    /// The day until which the old form was promised has passed.
    pub(crate) over: bool,
    /// Digits become text, or text digits.
    pub(crate) text: bool,
    /// The emitted TypeScript type changes.
    pub(crate) brand: bool,
    /// Something is no longer allowed.
    pub(crate) narrowed: bool,
    /// Something is newly allowed.
    pub(crate) widened: bool,
}

impl Cell {
    /// The level of the cell, given the facts. A change that is both a warning and a source break
    /// counts as a source break, because that is where a build stops.
    #[must_use]
    pub(crate) fn judge(self, facts: &Facts, position: Position, mode: Mode) -> Level {
        let denied = facts.denies.reading(position, mode);
        let open = facts.open.reading(position, mode);
        let plain = match self {
            Self::OkDeny | Self::WDeny if denied => Self::B,
            Self::OkDeny => Self::Ok,
            Self::WDeny => Self::W,
            Self::BOpen if open => Self::W,
            Self::BOver if facts.over => Self::W,
            Self::BKept if facts.kept => Self::S,
            Self::OkText | Self::WText if facts.text => Self::B,
            Self::OkText => Self::Ok,
            Self::WBrand if facts.brand => Self::SW,
            Self::WText | Self::WBrand => Self::W,
            Self::BNarrow if !facts.narrowed => Self::Ok,
            Self::BWiden if !facts.widened => Self::Ok,
            Self::BOpen | Self::BOver | Self::BKept | Self::BNarrow | Self::BWiden => Self::B,
            other => other,
        };
        match plain {
            Self::B => Level::Breaking,
            Self::S | Self::SW => Level::Source,
            Self::W => Level::Warning,
            _ => Level::Compatible,
        }
    }

    /// The cell as a sentence.
    #[must_use]
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Na => "does not occur",
            Self::Ok => "compatible",
            Self::W => "warning",
            Self::S | Self::SW => "source",
            Self::B => "breaking",
            Self::OkDeny => "compatible; breaking where the reader denies unknown keys",
            Self::WDeny => "warning; breaking where the reader denies unknown keys",
            Self::BOpen => "breaking; warning where the reader has a variant #[serde(other)]",
            Self::BKept => "breaking; source where the old form still works",
            Self::BOver => "breaking; warning once its promised day has passed",
            Self::OkText => "compatible; breaking where digits become text",
            Self::WText => "warning; breaking where digits become text",
            Self::WBrand => "warning; source where the TypeScript type changes",
            Self::BNarrow => "breaking where something is no longer allowed",
            Self::BWiden => "breaking where something is newly allowed",
        }
    }

    /// The cell as a letter for tables; `*` where it depends on more.
    #[cfg(test)]
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Na => "–",
            Self::Ok => "ok",
            Self::W => "W",
            Self::S | Self::SW => "S",
            Self::B => "B",
            Self::OkDeny | Self::OkText => "ok*",
            Self::WDeny | Self::WText | Self::WBrand => "W*",
            Self::BOpen | Self::BKept | Self::BOver | Self::BNarrow | Self::BWiden => "B*",
        }
    }

    /// The cell on the wire alone: what TypeScript's source suffers has a direction of its own.
    #[cfg(test)]
    pub(crate) fn wire(self) -> Self {
        match self {
            Self::S | Self::Na => Self::Ok,
            Self::SW | Self::WBrand => Self::W,
            other => other,
        }
    }

    /// The same cell seen from the way back, where what was newly allowed no longer is.
    #[cfg(test)]
    pub(crate) fn reversed(self) -> Self {
        match self {
            Self::BNarrow => Self::BWiden,
            Self::BWiden => Self::BNarrow,
            other => other,
        }
    }
}
