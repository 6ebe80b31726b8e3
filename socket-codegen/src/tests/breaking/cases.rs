//! `<RULE>/<case>.json` holds two snippets, `before` and `after`; `<case>.txt` what is found there
//! and on the way back, in both modes. `BLESS=1` writes the latter.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::breaking::{Date, Level, Mode, Options, Report, Rule, compare};
use serde_json::Value;

use crate::tests::breaking::support::{lines, manifest, options};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/breaking")
}

fn options_of(case: &Value, mode: Mode) -> Options {
    let today = case.get("today").and_then(Value::as_str);
    let grace = case.get("grace_days").and_then(Value::as_u64);
    let allow = case
        .get("allow")
        .cloned()
        .map(|list| serde_json::from_value(list).unwrap());
    Options {
        today: today.map_or_else(crate::tests::breaking::support::today, |day| {
            day.parse::<Date>().unwrap()
        }),
        grace_days: grace.map(|days| u32::try_from(days).unwrap()),
        allow: allow.unwrap_or_default(),
        ..options(mode)
    }
}

fn run(case: &Value, mode: Mode, back: bool) -> Report {
    let (before, after) = (manifest(&case["before"]), manifest(&case["after"]));
    match back {
        false => compare(&before, &after, &options_of(case, mode)),
        true => compare(&after, &before, &options_of(case, mode)),
    }
}

/// Each change's level in the mode *full* is the worse one of the two others.
fn full_is_both(name: &str, case: &Value, back: bool) {
    let levels = |report: &Report| {
        let all = report.findings.iter().chain(&report.compatible);
        let level =
            |f: &crate::breaking::Finding| ((f.rule, f.path.clone(), f.message.clone()), f.level);
        all.map(level).collect::<BTreeMap<_, Level>>()
    };
    let [backward, forward, full] = Mode::ALL.map(|mode| levels(&run(case, mode, back)));
    for (change, level) in full {
        assert_eq!(
            level,
            backward[&change].max(forward[&change]),
            "{name}: {change:?}"
        );
    }
}

#[test]
fn every_rule_has_cases_that_show_it() {
    let mut wrong = Vec::new();
    for rule in Rule::ALL {
        let folder = folder().join(rule.id());
        let mut shown = false;
        let mut files: Vec<_> = fs::read_dir(&folder)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|end| end == "json"))
            .collect();
        files.sort();
        for path in files {
            let name = format!("{rule}/{}", path.file_stem().unwrap().display());
            let case: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            let mut found = String::new();
            for (back, way) in [(false, "before to after"), (true, "after to before")] {
                full_is_both(&name, &case, back);
                for mode in [Mode::Backward, Mode::Forward] {
                    let lines = lines(&run(&case, mode, back));
                    shown |= lines.iter().any(|line| line.contains(rule.id()));
                    found.push_str(&format!("{way}, {mode}\n"));
                    for line in lines {
                        found.push_str(&format!("  {line}\n"));
                    }
                }
            }
            let expected = path.with_extension("txt");
            if env::var_os("BLESS").is_some() {
                fs::write(&expected, &found).unwrap();
            }
            if fs::read_to_string(&expected).unwrap_or_default() != found {
                wrong.push(format!("{name}:\n{found}"));
            }
        }
        assert!(shown, "no case of {rule} shows it");
    }
    assert!(wrong.is_empty(), "not as expected:\n{}", wrong.join("\n"));
}
