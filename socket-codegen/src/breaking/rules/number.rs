//! INT_WIDENED, INT_NARROWED, INT_PAST_2_53, FLOAT_TO_INT, INT_TO_FLOAT, and CONSTRAINT_… of
//! numbers.

use serde_json::Value;

use crate::breaking::level::Facts;
use crate::breaking::path::Path;
use crate::breaking::rule::Rule;
use crate::breaking::schema::{Bound, Number};
use crate::breaking::walk::Walk;

/// The largest integer below which JavaScript's numbers are exact.
const EXACT: i128 = 1 << 53;

impl Walk<'_> {
    pub(in crate::breaking) fn integers(&mut self, path: &Path, old: &Number, new: &Number) {
        self.multiples(path, old, new);
        let (from, to) = (whole(old), whole(new));
        let loses = from.0 < to.0 || from.1 > to.1;
        let gains = to.0 < from.0 || to.1 > from.1;
        let formats = (label(old), label(new));
        if old.format == new.format {
            self.range(path, (&text(old), &text(new)), loses, gains);
            return;
        }
        let past = (to.1 > EXACT || to.0 < -EXACT) && (from.1 <= EXACT && from.0 >= -EXACT);
        let facts = Facts::default();
        if gains && past {
            let message = format!("may now go past 2^53: {} is now {}", formats.0, formats.1);
            self.emit(Rule::IntPast2To53, path, formats.clone(), message, facts);
        } else if gains {
            let message = format!("takes a wider range: {} is now {}", formats.0, formats.1);
            self.emit(Rule::IntWidened, path, formats.clone(), message, facts);
        }
        if loses {
            let message = format!("takes a narrower range: {} is now {}", formats.0, formats.1);
            self.emit(Rule::IntNarrowed, path, formats, message, facts);
        }
    }

    pub(in crate::breaking) fn floats(&mut self, path: &Path, old: &Number, new: &Number) {
        self.multiples(path, old, new);
        self.real_range(path, old, new);
    }

    pub(in crate::breaking) fn integer_to_float(
        &mut self,
        path: &Path,
        old: &Number,
        new: &Number,
    ) {
        let words = (label(old), "number");
        self.emit(
            Rule::IntToFloat,
            path,
            words,
            "may now have a fraction",
            Facts::default(),
        );
        self.multiples(path, old, new);
        self.real_range(path, old, new);
    }

    pub(in crate::breaking) fn float_to_integer(
        &mut self,
        path: &Path,
        old: &Number,
        new: &Number,
    ) {
        let words = ("number", label(new));
        self.emit(
            Rule::FloatToInt,
            path,
            words,
            "must now be a whole number",
            Facts::default(),
        );
        self.multiples(path, old, new);
        self.real_range(path, old, new);
    }

    /// Digits turn to text, or text to digits, as the policy for 64-bit integers does it.
    pub(in crate::breaking) fn digits_and_text(&mut self, path: &Path, old: &str, new: &str) {
        let facts = Facts {
            text: true,
            ..Facts::default()
        };
        let message = format!("was written as {old}, is now written as {new}");
        self.emit(Rule::IntPast2To53, path, (old, new), message, facts);
    }

    fn real_range(&mut self, path: &Path, old: &Number, new: &Number) {
        let (low, high) = (real(old), real(new));
        let loses = low.0 < high.0 || low.1 > high.1;
        let gains = high.0 < low.0 || high.1 > low.1;
        self.range(path, (&text(old), &text(new)), loses, gains);
    }

    fn range(&mut self, path: &Path, (old, new): (&str, &str), loses: bool, gains: bool) {
        let facts = Facts::default();
        if loses {
            let message = format!("its range was {old}, is now {new}");
            self.emit(Rule::ConstraintTightened, path, (old, new), message, facts);
        }
        if gains {
            let message = format!("its range was {old}, is now {new}");
            self.emit(Rule::ConstraintLoosened, path, (old, new), message, facts);
        }
    }

    fn multiples(&mut self, path: &Path, old: &Number, new: &Number) {
        let facts = Facts::default();
        match (&old.multiple_of, &new.multiple_of) {
            (None, Some(step)) => {
                let message = format!("must now be a multiple of {step}");
                self.emit(Rule::ConstraintTightened, path, ("", step), message, facts);
            }
            (Some(step), None) => {
                let message = format!("need no longer be a multiple of {step}");
                self.emit(Rule::ConstraintLoosened, path, (step, ""), message, facts);
            }
            (Some(old), Some(new)) if old != new => {
                self.undecided(
                    path,
                    &format!("was a multiple of {old}, is now one of {new}"),
                );
            }
            _ => {}
        }
    }
}

