//! The proof: samples that a type's send schema allows go through the user's own serde code and
//! back. They must be taken, and what comes out must be what the receive schema says, with no key
//! that is not declared and none that stands twice.
//!
//! - `random`, `sample`: the values. The same in every run.
//! - `strict`: JSON in which no key stands twice.
//! - `fits`: a value against a schema.

mod fits;
mod random;
mod sample;
mod strict;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::Value;

use super::carried::{Carried, ProbeFn, Probed};
use super::model::{Fault, Problem, Site};
use super::schemas::{definitions, panic_message};
use super::wire::{Direction, finish};
use crate::int::IntPolicy;
use fits::Fits;
use sample::Sampler;

/// The problems of the protocols, and the samples that were tried.
#[derive(Debug, Default)]
pub struct Report {
    /// How many samples each type is to be tried with; 0: none.
    pub samples: u32,
    /// Types that could not be described.
    pub problems: Vec<Problem>,
    /// Where serde does something else than the types say.
    pub faults: Vec<Fault>,
    /// The samples that serde accepted, as they cross the wire, by protocol and message.
    pub drawn: BTreeMap<String, BTreeMap<String, Vec<String>>>,
}

/// Gathers the types of one protocol and tries them. Its generators are its own: a manifest holds
/// no type of the other direction.
#[derive(Debug)]
pub(super) struct Verifier {
    send: SchemaGenerator,
    receive: SchemaGenerator,
    int: Option<IntPolicy>,
    trials: Vec<Trial>,
}

/// One type of a message.
#[derive(Debug)]
struct Trial {
    message: String,
    site: Site,
    probe: ProbeFn,
    /// The way of the message.
    direction: Direction,
    send: Value,
    receive: Value,
}

impl Verifier {
    pub(super) fn new(int: Option<IntPolicy>) -> Self {
        let settings = SchemaSettings::draft2020_12;
        Self {
            send: settings().for_deserialize().into_generator(),
            receive: settings().for_serialize().into_generator(),
            int,
            trials: Vec::new(),
        }
    }

    /// Adds a type whose schema could be made once already.
    pub(super) fn add(
        &mut self,
        carried: Carried,
        direction: Direction,
        message: &str,
        site: &Site,
    ) {
        let Carried {
            schema: make,
            probe,
        } = carried;
        let both = catch_unwind(AssertUnwindSafe(|| {
            (
                make(&mut self.send).to_value(),
                make(&mut self.receive).to_value(),
            )
        }));
        // A panic of the other direction's schema alone: the type is never used in it.
        if let Ok((mut send, mut receive)) = both {
            finish(&mut send, Direction::Send, self.int);
            finish(&mut receive, Direction::Receive, self.int);
            self.trials.push(Trial {
                message: message.to_owned(),
                site: site.clone(),
                probe,
                direction,
                send,
                receive,
            });
        }
    }

    /// Tries all of them.
    pub(super) fn run(self, protocol: &str, report: &mut Report) {
        let send = definitions(self.send, Direction::Send, self.int);
        let receive = definitions(self.receive, Direction::Receive, self.int);
        let fits = Fits {
            definitions: &receive,
        };
        for trial in &self.trials {
            let int = self.int.unwrap_or_default();
            let taken = int.within(|| trial.run(&send, fits, report));
            let drawn = report.drawn.entry(protocol.to_owned()).or_default();
            drawn.insert(trial.message.clone(), taken);
        }
    }
}

/// More samples that are wrong in other ways say little more.
const MOST_FAULTS: usize = 3;

impl Trial {
    fn run(
        &self,
        send: &BTreeMap<String, Value>,
        fits: Fits<'_>,
        report: &mut Report,
    ) -> Vec<String> {
        let mut sampler = Sampler::new(&self.message, send);
        let mut tried = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut taken = Vec::new();
        let mut own_rule = None;
        for _ in 0..report.samples {
            let Some(value) = sampler.draw(&self.send) else {
                continue;
            };
            let sample = value.to_string();
            if !tried.insert(sample.clone()) {
                continue;
            }
            match self.one(&sample, fits) {
                Outcome::Fine(written) => taken.push(match self.direction {
                    Direction::Send => sample,
                    Direction::Receive => written,
                }),
                Outcome::OwnRule(reason) => own_rule = Some((sample, reason)),
                Outcome::Wrong(reason) => {
                    if seen.len() < MOST_FAULTS && seen.insert(kind(&reason)) {
                        report.faults.push(self.fault(sample, reason, false));
                    }
                }
            }
        }
        if let (true, true, Some((sample, reason))) = (taken.is_empty(), seen.is_empty(), own_rule)
        {
            report.faults.push(self.fault(sample, reason, true));
        }
        taken.sort();
        taken.dedup();
        taken
    }

    fn one(&self, sample: &str, fits: Fits<'_>) -> Outcome {
        let written = match catch_unwind(AssertUnwindSafe(|| (self.probe)(sample))) {
            Ok(Probed::Written(written)) => written,
            Ok(Probed::Refused(reason)) if is_about_the_type(&reason) => {
                return Outcome::Wrong(format!(
                    "the send type allows this value, but serde refuses it: {reason}"
                ));
            }
            Ok(Probed::Refused(reason)) => return Outcome::OwnRule(reason),
            // A variant with `skip_serializing`, for example: no one is ever sent it.
            Ok(Probed::Unwritable(reason)) => {
                return match self.direction {
                    Direction::Send => Outcome::Fine(String::new()),
                    Direction::Receive => Outcome::OwnRule(reason),
                };
            }
            Err(panic) => {
                return Outcome::Wrong(format!("serde panics: {}", panic_message(&*panic)));
            }
        };
        let wrong = match strict::parse(&written) {
            Ok(value) => match fits.check(&self.receive, &value, "") {
                Ok(()) => return Outcome::Fine(written),
                Err(misfit) => misfit.reason(),
            },
            Err(reason) => reason,
        };
        Outcome::Wrong(format!(
            "serde writes {written}, which does not match the receive type: {wrong}"
        ))
    }

    fn fault(&self, sample: String, reason: String, untried: bool) -> Fault {
        Fault {
            message: self.message.clone(),
            site: self.site.clone(),
            sample,
            reason,
            untried,
        }
    }
}

enum Outcome {
    /// All is right, and this is what serde wrote.
    Fine(String),
    /// A rule that no type can say, such as `try_from` has them.
    OwnRule(String),
    Wrong(String),
}

/// `true` if serde's derived code, or that of its own types, refused the shape of a value. Other
/// words are those of a rule of the type's own.
fn is_about_the_type(reason: &str) -> bool {
    [
        "invalid type",
        "invalid value",
        "invalid length",
        "missing field",
        "unknown field",
        "unknown variant",
        "duplicate field",
    ]
    .iter()
    .any(|words| reason.starts_with(words))
}

/// A reason without what the sample puts into it.
fn kind(reason: &str) -> String {
    let end = reason.rsplit(": ").next().unwrap_or(reason);
    end.chars().filter(|c| !c.is_ascii_digit()).collect()
}
