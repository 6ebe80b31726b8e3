//! The way of the user's types through the code that the derives write.
//!
//! A type that is not a payload is one mistake and should be one message, on its own token: [`payload`]
//! is called there. Everywhere else the code goes through [`Carrier`], which compiles for any type:
//! of the three implementations of [`Via`], a call on `&&Carrier` finds that of `&Carrier` first, which
//! is for integers and what holds them, then that of `&&Carrier`, for any other payload, and last that
//! of `Carrier`, for every other type.

use std::marker::PhantomData;

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::decode::decode;
use crate::definition::Payload;
use crate::envelope::Empty;
use crate::error::InvalidParam;
use crate::int::{Open, Textual};

/// The message of code that never runs.
pub(crate) const NO_PAYLOAD: &str = "its type is not a payload";

/// Stands on the token of a type that must be a payload.
pub const fn payload<T: Payload>() {}

/// Carries a `T` from and to JSON.
#[derive(Debug)]
pub struct Carrier<T>(PhantomData<fn() -> T>);

impl<T> Carrier<T> {
    /// The carrier of that type.
    #[must_use]
    #[allow(clippy::new_without_default, reason = "only emitted code makes one")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

/// See [`Carrier`].
pub trait Via<T> {
    /// The type that is written as JSON.
    type Json: Serialize;

    /// Decodes parameters.
    ///
    /// # Errors
    /// [`InvalidParam`] with the path to what does not fit.
    fn decode(&self, param: Option<&RawValue>) -> Result<T, InvalidParam>;

    /// The value as JSON.
    fn json(&self, value: T) -> Self::Json;
}

/// Integers, lists of them and so on, which cross the wire as their protocol says.
impl<T: Payload + Textual> Via<T> for &Carrier<T> {
    type Json = Open<T>;

    fn decode(&self, param: Option<&RawValue>) -> Result<T, InvalidParam> {
        decode(param).map(|Open(value)| value)
    }

    fn json(&self, value: T) -> Self::Json {
        Open(value)
    }
}

impl<T: Payload> Via<T> for &&Carrier<T> {
    type Json = T;

    fn decode(&self, param: Option<&RawValue>) -> Result<T, InvalidParam> {
        decode(param)
    }

    fn json(&self, value: T) -> Self::Json {
        value
    }
}

/// Nothing calls this: the program does not compile.
impl<T> Via<T> for Carrier<T> {
    type Json = Empty;

    fn decode(&self, _: Option<&RawValue>) -> Result<T, InvalidParam> {
        Err(InvalidParam::new("", NO_PAYLOAD))
    }

    fn json(&self, _: T) -> Self::Json {
        Empty
    }
}

/// Stands for the code of serde's derives for the twin of a payload, where a field is not a payload.
/// Theirs is found first. Nothing calls this: the program does not compile.
pub trait ViaNoTwin {
    /// Stands for the twin's `serialize`.
    ///
    /// # Errors
    /// Always.
    fn serialize<T, S: Serializer>(_: &T, _: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom(NO_PAYLOAD))
    }

    /// Stands for the twin's `deserialize`.
    ///
    /// # Errors
    /// Always.
    fn deserialize<'de, T, D: Deserializer<'de>>(_: D) -> Result<T, D::Error> {
        Err(D::Error::custom(NO_PAYLOAD))
    }
}

impl<T> ViaNoTwin for T {}
