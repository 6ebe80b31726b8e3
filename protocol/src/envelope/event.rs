//! An event's message, whose end only the broker knows.

use std::io::Write as _;

use serde::ser::Serialize;

use super::buf::MessageBuf;
use crate::id::ConnectionId;
use crate::json::{EncodeError, Write};

/// The head of an event: its channel and its sender.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EventHead<'a> {
    /// The channel it was published on; plain mode writes an empty name instead of leaving it out.
    pub channel: Option<&'a str>,
    /// The connection that caused it.
    pub from: Option<ConnectionId>,
}

/// An encoded event whose end is still to come: only the broker knows its place in the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenMessage(MessageBuf);

impl OpenMessage {
    /// Encodes an event but for its end.
    ///
    /// # Errors
    /// [`EncodeError`] when the parameters cannot be written as JSON.
    pub fn event(
        name: &str,
        head: EventHead<'_>,
        param: &impl Serialize,
    ) -> Result<Self, EncodeError> {
        open(name, head, &|to| param.serialize(to)).map(Self)
    }

    /// The whole message of an event that no history keeps.
    #[must_use]
    pub fn close(self) -> MessageBuf {
        let Self(mut message) = self;
        message.0.push(b'}');
        message
    }

    /// The whole message of an event that history keeps at `at`, behind the one at `prev`.
    #[must_use]
    pub fn close_at(self, at: u64, prev: u64) -> MessageBuf {
        let Self(mut message) = self;
        // Writing to a vector cannot fail.
        let _ = write!(message.0, ",\"at\":{at}");
        if prev.checked_add(1) != Some(at) {
            let _ = write!(message.0, ",\"prev\":{prev}");
        }
        message.0.push(b'}');
        message
    }

    /// The text so far, for a broker that carries it elsewhere; [`Self::from_text`] is
    /// the way back.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        self.0.text()
    }

    /// The message of which [`Self::text`] was carried here.
    #[must_use]
    pub fn from_text(text: &[u8]) -> Self {
        let mut bytes = Vec::with_capacity(MessageBuf::HEADROOM + text.len() + Self::MAX_END);
        bytes.resize(MessageBuf::HEADROOM, 0);
        bytes.extend_from_slice(text);
        Self(MessageBuf(bytes))
    }

    /// The most bytes that [`Self::close`] and [`Self::close_at`] add.
    pub const MAX_END: usize = r#","at":18446744073709551615,"prev":18446744073709551615}"#.len();
}

fn open(name: &str, head: EventHead<'_>, param: Write<'_>) -> Result<MessageBuf, EncodeError> {
    MessageBuf::written(&|to| {
        to.json(r#"{"cmd":"#);
        to.plain(name)?;
        if let Some(channel) = head.channel {
            to.json(r#","channel":"#);
            to.plain(channel)?;
        }
        if let Some(from) = &head.from {
            to.json(r#","from":"#);
            to.plain(from)?;
        }
        to.json(r#","param":"#);
        param(to)
    })
}
