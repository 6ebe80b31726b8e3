//! DEPRECATION_SKIPPED, and MESSAGE_REMOVED in the light of what was promised.

use crate::breaking::Options;
use crate::breaking::date::Date;
use crate::breaking::level::Facts;
use crate::breaking::rule::Rule;
use crate::breaking::rules::message::Message;
use crate::breaking::walk::Walk;

/// A message is gone: says so, and whether it went too early.
pub(in crate::breaking) fn removed<T: Message>(
    walk: &mut Walk<'_>,
    message: &T,
    options: &Options,
) {
    let path = T::path(message.name());
    let words = (message.name(), "");
    let promised = promised(message, options);
    let over = promised.is_ok_and(|until| until.is_some_and(|until| options.today >= until));
    let facts = Facts {
        over,
        ..Facts::default()
    };
    walk.emit(Rule::MessageRemoved, &path, words, "is gone", facts);
    let skipped = match promised {
        Err(()) => "went, and the day that was promised cannot be read".to_owned(),
        Ok(Some(until)) if options.today < until => {
            format!("went before {until}, the day that was promised")
        }
        Ok(None) if options.grace_days.is_some() => {
            "went without being deprecated first".to_owned()
        }
        Ok(_) => return,
    };
    walk.emit(
        Rule::DeprecationSkipped,
        &path,
        words,
        skipped,
        Facts::default(),
    );
}

/// The first day on which it may be gone; `Err` for a day that cannot be read.
fn promised<T: Message>(message: &T, options: &Options) -> Result<Option<Date>, ()> {
    let life = message.life();
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
