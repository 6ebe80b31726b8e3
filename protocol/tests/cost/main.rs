//! What a protocol costs to compile, beside the same one written by hand with serde: counted in lines
//! of LLVM's code, which no busy machine changes.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on says so by panicking"
)]

mod fixture;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use fixture::Sources;

/// A workspace of a protocol and its server.
fn written(name: &str, sources: &Sources, dependencies: &str) -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let write = |file: &str, text: &str| {
        let path = root.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let dependencies = dependencies.replace("HERE", &package.display().to_string());
    let manifest = |name: &str, more: &str| {
        format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [dependencies]\n{dependencies}{more}"
        )
    };
    write(
        "Cargo.toml",
        // Dependencies as this workspace has them, so that those are there already.
        "[workspace]\nmembers = [\"protocol\", \"server\"]\nresolver = \"3\"\n\n\
         [profile.dev.package.\"*\"]\ndebug = \"line-tables-only\"\n",
    );
    write("protocol/Cargo.toml", &manifest("protocol", ""));
    write("protocol/src/lib.rs", &sources.protocol);
    write(
        "server/Cargo.toml",
        &manifest("server", "protocol = { path = \"../protocol\" }\n"),
    );
    write("server/src/lib.rs", &sources.server);
    fs::copy(package.join("../Cargo.lock"), root.join("Cargo.lock")).unwrap();
    root
}

/// Compiles one of the two, and counts the lines within its functions.
fn lines(root: &Path, package: &str) -> usize {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let target = folder.parent().unwrap();
    let name = root.file_name().unwrap().to_string_lossy();
    let output = folder.join(format!("{name}-{package}.ll"));
    let status = Command::new(env!("CARGO"))
        .args([
            "rustc",
            "--offline",
            "--quiet",
            "--lib",
            "--package",
            package,
        ])
        .args(["--", "-Ccodegen-units=1", "-Cno-prepopulate-passes"])
        .arg(format!("--emit=llvm-ir={}", output.display()))
        .current_dir(root)
        .env("CARGO_TARGET_DIR", target)
        .env_remove("RUSTFLAGS")
        .status()
        .unwrap();
    assert!(status.success(), "{package} of {name} does not compile");
    let mut inside = false;
    let mut count = 0;
    for line in fs::read_to_string(output).unwrap().lines() {
        if line == "}" {
            inside = false;
        }
        count += usize::from(inside);
        inside |= line.starts_with("define ");
    }
    count
}

const OURS: &str = "socket-protocol = { path = \"HERE\" }\n";
const BY_HAND: &str = "serde = { version = \"1\", features = [\"derive\"] }\nserde_json = { version = \"1\", features = [\"raw_value\"] }\n";

#[test]
fn a_protocol_costs_no_more_than_serde_by_hand() {
    let ours = written("cost-ours", &fixture::ours(), OURS);
    let [protocol, server] = ["protocol", "server"].map(|package| lines(&ours, package));
    let hand = written("cost-hand", &fixture::by_hand(), BY_HAND);
    let by_hand: usize = ["protocol", "server"]
        .map(|package| lines(&hand, package))
        .iter()
        .sum();
    assert!(protocol <= 20_000, "the protocol has {protocol} lines");
    let together = protocol + server;
    assert!(
        together * 10 <= by_hand * 12,
        "protocol and server have {together} lines, by hand {by_hand}"
    );
}
