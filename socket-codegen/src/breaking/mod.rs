//! What a change of the protocol breaks for the pages that are open right now: two manifests in,
//! findings out.
//!
//! ```no_run
//! use socket_codegen::breaking::{Options, baseline, compare, report};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let manifest = std::path::Path::new("client/chat.manifest.json");
//! let old = baseline::load("git:origin/main", manifest)?;
//! let new = baseline::read(manifest)?;
//! let report = compare(&old, &new, &Options::default());
//! println!("{}", report::text(&report));
//! # Ok(()) }
//! ```
//!
//! From the bottom up:
//! - `rule`, `level`, [`table`]: each rule with its reason, its mend and its verdicts.
//! - `schema`: a JSON Schema in serde's words.
//! - `walk`, `rules`: two schemas side by side; each rule says what it saw.
//! - [`allow`]: what a team has accepted.
//! - [`report`]: text, JSON, Markdown, annotations.
//! - [`baseline`]: where the old manifest comes from.
//!
//! A type is judged once for each direction and place that it is used in, never by its name. What
//! cannot be decided is a warning (`UNDECIDED`), never silence.

pub mod allow;
pub mod baseline;
mod date;
mod finding;
mod level;
mod path;
pub mod report;
mod rule;
mod rules;
mod schema;
pub mod table;
mod walk;

pub use allow::Allow;
pub use date::Date;
pub use finding::{Accepted, Finding, Report};
pub use level::{Cell, Facts, Level, Mode, Position, Sides};
pub use rule::{Row, Rule};

use socket_protocol::manifest::Manifest;

use path::Path;
use rules::{call, channel, message};
use walk::{Change, Walk};

/// What to judge by.
#[derive(Debug, Clone)]
pub struct Options {
    /// Who meets whom.
    pub mode: Mode,
    /// What the team has accepted.
    pub allow: Vec<Allow>,
    /// The day on which promises are looked at. Handed in, so that a report depends on nothing else.
    pub today: Date,
    /// How many days must lie between a message's deprecation (`since`) and its removal; `None`:
    /// only a `sunset` binds.
    pub grace_days: Option<u32>,
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
pub fn compare(old: &Manifest, new: &Manifest, options: &Options) -> Report {
    finding::judge(changes(old, new, options), old, new, options)
}

/// Compares several protocols that share one allow list: an entry that any of them needs is not
/// unused, and one that none needs is told once.
#[must_use]
pub fn compare_all(pairs: &[(Manifest, Manifest)], options: &Options) -> Vec<Report> {
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
