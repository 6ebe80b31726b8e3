//! The command: flags, output and exit codes.

use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

use serde_json::{Value, json};

/// A manifest of these messages and nothing else.
fn manifest(messages: &Value) -> Value {
    let group = |key: &str| {
        let items = messages.get(key).cloned().unwrap_or_else(|| json!([]));
        json!({ "rust": key, "items": items })
    };
    json!({
        "format": 1, "protocol": "test", "rust": "Test", "fingerprint": "0000", "docs": "",
        "commands": group("commands"), "events": group("events"), "channels": group("channels"),
        "types": { "send": {}, "receive": {} },
    })
}

/// A folder with two manifests; the new one has a required field more and lacks an event.
fn folder(name: &str, config: &str) -> PathBuf {
    let folder = env::temp_dir().join(format!("socket-breaking-cli-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let write = |name: &str, snippet: Value| {
        fs::write(
            folder.join(name),
            serde_json::to_vec(&manifest(&snippet)).unwrap(),
        )
        .unwrap();
    };
    write(
        "old.json",
        json!({ "commands": [{ "name": "chat" }], "events": [{ "name": "chatted" }] }),
    );
    write(
        "new.json",
        json!({ "commands": [{ "name": "chat", "param": {
            "type": "object", "properties": { "text": true }, "required": ["text"] } }] }),
    );
    fs::write(folder.join("socket.toml"), config).unwrap();
    folder
}

fn run(folder: &PathBuf, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_socket-codegen"));
    program.current_dir(folder).arg("breaking").args(arguments);
    let done = program.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (done.status.code(), text(done.stdout), text(done.stderr))
}

const FILES: [&str; 4] = ["--against", "old.json", "--manifest", "new.json"];

#[test]
fn findings_go_to_stdout_and_decide_the_exit_code() {
    let folder = folder("findings", "");
    let (code, out, err) = run(&folder, &FILES);
    assert_eq!(code, Some(1), "{err}");
    assert!(
        out.starts_with("breaking  FIELD_ADDED_REQUIRED  chat.param.text\n"),
        "{out}"
    );
    assert!(
        out.ends_with("test (backward): 1 breaking, 1 source, 0 warnings\n"),
        "{out}"
    );
    assert!(
        err.ends_with("socket-codegen breaking --explain FIELD_ADDED_REQUIRED\n"),
        "{err}"
    );

    let (code, out, _) = run(
        &folder,
        &[&FILES[..], &["--mode", "forward", "--format", "json"]].concat(),
    );
    let out: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(code, Some(0));
    assert_eq!(out["reports"][0]["findings"][0]["level"], "source");

    let (code, out, _) = run(&folder, &[&FILES[..], &["--format", "github"]].concat());
    assert_eq!(code, Some(1));
    assert!(
        out.starts_with("::error file=new.json,title=breaking"),
        "{out}"
    );

    let (code, _, _) = run(
        &folder,
        &[&FILES[..], &["--mode", "forward", "--fail-on", "source"]].concat(),
    );
    assert_eq!(code, Some(1));
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_configuration_accepts_breaks() {
    let config = "[[allow]]\nrule = \"FIELD_ADDED_REQUIRED\"\npath = \"chat.*\"\nreason = \"nobody sends it\"\n";
    let folder = folder("allow", config);
    let (code, out, err) = run(&folder, &FILES);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("because: nobody sends it"), "{out}");
    let (code, out, _) = run(
        &folder,
        &["--against", "new.json", "--manifest", "new.json"],
    );
    assert_eq!(code, Some(1));
    assert!(out.contains("ALLOW_UNUSED"), "{out}");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn mistakes_are_told_and_exit_with_two() {
    let folder = folder("mistakes", "");
    let (code, _, err) = run(
        &folder,
        &["--against", "none.json", "--manifest", "new.json"],
    );
    assert_eq!(code, Some(2));
    assert!(err.starts_with("error: cannot read none.json: "), "{err}");
    let (code, _, err) = run(&folder, &["--manifest", "new.json"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("--against"), "{err}");
    let (code, _, err) = run(&folder, &["--explain", "FIELD_REMOVED"]);
    assert_eq!(code, Some(2));
    assert!(
        err.contains("did you mean `FIELD_REMOVED_REQUIRED`?"),
        "{err}"
    );
    let (code, out, _) = run(&folder, &["--explain", "NULL_ADDED"]);
    assert_eq!(code, Some(0));
    assert!(
        out.starts_with("NULL_ADDED: null is now possible\n\nWhy: "),
        "{out}"
    );
    fs::remove_dir_all(folder).unwrap();
}
