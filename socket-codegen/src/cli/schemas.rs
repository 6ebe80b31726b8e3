//! `schemas`: the JSON Schema of each message.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::document::one;
use super::print::{count, end, to_stderr, to_stdout};
use super::source::Source;
use crate::document::schemas::{document, files, is_ours};
use crate::finding::Outcome;
use crate::output::{Plan, apply};

#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    source: Source,

    /// Which protocol, where there are several
    #[arg(long, value_name = "NAME")]
    protocol: Option<String>,

    /// The folder to write to, a file per schema [default: one document on stdout]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(super) fn run(options: &Options) -> ExitCode {
    end(tell(options), false)
}

fn tell(options: &Options) -> Outcome<ExitCode> {
    let manifest = one(&options.source, options.protocol.as_deref())?;
    let Some(out) = &options.out else {
        to_stdout(&format!("{:#}", document(&manifest)));
        return Ok(ExitCode::SUCCESS);
    };
    // The folder may hold the schemas of other protocols.
    let prefix = format!("{}.", manifest.protocol);
    let ours = |name: &str, text: &str| name.starts_with(&prefix) && is_ours(name, text);
    let plan = Plan::new(out, &files(&manifest), &ours)?;
    apply([&plan])?;
    let (changed, fresh) = (count(plan.changes.len()), plan.fresh);
    to_stderr(&format!(
        "{changed} changed, {fresh} up to date in {}",
        out.display()
    ));
    Ok(ExitCode::SUCCESS)
}
