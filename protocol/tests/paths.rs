//! The path to what does not fit, found without a second decoder for every type: against the one that
//! `serde_path_to_error` finds with such a decoder.
#![allow(
    missing_docs,
    dead_code,
    missing_debug_implementations,
    clippy::unwrap_used,
    reason = "types that are only decoded, in a test"
)]

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroU8;

use proptest::prelude::*;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use socket_protocol::__private::decode;
use socket_protocol::{ChannelName, ConnectionId, RequestId, Timestamp};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Plain {
    small: u8,
    text_with: String,
    at: Timestamp,
    name: ChannelName,
    maybe: Option<Inner>,
    list: Vec<Inner>,
    pair: (i8, bool, Timestamp),
    three: [u16; 3],
    unit: (),
    #[serde(rename = "a \"quoted\" \\ key\nof ünicode 🦀")]
    escaped: BTreeMap<String, RequestId>,
    numbered: HashMap<u32, NonZeroU8>,
    ids: BTreeMap<ConnectionId, char>,
    #[serde(default)]
    raw: Option<Box<RawValue>>,
    any: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Inner {
    x: i32,
    #[serde(default)]
    y: Option<Box<Self>>,
}

#[derive(Deserialize)]
enum External {
    Unit,
    Newtype(Timestamp),
    Tuple(u8, ChannelName),
    Struct {
        inner: Inner,
        names: Vec<ChannelName>,
    },
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Internal {
    Unit,
    Newtype(Inner),
    StructLike { at: Timestamp },
}

#[derive(Deserialize)]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    Unit,
    Newtype(u8),
    Text(ChannelName),
    Tuple(u8, Timestamp),
    Struct { inner: Inner },
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Untagged {
    Number(u8),
    Inner(Inner),
    Names(Vec<ChannelName>),
}

#[derive(Deserialize)]
struct Flat {
    id: u8,
    #[serde(flatten)]
    plain: FlatPart,
    #[serde(flatten)]
    rest: BTreeMap<String, Untagged>,
}

#[derive(Deserialize)]
struct FlatPart {
    part: u8,
    tagged: Option<Internal>,
}

#[derive(Deserialize)]
#[serde(try_from = "Inner")]
struct Checked(i32);

impl TryFrom<Inner> for Checked {
    type Error = &'static str;

    fn try_from(inner: Inner) -> Result<Self, Self::Error> {
        (inner.x >= 0).then_some(Self(inner.x)).ok_or("below zero")
    }
}

#[derive(Deserialize)]
struct All {
    plain: Option<Plain>,
    external: Vec<External>,
    internal: Vec<Internal>,
    adjacent: Vec<Adjacent>,
    untagged: Vec<Untagged>,
    flat: Option<Flat>,
    checked: Vec<Checked>,
    enums: BTreeMap<String, External>,
    by_name: BTreeMap<ChannelName, Untagged>,
    duration: Option<std::time::Duration>,
    result: Option<Result<u8, ChannelName>>,
    nested: Option<Box<Self>>,
}

fn good() -> Value {
    let plain = json!({
        "small": 255, "textWith": "é", "at": -5, "name": "room:1",
        "maybe": {"x": 1, "y": {"x": 2, "y": null}}, "list": [{"x": 1}, {"x": 2}],
        "pair": [-128, true, 7], "three": [1, 2, 3], "unit": null,
        "a \"quoted\" \\ key\nof ünicode 🦀": {"one \"two\"": 1, "": 2},
        "numbered": {"1": 1, "20": 20}, "ids": {"67e55044-10b1-426f-9247-bb680e5fe0c8": "x"},
        "raw": {"any": [1]}, "any": [[], {}],
    });
    json!({
        "plain": plain,
        "external": ["Unit", {"Newtype": 1}, {"Tuple": [1, "a"]},
            {"Struct": {"inner": {"x": 1}, "names": ["a", "b"]}}],
        "internal": [{"kind": "unit"}, {"kind": "newtype", "x": 1}, {"at": 1, "kind": "struct-like"}],
        "adjacent": [{"t": "Unit"}, {"t": "Newtype", "c": 1}, {"c": 1, "t": "Newtype"},
            {"c": "a", "t": "Text"}, {"t": "Text", "c": "b"}, {"t": "Tuple", "c": [1, 2]},
            {"c": {"inner": {"x": 1}}, "t": "Struct"}, {"t": "Struct", "c": {"inner": {"x": 1}}}],
        "untagged": [1, {"x": 1}, ["a"]],
        "flat": {"id": 1, "part": 2, "tagged": {"kind": "unit"}, "more": 3, "names": ["a"]},
        "checked": [{"x": 0}, {"x": 1}],
        "enums": {"a": "Unit", "b": {"Newtype": 4}},
        "by_name": {"room:1": 1, "room:2": {"x": 1}},
        "duration": {"secs": 1, "nanos": 1},
        "result": {"Ok": 1},
        "nested": null,
    })
}

/// What the former way said.
fn oracle<T: DeserializeOwned>(text: &str) -> Option<(String, String)> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let error = serde_path_to_error::deserialize::<_, T>(&mut deserializer).err()?;
    let path = error.path().to_string();
    let reason = error.inner().to_string();
    let reason = reason
        .rsplit_once(" at line ")
        .map_or(&*reason, |(before, _)| before);
    Some((
        if path == "." { String::new() } else { path },
        reason.to_owned(),
    ))
}

fn found<T: DeserializeOwned>(text: &str) -> Option<(String, String)> {
    let raw: &RawValue = serde_json::from_str(text).unwrap();
    decode::<T>(Some(raw))
        .err()
        .map(|error| (error.path, error.reason))
}

/// Both ways, where they differ.
fn difference<T: DeserializeOwned>(text: &str) -> Option<String> {
    let expected = oracle::<T>(text);
    // The former way does not know the names of keys that are no text, and of a number with more
    // behind it knows the number alone.
    let unknown =
        |(path, reason): &(String, String)| path.contains('?') || reason == "expected `\"`";
    if expected.as_ref().is_some_and(unknown) {
        return None;
    }
    let found = found::<T>(text);
    (found != expected).then(|| format!("{text}\n  found {found:?}\n  not {expected:?}"))
}

fn none(differences: Vec<Option<String>>) {
    let differences: Vec<String> = differences.into_iter().flatten().collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn what_fits_has_no_path() {
    assert_eq!(found::<All>(&good().to_string()), None);
}

#[test]
fn each_kind_of_misfit_is_found_where_it_was() {
    let mut differences = Vec::new();
    for text in [
        // Told at the bracket behind it, since that is read before the place is told.
        r#"{"at": 9007199254740993}"#,
        r#"{"small": 1, "at": 9007199254740993}"#,
        r#"{"at": 9007199254740993, "small": 1}"#,
        r#"{"at": 9007199254740993 , "small": 1}"#,
        "{\n  \"small\": 1,\n  \"at\": 9007199254740993\n}",
        // The object's own: told at the same bracket.
        "{}",
        r#"{"small": 1}"#,
        r#"{"maybe": {}}"#,
        r#"{"maybe": {"y": null}, "small": 1}"#,
        r#"{"maybe": {"y": {"y": null}}}"#,
        // Keys: one that is not known, one that is there twice, one that is no number.
        r#"{"maybe": {"z": 1}}"#,
        r#"{"maybe": {"x": 1, "z": 1}}"#,
        r#"{"small": 1, "small": 2}"#,
        r#"{"maybe": {"x": 1, "x" : 2}}"#,
        r#"{"numbered": {"1": 1, "x": 1}}"#,
        r#"{"numbered": {"x": 1}}"#,
        // Seen at the first byte.
        r#"{"small": {}}"#,
        r#"{"small": []}"#,
        r#"{"list": [{"x": 1}, []]}"#,
        r#"{"list": [{"x": 1}, [[]]]}"#,
        r#"{"list": {}}"#,
        "[]",
        "7",
        r#""text""#,
        "null",
        // Numbers, short lists and long ones.
        r#"{"small": 256}"#,
        r#"{"small": -1}"#,
        r#"{"small": 1.5}"#,
        r#"{"small": 1e999}"#,
        r#"{"pair": [1]}"#,
        r#"{"pair": [1, true]}"#,
        r#"{"pair": [1, true, 9007199254740993]}"#,
        r#"{"pair": [1, true, 1, 1]}"#,
        r#"{"three": [1, 2]}"#,
        r#"{"three": [1, 2, 3, 4]}"#,
        r#"{"three": []}"#,
        r#"{"unit": {}}"#,
        r#"{"textWith": "\ud800"}"#,
        r#"{"a \"quoted\" \\ key\nof \u00fcnicode 🦀": {"one \"two\"": 0}}"#,
    ] {
        differences.extend([
            difference::<Plain>(text),
            difference::<Vec<Plain>>(&format!("[{text}]")),
            difference::<BTreeMap<String, Plain>>(&format!(r#"{{"a": {text}, "b": 1}}"#)),
        ]);
    }
    none(differences);
}

#[test]
fn enums_say_what_they_said() {
    let mut differences = Vec::new();
    for text in [
        r#""Bad""#,
        r#"{"Bad": 1}"#,
        "{}",
        "1",
        r#"{"Unit": 1}"#,
        r#"{"Newtype": 9007199254740993}"#,
        r#"{"Newtype": "text"}"#,
        r#"{"Newtype": 1, "Unit": 1}"#,
        r#"{"Tuple": [1, "two words"]}"#,
        r#"{"Tuple": [1, "a", 2]}"#,
        r#"{"Tuple": [1]}"#,
        r#"{"Struct": {"inner": {"x": "1"}, "names": []}}"#,
        r#"{"Struct": {"inner": {"x": 1}, "names": ["a", "two words"]}}"#,
        r#"{"Struct": {"inner": {"x": 1}}}"#,
    ] {
        differences.extend([
            difference::<External>(text),
            difference::<Vec<External>>(&format!(r#"["Unit", {text}]"#)),
            difference::<BTreeMap<String, External>>(&format!(r#"{{"a": {text}}}"#)),
            difference::<BTreeMap<String, External>>(&format!(r#"{{"z": "Unit", "a": {text}}}"#)),
        ]);
    }
    none(differences);
    let mut differences = Vec::new();
    for text in [
        r#"{"t": "Bad"}"#,
        r#"{"c": 1, "t": "Bad"}"#,
        r#"{"c": 256, "t": "Newtype"}"#,
        r#"{"t": "Newtype", "c": 256}"#,
        r#"{"t": "Text", "c": "two words"}"#,
        r#"{"c": "two words", "t": "Text"}"#,
        r#"{"c": "two words", "t" : "Text" , "more": 1}"#,
        r#"{"t": "Tuple", "c": [1, 9007199254740993]}"#,
        r#"{"c": [1, 9007199254740993], "t": "Tuple"}"#,
        r#"{"t": "Struct", "c": {"inner": {}}}"#,
        r#"{"t": "Struct", "c": {"inner": {"x": 1, "z": 2}}}"#,
        r#"{"c": {"inner": {}}, "t": "Struct"}"#,
        r#"{"c": "text", "t": {"Newtype": null}}"#,
        r#"{"t": "Newtype"}"#,
        r#"{"t": "Unit", "t": "Unit"}"#,
        r#"{"c": 1}"#,
    ] {
        differences.extend([
            difference::<Adjacent>(text),
            difference::<Vec<Adjacent>>(&format!(r#"[{{"t": "Unit"}}, {text}]"#)),
            difference::<BTreeMap<String, Adjacent>>(&format!(r#"{{"a": {text}}}"#)),
        ]);
    }
    none(differences);
}

/// Some other JSON in the place of a part, a part less, a key more.
fn change(value: &mut Value, mut steps: impl Iterator<Item = usize>, other: &Value) {
    let Some(step) = steps.next() else {
        *value = other.clone();
        return;
    };
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            let key = fields.keys().nth(step % fields.len()).cloned().unwrap();
            match step % 7 {
                5 => {
                    fields.remove(&key);
                }
                6 => {
                    let value = fields.remove(&key).unwrap();
                    fields.insert(format!("{key}\"x"), value);
                }
                _ => change(fields.get_mut(&key).unwrap(), steps, other),
            }
        }
        Value::Array(items) if !items.is_empty() => {
            let at = step % items.len();
            match step % 5 {
                4 => items.push(other.clone()),
                _ => change(&mut items[at], steps, other),
            }
        }
        _ => *value = other.clone(),
    }
}

fn anything() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-2_i64..300).prop_map(Value::from),
        Just(json!(1.5)),
        Just(json!([])),
        Just(json!({})),
        Just(json!([1, "a"])),
        Just(json!({"x": -1})),
        Just(json!({"x": 1, "y": {"x": []}})),
        Just(json!({"kind": "newtype", "x": "1"})),
        Just(json!({"c": 1, "t": "Text"})),
        Just(json!({"t": "Text", "c": "two words"})),
        Just(json!({"Newtype": null})),
        Just(json!("Unit")),
        Just(json!("two words")),
        Just(json!("\u{0}\"\\")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_change_is_found_where_it_was(
        steps in prop::collection::vec(0_usize..100, 0..7),
        other in anything(),
        pretty: bool,
    ) {
        let mut value = good();
        change(&mut value, steps.into_iter(), &other);
        let text = if pretty {
            serde_json::to_string_pretty(&value).unwrap()
        } else {
            value.to_string()
        };
        prop_assert_eq!(difference::<All>(&text), None);
    }
}
