//! `PROTOCOL.versions.json`: which older versions the present one breaks.

use serde_json::{Value, json};

use crate::project::Folder;

/// A manifest of the protocol `chat` whose command `say` takes these fields.
fn manifest(fingerprint: &str, fields: &[(&str, bool)]) -> String {
    let properties: serde_json::Map<String, Value> = fields
        .iter()
        .map(|(name, _)| ((*name).to_owned(), json!({"type": "string"})))
        .collect();
    let required: Vec<&str> = fields
        .iter()
        .filter(|(_, required)| *required)
        .map(|(name, _)| *name)
        .collect();
    let param = json!({"type": "object", "properties": properties, "required": required});
    let group = |items: Value| json!({"rust": "chat::Some", "items": items});
    json!({
        "format": 1, "protocol": "chat", "rust": "chat::Chat", "fingerprint": fingerprint,
        "commands": group(json!([{"name": "say", "param": param}])),
        "events": group(json!([])), "channels": group(json!([])),
        "types": {"send": {}, "receive": {}},
    })
    .to_string()
}

/// Version 1 took `text`, version 2 also `tone`, and version 3 requires a `kind`.
fn folder(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("socket.toml", "kept = \"releases\"\n");
    folder.write("releases/1.json", &manifest("f1", &[("text", true)]));
    let second = manifest("f2", &[("text", true), ("tone", false)]);
    folder.write("releases/2.json", &second);
    folder.write("now.json", &second);
    folder
}

fn third() -> String {
    manifest("f3", &[("text", true), ("tone", false), ("kind", true)])
}

fn versions(folder: &Folder) -> Value {
    serde_json::from_str(&folder.read("generated-ts/chat.versions.json")).unwrap()
}

#[test]
fn says_which_older_versions_a_change_locks_out_and_why() {
    let folder = folder("versions");
    let run = folder.run(&["generate", "--manifest", "now.json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let accepted = |manifest: &str, fingerprint: &str| json!({"manifest": manifest, "fingerprint": fingerprint, "accepted": true});
    assert_eq!(
        versions(&folder),
        json!({"format": 1, "protocol": "chat", "fingerprint": "f2",
            "older": [accepted("1.json", "f1"), accepted("2.json", "f2")]})
    );

    // What breaks both is in the diff of `check`, and then in the file.
    folder.write("now.json", &third());
    let run = folder.run(&["check", "--manifest", "now.json"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(
        run.stdout.contains("+      \"accepted\": false,"),
        "{}",
        run.stdout
    );
    folder.run(&["generate", "--manifest", "now.json"]);
    let change = json!({"rule": "FIELD_ADDED_REQUIRED", "path": "say.param.kind", "reason": "is new and required"});
    let refused = |manifest: &str, fingerprint: &str| json!({"manifest": manifest, "fingerprint": fingerprint, "accepted": false, "changes": [change]});
    assert_eq!(
        versions(&folder)["older"],
        json!([refused("1.json", "f1"), refused("2.json", "f2")])
    );

    // A break that was accepted locks nobody out, also when its day has passed.
    let allow = "[[allow]]\nrule = \"FIELD_ADDED_REQUIRED\"\npath = \"say.*\"\n\
                 reason = \"pages are told by hand\"\nuntil = 2020-01-01\n";
    folder.write("socket.toml", &format!("kept = \"releases\"\n{allow}"));
    folder.run(&["generate", "--manifest", "now.json"]);
    assert_eq!(
        versions(&folder)["older"],
        json!([accepted("1.json", "f1"), accepted("2.json", "f2")])
    );

    // Without the key the file is none of the output any more.
    folder.write("socket.toml", "");
    let run = folder.run(&["generate", "--manifest", "now.json"]);
    assert!(
        run.stderr
            .contains("deleted generated-ts/chat.versions.json"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_folder_of_versions_that_cannot_be_read_is_told() {
    let folder = folder("versions-wrong");
    folder.write("releases/3.json", "{}");
    folder.write("releases/4.json", "{\"format\": 99}");
    let run = folder.run(&["generate", "--manifest", "now.json"]);
    assert_eq!(run.code, 2);
    for said in [
        "3.json is not a manifest: the key `format` is missing",
        "`releases` holds manifests of older versions only",
        "4.json has format 99, but this program reads formats up to 1: update it",
    ] {
        assert!(run.stderr.contains(said), "{}", run.stderr);
    }
    assert!(folder.names("generated-ts").is_empty());

    folder.write("socket.toml", "kept = \"release\"\n");
    let run = folder.run(&["generate", "--manifest", "now.json"]);
    assert_eq!(run.code, 2);
    let expected = "cannot read the folder `release` of older manifests: No such file";
    assert!(run.stderr.contains(expected), "{}", run.stderr);
    let fix = "socket-codegen manifest --out release/1.0.json";
    assert!(run.stderr.contains(fix), "{}", run.stderr);
}
