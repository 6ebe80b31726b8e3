//! Publications, and the events that history keeps.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use socket_protocol::envelope::{MessageBuf, OpenMessage};
use socket_protocol::manifest::model::Delivery as Class;
use socket_protocol::{ChannelName, ConnectionId, system};

use super::HistorySpec;
use crate::frame;

/// The group of connections that a publication is for.
///
/// It prints as a name that a broker may use for it: a channel's own name, `:user:` and the user's
/// id, or `:all`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Address {
    /// The members of a channel.
    Channel(ChannelName),
    /// Every connection of the user with this id.
    User(Arc<str>),
    /// Every connection.
    All,
}

impl Address {
    /// The channel name that clients see.
    #[must_use]
    pub fn channel(&self) -> ChannelName {
        match self {
            Self::Channel(name) => name.clone(),
            Self::User(_) => ChannelName::user(),
            Self::All => ChannelName::all(),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Channel(name) => name.fmt(f),
            Self::User(id) => write!(f, ":user:{id}"),
            Self::All => f.write_str(":all"),
        }
    }
}

/// An event to be published at an address.
#[derive(Debug)]
#[non_exhaustive]
pub struct Publication {
    /// The receivers.
    pub address: Address,
    /// The event as every receiver gets it, except for its place in the history, which only the
    /// broker knows.
    pub message: OpenMessage,
    /// How much history such events have; `None`: this one is not kept. Only reliable events
    /// without an exception are kept.
    pub keep: Option<HistorySpec>,
    /// How the event is treated if a connection is slow.
    pub class: Class,
    /// For the class `latest`: the key, unique among the events of all channels and names.
    pub key: Option<Arc<str>>,
    /// The one connection that is excluded.
    pub except: Option<ConnectionId>,
}

impl Publication {
    /// A reliable event for everyone at an address, of which nothing is kept. Set the other fields
    /// where it is more than that.
    #[must_use]
    pub const fn new(address: Address, message: OpenMessage) -> Self {
        Self {
            address,
            message,
            keep: None,
            class: Class::Reliable,
            key: None,
            except: None,
        }
    }
}

/// An event that has arrived at a node.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Delivery {
    /// The receivers.
    pub address: Address,
    /// The event.
    pub message: Message,
    /// Its place in the history, if history keeps it.
    pub place: Option<Place>,
    /// How the event is treated if a connection is slow.
    pub class: Class,
    /// For the class `latest`: the key.
    pub key: Option<Arc<str>>,
    /// The one connection that is excluded.
    pub except: Option<ConnectionId>,
}

impl Delivery {
    /// Completes a publication: the whole message, with its place.
    #[must_use]
    pub fn new(publication: Publication, place: Option<Place>) -> Self {
        let message = match &place {
            Some(place) => publication.message.close_at(place.at, place.prev),
            None => publication.message.close(),
        };
        Self {
            address: publication.address,
            message: Message::new(message),
            place,
            class: publication.class,
            key: publication.key,
            except: publication.except,
        }
    }
}

/// An event's place in the history.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place {
    /// The epoch of the offsets.
    pub epoch: Arc<str>,
    /// Its offset.
    pub at: u64,
    /// The offset of the event before it; 0 for the first.
    pub prev: u64,
}

impl Place {
    /// The place of an event: its offset in that epoch, and the offset of the event before it.
    pub fn new(epoch: impl Into<Arc<str>>, at: u64, prev: u64) -> Self {
        let epoch = epoch.into();
        Self { epoch, at, prev }
    }
}

/// A position in a history.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Position {
    /// The epoch of the offsets.
    pub epoch: Arc<str>,
    /// The offset of the newest event; 0 if there was none.
    pub at: u64,
}

impl Position {
    /// The position of that offset in that epoch.
    pub fn new(epoch: impl Into<Arc<str>>, at: u64) -> Self {
        let epoch = epoch.into();
        Self { epoch, at }
    }

    /// Where an address stands for a broker that keeps no history: in no epoch.
    #[must_use]
    pub fn nowhere() -> Self {
        Self::new("", 0)
    }

    /// Returns whether a broker keeps no history of the address.
    #[must_use]
    pub fn is_nowhere(&self) -> bool {
        self.epoch.is_empty()
    }
}

impl From<&Position> for system::Position {
    fn from(position: &Position) -> Self {
        Self {
            epoch: position.epoch.to_string(),
            at: position.at,
        }
    }
}

/// An event that history keeps.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Kept {
    /// Its offset.
    pub at: u64,
    /// The offset of the event before it; 0 for the first.
    pub prev: u64,
    /// The event.
    pub message: Message,
}

impl Kept {
    /// The event at that offset, behind the one at `prev`.
    #[must_use]
    pub const fn new(at: u64, prev: u64, message: Message) -> Self {
        Self { at, prev, message }
    }
}

/// A whole message, framed once for all receivers. Cheap to clone.
#[derive(Clone)]
pub struct Message {
    frame: Bytes,
    /// Where the text begins, after the frame's header.
    text: usize,
}

impl Message {
    /// Frames a message.
    #[must_use]
    pub fn new(message: MessageBuf) -> Self {
        let text = message.text().len();
        let frame = frame::text(message);
        let text = frame.len() - text;
        Self { frame, text }
    }

    /// Frames a message whose text was stored or carried elsewhere.
    #[must_use]
    pub fn from_text(text: &[u8]) -> Self {
        let frame = frame::copy(frame::TEXT, text);
        let text = frame.len() - text.len();
        Self { frame, text }
    }

    /// The JSON.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.frame[self.text..]
    }

    pub(crate) const fn frame(&self) -> &Bytes {
        &self.frame
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({})", String::from_utf8_lossy(self.text()))
    }
}
