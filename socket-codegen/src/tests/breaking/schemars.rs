//! What schemars writes for serde's forms is recognised: a change of the Rust type gives the rule
//! that a person would name.

use std::collections::HashMap;

use crate::breaking::{Mode, Rule};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use crate::tests::breaking::support::check;

/// The snippet whose one message is of this type.
fn snippet<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().for_deserialize();
    let mut generator = settings.into_generator();
    let shape = generator.subschema_for::<T>();
    json!({ "shape": shape, "types": generator.take_definitions(true) })
}

/// The rules that a change from one type to another meets in its param, the names of types apart.
fn rules<Old: JsonSchema, New: JsonSchema>() -> Vec<String> {
    let report = check(&snippet::<Old>(), &snippet::<New>(), Mode::Backward);
    let all = report.findings.iter().chain(&report.compatible);
    let told = all.filter(|finding| finding.path.starts_with("do.param"));
    let told = told.filter(|finding| finding.rule != Rule::TypeRenamed);
    let mut lines: Vec<_> = told
        .map(|f| {
            format!(
                "{} {} {}",
                f.level,
                f.rule,
                f.path.trim_start_matches("do.param")
            )
        })
        .collect();
    lines.sort();
    lines
}

macro_rules! types {
    ($($(#[$attribute:meta])* $module:ident { $($item:item)* })*) => {
        $(mod $module {
            #![allow(dead_code, reason = "only their schemas are looked at")]
            use super::*;
            $($item)*
        })*
    };
}

types! {
    external {
        #[derive(JsonSchema)] pub(super) enum Old { Unit, Other, One(u8), Fields { a: u8 }, Pair(u8, u8) }
        #[derive(JsonSchema)] pub(super) enum New { Unit, Other, One(u8), Fields { a: u8, b: u8 }, Pair(u8, u8), More }
    }
    internal {
        #[derive(JsonSchema)] #[serde(tag = "t")] pub(super) enum Old { Unit, Fields { a: u8 } }
        #[derive(JsonSchema)] #[serde(tag = "t")] pub(super) enum New { Fields { a: Option<u8> }, More { b: u8 } }
    }
    adjacent {
        #[derive(JsonSchema)] #[serde(tag = "t", content = "c")] pub(super) enum Old { Unit, One(u8), Two(String) }
        #[derive(JsonSchema)] #[serde(tag = "t", content = "c")] pub(super) enum New { Unit, One(u8), Two(String), Three(u8) }
        #[derive(JsonSchema)] #[serde(tag = "t", content = "d")] pub(super) enum Moved { Unit, One(u8), Two(String) }
    }
    untagged {
        #[derive(JsonSchema)] #[serde(untagged)] pub(super) enum Old { Number(u8), Fields { a: u8 } }
        #[derive(JsonSchema)] #[serde(untagged)] pub(super) enum New { Number(u8), Fields { a: u8 }, Text(String) }
        #[derive(JsonSchema)] #[serde(untagged)] pub(super) enum Wide { Number(u32), Fields { a: u8 } }
    }
    plain {
        #[derive(JsonSchema)] pub(super) enum Old { A, B }
        #[derive(JsonSchema)] pub(super) enum New {
            A,
            /// With docs it is written in another way.
            B,
            C,
        }
    }
    flatten {
        #[derive(JsonSchema)] pub(super) struct Old { a: u8, #[serde(flatten)] kind: external::Old }
        #[derive(JsonSchema)] pub(super) struct New { a: u8, #[serde(flatten)] kind: external::New }
        #[derive(JsonSchema)] pub(super) struct Alone { #[serde(flatten)] kind: external::Old }
        #[derive(JsonSchema)] pub(super) struct Two { a: u8, #[serde(flatten)] kind: external::Old, #[serde(flatten)] other: internal::Old }
        #[derive(JsonSchema)] pub(super) struct Map { a: u8, #[serde(flatten)] rest: HashMap<String, u8> }
    }
    recursive {
        #[derive(JsonSchema)] pub(super) struct Old { children: Vec<Self>, next: Option<Box<Self>> }
        #[derive(JsonSchema)] pub(super) struct New { children: Vec<Self>, next: Option<Box<Self>>, name: Option<String> }
    }
}

#[test]
fn taggings_are_recognised() {
    assert_eq!(
        rules::<external::Old, external::New>(),
        [
            "breaking FIELD_ADDED_REQUIRED (Fields).b",
            "compatible UNION_ADDED (More)"
        ]
    );
    assert_eq!(
        rules::<internal::Old, internal::New>(),
        [
            "breaking UNION_REMOVED (Unit)",
            "compatible FIELD_BECAME_OPTIONAL (Fields).a",
            "compatible NULL_ADDED (Fields).a",
            "compatible UNION_ADDED (More)",
        ]
    );
    assert_eq!(
        rules::<adjacent::Old, adjacent::New>(),
        ["compatible UNION_ADDED (Three)"]
    );
    assert_eq!(
        rules::<adjacent::Old, adjacent::Moved>(),
        ["breaking TAGGING_CHANGED "]
    );
    assert_eq!(
        rules::<external::Old, internal::Old>(),
        ["breaking TAGGING_CHANGED "]
    );
    assert_eq!(
        rules::<untagged::Old, untagged::New>(),
        ["compatible UNION_ADDED "]
    );
    assert_eq!(
        rules::<untagged::New, untagged::Old>(),
        ["breaking UNION_REMOVED "]
    );
    assert_eq!(
        rules::<untagged::Old, untagged::Wide>(),
        ["compatible INT_WIDENED "]
    );
    let plain = ["compatible DOC_CHANGED ", "compatible ENUM_ADDED (C)"];
    assert_eq!(rules::<plain::Old, plain::New>(), plain[1..]);
}

#[test]
fn flattened_enums_are_compared_variant_by_variant() {
    assert_eq!(
        rules::<flatten::Old, flatten::New>(),
        [
            "breaking FIELD_ADDED_REQUIRED (Fields).b",
            "compatible UNION_ADDED (More)"
        ]
    );
    assert_eq!(
        rules::<flatten::Alone, flatten::Old>(),
        ["breaking FIELD_ADDED_REQUIRED .a"]
    );
    assert_eq!(
        rules::<flatten::Old, flatten::Two>(),
        [
            "breaking FIELD_ADDED_REQUIRED (Unit | Fields)",
            "warning UNDECIDED ",
        ]
    );
    let map = rules::<flatten::Map, flatten::Map>();
    assert!(map.is_empty(), "{map:?}");
}

#[test]
fn recursive_types_end() {
    assert_eq!(
        rules::<recursive::Old, recursive::New>(),
        ["compatible FIELD_ADDED_OPTIONAL .name"]
    );
    assert_eq!(
        rules::<recursive::New, recursive::Old>(),
        ["warning FIELD_REMOVED_OPTIONAL .name"]
    );
}

#[test]
fn maps_lists_and_options_are_recognised() {
    type Text = HashMap<String, u8>;
    assert_eq!(
        rules::<Text, HashMap<u32, u8>>(),
        ["breaking MAP_KEY_CHANGED "]
    );
    assert_eq!(
        rules::<HashMap<u32, u8>, HashMap<i64, u16>>(),
        ["compatible INT_WIDENED {}", "compatible MAP_KEY_CHANGED "]
    );
    assert_eq!(
        rules::<Vec<u8>, [u8; 3]>(),
        ["breaking CONSTRAINT_TIGHTENED "]
    );
    assert_eq!(
        rules::<Vec<u8>, Option<Vec<u8>>>(),
        ["compatible NULL_ADDED "]
    );
    assert_eq!(
        rules::<(u8, u8), (u8, u8, u8)>(),
        ["breaking FIELD_ADDED_REQUIRED [2]"]
    );
    assert_eq!(rules::<Value, u8>(), ["breaking TYPE_NARROWED "]);
    assert_eq!(rules::<char, String>(), ["compatible CONSTRAINT_LOOSENED "]);
    assert_eq!(rules::<(), u8>(), ["breaking TYPE_CHANGED "]);
    assert_eq!(
        rules::<Option<plain::Old>, Option<plain::New>>(),
        ["compatible ENUM_ADDED (C)"]
    );
}
