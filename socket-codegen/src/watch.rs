//! Which files a folder's protocols are made of, and whether one of them changed. It looks at them
//! again and again: that works in containers and on network folders too, and costs no dependency.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, SystemTime};

/// How long between two looks.
const PAUSE: Duration = Duration::from_millis(200);

/// The time and size of a file; `None` if it does not exist.
type Look = Option<(SystemTime, u64)>;

/// The files that are watched.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    /// Folders of packages: a new file in one counts too.
    folders: BTreeSet<PathBuf>,
    /// Further files: what the compiler read elsewhere, and settings.
    files: BTreeSet<PathBuf>,
    /// The files when the last pass began.
    seen: BTreeMap<PathBuf, Look>,
    began: Option<SystemTime>,
}

impl Watch {
    /// To be called before a pass: what changes from here on is a change.
    pub(crate) fn begin(&mut self) {
        self.began = Some(SystemTime::now());
        self.seen = self.look();
    }

    /// Adds what a pass found out.
    pub(crate) fn add(
        &mut self,
        folders: impl IntoIterator<Item = PathBuf>,
        files: impl IntoIterator<Item = PathBuf>,
    ) {
        self.folders.extend(folders);
        self.files.extend(files);
        let began = self.began;
        for (path, look) in self.look() {
            // A file that changed after the pass began may have been read before that.
            let late = look.is_some_and(|(time, _)| began.is_some_and(|began| time >= began));
            self.seen.entry(path).or_insert(look.filter(|_| !late));
        }
    }

    /// How many files there are.
    #[must_use]
    pub(crate) fn count(&self) -> usize {
        self.seen.values().flatten().count()
    }

    /// Waits for a change, and for the changes to come to rest. Gives one that changed.
    #[must_use]
    pub(crate) fn wait(&self) -> PathBuf {
        loop {
            let mut now = self.look();
            if let Some(path) = differing(&self.seen, &now) {
                loop {
                    sleep(PAUSE);
                    let later = self.look();
                    if later == now {
                        return path;
                    }
                    now = later;
                }
            }
            sleep(PAUSE);
        }
    }

    fn look(&self) -> BTreeMap<PathBuf, Look> {
        let mut looks = BTreeMap::new();
        for folder in &self.folders {
            sources(folder, &mut looks);
        }
        for file in &self.files {
            looks.insert(file.clone(), look(file));
        }
        looks
    }
}

fn differing(a: &BTreeMap<PathBuf, Look>, b: &BTreeMap<PathBuf, Look>) -> Option<PathBuf> {
    let changed = b.iter().find(|(path, look)| a.get(*path) != Some(*look));
    let gone = || a.keys().find(|path| !b.contains_key(*path));
    changed.map(|(path, _)| path).or_else(gone).cloned()
}

fn look(path: &Path) -> Look {
    let about = fs::metadata(path).ok()?;
    Some((about.modified().ok()?, about.len()))
}

/// The Rust sources and manifests of a package's folder.
fn sources(folder: &Path, looks: &mut BTreeMap<PathBuf, Look>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            if !name.starts_with('.') && !["target", "node_modules"].contains(&&*name) {
                sources(&path, looks);
            }
        } else if name.ends_with(".rs") || name == "Cargo.toml" {
            looks.insert(path.clone(), look(&path));
        }
    }
}
