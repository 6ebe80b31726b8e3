//! The check checks itself: after a verdict of "compatible", what one side writes is never refused
//! by the other. Schemas and edits are random, in the forms that schemars writes.

mod draw;
mod schemas;
mod validate;

use crate::breaking::{Level, Mode, Report, Rule};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::tests::breaking::support::check;
use draw::Draw;
use schemas::{edits, schema};
use validate::Validator;

const SAMPLES: usize = 24;

fn types(snippet: &Value) -> &Value {
    &snippet["types"]
}

/// Whether nothing was found that would excuse a refusal, in that part of the message.
fn says_ok(report: &Report, part: &str) -> bool {
    let told = report
        .findings
        .iter()
        .filter(|finding| finding.path.starts_with(part));
    let excuse = |finding: &crate::breaking::Finding| match (part, finding.level) {
        (_, Level::Breaking) => true,
        (_, _) if finding.rule == Rule::Undecided => true,
        ("do.param", _) => false,
        // A client validates nothing: there a looser bound is a warning, in source too.
        (_, level) => level == Level::Warning || finding.rule == Rule::ConstraintLoosened,
    };
    !told.into_iter().any(excuse)
}

/// Draws from one schema and validates in the other; returns what is refused.
fn refused(writer: &Value, reader: &Value, lenient: bool, seed: u64) -> Option<Value> {
    let mut draw = Draw::new(types(writer), seed);
    let validator = Validator {
        types: types(reader),
        lenient,
    };
    let drawn = (0..SAMPLES).filter_map(|_| draw.value(&writer["shape"], 6));
    drawn
        .into_iter()
        .find(|value| !validator.accepts(&reader["shape"], value))
}

fn snippet(schema: &Value) -> Value {
    json!({ "shape": schema, "types": schemas::types() })
}

#[test]
fn a_compatible_change_refuses_nothing() {
    // More of them: PROPTEST_CASES=20000.
    let cases = std::env::var("PROPTEST_CASES").ok();
    let cases = Config {
        cases: cases.map_or(500, |cases| cases.parse().unwrap()),
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(
        cases,
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    let judged = std::cell::Cell::new([0_u32; 4]);
    let result = runner.run(
        &(schema(), edits(), any::<u64>()),
        |(schema, edits, seed)| {
            let edited = schemas::edit(&schema, &edits);
            let (old, new) = (snippet(&schema), snippet(&edited));
            let reports = [Mode::Backward, Mode::Forward].map(|mode| check(&old, &new, mode));
            // Who writes and who reads, by mode and part.
            let meetings = [
                (Mode::Backward, "do.param", &old, &new),
                (Mode::Forward, "do.param", &new, &old),
                (Mode::Backward, "do.reply", &new, &old),
                (Mode::Forward, "do.reply", &old, &new),
            ];
            for (index, (mode, part, writer, reader)) in meetings.into_iter().enumerate() {
                let report = reports.iter().find(|report| report.mode == mode).unwrap();
                if !says_ok(report, part) {
                    continue;
                }
                let mut counts = judged.get();
                counts[index] += 1;
                judged.set(counts);
                if let Some(value) = refused(writer, reader, part == "do.reply", seed) {
                    let told = crate::tests::breaking::support::lines(report);
                    return Err(TestCaseError::fail(format!(
                        "{mode} {part}: {value} is refused\n{schema}\n{edited}\n{told:#?}"
                    )));
                }
            }
            Ok(())
        },
    );
    if let Err(error) = result {
        panic!("{error}");
    }
    // A test that never gets to the point would pass as well.
    assert!(
        judged.get().iter().all(|count| *count > 50),
        "{:?}",
        judged.get()
    );
}

#[test]
fn nothing_changed_is_nothing_found() {
    let mut runner = TestRunner::new_with_rng(
        Config {
            cases: 500,
            failure_persistence: None,
            ..Config::default()
        },
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    let result = runner.run(&(schema(), any::<u64>()), |(schema, seed)| {
        let same = snippet(&schema);
        let report = check(&same, &same, Mode::Full);
        prop_assert!(report.findings.is_empty(), "{:?}", report.findings);
        prop_assert!(report.compatible.is_empty(), "{:?}", report.compatible);
        // The sampler and the validator agree with each other, too.
        prop_assert_eq!(refused(&same, &same, false, seed), None);
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}
