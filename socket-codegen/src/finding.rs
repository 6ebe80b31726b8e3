//! A finding: the problem, its place, and the fix.

use std::fmt;
use std::io::{self, ErrorKind};
use std::path::Path;

/// A line of a source file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// The file, relative to the workspace where it lies within.
    pub(crate) file: String,
    /// The line, from 1 on.
    pub(crate) line: u32,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// The problem, in one sentence without a full stop.
    pub(crate) what: String,
    /// Where; several where things collide.
    pub(crate) places: Vec<Place>,
    /// The fix.
    pub(crate) help: String,
}

impl Finding {
    /// A finding without a place.
    #[must_use]
    pub(crate) fn new(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            places: Vec::new(),
            help: help.into(),
        }
    }

    /// A failed operation on a file or a folder: `read`, `write`, `create`.
    #[must_use]
    pub(crate) fn of_file(what: &str, path: &Path, error: &io::Error) -> Self {
        let shown = path.display();
        let help = match error.kind() {
            ErrorKind::IsADirectory => format!("{shown} is a folder: name a file"),
            ErrorKind::NotADirectory => "a part of this path is a file: name another".to_owned(),
            ErrorKind::InvalidData => "the file is not valid UTF-8: name another file".to_owned(),
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                "free disk space, then run this again".to_owned()
            }
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                format!("check its permissions: ls -ld {shown}")
            }
            // A missing file cannot be examined, but its folder can.
            ErrorKind::NotFound => match path.parent() {
                Some(folder) if folder != Path::new("") => {
                    format!("list what is there: ls {}", folder.display())
                }
                _ => "list what is here: ls".to_owned(),
            },
            _ => format!("look at it: ls -ld {shown}"),
        };
        Self::new(format!("cannot {what} {shown}: {error}"), help)
    }

    /// The same, with a place where it has one.
    #[must_use]
    pub(crate) fn at(mut self, place: impl IntoIterator<Item = Place>) -> Self {
        self.places.extend(place);
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        for place in &self.places {
            write!(f, "\n  --> {}:{}", place.file, place.line)?;
        }
        if !self.help.is_empty() {
            write!(f, "\n  help: {}", self.help.replace('\n', "\n        "))?;
        }
        Ok(())
    }
}

/// Why nothing could be done: one finding or more.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Failure {
    /// The findings.
    pub(crate) findings: Vec<Finding>,
    /// The compiler's output, to be shown unchanged.
    pub(crate) output: String,
}

impl Failure {
    /// Takes in what else was found, each thing once.
    pub(crate) fn add(&mut self, other: Self) {
        for finding in other.findings {
            if !self.findings.contains(&finding) {
                self.findings.push(finding);
            }
        }
        self.output.push_str(&other.output);
    }
}

impl From<Finding> for Failure {
    fn from(finding: Finding) -> Self {
        vec![finding].into()
    }
}

impl From<Vec<Finding>> for Failure {
    fn from(findings: Vec<Finding>) -> Self {
        Self {
            findings,
            output: String::new(),
        }
    }
}

/// The result of a step.
pub(crate) type Outcome<T> = Result<T, Failure>;

/// The name among those that are known that was probably meant.
pub(crate) use socket_protocol::nearest::nearest;
