//! `init`: what a project needs to begin; nothing that is there is touched.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::print::{end, shown, to_stderr, to_stdout};
use crate::finding::{Finding, Outcome};
use crate::init::{Start, Wanted, add_manifest, start};
use crate::load::Workspace;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The folder for the generated clients, relative to the workspace root
    #[arg(long, value_name = "DIR", default_value = "generated-ts")]
    out: String,

    /// Also writes a new crate with a small protocol into this folder of the workspace
    #[arg(long, value_name = "DIR")]
    sample: Option<PathBuf>,

    /// Also writes a GitHub workflow that runs `socket-codegen check`
    #[arg(long)]
    github: bool,

    /// The Cargo.toml of the workspace or of one of its members
    #[arg(long, value_name = "FILE")]
    manifest_path: Option<PathBuf>,
}

pub(super) fn run(options: &Options) -> ExitCode {
    end(init(options), false)
}

fn init(options: &Options) -> Outcome<ExitCode> {
    let workspace = Workspace::find(options.manifest_path.as_deref(), &[])?;
    let wanted = Wanted {
        out: options.out.clone(),
        sample: options.sample.clone(),
        github: options.github,
    };
    let files = start(&workspace, &wanted)?;
    for file in &files {
        let name = shown(&file.path, &workspace.root);
        if write(file)? {
            to_stderr(&format!("wrote {name}"));
        } else {
            to_stderr(&format!("kept {name}, which already exists"));
        }
    }
    let definers = workspace.definers();
    let next = if let Some(sample) = &options.sample {
        let sample = sample.display();
        to_stderr(&format!(
            "Add \"{sample}\" to `members` in the workspace's Cargo.toml, then:"
        ));
        "socket-codegen generate"
    } else if definers.is_empty() {
        to_stderr(
            "No library in this workspace depends on socket-protocol or socket-runtime yet; start one with:",
        );
        "socket-codegen init --sample protocol"
    } else {
        "socket-codegen generate"
    };
    for definer in definers
        .iter()
        .filter(|definer| !definer.protocols.is_empty())
    {
        to_stdout(&add_manifest(definer));
    }
    to_stdout(next);
    Ok(ExitCode::SUCCESS)
}

/// Writes a file unless it exists.
fn write(file: &Start) -> Outcome<bool> {
    let cannot = |error| Finding::of_file("write", &file.path, &error);
    if let Some(folder) = file.path.parent() {
        fs::create_dir_all(folder).map_err(cannot)?;
    }
    match OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&file.path)
    {
        Ok(mut new) => new.write_all(file.text.as_bytes()).map_err(cannot)?,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(false),
        Err(error) => return Err(cannot(error).into()),
    }
    Ok(true)
}
