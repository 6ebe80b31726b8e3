//! Rules on payloads: each rule, and the path of what breaks it.
#![allow(
    missing_docs,
    missing_debug_implementations,
    reason = "payloads in a test"
)]

use std::collections::BTreeMap;

use socket_protocol::prelude::*;
use socket_protocol::{ErrorCode, InvalidParam};

const LONGEST: usize = 3;

#[payload]
#[derive(Default)]
#[serde(rename_all = "camelCase", default)]
pub struct Rules {
    #[garde(length(max = LONGEST))]
    simple_text: Option<String>,
    #[garde(length(bytes, equal = 2))]
    bytes: Option<String>,
    #[garde(length(utf16, max = 1), length(bytes, max = 3))]
    utf16: Option<String>,
    #[garde(range(min = -1, max = 1))]
    number: i32,
    #[garde(pattern("^[a-z]+$"))]
    word: Option<String>,
    #[garde(email)]
    email: Option<String>,
    #[garde(url)]
    url: Option<String>,
    #[garde(ascii)]
    ascii: Option<String>,
    #[garde(alphanumeric)]
    alphanumeric: Option<String>,
    #[garde(contains("b"), prefix("a"), suffix("c"))]
    parts: Option<String>,
    #[garde(custom(even))]
    even: u32,
    #[garde(length(max = 2), inner(length(chars, max = 1)))]
    list: Vec<String>,
    #[garde(inner(inner(range(max = 1))))]
    map: BTreeMap<String, Vec<u8>>,
    #[garde(dive)]
    nested: Option<Nested>,
    found: Vec<Nested>,
    #[garde(skip)]
    skipped: Option<Nested>,
    #[serde(rename = "else")]
    #[garde(ascii)]
    otherwise: Option<String>,
}

#[payload]
#[derive(Debug, Clone, PartialEq)]
pub struct Nested(#[garde(range(max = 9))] u8);

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "rules are given references"
)]
fn even(number: &u32) -> Result<(), String> {
    if number.is_multiple_of(2) {
        Ok(())
    } else {
        Err(format!("{number} is odd"))
    }
}

fn broken<T: Validate + serde::de::DeserializeOwned>(json: &str) -> Option<InvalidParam> {
    let value: T = serde_json::from_str(json).expect(json);
    value.validate().err()
}

#[test]
fn each_rule_refuses_with_the_path_of_its_field() {
    for (json, path) in [
        (r#"{"simpleText":"abcd"}"#, "simpleText"),
        (r#"{"bytes":"a"}"#, "bytes"),
        (r#"{"utf16":"ab"}"#, "utf16"),
        (r#"{"number":2}"#, "number"),
        (r#"{"word":"A"}"#, "word"),
        (r#"{"email":"a"}"#, "email"),
        (r#"{"url":"a"}"#, "url"),
        (r#"{"ascii":"ä"}"#, "ascii"),
        (r#"{"alphanumeric":"-"}"#, "alphanumeric"),
        (r#"{"parts":"ac"}"#, "parts"),
        (r#"{"parts":"ab"}"#, "parts"),
        (r#"{"even":1}"#, "even"),
        (r#"{"list":["a","b","c"]}"#, "list"),
        (r#"{"list":["a","bc"]}"#, "list[1]"),
        (r#"{"map":{"k":[0,2]}}"#, "map.k[1]"),
        (r#"{"nested":10}"#, "nested"),
        (r#"{"found":[1,10]}"#, "found[1]"),
        (r#"{"else":"ä"}"#, "else"),
    ] {
        let path_of = |error: InvalidParam| error.path;
        assert_eq!(
            broken::<Rules>(json).map(path_of).as_deref(),
            Some(path),
            "{json}"
        );
    }
}

#[test]
fn what_meets_the_rules_passes() {
    for json in [
        "{}",
        r#"{"simpleText":"abc","bytes":"ab","utf16":"a","number":1,"word":"a"}"#,
        r#"{"email":"a@b.c","url":"https://a.b","ascii":"a","alphanumeric":"a1","parts":"abc"}"#,
        r#"{"even":2,"list":["a","b"],"map":{"k":[1]},"nested":9,"found":[9],"skipped":10}"#,
    ] {
        assert_eq!(broken::<Rules>(json), None, "{json}");
    }
}

#[test]
fn a_pattern_that_is_none_refuses_and_says_so() {
    let error = broken::<Broken>(r#"{"text":"a"}"#).expect("refused");
    assert_eq!(error.path, "text");
    assert!(
        error
            .reason
            .starts_with("the rule's own pattern is invalid"),
        "{error}"
    );
}

#[payload]
pub struct Broken {
    #[garde(pattern("(unclosed"))]
    text: String,
}

#[payload]
pub enum External {
    #[serde(rename = "point")]
    Point {
        #[garde(range(max = 1))]
        x: i32,
    },
    Pair(#[garde(range(max = 1))] i32, Nested),
    Single(Nested),
    Nothing,
}

#[payload]
#[serde(
    tag = "kind",
    rename_all = "kebab-case",
    rename_all_fields = "UPPERCASE"
)]
pub enum Internal {
    BigPoint {
        #[garde(range(max = 1))]
        x: i32,
    },
}

#[payload]
#[serde(tag = "kind", content = "data")]
pub enum Adjacent {
    Point {
        #[garde(range(max = 1))]
        x: i32,
    },
}

#[payload]
#[serde(untagged)]
pub enum Untagged {
    Point {
        #[garde(range(max = 1))]
        x: i32,
    },
}

#[payload]
pub struct Page<T> {
    items: Vec<T>,
}

#[payload]
pub struct Unit;

#[payload]
pub enum Never {}

#[test]
fn paths_follow_the_json_of_enums_and_generics() {
    let path_of = |error: InvalidParam| error.path;
    for (found, path) in [
        (broken::<External>(r#"{"point":{"x":2}}"#), "point.x"),
        (broken::<External>(r#"{"Pair":[2,1]}"#), "Pair[0]"),
        (broken::<External>(r#"{"Pair":[1,10]}"#), "Pair[1]"),
        (broken::<External>(r#"{"Single":10}"#), "Single"),
        (broken::<Internal>(r#"{"kind":"big-point","X":2}"#), "X"),
        (
            broken::<Adjacent>(r#"{"kind":"Point","data":{"x":2}}"#),
            "data.x",
        ),
        (broken::<Untagged>(r#"{"x":2}"#), "x"),
        (broken::<Page<Nested>>(r#"{"items":[1,10]}"#), "items[1]"),
    ] {
        assert_eq!(found.map(path_of).as_deref(), Some(path));
    }
    assert_eq!(broken::<External>(r#""Nothing""#), None);
    assert_eq!(broken::<Unit>("null"), None);
}

/// The derives keep a copy of the built-in codes, because they cannot depend on this crate.
#[test]
fn the_derives_know_every_built_in_code() {
    let source = include_str!("../../socket-macros/src/check/mod.rs");
    let list = source.split("const BUILT_IN").nth(1).expect("the list");
    let list = list.split("];").next().expect("its end");
    let copied: Vec<_> = list.split('"').skip(1).step_by(2).collect();
    let codes: Vec<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(copied, codes);
}
