//! Manifests out of snippets, and findings as lines.

use crate::breaking::{Date, Finding, Mode, Options, Report, compare};
use serde_json::{Map, Value, json};
use socket_protocol::manifest::Manifest;

/// The day on which all tests take place.
pub(crate) fn today() -> Date {
    "2026-11-21".parse().unwrap()
}

pub(crate) fn options(mode: Mode) -> Options {
    Options {
        mode,
        today: today(),
        ..Options::default()
    }
}

/// A manifest out of a snippet: `shape` is the param, reply, error data and event of one message;
/// `types` its named types in both directions; the rest as in a manifest, with the lists of
/// `commands`, `events` and `channels` alone.
pub(crate) fn manifest(snippet: &Value) -> Manifest {
    let list = |key: &str| snippet.get(key).cloned().unwrap_or_else(|| json!([]));
    let (mut commands, mut events) = (list("commands"), list("events"));
    if let Some(shape) = snippet.get("shape") {
        commands = json!([{
            "name": "do",
            "param": shape,
            "reply": shape,
            "errors": { "rust": "E", "items": [{ "code": "no", "data": shape }] },
        }]);
        events = json!([{ "name": "done", "param": shape }]);
    }
    let mut channels = list("channels");
    for channel in channels.as_array_mut().unwrap() {
        let channel = channel.as_object_mut().unwrap();
        for key in ["commands", "events"] {
            channel.entry(key).or_insert_with(|| json!([]));
        }
    }
    let reserved = |key: &str| {
        snippet["reserved"]
            .get(key)
            .cloned()
            .unwrap_or_else(|| json!([]))
    };
    let group =
        |key: &str, items: Value| json!({ "rust": key, "items": items, "reserved": reserved(key) });
    let types = snippet.get("types").cloned().unwrap_or_else(|| json!({}));
    let mut manifest = Map::new();
    for (key, value) in [
        ("format", json!(1)),
        (
            "protocol",
            snippet
                .get("protocol")
                .cloned()
                .unwrap_or_else(|| json!("test")),
        ),
        ("rust", json!("Test")),
        ("fingerprint", json!("0000")),
        (
            "docs",
            snippet.get("docs").cloned().unwrap_or_else(|| json!("")),
        ),
        ("commands", group("commands", commands)),
        ("events", group("events", events)),
        ("channels", group("channels", channels)),
        ("types", json!({ "send": types, "receive": types })),
    ] {
        manifest.insert(key.to_owned(), value);
    }
    for key in ["max_message_bytes", "user_history", "all_history"] {
        if let Some(value) = snippet.get(key) {
            manifest.insert(key.to_owned(), value.clone());
        }
    }
    serde_json::from_value(Value::Object(manifest)).unwrap()
}

pub(crate) fn check(old: &Value, new: &Value, mode: Mode) -> Report {
    compare(&manifest(old), &manifest(new), &options(mode))
}

/// All changes of a report, compatible ones too, as `level RULE path: message`.
pub(crate) fn lines(report: &Report) -> Vec<String> {
    let line = |finding: &Finding| {
        format!(
            "{} {} {}: {}",
            finding.level, finding.rule, finding.path, finding.message
        )
    };
    report
        .findings
        .iter()
        .chain(&report.compatible)
        .map(line)
        .collect()
}
