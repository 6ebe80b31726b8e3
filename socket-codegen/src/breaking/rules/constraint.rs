//! CONSTRAINT_TIGHTENED, CONSTRAINT_LOOSENED: of text, lists and numbers of keys.

use crate::breaking::level::{Facts, Sides};
use crate::breaking::path::Path;
use crate::breaking::rule::Rule;
use crate::breaking::rules::number::is_wide;
use crate::breaking::schema::{List, Text};
use crate::breaking::walk::Walk;
use serde_json::Value;

/// The least and the most, where there are such.
pub(in crate::breaking) type Counts = (Option<u64>, Option<u64>);

impl Walk<'_> {
    pub(in crate::breaking) fn texts(&mut self, path: &Path, old: &Text, new: &Text) {
        self.counts(
            path,
            "characters",
            (old.min, old.max),
            (new.min, new.max),
            false,
        );
        if old.format != new.format {
            self.formats(path, old.format.as_deref(), new.format.as_deref());
        }
        match (&old.pattern, &new.pattern) {
            (None, Some(pattern)) => self.tightened(path, "", pattern, "must now match a pattern"),
            (Some(pattern), None) => {
                self.loosened(path, pattern, "", "need no longer match a pattern", false);
            }
            (Some(old), Some(new)) if old != new => {
                self.undecided(path, &format!("the pattern `{old}` is now `{new}`"));
            }
            _ => {}
        }
    }

    fn formats(&mut self, path: &Path, old: Option<&str>, new: Option<&str>) {
        // An integer written as text is only digits; what its format says is their range.
        if is_wide(old) && is_wide(new) {
            self.undecided(
                path,
                "the range of an integer that is written as text changed",
            );
            return;
        }
        let words = (old.unwrap_or_default(), new.unwrap_or_default());
        if let Some(new) = new {
            self.tightened(
                path,
                words.0,
                words.1,
                &format!("must now have the format {new}"),
            );
        }
        if let Some(old) = old {
            let message = format!("need no longer have the format {old}");
            self.loosened(path, words.0, words.1, &message, true);
        }
    }

    pub(in crate::breaking) fn lists(&mut self, path: &Path, old: &List, new: &List) {
        let places = old.prefix.len().max(new.prefix.len());
        let all = Value::Bool(true);
        let fixed = |list: &List| !list.prefix.is_empty() && is_tuple(list);
        if fixed(old) && fixed(new) {
            self.tuples(path, old, new);
            return;
        }
        for place in 0..places {
            let old = old.prefix.get(place).or(old.items.as_ref()).unwrap_or(&all);
            let new = new.prefix.get(place).or(new.items.as_ref()).unwrap_or(&all);
            self.compare(&path.index(place), old, new);
        }
        if !fixed(old) && !fixed(new) {
            let (old, new) = (old.items.as_ref(), new.items.as_ref());
            self.compare(&path.items(), old.unwrap_or(&all), new.unwrap_or(&all));
        }
        let exact = |list: &List| list.min.is_some() && list.min == list.max;
        let brand = exact(old) || exact(new);
        self.counts(path, "items", (old.min, old.max), (new.min, new.max), brand);
        // serde takes duplicates for a set and drops them: the keyword binds the writer alone.
        if !self.lenient {
            return;
        }
        match (old.unique, new.unique) {
            (false, true) => self.tightened(path, "a list", "a set", "has no duplicates now"),
            (true, false) => {
                self.loosened(path, "a set", "a list", "may now have duplicates", false);
            }
            _ => {}
        }
    }

    /// A tuple takes neither fewer nor more: its places are fields whose names are numbers.
    fn tuples(&mut self, path: &Path, old: &List, new: &List) {
        for (place, (old, new)) in old.prefix.iter().zip(&new.prefix).enumerate() {
            self.compare(&path.index(place), old, new);
        }
        let strict = !self.lenient;
        let facts = Facts {
            denies: Sides {
                old: strict,
                new: strict,
            },
            ..Facts::default()
        };
        let shared = old.prefix.len().min(new.prefix.len());
        for place in shared..old.prefix.len() {
            let path = path.index(place);
            let message = "the tuple no longer has this place";
            self.emit(
                Rule::FieldRemovedRequired,
                &path,
                ("a place", ""),
                message,
                facts,
            );
        }
        for place in shared..new.prefix.len() {
            let path = path.index(place);
            let message = "the tuple has one place more";
            self.emit(
                Rule::FieldAddedRequired,
                &path,
                ("", "a place"),
                message,
                facts,
            );
        }
    }

    pub(in crate::breaking) fn counts(
        &mut self,
        path: &Path,
        noun: &str,
        old: Counts,
        new: Counts,
        brand: bool,
    ) {
        let least = (old.0.unwrap_or(0), new.0.unwrap_or(0));
        let most = (old.1.unwrap_or(u64::MAX), new.1.unwrap_or(u64::MAX));
        let words = (range(old), range(new));
        let message = format!("the number of {noun} was {}, is now {}", words.0, words.1);
        if least.1 > least.0 || most.1 < most.0 {
            self.tightened(path, &words.0, &words.1, &message);
        }
        if least.1 < least.0 || most.1 > most.0 {
            self.loosened(path, &words.0, &words.1, &message, brand);
        }
    }

    fn tightened(&mut self, path: &Path, old: &str, new: &str, message: &str) {
        self.emit(
            Rule::ConstraintTightened,
            path,
            (old, new),
            message,
            Facts::default(),
        );
    }

    fn loosened(&mut self, path: &Path, old: &str, new: &str, message: &str, brand: bool) {
        let facts = Facts {
            brand,
            ..Facts::default()
        };
        self.emit(Rule::ConstraintLoosened, path, (old, new), message, facts);
    }
}

/// Exactly as many as it names.
fn is_tuple(list: &List) -> bool {
    let places = u64::try_from(list.prefix.len()).ok();
    list.min == places && list.max == places
}

fn range((min, max): Counts) -> String {
    match (min, max) {
        (None | Some(0), None) => "any".to_owned(),
        (Some(min), None) => format!("at least {min}"),
        (None | Some(0), Some(max)) => format!("at most {max}"),
        (Some(min), Some(max)) if min == max => format!("exactly {min}"),
        (Some(min), Some(max)) => format!("{min} to {max}"),
    }
}
