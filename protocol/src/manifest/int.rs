//! The schemas of integers that JavaScript rounds: each says how it crosses the wire.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::wire::{integers_as_text, open_integers, round_integers};
use crate::int::{BigInt, BoolKey, ByProtocol, Number, Text};

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
