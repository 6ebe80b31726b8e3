//! The files that are written, and their folder: what differs there from what should be, and making it so.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use similar::TextDiff;

use crate::finding::{Finding, Outcome};

/// One file to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct File {
    /// Its name in the output folder.
    pub(crate) name: String,
    /// Its content.
    pub(crate) text: String,
}

impl File {
    /// A module says where its declarations stand: Deno looks for none by itself.
    pub(crate) fn module(name: String, mut text: String) -> Self {
        if let (Some(stem), Some(end)) = (name.strip_suffix(".js"), text.find('\n'))
            && !stem.ends_with(".iife")
        {
            let types = format!("// @ts-self-types=\"./{stem}.d.ts\"\n");
            text.insert_str(end + 1, &types);
        }
        Self { name, text }
    }
}

/// The changes to a folder.
#[derive(Debug)]
pub(crate) struct Plan {
    folder: PathBuf,
    /// The differing files, by name.
    pub(crate) changes: Vec<Change>,
    /// How many files are as they should be.
    pub(crate) fresh: usize,
}

/// One file that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    /// Its name in the folder.
    pub(crate) name: String,
    /// The present content; `None` if the file does not exist.
    pub(crate) old: Option<String>,
    /// The wanted content; `None` if the file should be removed.
    pub(crate) new: Option<String>,
}

impl Plan {
    /// Compares a folder with what it should hold. `ours` knows the files of this kind by name and
    /// text. Files that this tool did not make stay as they
    /// are, and none of ours goes over them.
    ///
    /// # Errors
    /// When the folder cannot be read, or a file of someone else's has the name of one of ours.
    pub(crate) fn new(
        folder: &Path,
        files: &[File],
        ours: &dyn Fn(&str, &str) -> bool,
    ) -> Outcome<Self> {
        let mut plan = Self {
            folder: folder.to_owned(),
            changes: Vec::new(),
            fresh: 0,
        };
        let mut foreign = Vec::new();
        for name in names_in(folder)? {
            let new = files.iter().find(|file| file.name == name);
            let path = folder.join(&name);
            let text = match fs::read_to_string(&path) {
                // A checkout on Windows may have other line ends.
                Ok(text) => Some(text.replace("\r\n", "\n")).filter(|text| ours(&name, text)),
                Err(error) if error.kind() == ErrorKind::InvalidData || path.is_dir() => None,
                Err(error) => return Err(Finding::of_file("read", &path, &error).into()),
            };
            match (text, new) {
                (Some(old), Some(new)) if old == new.text => plan.fresh += 1,
                (Some(old), new) => plan.changes.push(Change {
                    name,
                    old: Some(old),
                    new: new.map(|file| file.text.clone()),
                }),
                (None, Some(_)) => foreign.push(Finding::new(
                    format!("socket-codegen did not write {}, so it stays as it is", path.display()),
                    "move that file away, or write to another folder: --out DIR (`out` in socket.toml)",
                )),
                (None, None) => {}
            }
        }
        if !foreign.is_empty() {
            return Err(foreign.into());
        }
        for file in files {
            if !folder.join(&file.name).exists() {
                plan.changes.push(Change {
                    name: file.name.clone(),
                    old: None,
                    new: Some(file.text.clone()),
                });
            }
        }
        plan.changes.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(plan)
    }

    /// Writes aside what the folder is to hold; gives each file with its place.
    fn stage(&self, aside: &mut Vec<(PathBuf, PathBuf)>) -> Outcome<()> {
        if self.changes.is_empty() {
            return Ok(());
        }
        let folder = &self.folder;
        fs::create_dir_all(folder).map_err(|error| Finding::of_file("create", folder, &error))?;
        for change in &self.changes {
            if let Some(text) = &change.new {
                let name = format!(".{}.{}.new", change.name, std::process::id());
                let path = folder.join(name);
                aside.push((path.clone(), folder.join(&change.name)));
                fs::write(&path, text).map_err(|error| Finding::of_file("write", &path, &error))?;
            }
        }
        Ok(())
    }
}

/// Makes the folders so. Everything is written aside first: a full disk, or a folder that cannot be
/// made, leaves all of them as they were.
///
/// # Errors
/// When something cannot be written.
pub(crate) fn apply<'a>(plans: impl IntoIterator<Item = &'a Plan>) -> Outcome<()> {
    let plans: Vec<&Plan> = plans.into_iter().collect();
    let mut aside = Vec::new();
    if let Err(failure) = plans.iter().try_for_each(|plan| plan.stage(&mut aside)) {
        for (path, _) in aside {
            // The first error is the one to report.
            let _gone = fs::remove_file(path).is_ok();
        }
        return Err(failure);
    }
    for (from, to) in aside {
        fs::rename(&from, &to).map_err(|error| Finding::of_file("write", &to, &error))?;
    }
    for plan in plans {
        for change in plan.changes.iter().filter(|change| change.new.is_none()) {
            let path = plan.folder.join(&change.name);
            fs::remove_file(&path).map_err(|error| Finding::of_file("delete", &path, &error))?;
        }
    }
    Ok(())
}

impl Change {
    /// The change as a unified diff. `folder` is what the paths in it begin with.
    #[must_use]
    pub(crate) fn diff(&self, folder: &str) -> String {
        let path = format!("{folder}/{}", self.name);
        let side = |side: &Option<String>| {
            side.as_ref()
                .map_or("/dev/null", |_| path.as_str())
                .to_owned()
        };
        let (old, new) = (
            self.old.as_deref().unwrap_or(""),
            self.new.as_deref().unwrap_or(""),
        );
        TextDiff::from_lines(old, new)
            .unified_diff()
            .header(&side(&self.old), &side(&self.new))
            .to_string()
    }
}

fn names_in(folder: &Path) -> Outcome<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Finding::of_file("read", folder, &error).into()),
    };
    let names: io::Result<Vec<_>> = entries
        .map(|entry| entry.map(|entry| entry.file_name()))
        .collect();
    let names = names.map_err(|error| Finding::of_file("read", folder, &error))?;
    let mut names: Vec<String> = names
        .into_iter()
        .filter_map(|name| name.into_string().ok())
        .collect();
    names.sort();
    Ok(names)
}
