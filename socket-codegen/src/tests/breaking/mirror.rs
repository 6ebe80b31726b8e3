//! The table's symmetry: what a rule says of one mode, its mirror says of the other.

use crate::breaking::level::Cell;
use crate::breaking::{Rule, explain, table};
use crate::tests::here;

/// The cells of a row on the wire, as the mirror should have them.
fn seen_from_back(rule: Rule, cells: [Cell; 4]) -> [Cell; 4] {
    match rule.row().mirror {
        // Its own mirror: what is widened there is narrowed on the way back.
        Some(mirror) if mirror == rule => cells.map(|cell| cell.wire().reversed()),
        _ => cells.map(Cell::wire),
    }
}

#[test]
fn every_rule_has_its_mirror_or_a_waiver() {
    for row in table::rows() {
        let Some(mirror) = row.mirror else {
            let waiver = row.waiver.unwrap_or_default();
            assert!(
                !waiver.is_empty(),
                "{} has neither mirror nor waiver",
                row.rule
            );
            continue;
        };
        let back = mirror.row();
        let agree = seen_from_back(row.rule, row.forward) == back.backward.map(Cell::wire);
        match row.waiver {
            None => assert!(agree, "{} and {mirror} disagree without a waiver", row.rule),
            Some(waiver) => {
                assert!(!waiver.is_empty());
                assert!(!agree, "{} needs no waiver", row.rule);
            }
        }
        if row.waiver.is_none() {
            assert_eq!(
                back.mirror,
                Some(row.rule),
                "{} and {mirror} are not a pair",
                row.rule
            );
        }
    }
}

#[test]
fn the_table_holds_every_rule_once_and_in_words() {
    let rules: Vec<_> = table::rows().map(|row| row.rule).collect();
    assert_eq!(rules, Rule::ALL);
    for row in table::rows() {
        assert_eq!(row.rule.row().what, row.what);
        assert_eq!(row.rule.id().parse(), Ok(row.rule));
        for text in [row.what, row.why, row.fix] {
            assert!(
                !text.is_empty() && !text.ends_with('.'),
                "{}: {text}",
                row.rule
            );
        }
        assert!(explain::rule(row.rule).contains(row.fix));
    }
    assert_eq!(
        "FIELD_REMOVED".parse::<Rule>().unwrap_err(),
        "unknown rule `FIELD_REMOVED`: did you mean `FIELD_REMOVED_REQUIRED`?"
    );
}

/// `UPDATE=1` writes the table.
#[test]
fn the_readme_lists_every_rule() {
    let path = here("README.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let begin = page.find("| rule | the change |").unwrap();
    let end = begin + page[begin..].find("\n\n").unwrap() + 1;
    let table = explain::markdown();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, page[..begin].to_owned() + &table + &page[end..]).unwrap();
        return;
    }
    assert!(
        page[begin..end] == table,
        "the README's table of rules is stale: UPDATE=1 writes it"
    );
}
