//! Findings for those who read them. Each form is a function of the report alone.

mod github;
mod json;
mod markdown;
mod text;

pub(crate) use github::github;
pub(crate) use json::json;
pub(crate) use markdown::markdown;
pub(crate) use text::text;

use super::finding::Report;
use super::level::Level;

/// One line on how many of which: `2 breaking, 1 source, 0 warnings`.
fn summary(report: &Report) -> String {
    let count = |level| report.count(level);
    let mut summary = format!(
        "{} breaking, {} source, {} {}",
        count(Level::Breaking),
        count(Level::Source),
        count(Level::Warning),
        if count(Level::Warning) == 1 {
            "warning"
        } else {
            "warnings"
        },
    );
    if !report.accepted.is_empty() {
        summary.push_str(&format!(", {} accepted", report.accepted.len()));
    }
    summary
}
