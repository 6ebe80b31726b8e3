//! A type that messages carry, as what describes a protocol sees it: its schema, and the way of a
//! sample through it.

use schemars::generate::SchemaGenerator;
use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::definition::Payload;
use crate::derive::{Carrier, NO_PAYLOAD};
use crate::int::{ByProtocol, Open, Textual};
use crate::json::raw_value;

/// Makes the schema of one type.
pub type SchemaFn = fn(&mut SchemaGenerator) -> Schema;

/// Takes a JSON text through a type and back.
pub type ProbeFn = fn(&str) -> Probed;

/// A type that messages carry.
#[derive(Debug, Clone, Copy)]
pub struct Carried {
    /// Makes its schema.
    pub schema: SchemaFn,
    /// Takes a sample through it.
    pub probe: ProbeFn,
}

/// The outcome of one sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probed {
    /// It was taken, and written again as this.
    Written(String),
    /// serde did not take it.
    Refused(String),
    /// It was taken, and what came of it cannot be written as JSON.
    Unwritable(String),
}

/// Describes a type and tries samples of it. Found as [`Via`](crate::derive::Via) is, which takes it to the wire.
pub trait ViaDescribed<T> {
    /// The schema of the type.
    fn schema(&self, generator: &mut SchemaGenerator) -> Schema;

    /// Takes a JSON text through the type and back.
    fn probe(&self, text: &str) -> Probed;
}

/// Integers, lists of them and so on, which cross the wire as their protocol says.
impl<T: Payload + Textual> ViaDescribed<T> for &Carrier<T> {
    fn schema(&self, generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<ByProtocol<T>>()
    }

    fn probe(&self, text: &str) -> Probed {
        probe::<Open<T>>(text)
    }
}

impl<T: Payload> ViaDescribed<T> for &&Carrier<T> {
    fn schema(&self, generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<T>()
    }

    fn probe(&self, text: &str) -> Probed {
        probe::<T>(text)
    }
}

/// Nothing calls this: the program does not compile.
impl<T> ViaDescribed<T> for Carrier<T> {
    fn schema(&self, _: &mut SchemaGenerator) -> Schema {
        Schema::default()
    }

    fn probe(&self, _: &str) -> Probed {
        Probed::Refused(NO_PAYLOAD.to_owned())
    }
}

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

/// How schemars writes names.
pub type Name = std::borrow::Cow<'static, str>;

/// Describes the twin of a type. Found first for a twin that schemars' derive has described,
/// [`ViaNoSchema`] for every other.
pub trait ViaSchema {
    /// Its name.
    fn schema_name(&self) -> Name;

    /// An id that tells it from other types of that name.
    fn schema_id(&self) -> Name;

    /// `true` if its schema is written where it is used.
    fn inline_schema(&self) -> bool;

    /// The schema itself.
    fn json_schema(&self, generator: &mut SchemaGenerator) -> Schema;
}

impl<T: JsonSchema> ViaSchema for Carrier<T> {
    fn schema_name(&self) -> Name {
        T::schema_name()
    }

    fn schema_id(&self) -> Name {
        T::schema_id()
    }

    fn inline_schema(&self) -> bool {
        T::inline_schema()
    }

    fn json_schema(&self, generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// See [`ViaSchema`]. Nothing calls it: the program does not compile.
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
    fn json_schema(&self, _: &mut SchemaGenerator) -> Schema {
        Schema::default()
    }
}

impl<T> ViaNoSchema for &Carrier<T> {}
