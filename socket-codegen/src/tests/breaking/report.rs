//! The forms of a report.

use crate::breaking::{Allow, Level, Mode, Options, Report, compare, report};
use serde_json::{Value, json};

use crate::tests::breaking::support::{manifest, options};

fn sample() -> Report {
    let before = json!({
        "commands": [{ "name": "chat", "param": { "type": "object" },
            "reply": { "type": "string", "enum": ["a"] } }],
        "events": [{ "name": "old|er" }],
    });
    let after = json!({
        "commands": [{ "name": "chat",
            "param": { "type": "object", "properties": { "kind": true }, "required": ["kind"] },
            "reply": { "type": "string", "enum": ["a", "b"] } }],
    });
    let allow: Vec<Allow> = serde_json::from_value(json!([
        { "rule": "ENUM_ADDED", "path": "chat.reply*", "reason": "pages <show> it as it is" },
        { "rule": "NULL_ADDED", "path": "chat.*", "reason": "none, 100% sure" },
    ]))
    .unwrap();
    let options = Options {
        allow,
        ..options(Mode::Backward)
    };
    compare(&manifest(&before), &manifest(&after), &options)
}

#[test]
fn text_is_for_a_terminal() {
    let expected = "\
breaking  FIELD_ADDED_REQUIRED  chat.param.kind
          is new and required
          fix: make it an Option, or give it #[serde(default)]

source    MESSAGE_REMOVED  events.old|er
          is gone
          fix: keep it, mark it #[deprecated] with `since` and `sunset`, and remove it once every page has stopped using it

warning   ALLOW_UNUSED  chat.*
          NULL_ADDED is accepted here and was not found
          fix: remove the entry from the allow list

accepted  ENUM_ADDED  chat.reply(b)
          `b` is new
          because: pages <show> it as it is

test (backward): 1 breaking, 1 source, 1 warning, 1 accepted
";
    assert_eq!(report::text(&sample()), expected);
}

#[test]
fn markdown_is_for_a_pull_request() {
    let expected = "\
### Protocol `test`: 1 breaking, 1 source, 1 warning, 1 accepted

A new server and the pages that are open now.

| | Where | What | Fix |
| --- | --- | --- | --- |
| **breaking**<br>FIELD_ADDED_REQUIRED | `chat.param.kind` | is new and required | make it an Option, or give it #\\[serde(default)\\] |
| **source**<br>MESSAGE_REMOVED | `events.old\\|er` | is gone | keep it, mark it #\\[deprecated\\] with `since` and `sunset`, and remove it once every page has stopped using it |
| **warning**<br>ALLOW_UNUSED | `chat.*` | NULL\\_ADDED is accepted here and was not found | remove the entry from the allow list |

<details><summary>Accepted</summary>

| | Where | What | Because |
| --- | --- | --- | --- |
| ENUM_ADDED | `chat.reply(b)` | `b` is new | pages &lt;show> it as it is |

</details>
";
    assert_eq!(report::markdown(&sample()), expected);
}

#[test]
fn annotations_are_for_github() {
    let found = report::github(&sample(), Some("client/a,b.json"));
    let lines: Vec<_> = found.lines().collect();
    assert_eq!(
        lines[0],
        "::error file=client/a%2Cb.json,title=breaking%3A FIELD_ADDED_REQUIRED::chat.param.kind is \
         new and required. Fix: make it an Option, or give it #[serde(default)]"
    );
    assert!(lines[1].starts_with("::warning file="), "{}", lines[1]);
    // A wrong allow list fails the check, so it is an error.
    assert!(lines[2].starts_with("::error file="), "{}", lines[2]);
    assert_eq!(lines.len(), 3);
    assert!(report::github(&sample(), None).starts_with("::error title="));
}

#[test]
fn json_is_for_programs() {
    let found = report::json(&sample());
    assert_eq!(
        found["summary"],
        json!({ "breaking": 1, "source": 1, "warning": 1, "accepted": 1, "compatible": 0 })
    );
    assert_eq!(
        found["findings"][0],
        json!({
            "rule": "FIELD_ADDED_REQUIRED", "level": "breaking", "path": "chat.param.kind",
            "message": "is new and required", "new": "required",
            "fix": "make it an Option, or give it #[serde(default)]",
        })
    );
    assert_eq!(
        found["accepted"][0]["reason"],
        Value::from("pages <show> it as it is")
    );
}

#[test]
fn a_report_fails_at_a_level_or_by_its_allow_list() {
    let report = sample();
    assert!(report.fails(Level::Breaking));
    let same = json!({ "shape": true });
    let quiet = compare(&manifest(&same), &manifest(&same), &options(Mode::Full));
    assert!(!quiet.fails(Level::Warning));
    assert_eq!(
        report::text(&quiet),
        "test (full): 0 breaking, 0 source, 0 warnings\n"
    );
    let allow: Vec<Allow> =
        serde_json::from_value(json!([{ "rule": "NULL_ADDED", "path": "*", "reason": "x" }]))
            .unwrap();
    let options = Options {
        allow,
        ..options(Mode::Full)
    };
    assert!(compare(&manifest(&same), &manifest(&same), &options).fails(Level::Breaking));
}
