//! For a terminal.

use std::fmt::Write as _;

use super::summary;
use crate::breaking::finding::Report;

/// The report as text: one paragraph for each finding, the worst first, and one line that sums up.
#[must_use]
pub(crate) fn text(report: &Report) -> String {
    let mut out = String::new();
    for finding in &report.findings {
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "{:<8}  {}  {}\n          {}\n          fix: {}\n",
            finding.level.as_str(),
            finding.rule,
            finding.path,
            finding.message,
            finding.fix
        );
    }
    for accepted in &report.accepted {
        let finding = &accepted.finding;
        let _ = writeln!(
            out,
            "accepted  {}  {}\n          {}\n          because: {}\n",
            finding.rule, finding.path, finding.message, accepted.reason
        );
    }
    let _ = writeln!(
        out,
        "{} ({}): {}",
        report.protocol,
        report.mode,
        summary(report)
    );
    out
}
