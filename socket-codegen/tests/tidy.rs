//! The rules that keep the workspace in shape: which crate may use which, how long a file may be,
//! and that the pages say what is true.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on says so by panicking"
)]

mod order;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn workspace() -> Metadata {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .unwrap()
}

/// The names of a package's dependencies, those of its tests apart.
fn dependencies(package: &Package) -> BTreeSet<&str> {
    let normal = package
        .dependencies
        .iter()
        .filter(|d| d.kind != DependencyKind::Development);
    normal.map(|dependency| dependency.name.as_str()).collect()
}

/// The files of a folder and the folders below it with that ending, tests' fixtures apart.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if !["node_modules", "target", "fixtures", "dist"].contains(&name.as_str()) {
                found.extend(files(&path, ending));
            }
        } else if name.ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn arrows_run_one_way() {
    let metadata = workspace();
    for package in metadata.workspace_packages() {
        let name = package.name.as_str();
        let allowed: &[&str] = match name {
            "socket-macros" => &[],
            "socket-protocol" => &["socket-macros"],
            "socket-runtime" | "socket-codegen" => &["socket-protocol"],
            _ => &["socket-runtime", "socket-protocol"],
        };
        for dependency in dependencies(package) {
            let ours = metadata
                .workspace_packages()
                .iter()
                .any(|p| p.name.as_str() == dependency);
            assert!(
                !ours || allowed.contains(&dependency),
                "{name} must not use {dependency}"
            );
        }
    }
}

#[test]
fn the_lower_crates_stay_light() {
    let metadata = workspace();
    let package = |name: &str| {
        let mut packages = metadata.workspace_packages().into_iter();
        packages
            .find(|package| package.name.as_str() == name)
            .unwrap()
    };
    let allowed = ["syn", "quote", "proc-macro2", "proc-macro-crate"];
    for dependency in dependencies(package("socket-macros")) {
        assert!(
            allowed.contains(&dependency),
            "socket-macros must not use {dependency}"
        );
    }
    for heavy in ["tokio", "axum", "hyper", "tokio-tungstenite"] {
        assert!(
            !dependencies(package("socket-protocol")).contains(heavy),
            "{heavy}"
        );
    }
    let described = ["schemars", "inventory"];
    for dependency in &package("socket-protocol").dependencies {
        assert!(
            dependency.optional || !described.contains(&dependency.name.as_str()),
            "{} belongs behind the feature `manifest`",
            dependency.name
        );
    }
}

#[test]
fn only_the_server_folder_names_axum_and_hyper() {
    let source = root().join("socket-runtime/src");
    for path in files(&source, ".rs") {
        if path.strip_prefix(&source).unwrap().starts_with("server") {
            continue;
        }
        for line in fs::read_to_string(&path).unwrap().lines() {
            let code = line.split("//").next().unwrap_or_default();
            assert!(
                !code.contains("axum::")
                    && !code.contains("hyper::")
                    && !code.contains("hyper_util::"),
                "{}: {line}",
                path.display()
            );
        }
    }
}

/// A crate's modules, read from its files.
fn modules(folder: &str, name: &str) -> order::Crate {
    let source = root().join(folder).join("src");
    order::read(name, &|path| {
        let place = source.join(path.join("/"));
        let files = match path {
            [] => [source.join("lib.rs"), source.join("main.rs")],
            _ => [place.with_extension("rs"), place.join("mod.rs")],
        };
        files.iter().find_map(|file| fs::read_to_string(file).ok())
    })
}

/// The crates that state the order of their modules.
const ORDERED: [(&str, &str); 4] = [
    ("socket-runtime", "socket_runtime"),
    ("socket-codegen", "socket_codegen"),
    ("protocol", "socket_protocol"),
    ("socket-macros", "socket_macros"),
];

#[test]
fn inside_a_crate_nothing_names_what_stands_above_it() {
    for (folder, name) in ORDERED {
        let code = modules(folder, name);
        let docs = &code.modules[&[][..]].docs;
        assert!(
            order::floors(docs).is_some(),
            "{folder}/src/lib.rs states no order"
        );
        let mistakes = order::mistakes(&code);
        assert_eq!(mistakes, [""; 0], "{}", mistakes.join("\n"));
    }
}

#[test]
fn one_rule_says_which_name_was_meant() {
    // The macros can depend on nothing of ours, and one file is one rule.
    assert_eq!(
        read("socket-macros/src/nearest.rs"),
        read("protocol/src/nearest.rs")
    );
    for folder in ["socket-runtime/src", "socket-codegen/src"] {
        let named = files(&root().join(folder), ".rs")
            .iter()
            .filter(|path| {
                fs::read_to_string(path)
                    .unwrap()
                    .contains("socket_protocol::nearest")
            })
            .count();
        assert_eq!(named, 1, "{folder}");
    }
    for package in workspace().workspace_packages() {
        let other = ["strsim", "edit-distance", "levenshtein"];
        let other = dependencies(package)
            .into_iter()
            .find(|name| other.contains(name));
        assert_eq!(other, None, "{}", package.name);
    }
}

