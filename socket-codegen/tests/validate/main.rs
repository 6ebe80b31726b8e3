//! The validators of the emitter's cases, run in Node: what is valid passes, what is not fails where
//! it should.

#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use socket_codegen::emit::{Emit, File, emit};
use socket_codegen::validate;
use socket_protocol::manifest::Manifest;

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn manifest(case: &str) -> Manifest {
    let path = here("tests/emit").join(case).join("manifest.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn valid_samples_pass_and_invalid_ones_fail_with_their_paths() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("validate");
    fs::create_dir_all(&folder).unwrap();
    let manifests = ["chat", "containers", "names", "tagging"].map(manifest);
    let mut files = emit(&manifests, Emit::Js, &|_| None).unwrap();
    files.extend(validate::files(&manifests, Emit::Js));
    files.push(File {
        name: "package.json".to_owned(),
        text: r#"{ "type": "module", "sideEffects": false }"#.to_owned(),
    });
    for file in files {
        fs::write(folder.join(&file.name), &file.text).unwrap();
    }
    let output = Command::new("node")
        .arg(here("tests/validate/run.mjs"))
        .arg(&folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

#[test]
fn each_protocol_has_one_file_beside_the_shared_one() {
    let manifest = manifest("chat");
    let names: Vec<String> = validate::files(std::slice::from_ref(&manifest), Emit::Ts)
        .into_iter()
        .map(|file| file.name)
        .collect();
    assert_eq!(names, ["chat.validate.ts", "socket.validate.ts"]);
}
