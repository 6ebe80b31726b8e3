//! From the derives that were compiled in to the document: each registers itself, and [`collect`]
//! describes every protocol among them.
//!
//! A type that panics while it is described becomes a [`Problem`]; the rest goes on.

use std::any::Any;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::{fs, io};

use schemars::Schema;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::Value;

use super::fingerprint::fingerprint;
use super::model::{
    Channel, Collected, Command, Delivery, Described, Error, Event, FORMAT, Group, Life, Manifest,
    Problem, Site, Types,
};
use super::verify::{Probed, Report, Verifier};
use super::wire::{Direction, finish};
use crate::definition::{
    ChannelSpec, Channels, Commands, ErrorCodes, Events, Listed, NoChannels, NoCommands, NoEvents,
    Protocol,
};

/// Makes the schema of one type.
pub type SchemaFn = fn(&mut SchemaGenerator) -> Schema;

/// Takes a JSON text through a type and back.
pub type ProbeFn = fn(&str) -> Probed;

/// A type that messages carry.
#[derive(Debug, Clone, Copy)]
pub struct Carried {
    /// Makes its schema.
    pub schema: SchemaFn,
    /// Takes a sample through it.
    pub probe: ProbeFn,
}

/// Where a definition stands in the source, written by its derive.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Which derive.
    pub derive: &'static str,
    /// The path of the type.
    pub rust: &'static str,
    /// Its doc comment.
    pub docs: &'static str,
    /// The source file.
    pub file: &'static str,
    /// The line of the type's name.
    pub line: u32,
}

impl Place {
    fn site(&self, line: u32) -> Site {
        Site {
            derive: self.derive.to_owned(),
            rust: self.rust.to_owned(),
            file: self.file.to_owned(),
            line,
        }
    }
}

/// A derive that was compiled in.
#[derive(Debug, Clone, Copy)]
pub struct Registration {
    /// Where it stands.
    pub place: Place,
    /// Describes the protocol, where it is one.
    pub describe: Option<fn(&mut Report) -> Manifest>,
}

inventory::collect!(Registration);

/// The types of a command, beside its [`CommandSpec`](crate::definition::CommandSpec).
#[derive(Debug, Clone, Copy)]
pub struct CommandTypes {
    /// The line of its variant.
    pub line: u32,
    /// Its parameters.
    pub param: Option<Carried>,
    /// Its reply.
    pub reply: Option<Carried>,
    /// Its own errors.
    pub errors: Option<fn(&mut Describer<'_>) -> Group<Error>>,
}

/// The types of an event's parameters or of an error's data, beside its spec.
#[derive(Debug, Clone, Copy)]
pub struct VariantTypes {
    /// The line of its variant.
    pub line: u32,
    /// Its fields.
    pub fields: Option<Carried>,
}

/// A set of commands that can be described. Made by `#[derive(Commands)]`.
pub trait DescribeCommands: Commands {
    /// Where it stands.
    const PLACE: Place;
    /// The types of each command.
    const TYPES: &'static [CommandTypes];
}

/// A set of events that can be described. Made by `#[derive(Events)]`.
pub trait DescribeEvents: Events {
    /// Where it stands.
    const PLACE: Place;
    /// The types of each event.
    const TYPES: &'static [VariantTypes];
}

/// A set of channels that can be described. Made by `#[derive(Channels)]`.
pub trait DescribeChannels: Channels {
    /// Where it stands.
    const PLACE: Place;
}

/// A set of error codes that can be described. Made by `#[derive(ErrorCodes)]`.
pub trait DescribeErrors: ErrorCodes {
    /// Where it stands.
    const PLACE: Place;
    /// The types of each error's data.
    const TYPES: &'static [VariantTypes];
}

/// Where the sets stand that a protocol without commands, events or channels has.
const fn nowhere(derive: &'static str, rust: &'static str) -> Place {
    Place {
        derive,
        rust,
        docs: "",
        file: file!(),
        line: line!(),
    }
}

impl DescribeCommands for NoCommands {
    const PLACE: Place = nowhere("Commands", "socket_protocol::definition::NoCommands");
    const TYPES: &'static [CommandTypes] = &[];
}

impl DescribeEvents for NoEvents {
    const PLACE: Place = nowhere("Events", "socket_protocol::definition::NoEvents");
    const TYPES: &'static [VariantTypes] = &[];
}

impl DescribeChannels for NoChannels {
    const PLACE: Place = nowhere("Channels", "socket_protocol::definition::NoChannels");
}

/// Describes one protocol; what is wrong with it goes to `report`. `lossy` lets JavaScript
/// round every integer.
#[must_use]
pub fn describe<P>(place: &Place, lossy: bool, report: &mut Report) -> Manifest
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
        lossy,
        verifier: Verifier::new(lossy),
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
    verifier.run(report);
    let mut manifest = Manifest {
        format: FORMAT,
        protocol: P::NAME.to_owned(),
        rust: place.rust.to_owned(),
        fingerprint: String::new(),
        docs: place.docs.to_owned(),
        commands,
        events,
        channels: channels::<P>(),
        types: Types {
            send: definitions(send, Direction::Send, lossy),
            receive: definitions(receive, Direction::Receive, lossy),
        },
        max_message_bytes: None,
    };
    manifest.fingerprint = fingerprint(&manifest);
    manifest
}

