//! Payloads of payloads: all that serde is told above them counts, and types that hold themselves
//! are no riddle to the compiler.
#![deny(warnings)]

use std::collections::BTreeMap;

use socket_protocol::__private::serde_json;
use socket_protocol::prelude::*;

type Replies = Vec<Comment>;
type Link = Option<Box<Comment>>;

#[payload]
#[derive(Debug, Clone, PartialEq, Default)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Comment {
    said_by: Author,
    #[serde(alias = "answers")]
    replies: Replies,
    #[serde(rename = "prev", skip_serializing_if = "Option::is_none")]
    previous: Link,
    moods: BTreeMap<String, Mood>,
    #[cfg(any())]
    never: Nowhere,
    #[serde(skip)]
    seen: Unwritten,
    #[deprecated]
    old: Author,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Unwritten;

#[payload]
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Author(String);

#[payload]
#[derive(Debug, Clone, PartialEq, Default)]
#[serde(tag = "mood", rename_all = "kebab-case")]
pub enum Mood {
    #[default]
    Calm,
    VeryCross {
        with: Author,
    },
    #[deprecated]
    Mixed(Pair),
}

#[payload]
#[derive(Debug, Clone, PartialEq, Default)]
#[serde(untagged)]
pub enum Either {
    Pair(Pair),
    Author(Author),
    #[default]
    Neither,
}

#[payload]
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pair {
    #[serde(flatten)]
    more: BTreeMap<String, Author>,
    r#type: Author,
}

#[payload]
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    by: Author,
    children: Vec<Self>,
}

#[payload]
#[derive(Debug, Clone, PartialEq)]
pub struct r#Raw(Author, Mood);

#[payload]
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Level {
    Low = 1,
    High = 2,
}

fn both_ways<T: socket_protocol::Payload + PartialEq + std::fmt::Debug>(value: T, json: &str) {
    assert_eq!(serde_json::to_string(&value).unwrap(), json);
    assert_eq!(serde_json::from_str::<T>(json).unwrap(), value);
}

#[allow(deprecated, reason = "a payload of a deprecated type is tried too")]
fn main() {
    #[payload]
    #[derive(Debug, PartialEq)]
    struct Inside {
        author: Author,
    }
    let ann = || Author("ann".to_owned());
    both_ways(Inside { author: ann() }, r#"{"author":"ann"}"#);
    let tree = Tree { by: ann(), children: vec![Tree { by: ann(), children: vec![] }] };
    both_ways(tree, r#"{"by":"ann","children":[{"by":"ann","children":[]}]}"#);
    both_ways(Raw(ann(), Mood::Calm), r#"["ann",{"mood":"calm"}]"#);
    both_ways(Mood::VeryCross { with: ann() }, r#"{"mood":"very-cross","with":"ann"}"#);
    both_ways(Either::Author(ann()), r#""ann""#);
    both_ways(Either::Neither, "null");
    both_ways(Level::High, r#""High""#);
    let pair = Pair { more: BTreeMap::from([("a".to_owned(), ann())]), r#type: ann() };
    both_ways(pair.clone(), r#"{"a":"ann","type":"ann"}"#);
    both_ways(Mood::Mixed(pair), r#"{"mood":"mixed","a":"ann","type":"ann"}"#);
    let leaf = || Comment { said_by: ann(), ..Comment::default() };
    let leaf_json = r#"{"saidBy":"ann","replies":[],"moods":{},"old":""}"#;
    both_ways(leaf(), leaf_json);
    let root = Comment { replies: vec![leaf()], previous: Some(Box::new(leaf())), ..leaf() };
    both_ways(
        root,
        &format!(r#"{{"saidBy":"ann","replies":[{leaf_json}],"prev":{leaf_json},"moods":{{}},"old":""}}"#),
    );
    assert_eq!(serde_json::from_str::<Comment>(r#"{"answers":[{}]}"#).unwrap().replies.len(), 1);
    let unknown = serde_json::from_str::<Comment>(r#"{"nope":1}"#).unwrap_err().to_string();
    assert!(unknown.contains("unknown field `nope`"), "{unknown}");
    let other = serde_json::from_str::<Comment>("7").unwrap_err().to_string();
    assert!(other.contains("expected struct Comment"), "{other}");
}
