//! One encoded message, and why a value cannot be one.

use std::cell::Cell;
use std::fmt;

use serde::ser::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::exact::{Exact, Trace};

/// Why a message could not be encoded: a value that JSON cannot hold, or JavaScript not exactly.
///
/// That is NaN, an infinity, a number that is an integer beyond ±(2^53 - 1), or what a `Serialize` of
/// the program's own refuses. Nothing is sent then.
#[derive(Debug, thiserror::Error)]
#[error("{path} cannot be written as JSON: {source}")]
pub struct EncodeError {
    path: String,
    source: serde_json::Error,
}

impl EncodeError {
    /// Where the value stands in the message: `param.readings[3]`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

/// A value as JSON that every receiver reads as it was written.
fn write(bytes: &mut Vec<u8>, value: &impl Serialize) -> Result<(), EncodeError> {
    let trace = Trace::default();
    serde_json::to_writer(bytes, &Exact::new(value, &trace)).map_err(|source| EncodeError {
        path: trace.path(),
        source,
    })
}

/// The same as a JSON text, for a message to hold.
pub(crate) fn raw_value(value: &impl Serialize) -> Result<Box<RawValue>, EncodeError> {
    let trace = Trace::default();
    to_raw_value(&Exact::new(value, &trace)).map_err(|source| EncodeError {
        path: trace.path(),
        source,
    })
}

/// One encoded message, with room in front for a transport's frame header, so that framing it
/// copies nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct MessageBuf(pub(super) Vec<u8>);

/// How much room a thread keeps to encode in, in bytes.
const MAX_SCRATCH: usize = 64 * 1024;

thread_local! {
    /// What messages are encoded in. Taken out meanwhile, so that a value may encode another one
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
        // Written where there is room already, and copied once its length is known: a message
        // that waits to be sent holds no more memory than it needs.
        let mut scratch = SCRATCH.take();
        scratch.clear();
        scratch.resize(Self::HEADROOM, 0);
        let written = write(&mut scratch, message);
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
