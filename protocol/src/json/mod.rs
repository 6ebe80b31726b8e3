//! Values as JSON that every receiver reads as it was written, and why one cannot be.

mod parts;
mod place;
mod serializer;
mod writer;

use serde::ser::Serialize;
use serde_json::value::RawValue;

pub(crate) use place::of_misfit;
pub(crate) use writer::Writer;

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

/// What writes one value, without its type: whoever writes a message around it is compiled once.
pub(crate) type Write<'a> = &'a dyn Fn(&mut Writer<'_>) -> Result<(), serde_json::Error>;

/// Writes a value behind a text, as JSON that every receiver reads as it was written. A value that is
/// refused is told with its path from the root of that text.
pub(crate) fn write(text: &mut Vec<u8>, start: usize, value: Write<'_>) -> Result<(), EncodeError> {
    value(&mut Writer::new(text)).map_err(|source| EncodeError {
        path: place::of_unwritten(&text[start..]),
        source,
    })
}

/// The same as a JSON text, for a message to hold.
pub(crate) fn raw_value(value: &impl Serialize) -> Result<Box<RawValue>, EncodeError> {
    raw(&|to| value.serialize(to))
}

fn raw(value: Write<'_>) -> Result<Box<RawValue>, EncodeError> {
    let mut bytes = Vec::new();
    write(&mut bytes, 0, value)?;
    let text = String::from_utf8(bytes).map_err(serde::ser::Error::custom);
    let raw = text.and_then(RawValue::from_string);
    raw.map_err(|source| EncodeError {
        path: String::new(),
        source,
    })
}
