//! One encoded message.

use std::cell::Cell;
use std::fmt;

use serde::ser::Serialize;

use crate::json::{EncodeError, Write, write};

/// One encoded message, with room in front for a transport's frame header, so that framing it
/// copies nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct MessageBuf(pub(super) Vec<u8>);

/// How much room a thread keeps to encode in, in bytes.
const MAX_SCRATCH: usize = 64 * 1024;

thread_local! {
    /// The buffer that messages are encoded in. Taken out meanwhile, so that a value may encode another one
    /// while it is written.
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

impl MessageBuf {
    /// The room in front of the text, in bytes: the longest header of an unmasked frame.
    pub const HEADROOM: usize = 10;

    /// Encodes a value as a whole message.
    ///
    /// # Errors
    /// [`EncodeError`] when it cannot be written as JSON, or a number in it not exactly.
    pub fn encode(message: &impl Serialize) -> Result<Self, EncodeError> {
        Self::written(&|to| message.serialize(to))
    }

    /// A whole message out of what writes it.
    pub(super) fn written(message: Write<'_>) -> Result<Self, EncodeError> {
        // Written where there is room already, and copied once its length is known: a message
        // that waits to be sent holds no more memory than it needs.
        let mut scratch = SCRATCH.take();
        scratch.clear();
        scratch.resize(Self::HEADROOM, 0);
        let written = write(&mut scratch, Self::HEADROOM, message);
        let bytes = scratch.as_slice().to_vec();
        if scratch.capacity() <= MAX_SCRATCH {
            SCRATCH.set(scratch);
        }
        written?;
        Ok(Self(bytes))
    }

    /// The message's JSON.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.0[Self::HEADROOM..]
    }

    /// The headroom and the text behind it.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

impl fmt::Debug for MessageBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MessageBuf({})", String::from_utf8_lossy(self.text()))
    }
}
