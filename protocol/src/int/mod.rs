//! Integers of 64 bits and more, which JavaScript rounds beyond 2^53: as text, or as numbers all
//! the same. `#[socket(int = "…")]` names what stands here.

mod holders;
mod policy;

pub use policy::{IntPolicy, Open, by_protocol};

use std::fmt;
use std::marker::PhantomData;
use std::num::{NonZeroI64, NonZeroI128, NonZeroIsize, NonZeroU64, NonZeroU128, NonZeroUsize};

use serde::de::{Error, Visitor};
use serde::{Deserializer, Serializer};

/// serde's `with`: integers as text.
pub mod text {
    use super::{Deserializer, Serializer, Textual};

    /// Writes integers as text.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<T: Textual, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
        value.write(to)
    }

    /// Reads integers from text.
    ///
    /// # Errors
    /// When there is no text, or it holds no integer of the type.
    pub fn deserialize<'de, T: Textual, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
        T::read(from)
    }
}

/// A type whose integers can cross the wire as text: integers alone, in options, lists, sets, boxes and tuples, as
/// values of maps, and those in `Duration` and `SystemTime`. What else a tuple may hold stays as it is.
#[diagnostic::on_unimplemented(
    message = "`int = \"string\"` does not reach the integers inside `{Self}`",
    label = "not an integer, or an option, list or map of integers",
    note = "put `#[socket(int = \"string\")]` on the type that holds them"
)]
pub trait Textual: Sized {
    /// Writes it.
    ///
    /// # Errors
    /// Those of the serializer.
    fn write<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error>;

    /// Reads it.
    ///
    /// # Errors
    /// When there is something else.
    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error>;
}

/// Reads the digits.
struct Digits<T>(PhantomData<T>, &'static str);

impl<T: std::str::FromStr> Visitor<'_> for Digits<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the digits of a {} as text", self.1)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        text.parse()
            .map_err(|_| E::custom(format_args!("`{text}` is not a valid {}", self.1)))
    }
}

macro_rules! integers {
    ($($ty:ty)*) => {$(
        impl Textual for $ty {
            fn write<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }

            fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                from.deserialize_str(Digits(PhantomData, stringify!($ty)))
            }
        }
    )*};
}

integers! {
    u64 i64 u128 i128 usize isize
    NonZeroU64 NonZeroI64 NonZeroU128 NonZeroI128 NonZeroUsize NonZeroIsize
}

/// An integer, or what holds one, whose schema says that JavaScript may round it.
#[derive(Debug)]
pub struct Number<T>(PhantomData<T>);

/// An integer, or what holds one, whose schema is that of its text.
#[derive(Debug)]
pub struct Text<T>(PhantomData<T>);

/// The same, which TypeScript sees as `bigint`.
#[derive(Debug)]
pub struct BigInt<T>(PhantomData<T>);

/// The same, whose schema is finished once its protocol is known.
#[derive(Debug)]
pub struct ByProtocol<T>(PhantomData<T>);

/// `bool` as the key of a map, which serde writes as text.
#[derive(Debug)]
pub struct BoolKey;
