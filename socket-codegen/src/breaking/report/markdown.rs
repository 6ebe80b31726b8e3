//! For a comment on a pull request.

use std::fmt::Write as _;

use super::summary;
use crate::breaking::finding::Report;
use crate::breaking::level::Mode;

/// The report as Markdown: a heading, one table, what is accepted folded away.
#[must_use]
pub(crate) fn markdown(report: &Report) -> String {
    let mut out = format!(
        "### Protocol `{}`: {}\n\n",
        report.protocol,
        summary(report)
    );
    out.push_str(match report.mode {
        Mode::Backward => "A new server and the pages that are open now.\n",
        Mode::Forward => "New pages and a server that is still the old one.\n",
        Mode::Full => "Old and new pages, old and new servers.\n",
    });
    if !report.findings.is_empty() {
        out.push_str("\n| | Where | What | Fix |\n| --- | --- | --- | --- |\n");
    }
    for finding in &report.findings {
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "| **{}**<br>{} | {} | {} | {} |",
            finding.level,
            finding.rule,
            code(&finding.path),
            cell(&finding.message),
            cell(finding.fix)
        );
    }
    if !report.accepted.is_empty() {
        out.push_str("\n<details><summary>Accepted</summary>\n\n");
        out.push_str("| | Where | What | Because |\n| --- | --- | --- | --- |\n");
        for accepted in &report.accepted {
            let finding = &accepted.finding;
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} |",
                finding.rule,
                code(&finding.path),
                cell(&finding.message),
                cell(&accepted.reason)
            );
        }
        out.push_str("\n</details>\n");
    }
    out
}

/// Text inside of a table: what ends a cell or begins a tag is escaped, code stays code.
fn cell(text: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in text.chars() {
        inside ^= c == '`';
        match c {
            '|' => out.push_str("\\|"),
            '\n' | '\r' => out.push(' '),
            '<' if !inside => out.push_str("&lt;"),
            '*' | '_' | '[' | ']' if !inside => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// A path as code: the fence is longer than any run of backticks in it.
fn code(text: &str) -> String {
    let text = text.replace('|', "\\|").replace(['\n', '\r'], " ");
    match text.contains('`') {
        true => format!("`` {text} ``"),
        false => format!("`{text}`"),
    }
}
