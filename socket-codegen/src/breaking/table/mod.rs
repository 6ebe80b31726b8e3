//! The table: every rule with what happened, who it affects, the fix, and its verdicts.
//!
//! The law behind it. What old clients may send must still be accepted; what the new server may
//! send must be understood by old clients, who ignore unknown keys and hand unknown events to
//! `onUnknown`. That is the mode *backward*; *forward* swaps the sides. So a rule's forward verdict
//! is the backward verdict of the change back, its mirror; where it is not, the row says why.

mod messages;
mod shapes;

use super::level::Cell;
use super::rule::{Row, Rule};

#[cfg(test)]
const TABLES: [&[Row]; 2] = [messages::ROWS, shapes::ROWS];

/// All rows, in the order of [`Rule::ALL`].
#[cfg(test)]
pub(crate) fn rows() -> impl Iterator<Item = &'static Row> {
    TABLES.into_iter().flatten()
}

pub(super) fn find(rule: Rule) -> &'static Row {
    let index = rule as usize;
    match index.checked_sub(messages::ROWS.len()) {
        None => &messages::ROWS[index],
        Some(index) => &shapes::ROWS[index],
    }
}

/// A row in which the modes say the same.
const fn same(cells: [Cell; 4]) -> ([Cell; 4], [Cell; 4]) {
    (cells, cells)
}

/// Writes a row; `mirror` and `waiver` are optional.
macro_rules! row {
    (
        $rule:ident, $what:literal, why $why:literal, fix $fix:literal,
        $verdicts:expr $(, mirror $mirror:ident)? $(, waiver $waiver:literal)?
    ) => {
        Row {
            #[cfg(test)]
            rule: Rule::$rule,
            what: $what,
            why: $why,
            fix: $fix,
            backward: $verdicts.0,
            forward: $verdicts.1,
            // The first of a list that ends in `None`: what may be left out of a row.
            mirror: [$(Some(Rule::$mirror),)? None][0],
            waiver: [$(Some($waiver),)? None][0],
        }
    };
}
use row;
