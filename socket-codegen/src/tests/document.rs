//! The documents that a manifest can be told in. `UPDATE=1` writes the expected ones.

use std::fs;
use std::process::Command;

use crate::document::asyncapi::asyncapi;
use crate::document::schemas;
use crate::tests::{Scratch, here, manifest};
use serde_json::{Value, json};
use socket_protocol::manifest::Manifest;

/// The manifests of all of the emitter's cases.
fn manifests() -> Vec<Manifest> {
    let cases = fs::read_dir(here("tests/emit")).unwrap();
    let texts = cases.map(|case| fs::read_to_string(case.unwrap().path().join("manifest.json")));
    texts
        .map(|text| serde_json::from_str(&text.unwrap()).unwrap())
        .collect()
}

fn chat() -> Manifest {
    manifest("chat")
}

#[track_caller]
fn check(name: &str, document: &Value) {
    let path = here("tests/document").join(name);
    let text = format!("{document:#}\n");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        text == expected,
        "{name} is not as expected: UPDATE=1 shows the difference in git"
    );
}

#[test]
fn the_chat_as_asyncapi() {
    check("chat.asyncapi.json", &asyncapi(&chat()));
}

#[test]
fn the_chats_schemas() {
    check("chat.schemas.json", &schemas::document(&chat()));
}

#[test]
fn the_official_parser_takes_every_document() {
    let folder = Scratch::new("asyncapi");
    let mut files = Vec::new();
    for manifest in manifests() {
        let path = folder
            .0
            .join(format!("{}.json", manifest.rust.replace("::", ".")));
        fs::write(&path, asyncapi(&manifest).to_string()).unwrap();
        files.push(path);
    }
    assert!(
        here("client/node_modules/@asyncapi/parser").exists(),
        "the parser is not installed: run `npm ci` in socket-codegen/client first"
    );
    let output = Command::new("node")
        .arg(here("client/asyncapi.mjs"))
        .args(files)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn draft_7_says_what_2020_12_said() {
    let mut manifest = chat();
    let param = json!({
        "type": "object",
        "properties": {
            "$ref": { "$ref": "#/$defs/Point", "description": "a field of that name" },
            "pair": { "type": "array", "prefixItems": [{ "type": "string" }, { "$ref": "#/$defs/Point" }], "items": false },
        },
    });
    manifest.commands.items[1].param = Some(param);
    let document = asyncapi(&manifest);
    let name = &manifest.commands.items[1].name;
    let payload = &document["components"]["messages"][format!("command.{name}")]["payload"];
    let point = json!({ "$ref": "#/components/schemas/send.Point" });
    assert_eq!(
        payload["properties"]["param"]["properties"],
        json!({
            "$ref": { "allOf": [point], "description": "a field of that name" },
            "pair": { "type": "array", "items": [{ "type": "string" }, point], "additionalItems": false },
        })
    );
}

/// Each schema stands alone: every reference leads to a definition of its own.
#[test]
fn schemas_are_self_contained() {
    for manifest in manifests() {
        for part in schemas::schemas(&manifest) {
            let text = part.schema.to_string();
            for reference in text.split("\"$ref\":\"#").skip(1) {
                let pointer = reference.split('"').next().unwrap();
                let pointer = percent_encoding::percent_decode_str(pointer)
                    .decode_utf8()
                    .unwrap();
                let found = part.schema.pointer(&pointer);
                assert!(found.is_some(), "{}: {pointer} leads nowhere", part.path);
            }
        }
    }
}
