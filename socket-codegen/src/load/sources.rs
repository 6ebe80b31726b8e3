//! Where things stand in the sources that were built.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::Package;
use socket_protocol::manifest::model::Site;

use super::packages::{Chosen, Workspace};
use super::scan::{self, Found};
use super::{read, shown};
use crate::finding::{Outcome, Place};

/// The subject of a finding, so that its line in the source can be found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spot<'a> {
    /// The path of the Rust type.
    pub(crate) rust: &'a str,
    /// The wire name of the variant.
    pub(crate) variant: Option<&'a str>,
    /// The field.
    pub(crate) field: Option<&'a str>,
}

/// Finds a spot in the sources.
pub(crate) type Locate<'a> = &'a dyn Fn(Spot<'_>) -> Option<Place>;

/// A derive that stands in a source.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    pub(super) derive: &'static str,
    pub(super) name: String,
    pub(super) place: Place,
}

/// The sources of the described packages.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    root: PathBuf,
    /// Every file that the compiler read, of any path package.
    pub(crate) built: Vec<PathBuf>,
    files: Vec<PathBuf>,
    /// The place of each registered type, by its Rust path.
    registered: BTreeMap<String, Place>,
}

impl Sources {
    /// The files that cargo says were built.
    pub(super) fn read(
        workspace: &Workspace,
        chosen: &Chosen<'_>,
        dep_info: &Path,
    ) -> Outcome<Self> {
        let folders: Vec<PathBuf> = chosen
            .packages
            .iter()
            .filter_map(|(package, _)| package.manifest_path.parent())
            .map(|folder| folder.as_std_path().to_owned())
            .collect();
        let text = read(&dep_info.to_path_buf())?;
        // Generated files are not sources.
        let built: Vec<PathBuf> = dependencies(&text)
            .filter(|path| !path.starts_with(&workspace.target))
            .collect();
        let files = built
            .iter()
            .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
            .filter(|path| folders.iter().any(|folder| path.starts_with(folder)))
            .cloned()
            .collect();
        Ok(Self {
            root: workspace.root.clone(),
            built,
            files,
            registered: BTreeMap::new(),
        })
    }

    /// Remembers where the registered derives stand.
    pub(super) fn register(&mut self, sites: &[Site]) {
        for site in sites {
            self.registered.insert(site.rust.clone(), self.place(site));
        }
    }

    /// The line of a site.
    pub(crate) fn place(&self, site: &Site) -> Place {
        Place {
            file: shown(&self.root, &self.root.join(&site.file)),
            line: site.line,
        }
    }

    /// The derives in the built sources that did not register.
    pub(super) fn unregistered(&self, sites: &[Site]) -> Vec<Standing> {
        let registered = |standing: &Standing| {
            sites.iter().any(|site| {
                site.derive == standing.derive
                    && site.rust.rsplit("::").next() == Some(&standing.name)
                    && self.place(site).file == standing.place.file
            })
        };
        let standing = self.files.iter().flat_map(|file| in_file(&self.root, file));
        standing.filter(|standing| !registered(standing)).collect()
    }

    /// The derives of a package that stand in no file that was built: in a program, for example.
    pub(super) fn outside(&self, package: &Package) -> Vec<Standing> {
        let built: Vec<String> = self
            .files
            .iter()
            .map(|file| shown(&self.root, file))
            .collect();
        let mut standing = package_sites(&self.root, package);
        standing.retain(|standing| !built.contains(&standing.place.file));
        standing
    }

    /// The line of a spot, as close as the text tells.
    #[must_use]
    pub(crate) fn locate(&self, spot: Spot<'_>) -> Option<Place> {
        let place = match self.registered.get(spot.rust) {
            Some(place) => place.clone(),
            None => self.declaration(spot.rust.rsplit("::").next()?)?,
        };
        let Ok(text) = fs::read_to_string(self.root.join(&place.file)) else {
            return Some(place);
        };
        let mut line = place.line;
        if let Some(variant) = spot.variant {
            let same = |word: &str| plain(word) == plain(variant);
            line = scan::line_of_word(&text, line, same).unwrap_or(line);
        }
        if let Some(field) = spot.field {
            let same = |word: &str| plain(word) == plain(field);
            line = scan::line_of_word(&text, line, same).unwrap_or(line);
        }
        Some(Place { line, ..place })
    }

    /// Where the only type of that name is declared.
    fn declaration(&self, name: &str) -> Option<Place> {
        let mut found = self.files.iter().filter_map(|file| {
            let line = scan::line_of_type(&fs::read_to_string(file).ok()?, name)?;
            Some(Place {
                file: shown(&self.root, file),
                line,
            })
        });
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }
}

/// A name without what renaming rules change.
fn plain(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// The derives in all sources of a package, also in those that nothing builds.
pub(super) fn package_sites(root: &Path, package: &Package) -> Vec<Standing> {
    let Some(folder) = package.manifest_path.parent() else {
        return Vec::new();
    };
    let mut standing = Vec::new();
    let mut folders = vec![folder.join("src").into_std_path_buf()];
    while let Some(folder) = folders.pop() {
        let mut paths: Vec<PathBuf> = fs::read_dir(&folder)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .collect();
        paths.sort();
        for path in paths {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                standing.extend(in_file(root, &path));
            }
        }
    }
    standing
}

fn in_file(root: &Path, path: &Path) -> Vec<Standing> {
    let found = fs::read_to_string(path)
        .map(|text| scan::derives(&text))
        .unwrap_or_default();
    let standing = |Found { derive, name, line }| Standing {
        derive,
        name,
        place: Place {
            file: shown(root, path),
            line,
        },
    };
    found.into_iter().map(standing).collect()
}

/// The files of a `.d` file: one rule, spaces in paths escaped.
fn dependencies(text: &str) -> impl Iterator<Item = PathBuf> {
    let files = text.split_once(": ").map_or("", |(_, files)| files);
    let files = files
        .lines()
        .next()
        .unwrap_or_default()
        .replace("\\ ", "\0");
    let paths: Vec<PathBuf> = files
        .split(' ')
        .filter(|path| !path.is_empty())
        .map(|path| path.replace('\0', " ").into())
        .collect();
    paths.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_paths_with_spaces() {
        let text = "/t/debug/shim: /my\\ work/a.rs /b.rs\n\n/my work/a.rs:\n";
        let paths: Vec<PathBuf> = dependencies(text).collect();
        assert_eq!(
            paths,
            [PathBuf::from("/my work/a.rs"), PathBuf::from("/b.rs")]
        );
    }
}