/// Rings of files that may stay: where they stand, and why they are one thing.
const RINGS: [(&str, &str, &str); 1] = [(
    "socket-runtime",
    "service",
    "hooks and handlers take a context, which holds a connection, which holds the service",
)];

/// The crates in which every file can be read before those that name it.
const WITHOUT_RINGS: [(&str, &str); 1] = [("socket-runtime", "socket_runtime")];

#[test]
fn no_files_name_each_other_in_a_ring() {
    let mut found = Vec::new();
    for (folder, name) in WITHOUT_RINGS {
        for ring in order::rings(&modules(folder, name)) {
            let may = |(of, place, _): &(&str, &str, &str)| {
                let mut tops = ring.iter().map(|file| file.first());
                *of == folder && tops.all(|top| top.is_some_and(|top| top == place))
            };
            if !RINGS.iter().any(may) {
                let ring: Vec<_> = ring.iter().map(|file| file.join("::")).collect();
                found.push(format!("{folder}: {}", ring.join(", ")));
            }
        }
    }
    assert_eq!(found, [""; 0], "files that name each other");
}

#[test]
fn files_stay_short() {
    const MOST_LINES: usize = 400;
    for (folder, ending) in [
        ("protocol", ".rs"),
        ("socket-macros", ".rs"),
        ("socket-runtime", ".rs"),
        ("socket-codegen", ".rs"),
        ("socket-codegen/client", ".ts"),
        ("examples", ".rs"),
    ] {
        for path in files(&root().join(folder), ending) {
            let lines = fs::read_to_string(&path).unwrap().lines().count();
            assert!(
                lines <= MOST_LINES,
                "{} has {lines} lines: split it",
                path.display()
            );
        }
    }
}

#[test]
fn every_crate_and_example_says_how_to_run_it_first() {
    for package in workspace().workspace_packages() {
        let folder = package.manifest_path.parent().unwrap();
        let readme = fs::read_to_string(folder.join("README.md")).unwrap();
        let before = readme.split("```").next().unwrap();
        assert!(
            readme.contains("```") && before.lines().count() <= 6,
            "{folder}/README.md does not start with the command to run"
        );
    }
}

#[test]
fn architecture_justifies_every_dependency_once() {
    let page = read("ARCHITECTURE.md");
    let (_, tables) = page.split_once("## Dependencies").unwrap();
    let rows = tables.lines().filter_map(|line| line.strip_prefix("| "));
    let named = rows.filter_map(|row| row.split(" | ").next());
    let named: Vec<&str> = named
        .flat_map(|names| names.split('`').skip(1).step_by(2))
        .collect();
    let metadata = workspace();
    let packages = metadata.workspace_packages();
    for dependency in packages.iter().flat_map(|package| &package.dependencies) {
        let name = dependency.name.as_str();
        let is_ours = packages.iter().any(|package| package.name == name);
        let rows = named.iter().filter(|named| **named == name).count();
        assert!(
            is_ours || rows == 1,
            "ARCHITECTURE.md says in {rows} rows why {name}, which should be one"
        );
    }
}

#[test]
fn files_that_pages_name_are_there() {
    const CRATES: [&str; 4] = [
        "protocol",
        "socket-macros",
        "socket-runtime",
        "socket-codegen",
    ];
    let mut pages = vec![root().join("ARCHITECTURE.md"), root().join("README.md")];
    pages.extend(CRATES.map(|name| root().join(name).join("README.md")));
    let mut names = 0;
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        let folder = page.parent().unwrap();
        let words = text
            .lines()
            .flat_map(|line| line.split('`').skip(1).step_by(2));
        for file in words.filter(|word| word.contains('/') && word.ends_with(".rs")) {
            // A table of folders names files as they stand in one of them.
            let mut from = CRATES.iter().chain(&["", "examples"]);
            assert!(
                from.any(|below| folder.join(below).join(file).exists()),
                "{} names {file}, which is not there",
                page.display()
            );
            names += 1;
        }
    }
    assert!(names > 20, "{names} names were found");
}

#[test]
fn the_workflow_proves_the_minimum_rust_version() {
    let metadata = workspace();
    let packages = metadata.workspace_packages();
    let stated = packages[0].rust_version.as_ref().unwrap();
    assert!(
        packages
            .iter()
            .all(|package| package.rust_version.as_ref() == Some(stated))
    );
    let toolchain = format!("rustup default {}.{}", stated.major, stated.minor);
    assert!(
        read(".github/workflows/ci.yml").contains(&toolchain),
        "{toolchain}"
    );
    assert!(read("README.md").contains(&format!("Rust {}.{}", stated.major, stated.minor)));
}
