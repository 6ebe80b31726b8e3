//! The named schemas that a generator gathered.

use std::any::Any;
use std::collections::BTreeMap;

use schemars::generate::SchemaGenerator;
use serde_json::Value;

use super::wire::{Direction, finish};
use crate::int::IntPolicy;

pub(super) fn definitions(
    mut generator: SchemaGenerator,
    direction: Direction,
    int: Option<IntPolicy>,
) -> BTreeMap<String, Value> {
    let mut definitions: BTreeMap<String, Value> =
        generator.take_definitions(true).into_iter().collect();
    for schema in definitions.values_mut() {
        finish(schema, direction, int);
    }
    definitions
}

pub(super) fn panic_message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}