/// Returns whether the policy for 64-bit integers writes this format as text.
pub(in crate::breaking) fn is_wide(format: Option<&str>) -> bool {
    matches!(
        format,
        Some("int64" | "uint64" | "int" | "uint" | "int128" | "uint128")
    )
}

/// The range of a format. The ends of 128 bits are beyond `i128` on one side: what counts is only
/// that they differ.
fn of_format(format: Option<&str>) -> (i128, i128) {
    match format {
        Some("int8") => (i8::MIN.into(), i8::MAX.into()),
        Some("uint8") => (0, u8::MAX.into()),
        Some("int16") => (i16::MIN.into(), i16::MAX.into()),
        Some("uint16") => (0, u16::MAX.into()),
        Some("int32") => (i32::MIN.into(), i32::MAX.into()),
        Some("uint32") => (0, u32::MAX.into()),
        Some("int64" | "int") => (i64::MIN.into(), i64::MAX.into()),
        Some("uint64" | "uint") => (0, u64::MAX.into()),
        Some("uint128") => (0, i128::MAX - 1),
        Some("int128") => (i128::MIN + 1, i128::MAX - 2),
        _ => (i128::MIN, i128::MAX),
    }
}

fn whole(number: &Number) -> (i128, i128) {
    let (min, max) = of_format(number.format.as_deref());
    let low = number.min.as_ref().and_then(|bound| {
        let at = integer(&bound.at, f64::ceil)?;
        let open = bound.exclusive && exact(&bound.at);
        Some(at.saturating_add(i128::from(open)))
    });
    let high = number.max.as_ref().and_then(|bound| {
        let at = integer(&bound.at, f64::floor)?;
        let open = bound.exclusive && exact(&bound.at);
        Some(at.saturating_sub(i128::from(open)))
    });
    (
        low.map_or(min, |low| low.max(min)),
        high.map_or(max, |high| high.min(max)),
    )
}

fn exact(at: &Value) -> bool {
    at.as_f64().is_some_and(|at| at.fract() == 0.0)
}

/// An end of the range as an integer, rounded into the range.
fn integer(at: &Value, round: fn(f64) -> f64) -> Option<i128> {
    let whole = at.as_i64().map(i128::from);
    #[allow(
        clippy::cast_possible_truncation,
        reason = "a cast from a float saturates, which is what an end beyond the range should do"
    )]
    let rounded = || at.as_f64().map(|at| round(at) as i128);
    whole
        .or_else(|| at.as_u64().map(i128::from))
        .or_else(rounded)
}

/// The ends as floats, the exclusive ones a step inside of the inclusive ones of the same value.
fn real(number: &Number) -> ((f64, u8), (f64, i8)) {
    let at = |bound: &Bound| bound.at.as_f64();
    let low = number
        .min
        .as_ref()
        .and_then(|bound| Some((at(bound)?, u8::from(bound.exclusive))));
    let high = number
        .max
        .as_ref()
        .and_then(|bound| Some((at(bound)?, -i8::from(bound.exclusive))));
    let (min, max) = match number.format.as_deref() {
        Some("float" | "double") | None => (f64::NEG_INFINITY, f64::INFINITY),
        format => {
            let (min, max) = of_format(format);
            #[allow(
                clippy::cast_precision_loss,
                reason = "compared with bounds of floats, which round in the same way"
            )]
            let ends = (min as f64, max as f64);
            ends
        }
    };
    (low.unwrap_or((min, 0)), high.unwrap_or((max, 0)))
}

fn label(number: &Number) -> String {
    number
        .format
        .clone()
        .unwrap_or_else(|| "integer".to_owned())
}

/// The range as people write it.
fn text(number: &Number) -> String {
    let end = |bound: &Option<Bound>, open: &str, closed: &str| {
        bound.as_ref().map(|bound| {
            let sign = if bound.exclusive { open } else { closed };
            format!("{sign} {}", bound.at)
        })
    };
    let ends = [end(&number.min, ">", ">="), end(&number.max, "<", "<=")];
    let ends: Vec<_> = ends.into_iter().flatten().collect();
    match ends.is_empty() {
        true => "any".to_owned(),
        false => ends.join(" and "),
    }
}
