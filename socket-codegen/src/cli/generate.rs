//! `generate`: writes the client and the types of each protocol.

use std::process::ExitCode;

use serde_json::json;

use super::emitted::Options;
use super::print::{count, end, to_stderr, warn};
use crate::finding::Outcome;
use crate::output::Change;

pub(super) fn run(options: &Options) -> ExitCode {
    end(generate(options), options.json)
}

fn generate(options: &Options) -> Outcome<ExitCode> {
    let run = options.prepare()?;
    run.plan.apply()?;
    warn(&run.warnings);
    let done = |change: &Change, written, deleted| -> &str {
        if change.new.is_some() {
            written
        } else {
            deleted
        }
    };
    if options.json {
        run.print_json(
            json!({}),
            |change| json!({ "name": change.name, "state": done(change, "written", "deleted") }),
        );
        return Ok(ExitCode::SUCCESS);
    }
    for change in &run.plan.changes {
        let done = done(change, "wrote", "deleted");
        to_stderr(&format!("{done} {}/{}", run.folder, change.name));
    }
    let (changed, fresh) = (run.plan.changes.len(), run.plan.fresh);
    to_stderr(&format!("{} changed, {fresh} up to date", count(changed)));
    Ok(ExitCode::SUCCESS)
}
