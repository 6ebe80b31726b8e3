//! Where JSON is written, and how a value and a key differ there.

use serde::ser::{Error as _, Serialize};
use serde_json::Error;

/// The kinds of what is written. One serializer for all three: another would be compiled once more for every type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Value,
    /// The key of an object, which is text whatever it is.
    Key,
    /// Text that is JSON already.
    Verbatim,
}

/// Where a value is written.
#[derive(Debug)]
pub(crate) struct Writer<'a> {
    pub(super) out: &'a mut Vec<u8>,
    pub(super) mode: Mode,
}

#[cold]
fn not_a_key() -> Error {
    Error::custom("key must be a string")
}

impl<'a> Writer<'a> {
    /// Writes behind what is there.
    pub(crate) fn new(out: &'a mut Vec<u8>) -> Self {
        Self {
            out,
            mode: Mode::Value,
        }
    }

    /// Writes a piece of JSON as it is.
    pub(crate) fn json(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    /// What serde_json writes of a single number or text.
    pub(crate) fn plain<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        serde_json::to_writer(&mut *self.out, value)
    }

    /// A number or `true` or `false`, in quotes where it is a key.
    pub(super) fn scalar<T: Serialize>(&mut self, value: T) -> Result<(), Error> {
        if self.mode != Mode::Key {
            return self.plain(&value);
        }
        self.out.push(b'"');
        self.plain(&value)?;
        self.out.push(b'"');
        Ok(())
    }

    /// Refuses what cannot be a key, where a key is written.
    pub(super) fn value(&self) -> Result<(), Error> {
        if self.mode == Mode::Key {
            return Err(not_a_key());
        }
        Ok(())
    }

    pub(super) fn open_variant(&mut self, variant: &str) -> Result<(), Error> {
        self.value()?;
        self.out.push(b'{');
        self.plain(variant)?;
        self.out.push(b':');
        Ok(())
    }
}
