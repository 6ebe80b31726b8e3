//! From a protocol's definition to its manifest.
//!
//! A type that panics while it is described becomes a [`Problem`]; the rest goes on.

use std::panic::{AssertUnwindSafe, catch_unwind};

use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::Value;

use super::carried::Carried;
use super::fingerprint::fingerprint;
use super::model::{Channel, Command, Error, Event, FORMAT, Group, Manifest, Problem, Site, Types};
use super::register::Place;
use super::schemas::{definitions, panic_message};
use super::verify::{Report, Verifier};
use super::wire::{Direction, finish};
use crate::definition::{
    ChannelSpec, Channels, Commands, ErrorCodes, Events, Listed, NoChannels, NoCommands, NoEvents,
    Protocol,
};
use crate::int::IntPolicy;

/// The types of a command, beside its [`CommandSpec`](crate::definition::CommandSpec).
#[derive(Debug, Clone, Copy)]
pub struct CommandTypes {
    /// The line of its variant.
    pub line: u32,
    /// Its parameters.
    pub param: Option<Carried>,
    /// Its items, where it streams.
    pub item: Option<Carried>,
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
    /// The names that were given up.
    const RESERVED: &'static [&'static str] = &[];
    /// The types of each command.
    const TYPES: &'static [CommandTypes];
}

/// A set of events that can be described. Made by `#[derive(Events)]`.
pub trait DescribeEvents: Events {
    /// Where it stands.
    const PLACE: Place;
    /// The names that were given up.
    const RESERVED: &'static [&'static str] = &[];
    /// The types of each event.
    const TYPES: &'static [VariantTypes];
}

/// A set of channels that can be described. Made by `#[derive(Channels)]`.
pub trait DescribeChannels: Channels {
    /// Where it stands.
    const PLACE: Place;
    /// The patterns that were given up.
    const RESERVED: &'static [&'static str] = &[];
}

/// A set of error codes that can be described. Made by `#[derive(ErrorCodes)]`.
pub trait DescribeErrors: ErrorCodes {
    /// Where it stands.
    const PLACE: Place;
    /// The codes that were given up.
    const RESERVED: &'static [&'static str] = &[];
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
