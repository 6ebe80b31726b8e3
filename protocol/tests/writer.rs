//! What a message holds is what serde_json writes, byte for byte, where JSON can carry it.
#![allow(
    missing_docs,
    missing_debug_implementations,
    clippy::unwrap_used,
    reason = "types that are only written, in a test"
)]

use std::collections::BTreeMap;
use std::fmt;

use proptest::prelude::*;
use serde::ser::{Error as _, SerializeMap as _};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use socket_protocol::envelope::MessageBuf;

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
enum Kind {
    Unit,
    Newtype(Box<Self>),
    Tuple(u8, char),
    Struct { a: Option<bool>, b: () },
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Id(u64);

#[derive(PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Nothing;

#[derive(Serialize)]
struct Everything {
    #[serde(rename = "a \"key\"\n\u{1}é🦀/")]
    text: String,
    floats: (f32, f64, f64, f64, f32),
    integers: (i8, i16, i32, i64, i128, u8, u16, u32, u64, u128),
    bytes: Bytes,
    chars: [char; 3],
    nothing: Nothing,
    kinds: Vec<Kind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<u8>,
    raw: Box<RawValue>,
    raws: BTreeMap<u8, Box<RawValue>>,
    empty: (Vec<u8>, BTreeMap<u8, u8>),
    displayed: Displayed,
    ids: BTreeMap<Id, Id>,
    flat: Flat,
}

#[derive(Serialize)]
struct Flat {
    id: u8,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
    #[serde(flatten)]
    raw: BTreeMap<String, f64>,
}

struct Bytes;

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(&[0, 127, 255])
    }
}

struct Displayed;

impl fmt::Display for Displayed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "one \"{}\"", 1)
    }
}

impl Serialize for Displayed {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// A map with one entry of any key.
struct Entry<K, V>(K, V);

impl<K: Serialize, V: Serialize> Serialize for Entry<K, V> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry(&self.0, &self.1)?;
        map.end()
    }
}

/// Both ways, an error as its reason.
fn both(value: &impl Serialize) -> [Result<String, String>; 2] {
    let ours = MessageBuf::encode(value)
        .map(|message| String::from_utf8(message.text().to_vec()).unwrap())
        .map_err(|error| {
            let text = error.to_string();
            let reason = text.split_once(" cannot be written as JSON: ").unwrap().1;
            reason.to_owned()
        });
    [
        ours,
        serde_json::to_string(value).map_err(|error| error.to_string()),
    ]
}

fn same(value: &impl Serialize) {
    let [ours, theirs] = both(value);
    assert_eq!(ours, theirs);
}

#[test]
fn every_kind_of_value_is_written_as_serde_json_does() {
    let raw = |text: &str| RawValue::from_string(text.to_owned()).unwrap();
    same(&Everything {
        text: "\u{8}\u{c}\r\t\u{1f}\u{7f}\u{2028}\\\"é🦀".to_owned(),
        floats: (0.1, 0.1, -0.0, 1e300, 16_777_216.0),
        integers: (
            i8::MIN,
            i16::MIN,
            i32::MIN,
            -9_007_199_254_740_991,
            9_007_199_254_740_991,
            u8::MAX,
            u16::MAX,
            u32::MAX,
            9_007_199_254_740_991,
            0,
        ),
        bytes: Bytes,
        chars: ['"', 'é', '\n'],
        nothing: Nothing,
        kinds: vec![
            Kind::Unit,
            Kind::Newtype(Box::new(Kind::Tuple(1, '\\'))),
            Kind::Struct {
                a: Some(true),
                b: (),
            },
        ],
        skipped: None,
        raw: raw(r#"{ "as": [18446744073709551615, "is"] }"#),
        raws: BTreeMap::from([(1, raw("null")), (2, raw(r#""text""#))]),
        empty: (Vec::new(), BTreeMap::new()),
        displayed: Displayed,
        ids: BTreeMap::from([(Id(u64::MAX), Id(1))]),
        flat: Flat {
            id: 1,
            rest: BTreeMap::from([("x".to_owned(), json!({"y": [null]}))]),
            raw: BTreeMap::from([("z".to_owned(), 0.5)]),
        },
    });
}

#[test]
fn keys_are_text_or_refused_as_serde_json_does() {
    same(&Entry("a\"b", 1));
    same(&Entry('é', 1));
    same(&Entry(true, 1));
    same(&Entry(i64::MIN, 1));
    same(&Entry(u128::MAX, "x"));
    same(&Entry(1.5_f32, 1));
    same(&Entry(-0.25_f64, 1));
    same(&Entry(Id(7), Some(Entry(Kind::Unit, [1]))));
    same(&Entry(Some("some"), 1));
    same(&Entry(Displayed, 1));
    same(&Entry(None::<u8>, 1));
    same(&Entry((), 1));
    same(&Entry(Nothing, 1));
    same(&Entry([1], 1));
    same(&Entry((1, 2), 1));
    same(&Entry(Bytes, 1));
    same(&Entry(BTreeMap::from([(1, 2)]), 1));
    same(&Entry(Kind::Newtype(Box::new(Kind::Unit)), 1));
    same(&Entry(Kind::Tuple(1, 'a'), 1));
    same(&Entry(Kind::Struct { a: None, b: () }, 1));
}

/// Writes a part, then refuses.
struct Refuses;

impl Serialize for Refuses {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom("not today"))
    }
}

#[test]
fn a_refusal_names_its_path() {
    let path = |value: &dyn Fn() -> Option<String>| value().unwrap();
    let of = |result: Result<MessageBuf, socket_protocol::envelope::EncodeError>| {
        result.err().map(|error| error.path().to_owned())
    };
    for (expected, found) in [
        ("", path(&|| of(MessageBuf::encode(&f64::NAN)))),
        ("", path(&|| of(MessageBuf::encode(&Refuses)))),
        ("a", path(&|| of(MessageBuf::encode(&Entry("a", Refuses))))),
        (
            "a \"b\"\n.c",
            path(&|| of(MessageBuf::encode(&Entry("a \"b\"\n", Entry("c", Refuses))))),
        ),
        (
            "a[2].b[0]",
            path(&|| {
                let last = Entry("b", vec![f32::INFINITY]);
                of(MessageBuf::encode(&Entry("a", (1, "x,[{", last))))
            }),
        ),
        (
            "[1].1",
            path(&|| of(MessageBuf::encode(&(Entry(2, 2), Entry(1, u64::MAX))))),
        ),
        (
            "Ok[1]",
            path(&|| of(MessageBuf::encode(&Ok::<_, ()>((1, i64::MIN))))),
        ),
        ("[0]", path(&|| of(MessageBuf::encode(&Entry((), 1))))),
    ] {
        assert_eq!(found, expected);
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-9_007_199_254_740_991_i64..9_007_199_254_740_992).prop_map(Value::from),
        any::<f64>().prop_filter_map("JSON has no such number", |number| {
            serde_json::Number::from_f64(number).map(Value::Number)
        }),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_is_written_as_serde_json_does(value in any_json()) {
        let [ours, theirs] = both(&value);
        prop_assert_eq!(ours, theirs);
    }
}
