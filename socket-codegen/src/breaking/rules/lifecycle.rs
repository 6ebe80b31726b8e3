//! DEPRECATION_SKIPPED, STABILITY_LOWERED, and MESSAGE_REMOVED in the light of what was promised.

use socket_protocol::manifest::model::{Life, Stability};

use crate::breaking::Options;
use crate::breaking::date::Date;
use crate::breaking::level::Facts;
use crate::breaking::path::Path;
use crate::breaking::rule::Rule;
use crate::breaking::walk::Walk;

/// Returns whether it may change without notice and is not compared.
pub(in crate::breaking) fn is_draft(life: &Life) -> bool {
    life.stability == Some(Stability::Draft)
}

/// A message or channel is gone: says so, and whether it went too early.
pub(in crate::breaking) fn removed(
    walk: &mut Walk<'_>,
    path: &Path,
    name: &str,
    life: &Life,
    options: &Options,
) {
    let words = (name, "");
    let promised = promised(life, options);
    let over = promised.is_ok_and(|until| until.is_some_and(|until| options.today >= until));
    let facts = Facts {
        over,
        ..Facts::default()
    };
    walk.emit(Rule::MessageRemoved, path, words, "is gone", facts);
    let skipped = match promised {
        Err(()) => "was removed, and its promised day cannot be read".to_owned(),
        Ok(Some(until)) if options.today < until => {
            format!("was removed before {until}, the promised day")
        }
        Ok(None) if options.grace_days.is_some() => {
            "was removed without being deprecated first".to_owned()
        }
        Ok(_) => return,
    };
    walk.emit(
        Rule::DeprecationSkipped,
        path,
        words,
        skipped,
        Facts::default(),
    );
}

/// A promise that is taken back.
pub(in crate::breaking) fn stability(walk: &mut Walk<'_>, path: &Path, old: &Life, new: &Life) {
    // An item without a declared stability is compared like a stable one.
    let promise = |life: &Life| match life.stability {
        Some(Stability::Draft) => (0, "draft"),
        Some(Stability::Beta) => (1, "beta"),
        Some(Stability::Stable) | None => (2, "stable"),
    };
    let (before, after) = (promise(old), promise(new));
    if after.0 < before.0 {
        let words = (before.1, after.1);
        let message = format!("was {}, is now {}", words.0, words.1);
        walk.emit(
            Rule::StabilityLowered,
            path,
            words,
            message,
            Facts::default(),
        );
    }
}

/// The first day on which it may be gone; `Err` for a day that cannot be read.
fn promised(life: &Life, options: &Options) -> Result<Option<Date>, ()> {
    let day = |text: &Option<String>| match text {
        None => Ok(None),
        Some(text) => text.parse::<Date>().map(Some).map_err(|_| ()),
    };
    let (since, sunset) = (day(&life.since)?, day(&life.sunset)?);
    let grace = match (since, options.grace_days) {
        (Some(since), Some(days)) => Some(since.plus(days)),
        _ => None,
    };
    // Both are promises, and the later one binds.
    Ok(sunset.max(grace))
}
