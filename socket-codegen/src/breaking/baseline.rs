//! Where the old manifest comes from: a file, or a revision of the repository.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

use serde_json::Value;
use socket_protocol::manifest::{FORMAT, Manifest};

/// Why a manifest could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum BaselineError {
    /// The file is not there or cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// `git:` without a revision.
    #[error("`{0}` lacks a revision: write git:REV or git:REV:PATH, such as git:origin/main")]
    NoRevisionNamed(String),
    /// `git` itself cannot be run: install it, or name a file.
    #[error("cannot run git: {0}")]
    NoGit(io::Error),
    /// The folder is in no repository: name a file instead.
    #[error("{} is outside of any git repository", .0.display())]
    NoRepository(PathBuf),
    /// There is no such commit here. A shallow clone has only the last one.
    #[error("unknown revision `{0}` in this repository (in a shallow clone, fetch it first)")]
    NoRevision(String),
    /// The commit has no such file: an older one, or a manifest that was not committed.
    #[error("revision `{revision}` lacks the file `{path}`")]
    NoFile {
        /// The commit.
        revision: String,
        /// The file.
        path: String,
    },
    /// It is something else than a manifest.
    #[error("{origin} is not a manifest: {reason}")]
    NotAManifest {
        /// Where it came from.
        origin: String,
        /// What is wrong with it.
        reason: String,
    },
    /// It was written by a newer tool: use that one.
    #[error(
        "{origin} has format {format}, but this program reads formats up to {FORMAT}: update it"
    )]
    Newer {
        /// Where it came from.
        origin: String,
        /// Its format.
        format: u64,
    },
}

/// Loads what `--against` names: a file, or `git:REV[:PATH]`. Without a path it is the manifest
/// that is compared, as it was in that revision; a path is seen from the working directory.
///
/// # Errors
/// [`BaselineError`]; each says what to do.
pub(crate) fn load(against: &str, manifest: &Path) -> Result<Manifest, BaselineError> {
    let Some(place) = against.strip_prefix("git:") else {
        return read(Path::new(against));
    };
    let (revision, path) = match place.split_once(':') {
        Some((revision, path)) => (revision, Path::new(path)),
        None => (place, manifest),
    };
    if revision.is_empty() || path.as_os_str().is_empty() {
        return Err(BaselineError::NoRevisionNamed(against.to_owned()));
    }
    let text = show(revision, path)?;
    parse(&text, &format!("{revision}:{}", path.display()))
}

/// Reads the manifest in a file.
///
/// # Errors
/// [`BaselineError`] if the file is missing, or is not a manifest that this tool reads.
pub(crate) fn read(path: &Path) -> Result<Manifest, BaselineError> {
    let text = fs::read(path).map_err(|source| BaselineError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    parse(&text, &path.display().to_string())
}

fn parse(text: &[u8], origin: &str) -> Result<Manifest, BaselineError> {
    let not = |reason: String| BaselineError::NotAManifest {
        origin: origin.to_owned(),
        reason,
    };
    let value: Value = serde_json::from_slice(text).map_err(|error| not(error.to_string()))?;
    let Some(format) = value.get("format").and_then(Value::as_u64) else {
        return Err(not("the key `format` is missing".to_owned()));
    };
    // The number first: a newer document may not fit the older types, and that is not its fault.
    if format > u64::from(FORMAT) {
        let origin = origin.to_owned();
        return Err(BaselineError::Newer { origin, format });
    }
    serde_json::from_value(value).map_err(|error| not(error.to_string()))
}

fn show(revision: &str, path: &Path) -> Result<Vec<u8>, BaselineError> {
    let here = env::current_dir().map_err(BaselineError::NoGit)?;
    let path = here.join(path);
    // git is asked from the file's folder, or the nearest that still exists: the file and its
    // folder may have moved since, and the repository may be another than the working directory's.
    let folder = path.ancestors().skip(1).find(|folder| folder.is_dir());
    let folder = folder.unwrap_or(&here);
    let git = |arguments: &[&str]| -> Result<Output, BaselineError> {
        let mut git = Command::new("git");
        git.arg("-C").arg(folder).args(arguments);
        git.output().map_err(BaselineError::NoGit)
    };
    if !git(&["rev-parse", "--git-dir"])?.status.success() {
        return Err(BaselineError::NoRepository(folder.to_owned()));
    }
    let commit = format!("{revision}^{{commit}}");
    let commit = git(&[
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        &commit,
    ])?;
    if !commit.status.success() {
        return Err(BaselineError::NoRevision(revision.to_owned()));
    }
    let inside = path.strip_prefix(folder).unwrap_or(&path);
    // git writes paths with `/` on every system.
    let inside: Vec<_> = inside.iter().map(|part| part.to_string_lossy()).collect();
    let inside = inside.join("/");
    let commit = String::from_utf8_lossy(&commit.stdout);
    let file = git(&["show", &format!("{}:./{inside}", commit.trim())])?;
    match file.status.success() {
        true => Ok(file.stdout),
        false => Err(BaselineError::NoFile {
            revision: revision.to_owned(),
            path: inside,
        }),
    }
}
