//! What `generate` and `check` share: the flags, and the comparison of what would be emitted with
//! what is there.

use std::path::PathBuf;

use clap::Args;
use serde_json::Value;

use super::print::{finding_json, shown, to_stdout};
use super::source::Source;
use crate::emit::{Emit, emit};
use crate::finding::{Failure, Finding, Outcome};
use crate::output::{Change, Plan};

#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    source: Source,

    /// The folder to write to [default: `out` in socket.toml, else generated-ts at the workspace root]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// What to write [default: `emit` in socket.toml, else ts]
    #[arg(long, value_enum)]
    emit: Option<Emit>,

    /// Prints one JSON document on stdout, for programs
    #[arg(long)]
    pub(super) json: bool,
}

pub(super) struct Run {
    pub(super) plan: Plan,
    /// The folder as it is shown.
    pub(super) folder: String,
    pub(super) warnings: Vec<Finding>,
}

impl Options {
    pub(super) fn prepare(&self) -> Outcome<Run> {
        let (workspace, config) = self.source.workspace()?;
        let packages = match &self.source.packages[..] {
            [] => config.packages.unwrap_or_default(),
            packages => packages.to_vec(),
        };
        let loaded = self.source.load(&workspace, packages)?;
        let form = self.emit.or(config.emit).unwrap_or_default();
        let emitted = emit(&loaded.manifests, form, &|spot| loaded.sources.locate(spot));
        let files = match emitted {
            Ok(files) if loaded.problems.is_empty() => files,
            emitted => {
                // Everything that is wrong, at once.
                let mut failure = Failure::from(loaded.problems);
                failure
                    .findings
                    .extend(emitted.err().unwrap_or_default().findings);
                return Err(failure);
            }
        };
        let folder = match (&self.out, config.out) {
            (Some(out), _) => out.clone(),
            (None, out) => workspace
                .root
                .join(out.as_deref().unwrap_or("generated-ts")),
        };
        Ok(Run {
            plan: Plan::new(&folder, &files)?,
            folder: shown(&folder, &workspace.root),
            warnings: loaded.warnings,
        })
    }

    /// The command that writes what `check` found stale.
    pub(super) fn fix(&self) -> Vec<String> {
        let mut words = vec!["socket-codegen".to_owned(), "generate".to_owned()];
        words.extend(self.source.words());
        if let Some(out) = &self.out {
            words.extend(["--out".to_owned(), out.display().to_string()]);
        }
        if let Some(form) = self.emit {
            let name = match form {
                Emit::Ts => "ts",
                Emit::Js => "js",
            };
            words.extend(["--emit".to_owned(), name.to_owned()]);
        }
        words
    }
}

impl Run {
    pub(super) fn print_json(&self, mut document: Value, of: impl Fn(&Change) -> Value) {
        document["folder"] = self.folder.as_str().into();
        document["files"] = self.plan.changes.iter().map(of).collect();
        document["upToDate"] = self.plan.fresh.into();
        document["warnings"] = self.warnings.iter().map(finding_json).collect();
        to_stdout(&format!("{document:#}"));
    }
}
