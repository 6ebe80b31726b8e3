//! Names and numbers that cross the wire, as types of their own rather than strings.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::de::{self, Deserialize, Deserializer};
use serde::{Serialize, Serializer};
use uuid::Uuid;

/// One WebSocket, from upgrade to close; on a resumed session the same as before the break.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct ConnectionId(Uuid);

impl ConnectionId {
    /// A fresh random id.
    #[must_use]
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }

    /// The id as a UUID.
    #[must_use]
    pub const fn as_uuid(&self) -> &Uuid {
        &self.0
    }
}

impl From<Uuid> for ConnectionId {
    fn from(id: Uuid) -> Self {
        Self(id)
    }
}

impl fmt::Debug for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConnectionId({})", self.0)
    }
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The `id` of a command that wants an answer: 1 to 2^53 - 1, so that every JSON reader keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct RequestId(u64);

impl RequestId {
    /// The largest id, 2^53 - 1.
    pub const MAX: u64 = (1 << 53) - 1;

    /// The id of that number; `None` outside 1 to [`Self::MAX`].
    #[must_use]
    pub const fn new(id: u64) -> Option<Self> {
        if id >= 1 && id <= Self::MAX {
            Some(Self(id))
        } else {
            None
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl<'de> Deserialize<'de> for RequestId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = u64::deserialize(deserializer)?;
        Self::new(id).ok_or_else(|| {
            de::Error::invalid_value(
                de::Unexpected::Unsigned(id),
                &"an integer from 1 to 9007199254740991",
            )
        })
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The name of a channel: 1 to 128 bytes of ASCII letters, digits and `_ - . : / @ # ~ + = %`.
///
/// Cheap to clone. A name that begins with `:` is the protocol's own and cannot be made from text;
/// there are two of them, [`ChannelName::user`] and [`ChannelName::all`].
///
/// ```
/// use socket_protocol::ChannelName;
///
/// let room: ChannelName = "room:42".parse()?;
/// assert_eq!(room.as_str(), "room:42");
/// assert!("two words".parse::<ChannelName>().is_err());
/// # Ok::<(), socket_protocol::InvalidChannelName>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChannelName(Arc<str>);

impl ChannelName {
    /// The longest name, in bytes.
    pub const MAX_BYTES: usize = 128;

    /// Checks the name.
    ///
    /// # Errors
    /// [`InvalidChannelName`] says which rule it breaks; nothing can be done with such a name.
    pub fn new(name: &str) -> Result<Self, InvalidChannelName> {
        if name.is_empty() {
            return Err(InvalidChannelName::Empty);
        }
        if name.len() > Self::MAX_BYTES {
            return Err(InvalidChannelName::TooLong { bytes: name.len() });
        }
        if name.starts_with(':') {
            return Err(InvalidChannelName::Reserved);
        }
        match name.char_indices().find(|(_, c)| !is_name_char(*c)) {
            Some((at, found)) => Err(InvalidChannelName::Character { found, at }),
            None => Ok(Self(name.into())),
        }
    }

    /// `:user`, what is sent to one user on all of the user's connections.
    #[must_use]
    pub fn user() -> Self {
        Self(":user".into())
    }

    /// `:all`, what is sent to everyone.
    #[must_use]
    pub fn all() -> Self {
        Self(":all".into())
    }

    /// `true` if the name belongs to the protocol: clients cannot join it, leave it or publish to it.
    #[must_use]
    pub fn is_reserved(&self) -> bool {
        self.0.starts_with(':')
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `true` if a channel name may contain the character.
pub(crate) const fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(
            c,
            '_' | '-' | '.' | ':' | '/' | '@' | '#' | '~' | '+' | '=' | '%'
        )
}

impl FromStr for ChannelName {
    type Err = InvalidChannelName;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::new(name)
    }
}

impl AsRef<str> for ChannelName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for ChannelName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ChannelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ChannelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChannelName({:?})", &*self.0)
    }
}

impl Serialize for ChannelName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ChannelName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::new(&name).map_err(de::Error::custom)
    }
}

/// Why a text is not a channel's name. On the wire: `invalid-channel`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidChannelName {
    /// The name is empty.
    #[error("a channel name has at least one character")]
    Empty,
    /// The name is longer than [`ChannelName::MAX_BYTES`].
    #[error("a channel name has at most 128 bytes, this one has {bytes}")]
    TooLong {
        /// Its length in bytes.
        bytes: usize,
    },
    /// A parameter of a typed channel prints as nothing.
    #[error("a parameter of a channel name is empty")]
    EmptyParameter,
    /// The name begins with `:`, which only the protocol's own channels do.
    #[error("channel names that begin with `:` are reserved for the protocol")]
    Reserved,
    /// The name holds a character that is not allowed.
    #[error(
        "invalid character {found:?} at byte {at}: a channel name consists of letters, digits and `_ - . : / @ # ~ + = %`"
    )]
    Character {
        /// The character.
        found: char,
        /// Its offset in bytes.
        at: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channel_names_follow_the_rules() {
        let longest = "x".repeat(128);
        for name in ["a", "room:42", "A-z_0.9:/@#~+=%41", longest.as_str()] {
            assert_eq!(ChannelName::new(name).unwrap().as_str(), name);
        }
        let too_long = "x".repeat(129);
        for (name, error) in [
            ("", InvalidChannelName::Empty),
            (":all", InvalidChannelName::Reserved),
            (
                too_long.as_str(),
                InvalidChannelName::TooLong { bytes: 129 },
            ),
            ("a b", InvalidChannelName::Character { found: ' ', at: 1 }),
            ("zoë", InvalidChannelName::Character { found: 'ë', at: 2 }),
            ("a\0", InvalidChannelName::Character { found: '\0', at: 1 }),
        ] {
            assert_eq!(ChannelName::new(name), Err(error), "{name:?}");
        }
    }

    #[test]
    fn request_ids_stay_within_what_json_readers_keep() {
        for (json, ok) in [
            ("1", true),
            ("9007199254740991", true),
            ("0", false),
            ("9007199254740992", false),
            ("-1", false),
            ("1.5", false),
            ("\"1\"", false),
        ] {
            assert_eq!(
                serde_json::from_str::<RequestId>(json).is_ok(),
                ok,
                "{json}"
            );
        }
    }
}
