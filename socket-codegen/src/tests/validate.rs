//! The validators of the emitter's cases, run in Node: what is valid passes, what is not fails where
//! it should.

use std::fs;
use std::process::Command;

use crate::emit::{Emit, emit};
use crate::output::File;
use crate::tests::{Scratch, here, manifest};
use crate::validate;

#[test]
fn valid_samples_pass_and_invalid_ones_fail_with_their_paths() {
    let folder = Scratch::new("validate");
    let manifests = ["chat", "containers", "names", "tagging"].map(manifest);
    let mut files = emit(&manifests, Emit::Js, &|_| None).unwrap();
    files.extend(validate::files(&manifests, Emit::Js));
    files.push(File {
        name: "package.json".to_owned(),
        text: r#"{ "type": "module", "sideEffects": false }"#.to_owned(),
    });
    for file in files {
        fs::write(folder.0.join(&file.name), &file.text).unwrap();
    }
    let output = Command::new("node")
        .arg(here("tests/validate/run.mjs"))
        .arg(&folder.0)
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
