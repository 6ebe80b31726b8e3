//! A crate that only defines a protocol depends on this one alone, and on little through it.

use std::path::Path;
use std::process::Command;

fn cargo(arguments: &[&str]) -> String {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/alone");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("alone");
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .arg("--offline")
        .current_dir(fixture)
        .env("CARGO_TARGET_DIR", target)
        .env_remove("RUSTFLAGS")
        .output()
        .expect("cargo runs");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {text}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn it_compiles_under_strict_lints_with_and_without_the_manifest() {
    cargo(&["check"]);
    cargo(&["check", "--features", "manifest"]);
}

#[test]
fn it_pulls_in_no_runtime_and_no_schemas() {
    let plain = cargo(&["tree", "--edges", "normal", "--prefix", "none"]);
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
    let described = cargo(&[
        "tree",
        "--edges",
        "normal",
        "--prefix",
        "none",
        "--features",
        "manifest",
    ]);
    assert!(described.contains("schemars "));
    for heavy in ["tokio ", "axum ", "hyper "] {
        assert!(!described.contains(heavy), "{heavy} in:\n{described}");
    }
}
