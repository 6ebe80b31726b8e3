//! For GitHub's workflow log, which turns these lines into annotations.

use std::fmt::Write as _;

use crate::breaking::finding::Report;
use crate::breaking::level::Level;

/// The report as workflow commands, on the file of the new manifest where one is named.
#[must_use]
pub(crate) fn github(report: &Report, file: Option<&str>) -> String {
    let mut out = String::new();
    for finding in &report.findings {
        let command = match finding.level {
            Level::Breaking => "error",
            _ if finding.is_about_allow() => "error",
            _ => "warning",
        };
        let file = file.map(|file| format!("file={},", property(file)));
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "::{command} {}title={}::{}",
            file.unwrap_or_default(),
            property(&format!("{}: {}", finding.level, finding.rule)),
            data(&format!(
                "{} {}. Fix: {}",
                finding.path, finding.message, finding.fix
            )),
        );
    }
    out
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
