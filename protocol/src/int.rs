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

/// What can cross the wire as text: integers, alone, in options, lists, sets, boxes and tuples, as
/// values of maps, and those in `Duration` and `SystemTime`. What else a tuple may hold stays as it is.
#[diagnostic::on_unimplemented(
    message = "`int = \"string\"` does not reach the integers inside `{Self}`",
    label = "no integer, option, list or map of integers",
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
            .map_err(|_| E::custom(format_args!("`{text}` is no {}", self.1)))
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

#[cfg(feature = "manifest")]
mod schemas {
    use std::borrow::Cow;

    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

    use super::{BigInt, BoolKey, ByProtocol, Number, Text};
    use crate::manifest::wire::{integers_as_text, open_integers, round_integers};

    macro_rules! carriers {
        ($($carrier:ident $name:literal $change:expr;)*) => {$(
            impl<T: JsonSchema> JsonSchema for $carrier<T> {
                fn schema_name() -> Cow<'static, str> {
                    format!(concat!($name, "_{}"), T::schema_name()).into()
                }

                fn schema_id() -> Cow<'static, str> {
                    let id = T::schema_id();
                    format!(concat!("socket_protocol::int::", stringify!($carrier), "<{}>"), id).into()
                }

                fn inline_schema() -> bool {
                    true
                }

                fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                    let mut schema = T::json_schema(generator).to_value();
                    $change(&mut schema);
                    Schema::try_from(schema).unwrap_or_default()
                }
            }
        )*};
    }

    carriers! {
        Number "Rounded" round_integers;
        Text "Text_of" |schema| integers_as_text(schema, false);
        BigInt "BigInt_of" |schema| integers_as_text(schema, true);
        ByProtocol "Open" open_integers;
    }

    impl JsonSchema for BoolKey {
        fn schema_name() -> Cow<'static, str> {
            "BoolKey".into()
        }

        fn inline_schema() -> bool {
            true
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            json_schema!({ "type": "string", "enum": ["true", "false"] })
        }
    }
}
