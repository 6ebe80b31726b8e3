//! `generate`: writes the client and the types of each protocol.

use std::process::ExitCode;

use serde_json::json;

use super::emitted::{Options, Run};
use super::print::{count, end, to_stderr, warn};
use crate::finding::Outcome;
use crate::output::{self, Change};

pub(super) fn run(options: &Options) -> ExitCode {
    end(generate(options), options.json)
}

fn generate(options: &Options) -> Outcome<ExitCode> {
    let run = options.prepare(&options.source.origin()?)?;
    apply(&run, options)
}

/// Writes what changed, and says so; where serde does something else than the types say, reports
/// that and writes nothing.
pub(super) fn apply(run: &Run, options: &Options) -> Outcome<ExitCode> {
    if let Some(faulty) = run.faulty(options) {
        return Ok(faulty);
    }
    run.write_samples(options)?;
    output::apply(run.folders.iter().map(|folder| &folder.plan))?;
    warn(&run.warnings);
    if options.json {
        run.print_json(
            json!({}),
            |_, change| json!({ "name": change.name, "state": done(change, "written") }),
        );
        return Ok(ExitCode::SUCCESS);
    }
    for folder in &run.folders {
        for change in &folder.plan.changes {
            let done = done(change, "wrote");
            to_stderr(&format!("{done} {}/{}", folder.name, change.name));
        }
    }
    let (changed, fresh) = (count(run.changed()), run.fresh());
    to_stderr(&format!("{changed} changed, {fresh} up to date"));
    Ok(ExitCode::SUCCESS)
}

fn done(change: &Change, written: &'static str) -> &'static str {
    if change.new.is_some() {
        written
    } else {
        "deleted"
    }
}
