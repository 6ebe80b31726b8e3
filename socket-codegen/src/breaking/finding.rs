//! Changes, judged: the findings of a comparison.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde::Serialize;
use socket_protocol::manifest::Manifest;

use super::Options;
use super::allow;
use super::level::{Level, Mode};
use super::rule::Rule;
use super::walk::Change;

/// One change and how bad it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// Which kind of change.
    pub(crate) rule: Rule,
    /// How bad it is in the mode that was asked for.
    pub(crate) level: Level,
    /// Where, from the message's root: `chat.send.param.attachments[].size`.
    pub(crate) path: String,
    /// The change, as the rest of a sentence about the path.
    pub(crate) message: String,
    /// The former value, in a few words; empty if there was none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) old: String,
    /// The present value; empty if there is none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) new: String,
    /// The fix.
    pub(crate) fix: &'static str,
}

impl Finding {
    fn new(change: Change, mode: Mode) -> Self {
        Self {
            level: change.rule.judge(&change.facts, change.position, mode),
            rule: change.rule,
            path: change.path,
            message: change.message,
            old: change.old,
            new: change.new,
            fix: change.rule.row().fix,
        }
    }

    /// Returns whether it is about the allow list itself. Such a finding fails at any level,
    /// because a wrong list hides the next break.
    #[must_use]
    pub(crate) fn is_about_allow(&self) -> bool {
        matches!(self.rule, Rule::AllowUnused | Rule::AllowExpired)
    }

    /// The worst first, then by path.
    fn order(&self, other: &Self) -> Ordering {
        let level = other.level.cmp(&self.level);
        let path = || self.path.cmp(&other.path);
        let rule = || self.rule.cmp(&other.rule);
        let rest = || (&self.message, &self.new).cmp(&(&other.message, &other.new));
        level.then_with(path).then_with(rule).then_with(rest)
    }
}

/// A finding that the team has accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Accepted {
    /// The finding.
    #[serde(flatten)]
    pub(crate) finding: Finding,
    /// Why it is accepted.
    pub(crate) reason: String,
}

/// The findings of a comparison in a fixed order: the worst first, then by path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Report {
    /// The protocol's name.
    pub(crate) protocol: String,
    /// The sides that are compared.
    pub(crate) mode: Mode,
    /// The fingerprints of the old and the new manifest.
    pub(crate) fingerprints: (String, String),
    /// The findings to report.
    pub(crate) findings: Vec<Finding>,
    /// The findings that the allow list accepts.
    pub(crate) accepted: Vec<Accepted>,
    /// Compatible changes.
    pub(crate) compatible: Vec<Finding>,
}

impl Report {
    /// How many findings there are of a level.
    #[must_use]
    pub(crate) fn count(&self, level: Level) -> usize {
        let of_level = self
            .findings
            .iter()
            .filter(|finding| finding.level == level);
        of_level.count()
    }

    /// Returns whether the check fails: on a finding of this level or worse, or on a wrong allow
    /// list.
    #[must_use]
    pub(crate) fn fails(&self, at: Level) -> bool {
        let fails = |finding: &Finding| finding.level >= at || finding.is_about_allow();
        self.findings.iter().any(fails)
    }
}

pub(super) fn judge(
    changes: Vec<Change>,
    old: &Manifest,
    new: &Manifest,
    options: &Options,
) -> Report {
    let mut all: Vec<_> = changes
        .into_iter()
        .map(|change| Finding::new(change, options.mode))
        .collect();
    all.sort_by(Finding::order);
    all.dedup();
    // A type's new name is told once, not at every place that uses it.
    let mut told = BTreeSet::new();
    all.retain(|finding| {
        finding.rule != Rule::TypeRenamed || told.insert((finding.old.clone(), finding.new.clone()))
    });
    let verdict = allow::apply(all, &options.allow, options.today);
    let (compatible, mut findings): (Vec<_>, Vec<_>) = verdict
        .open
        .into_iter()
        .partition(|finding| finding.level == Level::Compatible);
    findings.sort_by(Finding::order);
    Report {
        protocol: new.protocol.clone(),
        mode: options.mode,
        fingerprints: (old.fingerprint.clone(), new.fingerprint.clone()),
        findings,
        accepted: verdict.accepted,
        compatible,
    }
}
