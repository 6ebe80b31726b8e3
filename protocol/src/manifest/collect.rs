//! From the derives that were compiled in to the document: each registers itself, and [`collect`]
//! describes every protocol among them.
//!
//! A type that panics while it is described becomes a [`Problem`]; the rest goes on.

use std::any::Any;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::{fs, io};

use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::Value;

use super::fingerprint::fingerprint;
use super::model::{
    Channel, Collected, Command, Described, Error, Event, FORMAT, Group, Manifest, Opinion,
    Problem, Site, Types,
};
pub use super::register::{
    Carried, CommandTypes, DescribeChannels, DescribeCommands, DescribeErrors, DescribeEvents,
    Place, ProbeFn, Registration, SchemaFn, SecondOpinion, VariantTypes, declared,
};
use super::verify::{Report, Verifier};
use super::wire::{Direction, finish};
use crate::definition::{ChannelSpec, Channels, Commands, Events, Listed, Protocol};
use crate::int::IntPolicy;

/// Describes one protocol; what is wrong with it goes to `report`.
#[must_use]
pub fn describe<P>(place: &Place, report: &mut Report) -> Manifest
where
    P: Protocol<Commands: DescribeCommands, Events: DescribeEvents, Channels: DescribeChannels>,
{
    let mut describer = Describer {
        send: SchemaSettings::draft2020_12()
            .for_deserialize()
            .into_generator(),
        receive: SchemaSettings::draft2020_12()
            .for_serialize()
            .into_generator(),
        int: P::INT,
        verifier: Verifier::new(P::INT),
        report,
    };
    let commands = describer.commands::<P::Commands>();
    let events = describer.events::<P::Events>();
    let Describer {
        send,
        receive,
        verifier,
        report,
        ..
    } = describer;
    verifier.run(P::NAME, report);
    let mut manifest = Manifest {
        format: FORMAT,
        protocol: P::NAME.to_owned(),
        rust: place.rust.to_owned(),
        fingerprint: String::new(),
        docs: place.docs.to_owned(),
        commands,
        events,
        channels: channels::<P>(),
        user_history: P::USER_HISTORY.map(Into::into),
        all_history: P::ALL_HISTORY.map(Into::into),
        types: Types {
            send: definitions(send, Direction::Send, P::INT),
            receive: definitions(receive, Direction::Receive, P::INT),
        },
        max_message_bytes: None,
    };
    manifest.fingerprint = fingerprint(&manifest);
    manifest
}

pub(super) fn definitions(
    mut generator: SchemaGenerator,
    direction: Direction,
    int: Option<IntPolicy>,
) -> BTreeMap<String, Value> {
    let mut definitions: BTreeMap<String, Value> =
        generator.take_definitions(true).into_iter().collect();
    for schema in definitions.values_mut() {
        finish(schema, direction, int);
    }
    definitions
}

fn channels<P: Protocol<Channels: DescribeChannels>>() -> Group<Channel> {
    let commands = P::Commands::COMMANDS
        .iter()
        .map(|spec| (spec.variant, spec.name));
    let events = P::Events::EVENTS
        .iter()
        .map(|spec| (spec.variant, spec.name));
    let channel = |spec: &ChannelSpec| Channel {
        pattern: spec.pattern.to_owned(),
        docs: spec.docs.to_owned(),
        deprecated: spec.deprecated.map(str::to_owned),
        life: spec.life.into(),
        history: spec.history.map(Into::into),
        commands: wire_names(spec.commands, commands.clone()),
        events: wire_names(spec.events, events.clone()),
        outsiders: wire_names(Some(spec.outsiders), commands.clone()),
    };
    group(
        &P::Channels::PLACE,
        P::Channels::RESERVED,
        P::Channels::CHANNELS.iter().map(channel).collect(),
    )
}

/// The wire names of the listed variants, or of all of them, in the order of declaration.
fn wire_names<'a>(
    listed: Option<&[Listed]>,
    declared: impl Iterator<Item = (&'a str, &'a str)>,
) -> Vec<String> {
    declared
        .filter(|(variant, _)| {
            listed.is_none_or(|listed| listed.iter().any(|entry| entry.variant == *variant))
        })
        .map(|(_, name)| name.to_owned())
        .collect()
}

fn group<T>(place: &Place, reserved: &[&str], items: Vec<T>) -> Group<T> {
    Group {
        rust: place.rust.to_owned(),
        docs: place.docs.to_owned(),
        items,
        reserved: texts(reserved),
    }
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

/// Describes the types of one protocol, one generator per direction.
#[derive(Debug)]
pub struct Describer<'a> {
    send: SchemaGenerator,
    receive: SchemaGenerator,
    int: Option<IntPolicy>,
    verifier: Verifier,
    report: &'a mut Report,
}

