//! A crate that only defines a protocol depends on this one alone, and on little through it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Copies the fixture out of the workspace, with the workspace's own lock file, so that nothing is
/// downloaded.
fn copied() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let fixture = package.join("tests/fixtures/alone");
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("alone");
    fs::create_dir_all(copy.join("src")).expect("a folder for the fixture");
    let manifest = fs::read_to_string(fixture.join("Cargo.toml")).expect("the fixture's manifest");
    let manifest = manifest.replace("\"../../..\"", &format!("{package:?}"));
    fs::write(copy.join("Cargo.toml"), manifest).expect("the manifest is written");
    fs::copy(fixture.join("src/lib.rs"), copy.join("src/lib.rs")).expect("the source is copied");
    fs::copy(package.join("../Cargo.lock"), copy.join("Cargo.lock")).expect("the lock is copied");
    copy
}

fn cargo(folder: &Path, arguments: &str) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments.split(' '))
        .arg("--offline")
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .env_remove("RUSTFLAGS")
        .output()
        .expect("cargo runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo {arguments}: {errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn one_dependency_is_enough_and_brings_no_runtime() {
    let folder = copied();
    cargo(&folder, "check");
    cargo(&folder, "check --features manifest");

    let plain = cargo(&folder, "tree --edges normal --prefix none");
    for heavy in [
        "tokio ",
        "axum ",
        "hyper ",
        "schemars ",
        "ts-rs ",
        "inventory ",
    ] {
        assert!(!plain.contains(heavy), "{heavy} in:\n{plain}");
    }
    let described = cargo(
        &folder,
        "tree --edges normal --prefix none --features manifest",
    );
    assert!(described.contains("schemars "));
    for heavy in ["tokio ", "axum ", "hyper "] {
        assert!(!described.contains(heavy), "{heavy} in:\n{described}");
    }
}