pub(super) fn definitions(
    mut generator: SchemaGenerator,
    direction: Direction,
    lossy: bool,
) -> BTreeMap<String, Value> {
    let mut definitions: BTreeMap<String, Value> =
        generator.take_definitions(true).into_iter().collect();
    for schema in definitions.values_mut() {
        finish(schema, direction, lossy);
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
        life: Life::default(),
        history: None,
        commands: wire_names(spec.commands, commands.clone()),
        events: wire_names(spec.events, events.clone()),
        outsiders: wire_names(Some(spec.outsiders), commands.clone()),
    };
    group(
        &P::Channels::PLACE,
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

fn group<T>(place: &Place, items: Vec<T>) -> Group<T> {
    Group {
        rust: place.rust.to_owned(),
        docs: place.docs.to_owned(),
        items,
        reserved: Vec::new(),
    }
}

/// Describes the types of one protocol, one generator per direction.
#[derive(Debug)]
pub struct Describer<'a> {
    send: SchemaGenerator,
    receive: SchemaGenerator,
    lossy: bool,
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
                life: Life::default(),
                alias: Vec::new(),
                idempotent: spec.idempotent,
                streaming: false,
                param: self.schema(Direction::Send, types.param, &message("param"), &site),
                reply: self.schema(Direction::Receive, types.reply, &message("reply"), &site),
                errors: types.errors.map(|errors| errors(self)),
            }
        });
        let items = items.collect();
        group(&C::PLACE, items)
    }

    fn events<E: DescribeEvents>(&mut self) -> Group<Event> {
        let items = E::EVENTS.iter().zip(E::TYPES).map(|(spec, types)| {
            let site = E::PLACE.site(types.line);
            let message = format!("events.{}.param", spec.name);
            Event {
                name: spec.name.to_owned(),
                docs: spec.docs.to_owned(),
                deprecated: spec.deprecated.map(str::to_owned),
                life: Life::default(),
                alias: Vec::new(),
                delivery: Delivery::default(),
                param: self.schema(Direction::Receive, types.fields, &message, &site),
            }
        });
        let items = items.collect();
        group(&E::PLACE, items)
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
                life: Life::default(),
                data: self.schema(Direction::Receive, types.fields, &message, &site),
            }
        });
        let items = items.collect();
        group(&E::PLACE, items)
    }

    fn schema(
        &mut self,
        direction: Direction,
        carried: Option<Carried>,
        message: &str,
        site: &Site,
    ) -> Option<Value> {
        let Carried {
            schema: make,
            probe,
        } = carried?;
        let generator = match direction {
            Direction::Send => &mut self.send,
            Direction::Receive => &mut self.receive,
        };
        match catch_unwind(AssertUnwindSafe(|| make(generator))) {
            Ok(schema) => {
                let mut schema = Value::from(schema);
                finish(&mut schema, direction, self.lossy);
                if self.report.samples > 0 {
                    self.verifier.add(make, probe, message, site);
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
        samples: report.drawn,
    }
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
