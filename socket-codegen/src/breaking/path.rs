//! Where a change stands, from the message's root: `chat.send.param.attachments[].size`.

use std::fmt::{self, Display};

/// A place inside a message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Path(String);

impl Path {
    /// A message, or a part of the protocol.
    pub(super) fn root(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// A part of a message, or a field of an object.
    pub(super) fn field(&self, name: &str) -> Self {
        let plain = !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '$'));
        match plain {
            true => Self(format!("{}.{name}", self.0)),
            false => Self(format!("{}[{name:?}]", self.0)),
        }
    }

    /// The items of a list.
    pub(super) fn items(&self) -> Self {
        Self(format!("{}[]", self.0))
    }

    /// One place of a tuple.
    pub(super) fn index(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0))
    }

    /// The values of a map.
    pub(super) fn values(&self) -> Self {
        Self(format!("{}{{}}", self.0))
    }

    /// One variant of a union.
    pub(super) fn variant(&self, name: &str) -> Self {
        Self(format!("{}({name})", self.0))
    }
}

impl Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
