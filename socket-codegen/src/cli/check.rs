//! `check`: says what `generate` would change, and changes nothing.

use std::process::ExitCode;

use serde_json::json;

use super::emitted::Options;
use super::print::{command_line, count, end, to_stderr, to_stdout, warn};
use crate::finding::Outcome;
use crate::output::Change;

pub(super) fn run(options: &Options) -> ExitCode {
    end(check(options), options.json)
}

fn check(options: &Options) -> Outcome<ExitCode> {
    let run = options.prepare(&options.source.origin()?)?;
    if let Some(faulty) = run.faulty(options) {
        return Ok(faulty);
    }
    run.write_samples(options)?;
    warn(&run.warnings);
    let fresh = run.changed() == 0;
    let fix = command_line(&options.fix());
    if options.json {
        let state = |change: &Change| match (&change.old, &change.new) {
            (None, _) => "missing",
            (_, None) => "superfluous",
            _ => "stale",
        };
        run.print_json(json!({ "fresh": fresh, "fix": fix }), |folder, change| {
            json!({ "name": change.name, "state": state(change), "diff": change.diff(&folder.name) })
        });
    } else if fresh {
        to_stderr(&format!("{} up to date", count(run.fresh())));
    } else {
        let mut stale = Vec::new();
        for folder in run
            .folders
            .iter()
            .filter(|folder| !folder.plan.changes.is_empty())
        {
            stale.push(folder.name.as_str());
            for change in &folder.plan.changes {
                to_stdout(change.diff(&folder.name).trim_end());
            }
        }
        to_stderr(&format!(
            "{} stale in {}; bring up to date with:",
            count(run.changed()),
            stale.join(", ")
        ));
        to_stdout(&fix);
    }
    Ok(ExitCode::from(u8::from(!fresh)))
}
