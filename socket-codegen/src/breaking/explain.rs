//! The rules in words: all of them as a list, each with its reason, its fix and its verdicts, and as
//! the table of the README.

use std::fmt::Write as _;

use super::level::{Cell, Mode, Position};
use super::rule::Rule;
#[cfg(test)]
use super::table;

/// All rules, one a line.
#[must_use]
pub(crate) fn list() -> String {
    let width = Rule::ALL.iter().map(|rule| rule.id().len()).max();
    let width = width.unwrap_or_default();
    let line = |rule: &Rule| format!("{rule:<width$}  {}\n", rule.row().what);
    Rule::ALL.iter().map(line).collect()
}

/// One rule: what changed, who is affected, the fix, and the verdict at each place in each mode.
#[must_use]
pub(crate) fn rule(rule: Rule) -> String {
    let row = rule.row();
    let mut text = format!(
        "{rule}: {}\n\nWhy: {}\n\nFix: {}\n",
        row.what, row.why, row.fix
    );
    let modes = [
        (Mode::Backward, "a new server, old pages", row.backward),
        (Mode::Forward, "new pages, an old server", row.forward),
    ];
    for (mode, who, cells) in modes {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "\n{mode} ({who})");
        for (position, cell) in Position::ALL.into_iter().zip(cells) {
            if cell != Cell::Na {
                let _ = writeln!(text, "  {:<7}{}", position.as_str(), cell.words());
            }
        }
    }
    if let Some(mirror) = row.mirror {
        let _ = write!(text, "\nThe change back is {mirror}");
        let _ = match row.waiver {
            Some(waiver) => writeln!(text, ", with other verdicts: {waiver}"),
            None => writeln!(text),
        };
    }
    text
}

/// The table of the README: a column for each place, in the mode `backward`.
#[cfg(test)]
pub(crate) fn markdown() -> String {
    let mut text = "| rule | the change | param | reply | error | event |\n\
                    | --- | --- | --- | --- | --- | --- |\n"
        .to_owned();
    for row in table::rows() {
        let cells = row.backward.map(Cell::sign).join(" | ");
        let _ = writeln!(text, "| `{}` | {} | {cells} |", row.rule, row.what);
    }
    text
}