impl Describer<'_> {
    fn commands<C: DescribeCommands>(&mut self) -> Group<Command> {
        let items = C::COMMANDS.iter().zip(C::TYPES).map(|(spec, types)| {
            let site = C::PLACE.site(types.line);
            let message = |part: &str| format!("commands.{}.{part}", spec.name);
            Command {
                name: spec.name.to_owned(),
                docs: spec.docs.to_owned(),
                deprecated: spec.deprecated.map(str::to_owned),
                life: spec.life.into(),
                alias: texts(spec.alias),
                idempotent: spec.idempotent,
                streaming: spec.streaming,
                item: self.schema(Direction::Receive, types.item, &message("item"), &site),
                param: self.schema(Direction::Send, types.param, &message("param"), &site),
                reply: self.schema(Direction::Receive, types.reply, &message("reply"), &site),
                errors: types.errors.map(|errors| errors(self)),
            }
        });
        let items = items.collect();
        group(&C::PLACE, C::RESERVED, items)
    }

    fn events<E: DescribeEvents>(&mut self) -> Group<Event> {
        let items = E::EVENTS.iter().zip(E::TYPES).map(|(spec, types)| {
            let site = E::PLACE.site(types.line);
            let message = format!("events.{}.param", spec.name);
            Event {
                name: spec.name.to_owned(),
                docs: spec.docs.to_owned(),
                deprecated: spec.deprecated.map(str::to_owned),
                life: spec.life.into(),
                alias: Vec::new(),
                delivery: spec.delivery,
                param: self.schema(Direction::Receive, types.fields, &message, &site),
            }
        });
        let items = items.collect();
        group(&E::PLACE, E::RESERVED, items)
    }

    /// Describes the errors of a command.
    pub fn errors<E: DescribeErrors>(&mut self) -> Group<Error> {
        let items = E::CODES.iter().zip(E::TYPES).map(|(spec, types)| {
            let site = E::PLACE.site(types.line);
            let message = format!("errors.{}.data", spec.code);
            Error {
                code: spec.code.to_owned(),
                docs: spec.docs.to_owned(),
                deprecated: spec.deprecated.map(str::to_owned),
                life: spec.life.into(),
                data: self.schema(Direction::Receive, types.fields, &message, &site),
            }
        });
        let items = items.collect();
        group(&E::PLACE, E::RESERVED, items)
    }

    fn schema(
        &mut self,
        direction: Direction,
        carried: Option<Carried>,
        message: &str,
        site: &Site,
    ) -> Option<Value> {
        let carried = carried?;
        let make = carried.schema;
        let generator = match direction {
            Direction::Send => &mut self.send,
            Direction::Receive => &mut self.receive,
        };
        match catch_unwind(AssertUnwindSafe(|| make(generator))) {
            Ok(schema) => {
                let mut schema = Value::from(schema);
                finish(&mut schema, direction, self.int);
                if self.report.samples > 0 {
                    self.verifier.add(carried, direction, message, site);
                }
                Some(schema)
            }
            Err(panic) => {
                self.report.problems.push(Problem {
                    message: message.to_owned(),
                    site: site.clone(),
                    reason: format!("its schema panicked: {}", panic_message(&*panic)),
                });
                None
            }
        }
    }
}

pub(super) fn panic_message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

/// Describes every protocol that was compiled in, in the order of their names, and verifies each
/// type of a message with that many samples.
#[must_use]
pub fn collect(samples: u32) -> Collected {
    let mut report = Report {
        samples,
        ..Report::default()
    };
    let mut protocols = Vec::new();
    let mut sites = Vec::new();
    for registration in inventory::iter::<Registration> {
        let site = registration.place.site(registration.place.line);
        if let Some(describe) = registration.describe {
            protocols.push(Described {
                site: site.clone(),
                manifest: describe(&mut report),
            });
        }
        sites.push(site);
    }
    protocols.sort_by(|a, b| (&a.manifest.protocol, &a.site).cmp(&(&b.manifest.protocol, &b.site)));
    sites.sort();
    Collected {
        format: FORMAT,
        protocols,
        sites,
        problems: report.problems,
        faults: report.faults,
        opinions: opinions(),
        samples: report.drawn,
    }
}

/// What ts-rs says; a type that it cannot declare has none.
fn opinions() -> Vec<Opinion> {
    let mut opinions: Vec<Opinion> = inventory::iter::<SecondOpinion>
        .into_iter()
        .filter_map(|opinion| {
            let text = catch_unwind(opinion.declare).ok()?;
            let rust = opinion.rust.to_owned();
            Some(Opinion { rust, text })
        })
        .collect();
    opinions.sort();
    opinions
}

/// The whole of the program that `socket-codegen` runs: writes what [`collect`] found to the file
/// that the first argument names. The second says how many samples verify each type; none without.
///
/// # Errors
/// When an argument is wrong or the file cannot be written.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> io::Result<()> {
    // A schema's panic is reported as a problem; its backtrace would only be in the way.
    std::panic::set_hook(Box::new(|_| ()));
    let mut arguments = arguments.into_iter().skip(1);
    let path = arguments.next().ok_or(io::ErrorKind::InvalidInput)?;
    let samples = arguments.next().map_or(Ok(0), |samples| {
        let samples = samples.to_str().and_then(|samples| samples.parse().ok());
        samples.ok_or(io::ErrorKind::InvalidInput)
    })?;
    fs::write(path, serde_json::to_vec(&collect(samples))?)
}
