//! What manifests become: tests that look inside. Those of the program as a whole stand in `tests/`,
//! and so do the cases of these.

#![allow(
    clippy::unwrap_used,
    reason = "in a test every failure is the test's, in helpers too"
)]

mod breaking;
mod document;
mod emit;
mod typescript;
mod validate;

use std::fs;
use std::path::{Path, PathBuf};

use socket_protocol::manifest::Manifest;

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The manifest of one of the emitter's cases.
fn manifest(case: &str) -> Manifest {
    let path = here("tests/emit").join(case).join("manifest.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// A folder of its own, empty. It goes when this is dropped, and stays where the test failed.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("socket-codegen-{name}-{}", std::process::id()));
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }
}
