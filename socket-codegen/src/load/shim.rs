//! The text of the crate that describes the user's protocols.

use std::fs;
use std::io;
use std::path::Path;

use cargo_metadata::Package;
use toml::{Table, Value};

use super::packages::{Chosen, Workspace};
use super::read;
use crate::finding::{Finding, Outcome};

pub(super) const NAME: &str = "socket-codegen-shim";

#[derive(Debug)]
pub(super) struct Shim {
    manifest: String,
    program: String,
    lock: Option<String>,
}

impl Shim {
    pub(super) fn new(workspace: &Workspace, chosen: &Chosen<'_>) -> Outcome<Self> {
        let root_manifest = workspace.root.join("Cargo.toml");
        let root: Table = toml::from_str(&read(&root_manifest)?)
            .map_err(|error| Finding::new(format!("Cargo.toml: {error}"), ""))?;
        let mut dependencies = Table::new();
        let mut protocol = instance(chosen.protocol)?;
        protocol.insert("features".to_owned(), Value::from(vec!["manifest"]));
        dependencies.insert("socket_protocol".to_owned(), protocol.into());
        if let Some(schemars) = schemars(workspace, chosen) {
            dependencies.insert("schemars".to_owned(), schemars.into());
        }
        let mut program = String::new();
        for (at, (package, features)) in chosen.packages.iter().enumerate() {
            // Two packages may have one name, and a library may be called otherwise.
            let name = format!("described_{at}");
            let mut dependency = instance(package)?;
            if !features.is_empty() {
                dependency.insert("features".to_owned(), Value::from(features.clone()));
            }
            dependencies.insert(name.clone(), dependency.into());
            program.push_str(&format!("use {name} as _; // {}\n", package.name));
        }
        program.push_str(MAIN);
        let mut manifest = Table::new();
        manifest.insert("package".to_owned(), package_table().into());
        manifest.insert("workspace".to_owned(), workspace_table(&root).into());
        manifest.insert("dependencies".to_owned(), dependencies.into());
        for key in ["patch", "replace"] {
            if let Some(table) = root.get(key) {
                let mut table = table.clone();
                absolute_paths(&mut table, &workspace.root);
                manifest.insert(key.to_owned(), table);
            }
        }
        manifest.insert("profile".to_owned(), profile_table(&root).into());
        let manifest = toml::to_string(&manifest).map_err(|error| {
            Finding::new(format!("cannot write the shim's manifest: {error}"), "")
        })?;
        Ok(Self {
            manifest: format!(
                "# Written by socket-codegen; it is written anew when it changes.\n{manifest}"
            ),
            program,
            lock: fs::read_to_string(workspace.root.join("Cargo.lock")).ok(),
        })
    }

    /// Writes what changed: cargo takes a new time of change for a reason to build again.
    pub(super) fn write(&self, folder: &Path) -> Outcome<()> {
        fs::create_dir_all(folder.join("src"))
            .map_err(|error| Finding::of_file("create", folder, &error))?;
        let manifest = write_changed(&folder.join("Cargo.toml"), &self.manifest)?;
        write_changed(&folder.join("src/main.rs"), &self.program)?;
        if let Some(lock) = &self.lock {
            // Cargo adds the shim to its own copy, so the user's text is kept beside it.
            let known = write_changed(&folder.join("user.lock"), lock)?;
            let copy = folder.join("Cargo.lock");
            if manifest || known || !copy.exists() {
                fs::write(&copy, lock).map_err(|error| Finding::of_file("write", &copy, &error))?;
            }
        }
        Ok(())
    }
}

const MAIN: &str = r#"
fn main() -> std::io::Result<()> {
    socket_protocol::manifest::collect::run(std::env::args_os())
}
"#;

fn package_table() -> Table {
    let mut package = Table::new();
    for (key, value) in [("name", NAME), ("version", "0.0.0"), ("edition", "2024")] {
        package.insert(key.to_owned(), value.into());
    }
    package.insert("publish".to_owned(), false.into());
    package
}

/// The user's dev profile, so that what is compiled already is used. Only the protocol crate, which is
/// built for the shim in any case, is optimised where the user says nothing of it: it draws the samples
/// and looks at what comes back, and three times as fast.
fn profile_table(root: &Table) -> Table {
    let dev = root.get("profile").and_then(|profile| profile.get("dev"));
    let mut dev = dev.and_then(Value::as_table).cloned().unwrap_or_default();
    let mut packages = match dev.get("package") {
        Some(Value::Table(packages)) => packages.clone(),
        _ => Table::new(),
    };
    if !packages.contains_key("socket-protocol") {
        let mut fast = Table::new();
        fast.insert("opt-level".to_owned(), 2.into());
        packages.insert("socket-protocol".to_owned(), fast.into());
    }
    dev.insert("package".to_owned(), packages.into());
    let mut profile = Table::new();
    profile.insert("dev".to_owned(), dev.into());
    profile
}

