//! Writes JSON in one pass, and refuses what JSON cannot carry unharmed: NaN and infinities, which
//! serde_json writes as `null`, and integers that a JavaScript engine rounds.
//!
//! It writes what serde_json does, byte for byte. It is a serializer of our own because a wrapper
//! around serde_json's is compiled once more for every type, and this one stands whole in this crate.

use std::fmt::{Display, Write as _};

use serde::ser::{Error as _, Serialize, Serializer};
use serde_json::Error;

use super::parts::Parts;
use super::writer::{Mode, Writer};

/// The largest integer up to which a JavaScript number skips none: 2^53 - 1.
const SAFE: u64 = (1 << 53) - 1;

/// The names of the structs that stand for JSON text as it is, in serde_json.
const VERBATIM: [&str; 2] = [
    "$serde_json::private::RawValue",
    "$serde_json::private::Number",
];

#[cold]
fn not_finite(value: f64) -> Error {
    Error::custom(format_args!("JSON has no number {value}"))
}

#[cold]
fn too_large(value: &dyn Display) -> Error {
    Error::custom(format_args!(
        "{value} is beyond 2^53 - 1, where JavaScript rounds; `#[socket(int = \"bigint\")]` or \
         `\"string\"` carries it exactly"
    ))
}

macro_rules! small {
    ($($method:ident($ty:ty))*) => {$(
        fn $method(self, value: $ty) -> Result<(), Error> {
            self.scalar(value)
        }
    )*};
}

macro_rules! large {
    ($($method:ident($ty:ty) $size:expr,)*) => {$(
        fn $method(self, value: $ty) -> Result<(), Error> {
            let size: fn($ty) -> bool = $size;
            if size(value) && self.mode == Mode::Value {
                return Err(too_large(&value));
            }
            self.scalar(value)
        }
    )*};
}

impl<'w, 'a> Serializer for &'w mut Writer<'a> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Parts<'w, 'a>;
    type SerializeTuple = Parts<'w, 'a>;
    type SerializeTupleStruct = Parts<'w, 'a>;
    type SerializeTupleVariant = Parts<'w, 'a>;
    type SerializeMap = Parts<'w, 'a>;
    type SerializeStruct = Parts<'w, 'a>;
    type SerializeStructVariant = Parts<'w, 'a>;

    small! {
        serialize_bool(bool)
        serialize_i8(i8) serialize_i16(i16) serialize_i32(i32)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32)
    }

    large! {
        serialize_i64(i64) |value| value.unsigned_abs() > SAFE,
        serialize_u64(u64) |value| value > SAFE,
        serialize_i128(i128) |value| value.unsigned_abs() > u128::from(SAFE),
        serialize_u128(u128) |value| value > u128::from(SAFE),
    }

    fn serialize_f32(self, value: f32) -> Result<(), Error> {
        if !value.is_finite() {
            return Err(not_finite(value.into()));
        }
        self.scalar(value)
    }

    fn serialize_f64(self, value: f64) -> Result<(), Error> {
        if !value.is_finite() {
            return Err(not_finite(value));
        }
        self.scalar(value)
    }

    fn serialize_char(self, value: char) -> Result<(), Error> {
        self.plain(&value)
    }

    fn serialize_str(self, value: &str) -> Result<(), Error> {
        if self.mode == Mode::Verbatim {
            self.out.extend_from_slice(value.as_bytes());
            return Ok(());
        }
        self.plain(value)
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Error> {
        self.value()?;
        self.plain(value)
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.value()?;
        self.out.extend_from_slice(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Error> {
        self.plain(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.open_variant(variant)?;
        value.serialize(&mut *self)?;
        self.out.push(b'}');
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Parts<'w, 'a>, Error> {
        Parts::open(self, b"[", "]")
    }

    fn serialize_tuple(self, _: usize) -> Result<Parts<'w, 'a>, Error> {
        Parts::open(self, b"[", "]")
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Parts<'w, 'a>, Error> {
        Parts::open(self, b"[", "]")
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts<'w, 'a>, Error> {
        self.open_variant(variant)?;
        Parts::open(self, b"[", "]}")
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Parts<'w, 'a>, Error> {
        Parts::open(self, b"{", "}")
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Parts<'w, 'a>, Error> {
        if VERBATIM.contains(&name) {
            return Parts::open(self, b"", "");
        }
        Parts::open(self, b"{", "}")
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts<'w, 'a>, Error> {
        self.open_variant(variant)?;
        Parts::open(self, b"{", "}}")
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<(), Error> {
        let mut text = String::new();
        write!(text, "{value}").map_err(Error::custom)?;
        self.plain(text.as_str())
    }
}
