//! Breaks that a team has accepted, with a reason.
//!
//! ```toml
//! [[allow]]
//! rule = "FIELD_REMOVED_REQUIRED"
//! path = "chat.reply.*"
//! reason = "no page reads it since 2026-09"
//! until = 2026-12-31
//! ```
//! `*` in a path stands for any text. An entry that accepts nothing, or whose day has passed, is a
//! finding.

use serde::{Deserialize, Deserializer};

use super::date::Date;
use super::finding::{Accepted, Finding};
use super::level::Level;
use super::rule::Rule;

/// One entry of the list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Allow {
    /// Which kind of change.
    pub(crate) rule: Rule,
    /// Where; `*` stands for any text.
    pub(crate) path: String,
    /// Why it hurts nobody. Not empty.
    #[serde(deserialize_with = "reason")]
    pub(crate) reason: String,
    /// The last day on which it is accepted; absent: for as long as it is found.
    #[serde(default)]
    pub(crate) until: Option<Date>,
}

fn reason<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    match text.trim().is_empty() {
        true => Err(serde::de::Error::custom("an accepted break needs a reason")),
        false => Ok(text),
    }
}

impl Allow {
    fn covers(&self, finding: &Finding) -> bool {
        self.rule == finding.rule && matches(&self.path, &finding.path)
    }

    fn expired(&self, today: Date) -> bool {
        self.until.is_some_and(|until| today > until)
    }

    fn finding(&self, rule: Rule, message: String) -> Finding {
        Finding {
            rule,
            level: Level::Warning,
            path: self.path.clone(),
            message,
            old: String::new(),
            new: String::new(),
            fix: rule.row().fix,
        }
    }
}

/// The remaining findings, and the accepted ones.
pub(super) struct Verdict {
    pub(crate) open: Vec<Finding>,
    pub(crate) accepted: Vec<Accepted>,
}

pub(super) fn apply(findings: Vec<Finding>, list: &[Allow], today: Date) -> Verdict {
    let mut used = vec![false; list.len()];
    let mut verdict = Verdict {
        open: Vec::new(),
        accepted: Vec::new(),
    };
    for finding in findings {
        let mut reason = None;
        for (allow, used) in list.iter().zip(&mut used) {
            if allow.covers(&finding) {
                // Also where this mode finds it compatible: another mode does not.
                *used = true;
                reason = reason.or((!allow.expired(today)).then_some(&allow.reason));
            }
        }
        match reason.filter(|_| finding.level > Level::Compatible) {
            Some(reason) => verdict.accepted.push(Accepted {
                finding,
                reason: reason.clone(),
            }),
            None => verdict.open.push(finding),
        }
    }
    for (allow, used) in list.iter().zip(used) {
        let rule = allow.rule;
        let finding = match (used, allow.until) {
            (false, _) => {
                let message = format!("{rule} is accepted here and was not found");
                allow.finding(Rule::AllowUnused, message)
            }
            (true, Some(until)) if allow.expired(today) => {
                let message = format!("{rule} was accepted here until {until}");
                allow.finding(Rule::AllowExpired, message)
            }
            (true, _) => continue,
        };
        verdict.open.push(finding);
    }
    verdict
}

/// Returns whether a text matches a pattern in which `*` stands for any text.
fn matches(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut pieces: Vec<_> = pieces.collect();
    let Some(last) = pieces.pop() else {
        return rest.is_empty();
    };
    for piece in pieces {
        match rest.find(piece) {
            Some(place) => rest = &rest[place + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text, expected) in [
            ("chat.param", "chat.param", true),
            ("chat.param", "chat.param.size", false),
            ("chat.*", "chat.param.size", true),
            ("*.size", "chat.param.size", true),
            ("chat.*.size", "chat.size", false),
            ("*.param.*[].size", "chat.param.files[].size", true),
            ("*", "", true),
            ("a*a", "a", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} on {text}");
        }
    }
}
