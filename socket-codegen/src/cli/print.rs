//! Where everything that is printed passes.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use crate::finding::{Failure, Finding, Outcome};

// A closed pipe (`… | head`) is no reason to fail: what could not be written was not wanted.

pub(super) fn to_stdout(text: &str) {
    let _written = writeln!(std::io::stdout(), "{text}").is_ok();
}

pub(super) fn to_stderr(text: &str) {
    let _written = writeln!(std::io::stderr(), "{text}").is_ok();
}

/// The end of a command: its own exit code, or what stood in the way and 2.
pub(super) fn end(outcome: Outcome<ExitCode>, json: bool) -> ExitCode {
    outcome.unwrap_or_else(|failure| {
        fail(&failure, json);
        ExitCode::from(2)
    })
}

pub(super) fn fail(failure: &Failure, json: bool) {
    if !failure.output.is_empty() {
        to_stderr(failure.output.trim_end());
    }
    for finding in &failure.findings {
        to_stderr(&format!("error: {finding}"));
    }
    if json {
        let errors: Vec<Value> = failure.findings.iter().map(finding_json).collect();
        to_stdout(&format!("{:#}", json!({ "errors": errors })));
    }
}

pub(super) fn warn(warnings: &[Finding]) {
    for warning in warnings {
        to_stderr(&format!("warning: {warning}"));
    }
}

pub(super) fn finding_json(finding: &Finding) -> Value {
    let places = finding
        .places
        .iter()
        .map(|place| json!({ "file": place.file, "line": place.line }));
    json!({ "what": finding.what, "places": places.collect::<Vec<_>>(), "help": finding.help })
}

pub(super) fn count(files: usize) -> String {
    if files == 1 {
        "1 file".to_owned()
    } else {
        format!("{files} files")
    }
}

/// A folder as it is shown: relative to where the user is, or else to the workspace.
pub(super) fn shown(folder: &Path, root: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let shown = folder
        .strip_prefix(here)
        .or_else(|_| folder.strip_prefix(root))
        .unwrap_or(folder);
    shown.display().to_string().replace('\\', "/")
}

/// Words as a shell takes them.
pub(super) fn command_line(words: &[String]) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./,=:@+".contains(c);
    let quoted = words.iter().map(|word| {
        if !word.is_empty() && word.chars().all(plain) {
            word.clone()
        } else {
            format!("'{}'", word.replace('\'', "'\\''"))
        }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

/// Shows cargo's progress while it builds.
pub(super) struct Progress(Option<ProgressBar>);

impl Progress {
    pub(super) fn new() -> Self {
        if !std::io::stderr().is_terminal() {
            return Self(None);
        }
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(100));
        Self(Some(bar))
    }

    pub(super) fn show(&self, line: &str) {
        match &self.0 {
            Some(bar) => bar.set_message(line.to_owned()),
            // Without a terminal, the reason for waiting should be shown too.
            None if line.starts_with("Blocking") && !line.ends_with("package cache") => {
                to_stderr(line);
            }
            None => {}
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
