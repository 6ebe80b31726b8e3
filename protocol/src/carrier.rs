//! The way of the user's types through the code that the derives write.
//!
//! A type that is no payload is one mistake and should be one message, on its own token: [`payload`]
//! is called there. Everywhere else the code goes through [`Carrier`], which compiles for any type:
//! of the three implementations of [`Via`], a call on `&&Carrier` finds that of `&Carrier` first, which
//! is for integers and what holds them, then that of `&&Carrier`, for any other payload, and last that
//! of `Carrier`, for what is none.

use std::marker::PhantomData;

#[cfg(feature = "manifest")]
use serde::de::DeserializeOwned;
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::__private::decode;
use crate::definition::Payload;
use crate::envelope::Empty;
#[cfg(feature = "manifest")]
use crate::envelope::raw_value;
use crate::error::InvalidParam;
use crate::int::{Open, Textual};
#[cfg(feature = "manifest")]
use crate::manifest::verify::Probed;

/// What code says that never runs.
const NO_PAYLOAD: &str = "its type is no payload";

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
    /// What is written as JSON.
    type Json: Serialize;

    /// Decodes parameters.
    ///
    /// # Errors
    /// [`InvalidParam`] with the path to what does not fit.
    fn decode(&self, param: Option<&RawValue>) -> Result<T, InvalidParam>;

    /// The value as JSON.
    fn json(&self, value: T) -> Self::Json;

    /// The schema of its type.
    #[cfg(feature = "manifest")]
    fn schema(&self, generator: &mut schemars::SchemaGenerator) -> schemars::Schema;

    /// Takes a JSON text through the type and back.
    #[cfg(feature = "manifest")]
    fn probe(&self, text: &str) -> Probed;
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

    #[cfg(feature = "manifest")]
    fn schema(&self, generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        generator.subschema_for::<crate::int::ByProtocol<T>>()
    }

    #[cfg(feature = "manifest")]
    fn probe(&self, text: &str) -> Probed {
        probe::<Open<T>>(text)
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

    #[cfg(feature = "manifest")]
    fn schema(&self, generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        generator.subschema_for::<T>()
    }

    #[cfg(feature = "manifest")]
    fn probe(&self, text: &str) -> Probed {
        probe::<T>(text)
    }
}

#[cfg(feature = "manifest")]
fn probe<T: Serialize + DeserializeOwned>(text: &str) -> Probed {
    match serde_json::from_str::<T>(text) {
        // As it would be sent: what JavaScript would round is not.
        Ok(value) => match raw_value(&value) {
            Ok(written) => Probed::Written(written.get().to_owned()),
            Err(error) => Probed::Unwritable(error.to_string()),
        },
        Err(error) => Probed::Refused(error.to_string()),
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

    #[cfg(feature = "manifest")]
    fn schema(&self, _: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::Schema::default()
    }

    #[cfg(feature = "manifest")]
    fn probe(&self, _: &str) -> Probed {
        Probed::Refused(NO_PAYLOAD.to_owned())
    }
}

/// Stands for what serde's derives write for the twin of a payload, where one of its fields is none.
/// What they write comes first. Nothing calls this: the program does not compile.
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

/// How schemars writes names.
#[cfg(feature = "manifest")]
pub type Name = std::borrow::Cow<'static, str>;

/// What describes the twin of a type. Found first for a twin that schemars' derive has described,
/// [`ViaNoSchema`] for every other.
#[cfg(feature = "manifest")]
pub trait ViaSchema {
    /// Its name.
    fn schema_name(&self) -> Name;

    /// What tells it from others of that name.
    fn schema_id(&self) -> Name;

    /// Whether it is written where it is used.
    fn inline_schema(&self) -> bool;

    /// The schema itself.
    fn json_schema(&self, generator: &mut schemars::SchemaGenerator) -> schemars::Schema;
}

#[cfg(feature = "manifest")]
impl<T: schemars::JsonSchema> ViaSchema for Carrier<T> {
    fn schema_name(&self) -> Name {
        T::schema_name()
    }

    fn schema_id(&self) -> Name {
        T::schema_id()
    }

    fn inline_schema(&self) -> bool {
        T::inline_schema()
    }

    fn json_schema(&self, generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        T::json_schema(generator)
    }
}

/// See [`ViaSchema`]. Nothing calls it: the program does not compile.
#[cfg(feature = "manifest")]
pub trait ViaNoSchema {
    /// Stands for [`ViaSchema::schema_name`].
    fn schema_name(&self) -> Name {
        Name::Borrowed("")
    }

    /// Stands for [`ViaSchema::schema_id`].
    fn schema_id(&self) -> Name {
        Name::Borrowed("")
    }

    /// Stands for [`ViaSchema::inline_schema`].
    fn inline_schema(&self) -> bool {
        true
    }

    /// Stands for [`ViaSchema::json_schema`].
    fn json_schema(&self, _: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::Schema::default()
    }
}

#[cfg(feature = "manifest")]
impl<T> ViaNoSchema for &Carrier<T> {}
