//! The names of the rules, and what each row of the table holds.

use std::fmt::{self, Display};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::level::{Cell, Facts, Level, Mode, Position};
use super::table;

macro_rules! rules {
    ($($rule:ident = $id:literal,)*) => {
        /// A kind of change. Its name reads aloud: `FIELD_BECAME_REQUIRED`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum Rule {
            $(#[doc = concat!("`", $id, "`")] $rule,)*
        }

        impl Rule {
            /// All of them, in the order of the table.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$rule),*];

            /// Its name in reports and in the allow list.
            #[must_use]
            pub(crate) fn id(self) -> &'static str {
                match self { $(Self::$rule => $id,)* }
            }
        }
    };
}

rules! {
    MessageRemoved = "MESSAGE_REMOVED",
    MessageAdded = "MESSAGE_ADDED",
    MessageRenamed = "MESSAGE_RENAMED",
    NameReused = "NAME_REUSED",
    ReservationDropped = "RESERVATION_DROPPED",
    AliasDropped = "ALIAS_DROPPED",
    DeprecationSkipped = "DEPRECATION_SKIPPED",
    StabilityLowered = "STABILITY_LOWERED",
    ReplyRemoved = "REPLY_REMOVED",
    ReplyAdded = "REPLY_ADDED",
    StreamingChanged = "STREAMING_CHANGED",
    IdempotencyLowered = "IDEMPOTENCY_LOWERED",
    IdempotencyRaised = "IDEMPOTENCY_RAISED",
    ChannelPatternChanged = "CHANNEL_PATTERN_CHANGED",
    SizeLimitLowered = "SIZE_LIMIT_LOWERED",
    SizeLimitRaised = "SIZE_LIMIT_RAISED",
    RecoveryRemoved = "RECOVERY_REMOVED",
    RecoveryAdded = "RECOVERY_ADDED",
    FieldAddedRequired = "FIELD_ADDED_REQUIRED",
    FieldAddedOptional = "FIELD_ADDED_OPTIONAL",
    FieldRemovedRequired = "FIELD_REMOVED_REQUIRED",
    FieldRemovedOptional = "FIELD_REMOVED_OPTIONAL",
    FieldBecameRequired = "FIELD_BECAME_REQUIRED",
    FieldBecameOptional = "FIELD_BECAME_OPTIONAL",
    FieldRenamed = "FIELD_RENAMED",
    UnknownDenied = "UNKNOWN_DENIED",
    UnknownAllowed = "UNKNOWN_ALLOWED",
    DefaultChanged = "DEFAULT_CHANGED",
    NullAdded = "NULL_ADDED",
    NullRemoved = "NULL_REMOVED",
    TypeChanged = "TYPE_CHANGED",
    TypeWidened = "TYPE_WIDENED",
    TypeNarrowed = "TYPE_NARROWED",
    TypeRenamed = "TYPE_RENAMED",
    TypescriptChanged = "TYPESCRIPT_CHANGED",
    IntWidened = "INT_WIDENED",
    IntNarrowed = "INT_NARROWED",
    IntPast2To53 = "INT_PAST_2_53",
    FloatToInt = "FLOAT_TO_INT",
    IntToFloat = "INT_TO_FLOAT",
    UnionAdded = "UNION_ADDED",
    UnionRemoved = "UNION_REMOVED",
    EnumAdded = "ENUM_ADDED",
    EnumRemoved = "ENUM_REMOVED",
    TaggingChanged = "TAGGING_CHANGED",
    ConstraintTightened = "CONSTRAINT_TIGHTENED",
    ConstraintLoosened = "CONSTRAINT_LOOSENED",
    MapKeyChanged = "MAP_KEY_CHANGED",
    Undecided = "UNDECIDED",
    DocChanged = "DOC_CHANGED",
    DeprecatedAdded = "DEPRECATED_ADDED",
    OrderChanged = "ORDER_CHANGED",
    AllowUnused = "ALLOW_UNUSED",
    AllowExpired = "ALLOW_EXPIRED",
}

/// One row of the table: a rule, in words and in verdicts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    /// The rule.
    #[cfg(test)]
    pub(crate) rule: Rule,
    /// The change.
    pub(crate) what: &'static str,
    /// The effect, and on whom.
    pub(crate) why: &'static str,
    /// The fix.
    pub(crate) fix: &'static str,
    /// A new server meets old pages: one verdict for each [`Position`].
    pub(crate) backward: [Cell; 4],
    /// A new page meets an old server.
    pub(crate) forward: [Cell; 4],
    /// The rule of the way back. What it says of one mode, this row says of the other.
    pub(crate) mirror: Option<Rule>,
    /// Why that does not hold here.
    pub(crate) waiver: Option<&'static str>,
}

impl Rule {
    /// Its row of the table.
    #[must_use]
    pub(crate) fn row(self) -> &'static Row {
        table::find(self)
    }

    /// How bad it is there, in that mode.
    #[must_use]
    pub(crate) fn judge(self, facts: &Facts, position: Position, mode: Mode) -> Level {
        let row = self.row();
        let cell = |cells: [Cell; 4], mode| {
            let column = match position {
                Position::Param => 0,
                Position::Reply => 1,
                Position::Error => 2,
                Position::Event => 3,
            };
            cells[column].judge(facts, position, mode)
        };
        match mode {
            Mode::Backward => cell(row.backward, mode),
            Mode::Forward => cell(row.forward, mode),
            Mode::Full => cell(row.backward, Mode::Backward).max(cell(row.forward, Mode::Forward)),
        }
    }
}

impl Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

impl FromStr for Rule {
    type Err = String;

    fn from_str(id: &str) -> Result<Self, String> {
        let rule = Self::ALL.iter().find(|rule| rule.id() == id);
        rule.copied().ok_or_else(|| {
            let near = Self::ALL
                .iter()
                .find(|rule| rule.id().eq_ignore_ascii_case(id) || rule.id().contains(id));
            match near {
                Some(near) => format!("unknown rule `{id}`: did you mean `{near}`?"),
                None => format!("unknown rule `{id}`"),
            }
        })
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = String::deserialize(deserializer)?;
        id.parse().map_err(serde::de::Error::custom)
    }
}