/// The crates whose types schemars describes when it is asked to: name, versions, its feature.
const DESCRIBED: &[(&str, &str, &str)] = &[
    ("arrayvec", "0.7.", "arrayvec07"),
    ("bigdecimal", "0.4.", "bigdecimal04"),
    ("bytes", "1.", "bytes1"),
    ("chrono", "0.4.", "chrono04"),
    ("either", "1.", "either1"),
    ("indexmap", "2.", "indexmap2"),
    ("jiff", "0.2.", "jiff02"),
    ("rust_decimal", "1.", "rust_decimal1"),
    ("semver", "1.", "semver1"),
    ("smallvec", "1.", "smallvec1"),
    ("smol_str", "0.2.", "smol_str02"),
    ("smol_str", "0.3.", "smol_str03"),
    ("url", "2.", "url2"),
    ("uuid", "1.", "uuid1"),
];

/// schemars, with the features for the crates that the described ones use: they are nobody's to
/// turn on, since a server needs no schemars.
fn schemars(workspace: &Workspace, chosen: &Chosen<'_>) -> Option<Table> {
    let packages = chosen.packages.iter().map(|(package, _)| *package);
    let used: Vec<(String, String)> = workspace
        .named_by(packages)
        .map(|package| (package.name.to_string(), package.version.to_string()))
        .collect();
    let features: Vec<&str> = DESCRIBED
        .iter()
        .filter(|(name, versions, _)| {
            used.iter()
                .any(|(used, version)| used == name && version.starts_with(versions))
        })
        .map(|(_, _, feature)| *feature)
        .collect();
    let mut table = Table::new();
    table.insert("version".to_owned(), "1".into());
    table.insert("default-features".to_owned(), false.into());
    table.insert("features".to_owned(), features.clone().into());
    (!features.is_empty()).then_some(table)
}

/// A workspace of its own, with the resolver of the user's.
fn workspace_table(root: &Table) -> Table {
    let stated = root
        .get("workspace")
        .and_then(|workspace| workspace.get("resolver"));
    let resolver = stated
        .or_else(|| root.get("package")?.get("resolver"))
        .and_then(Value::as_str);
    let edition = root
        .get("package")
        .and_then(|package| package.get("edition"));
    let resolver = resolver.unwrap_or(match edition.and_then(Value::as_str) {
        Some("2024") => "3",
        Some("2021") => "2",
        _ => "1",
    });
    let mut workspace = Table::new();
    workspace.insert("resolver".to_owned(), resolver.into());
    workspace
}

/// The very same instance of a package that the user's graph has.
fn instance(package: &Package) -> Outcome<Table> {
    let mut table = Table::new();
    table.insert("package".to_owned(), package.name.as_str().into());
    let Some(source) = &package.source else {
        let folder = package
            .manifest_path
            .parent()
            .unwrap_or(&package.manifest_path);
        table.insert("path".to_owned(), folder.as_str().into());
        return Ok(table);
    };
    let source = source.repr.as_str();
    if let Some(git) = source.strip_prefix("git+") {
        let url = git.split('#').next().unwrap_or(git);
        let (url, query) = url.split_once('?').unwrap_or((url, ""));
        table.insert("git".to_owned(), url.into());
        if let Some((key, value)) = query.split_once('=') {
            table.insert(key.to_owned(), value.into());
        }
    } else {
        table.insert("version".to_owned(), format!("={}", package.version).into());
        if !source.contains("github.com/rust-lang/crates.io-index")
            && !source.contains("index.crates.io")
        {
            let index = source.strip_prefix("registry+").unwrap_or(source);
            table.insert("registry-index".to_owned(), index.into());
        }
    }
    Ok(table)
}

/// Paths in a manifest are relative to it, and the shim's lies elsewhere.
fn absolute_paths(value: &mut Value, root: &Path) {
    if let Value::Table(table) = value {
        for (key, value) in table {
            match value {
                Value::String(path) if key == "path" => {
                    *path = root.join(&*path).display().to_string();
                }
                other => absolute_paths(other, root),
            }
        }
    }
}

fn write_changed(path: &Path, text: &str) -> Outcome<bool> {
    match fs::read_to_string(path) {
        Ok(known) if known == text => Ok(false),
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Finding::of_file("read", path, &error).into())
        }
        _ => {
            fs::write(path, text).map_err(|error| Finding::of_file("write", path, &error))?;
            Ok(true)
        }
    }
}
