//! The public API of each crate as a text, committed beside this file, so that a review sees what a
//! change does to those who build on it. The crate `public-api` reads it from rustdoc's JSON.
//!
//! A text that is no longer true fails with a diff; `UPDATE=1 cargo test -p socket-codegen --test api`
//! writes it anew. A feature's own items say which one adds them.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on says so by panicking"
)]

use std::collections::{HashMap, HashSet};
use std::fmt::Write;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::MetadataCommand;
use public_api::Builder;
use serde_json::Value;
use similar::TextDiff;

const CRATES: [&str; 4] = [
    "socket-macros",
    "socket-protocol",
    "socket-runtime",
    "socket-codegen",
];

#[test]
fn the_public_api_is_the_one_that_is_written_down() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api");
    let documented = document();
    let mut stale = String::new();
    for name in CRATES {
        let json = documented.join(format!("{}.json", name.replace('-', "_")));
        let api = surface(&json);
        let file = folder.join(format!("{name}.txt"));
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&file, &api).unwrap();
        }
        let known = fs::read_to_string(&file).unwrap_or_default();
        if known != api {
            let diff = TextDiff::from_lines(&known, &api);
            let mut diff = diff.unified_diff();
            let diff = diff.context_radius(0).header(name, "as it is now");
            stale.push_str(&diff.to_string());
        }
    }
    assert!(
        stale.is_empty(),
        "the public API has changed:\n{stale}\n\
         If that is meant, write it down: UPDATE=1 cargo test -p socket-codegen --test api"
    );
}

/// Lets rustdoc describe the crates as JSON, every feature on. Returns the folder of the files.
///
/// Its JSON is unstable, and a stable compiler writes it only where it is told that this is known. Only
/// rustdoc itself is told: a build script that finds `RUSTC_BOOTSTRAP` would have everything built anew.
fn document() -> PathBuf {
    let mut workspace = MetadataCommand::new();
    let workspace = workspace.no_deps().exec().unwrap();
    let rustdoc = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rustdoc-json");
    let script = "#!/bin/sh\nRUSTC_BOOTSTRAP=1 exec rustdoc \"$@\"\n";
    fs::write(&rustdoc, script).unwrap();
    fs::set_permissions(&rustdoc, fs::Permissions::from_mode(0o755)).unwrap();
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .current_dir(&workspace.workspace_root)
        .args(["doc", "--quiet", "--lib", "--no-deps", "--all-features"])
        .args(CRATES.map(|name| format!("--package={name}")))
        .env("RUSTDOC", rustdoc)
        .env("RUSTDOCFLAGS", "-Zunstable-options --output-format=json")
        .env_remove("CARGO_ENCODED_RUSTDOCFLAGS");
    // What cargo says to this test of its package is another package's to a build script, which would
    // run again, here and in the next build.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(&*name);
        }
    }
    assert!(cargo.status().unwrap().success(), "{cargo:?}");
    workspace.target_directory.join("doc").into()
}

/// A line for each public item, sorted by path: what is declared, the feature that adds it, and which
/// traits it has. What the methods of derived traits are named stands in the traits. Of the traits that
/// the compiler adds by itself only the absent ones are told: that a type cannot be sent to another
/// thread, say.
fn surface(json: &Path) -> String {
    let items = |derived: bool| -> Vec<(String, String)> {
        let api = Builder::from_rustdoc_json(json)
            .omit_blanket_impls(true)
            .omit_auto_trait_impls(!derived)
            .omit_auto_derived_impls(!derived)
            .build();
        let api = api.unwrap_or_else(|error| {
            panic!("{error}\nPin the version of `public-api` that reads what this rustdoc writes")
        });
        api.items()
            .map(|item| (item.id().0.to_string(), item.to_string()))
            .collect()
    };
    let features = features(json);
    let declared: HashSet<_> = items(false).into_iter().collect();
    let automatic = |line: &str| {
        let names = ["Send", "Sync", "Unpin"];
        let told = |name: &&str| line.contains(&format!(" !core::marker::{name} for "));
        let of_the_compiler = ["core::marker::", "core::panic::unwind_safe::"];
        let by_compiler = of_the_compiler.iter().any(|path| line.contains(path));
        by_compiler && !names.iter().any(told)
    };
    let mut lines = String::new();
    for item in items(true) {
        let (id, line) = &item;
        if !declared.contains(&item) && (!line.starts_with("impl") || automatic(line)) {
            continue;
        }
        if let Some(feature) = features.get(id) {
            writeln!(lines, "#[cfg(feature = \"{feature}\")] {line}").unwrap();
        } else {
            writeln!(lines, "{line}").unwrap();
        }
    }
    lines
}

/// The items that a feature adds, by their ids in the JSON.
fn features(json: &Path) -> HashMap<String, String> {
    let json: Value = serde_json::from_str(&fs::read_to_string(json).unwrap()).unwrap();
    let mut features = HashMap::new();
    for (id, item) in json["index"].as_object().unwrap() {
        let attributes = item["attrs"].as_array().unwrap().iter();
        let traced = attributes.filter_map(|attribute| {
            let (_, feature) = attribute["other"].as_str()?.split_once(FEATURE)?;
            Some(feature.split_once('"')?.0)
        });
        let traced: Vec<_> = traced.collect();
        if !traced.is_empty() {
            // What a `pub use` names is told in its place, under the id of what it names.
            let id = match &item["inner"]["use"]["id"] {
                Value::Number(named) => named.to_string(),
                _ => id.clone(),
            };
            features.insert(id, traced.join(", "));
        }
    }
    features
}

/// How rustdoc's JSON tells of `#[cfg(feature = "…")]`.
const FEATURE: &str = "CfgTrace([NameValue { name: \"feature\", value: Some(\"";
