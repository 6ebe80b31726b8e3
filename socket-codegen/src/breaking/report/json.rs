//! For programs.

use serde_json::{Value, json};

use crate::breaking::finding::Report;
use crate::breaking::level::Level;

/// The report as JSON, with what is compatible too.
#[must_use]
pub(crate) fn json(report: &Report) -> Value {
    json!({
        "protocol": report.protocol,
        "mode": report.mode.as_str(),
        "old": report.fingerprints.0,
        "new": report.fingerprints.1,
        "summary": {
            "breaking": report.count(Level::Breaking),
            "source": report.count(Level::Source),
            "warning": report.count(Level::Warning),
            "accepted": report.accepted.len(),
            "compatible": report.compatible.len(),
        },
        "findings": report.findings,
        "accepted": report.accepted,
        "compatible": report.compatible,
    })
}
