//! A package that may define protocols, as `init` sees it: nothing is built for it.

use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Package};

use super::packages::{OURS, crate_name, folder_of};

/// A package that may define protocols.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Definer {
    /// The package's name.
    pub(crate) package: String,
    /// The name of its library in code.
    pub(crate) library: String,
    /// Its folder.
    pub(crate) folder: PathBuf,
    /// The crate that it writes definitions with, and the name by which its code knows that.
    pub(crate) with: (String, String),
    /// The wire names of the protocols that stand in its sources, as far as that can be read.
    pub(crate) protocols: Vec<String>,
}

impl Definer {
    pub(super) fn new(package: &Package) -> Self {
        let ours = package.dependencies.iter().find(|dependency| {
            dependency.kind == DependencyKind::Normal && OURS.contains(&dependency.name.as_str())
        });
        let with = ours.map_or_else(Default::default, |dependency| {
            let known = dependency.rename.as_ref().unwrap_or(&dependency.name);
            (dependency.name.clone(), known.replace('-', "_"))
        });
        let folder = folder_of(package);
        let mut protocols = Vec::new();
        find(&folder.join("src"), &mut protocols);
        protocols.sort();
        protocols.dedup();
        Self {
            package: package.name.to_string(),
            library: crate_name(package),
            folder,
            with,
            protocols,
        }
    }
}

/// Finds the names in all sources of a folder.
fn find(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            find(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.extend(names(&fs::read_to_string(path).unwrap_or_default()));
        }
    }
}

/// The names that `#[protocol(name = "…")]` gives in a source text.
fn names(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, start) in source.match_indices("#[protocol(") {
        let line = source[..at].rsplit('\n').next().unwrap_or_default();
        let attribute = source[at + start.len()..].split(']').next();
        let value = attribute
            .and_then(|attribute| attribute.split_once("name"))
            .and_then(|(_, rest)| rest.trim_start().strip_prefix('='))
            .and_then(|rest| rest.trim_start().strip_prefix('"'))
            .and_then(|rest| rest.split_once('"'));
        if let Some((name, _)) = value.filter(|_| !line.contains("//")) {
            found.push(name.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn reads_the_names_of_protocols() {
        let source = r#"
            /// #[protocol(name = "docs")]
            #[protocol(name = "chat", commands = Command)]
            pub(crate) struct Chat;
            #[protocol(
                events = Event,
                name="news",
            )]
            pub(crate) struct News;
            #[protocol(events = Event)]
            pub(crate) struct Nameless;
        "#;
        assert_eq!(names(source), ["chat", "news"]);
    }
}
