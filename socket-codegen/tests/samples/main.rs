//! What verify drew from the types, as fixtures of the generated client: every sample goes through it
//! and through its validators, in a real JavaScript engine.

#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn temporary(path: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(path)
}

fn succeeds(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{errors}");
    said
}

/// How many samples of the fixture's protocols went through.
fn tried(fixture: &str) -> usize {
    let folder = temporary("samples").join(fixture);
    let samples = folder.join("samples.json");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("package.json"), r#"{ "type": "module" }"#).unwrap();
    succeeds(
        Command::new(env!("CARGO_BIN_EXE_socket-codegen"))
            .args(["generate", "--emit", "js", "--validate", "--out"])
            .arg(&folder)
            .arg("--samples")
            .arg(&samples)
            .current_dir(here("tests/fixtures").join(fixture))
            .env("CARGO_TARGET_DIR", temporary("cli/target"))
            .env_remove("CARGO_BUILD_TARGET"),
    );
    let said = succeeds(
        Command::new("node")
            .arg(here("tests/samples/run.mjs"))
            .arg(&folder)
            .arg(&samples),
    );
    said.trim().parse().unwrap()
}

#[test]
fn every_row_of_serde_goes_through_the_client() {
    assert!(tried("serde-cases") > 1_000);
}

#[test]
fn large_integers_go_through_the_client_whatever_their_policy() {
    assert!(tried("integers") > 500);
}
