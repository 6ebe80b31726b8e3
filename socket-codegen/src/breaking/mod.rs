//! The breaking-change check: compares two manifests and reports what breaks for open pages.
//!
//! From the bottom up:
//! - `rule`, `level`, [`table`]: each rule with its reason, its fix and its verdicts.
//! - [`explain`]: the rules in words.
//! - `schema`: a JSON Schema in serde's words.
//! - `walk`, `rules`: two schemas side by side; each rule says what it saw.
//! - [`allow`]: what a team has accepted.
//! - [`report`]: text, JSON, Markdown, annotations.
//! - [`baseline`]: where the old manifest comes from.
//! - [`versions`]: which older versions the present one breaks, for a server to go by.
//!
//! A type is judged once for each direction and place that it is used in, never by its name. What
//! cannot be decided is a warning (`UNDECIDED`), never silence.

pub(crate) mod allow;
pub(crate) mod baseline;
mod date;
pub(crate) mod explain;
mod finding;
pub(crate) mod level;
mod path;
pub(crate) mod report;
mod rule;
mod rules;
mod schema;
pub(crate) mod table;
pub(crate) mod versions;
mod walk;

pub(crate) use allow::Allow;
pub(crate) use date::Date;
pub(crate) use finding::{Finding, Report};
pub(crate) use level::{Facts, Level, Mode, Position};
pub(crate) use rule::Rule;

use socket_protocol::manifest::Manifest;

use path::Path;
use rules::{call, channel, message};
use walk::{Change, Walk};

/// The settings of a comparison.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// The sides that are compared.
    pub(crate) mode: Mode,
    /// The accepted findings.
    pub(crate) allow: Vec<Allow>,
    /// The day on which promises are looked at. Handed in, so that a report depends on nothing else.
    pub(crate) today: Date,
    /// How many days must lie between a message's deprecation (`since`) and its removal; `None`:
    /// only a `sunset` binds.
    pub(crate) grace_days: Option<u32>,
}

impl Default for Options {
    /// Backward, nothing accepted, today, no time of grace.
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            allow: Vec::new(),
            today: Date::today(),
            grace_days: None,
        }
    }
}

/// Compares two manifests of one protocol.
#[must_use]
pub(crate) fn compare(old: &Manifest, new: &Manifest, options: &Options) -> Report {
    finding::judge(changes(old, new, options), old, new, options)
}

/// Compares several protocols that share one allow list: an entry that any of them needs is not
/// unused, and one that none needs is told once.
#[must_use]
pub(crate) fn compare_all(pairs: &[(Manifest, Manifest)], options: &Options) -> Vec<Report> {
    let compare = |(old, new): &(Manifest, Manifest)| compare(old, new, options);
    let mut reports: Vec<_> = pairs.iter().map(compare).collect();
    let unused = |report: &Report, finding: &Finding| report.findings.contains(finding);
    let all = reports.clone();
    for (index, report) in reports.iter_mut().enumerate() {
        report.findings.retain(|finding| {
            let everywhere = || all.iter().all(|report| unused(report, finding));
            finding.rule != Rule::AllowUnused || (index == 0 && everywhere())
        });
    }
    reports
}

fn changes(old: &Manifest, new: &Manifest, options: &Options) -> Vec<Change> {
    let mut send = Walk::new(Position::Param, &old.types.send, &new.types.send);
    let mut receive = Walk::new(Position::Event, &old.types.receive, &new.types.receive);
    let protocol = Path::root("protocol");
    if old.protocol != new.protocol {
        let message = format!(
            "the protocol `{}` is now called `{}`",
            old.protocol, new.protocol
        );
        let words = (&old.protocol, &new.protocol);
        send.emit(
            Rule::TypeRenamed,
            &protocol,
            words,
            message,
            Facts::default(),
        );
    }
    if old.docs != new.docs {
        send.docs(&protocol);
    }
    for (before, after) in message::messages(&mut send, &old.commands, &new.commands, options) {
        call::command(&mut send, &mut receive, before, after);
    }
    for (before, after) in message::messages(&mut receive, &old.events, &new.events, options) {
        receive.position = Position::Event;
        message::delivery(&mut receive, before, after);
        let path = Path::root(format!("events.{}", after.name)).field("param");
        call::param(
            &mut receive,
            &path,
            before.param.as_ref(),
            after.param.as_ref(),
        );
    }
    channel::channels(&mut send, old, new, options);
    channel::own_history(&mut send, old, new);
    channel::limits(&mut send, old, new);
    send.changes.extend(receive.changes);
    send.changes
}
