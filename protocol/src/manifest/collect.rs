//! From the derives that were compiled in to the document: each registers itself, and [`collect`]
//! describes every protocol among them.
//!
//! A type that panics while it is described becomes a [`Problem`]; the rest goes on.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::{fs, io};

use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::transform::{RecursiveTransform, Transform as _};
use serde_json::Value;

use super::fingerprint::fingerprint;
use super::model::{
    Channel, Collected, Command, Delivery, Described, Error, Event, FORMAT, Group, Manifest,
    Problem, Site, Types,
};
use super::words;
use crate::definition::{ChannelSpec, Channels, Commands, Events, Listed, Protocol};

pub use super::registration::{
    CommandTypes, DescribeChannels, DescribeCommands, DescribeErrors, DescribeEvents, Place,
    Registration, SchemaFn, VariantTypes,
};

/// Describes one protocol; what cannot be described goes to `problems`.
#[must_use]
pub fn describe<P>(place: &Place, problems: &mut Vec<Problem>) -> Manifest
where
    P: Protocol<Commands: DescribeCommands, Events: DescribeEvents, Channels: DescribeChannels>,
{
    let mut describer = Describer {
        send: SchemaSettings::draft2020_12()
            .for_deserialize()
            .with_transform(RecursiveTransform(words::lengths))
            .into_generator(),
        receive: SchemaSettings::draft2020_12()
            .for_serialize()
            .with_transform(RecursiveTransform(words::written))
            .into_generator(),
        problems,
    };
    let commands = describer.commands::<P::Commands>();
    let events = describer.events::<P::Events>();
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
            send: definitions(describer.send),
            receive: definitions(describer.receive),
        },
        max_message_bytes: None,
    };
    manifest.fingerprint = fingerprint(&manifest);
    manifest
}

fn definitions(mut generator: SchemaGenerator) -> std::collections::BTreeMap<String, Value> {
    generator.take_definitions(true).into_iter().collect()
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
        history: None,
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
    problems: &'a mut Vec<Problem>,
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
                streaming: false,
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
                delivery: Delivery::default(),
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
        make: Option<SchemaFn>,
        message: &str,
        site: &Site,
    ) -> Option<Value> {
        let generator = match direction {
            Direction::Send => &mut self.send,
            Direction::Receive => &mut self.receive,
        };
        match catch_unwind(AssertUnwindSafe(|| make.map(|make| make(generator)))) {
            Ok(None) => None,
            Ok(Some(mut schema)) => {
                match direction {
                    Direction::Send => RecursiveTransform(words::lengths).transform(&mut schema),
                    Direction::Receive => RecursiveTransform(words::written).transform(&mut schema),
                }
                Some(schema.into())
            }
            Err(panic) => {
                self.problems.push(Problem {
                    message: message.to_owned(),
                    site: site.clone(),
                    reason: format!("its schema panicked: {}", panic_message(&*panic)),
                });
                None
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Direction {
    Send,
    Receive,
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

/// Describes every protocol that was compiled in, in the order of their names.
#[must_use]
pub fn collect() -> Collected {
    let mut collected = Collected {
        format: FORMAT,
        ..Collected::default()
    };
    for registration in inventory::iter::<Registration> {
        let site = registration.place.site(registration.place.line);
        if let Some(describe) = registration.describe {
            let manifest = describe(&mut collected.problems);
            collected.protocols.push(Described {
                site: site.clone(),
                manifest,
            });
        }
        collected.sites.push(site);
    }
    collected
        .protocols
        .sort_by(|a, b| (&a.manifest.protocol, &a.site).cmp(&(&b.manifest.protocol, &b.site)));
    collected.sites.sort();
    collected
}

/// Writes what [`collect`] found to a file: the whole of the program that `socket-codegen` runs.
///
/// # Errors
/// When the file cannot be written.
pub fn write(path: &Path) -> io::Result<()> {
    // A schema's panic is reported as a problem; its backtrace would only be in the way.
    std::panic::set_hook(Box::new(|_| ()));
    fs::write(path, serde_json::to_vec(&collect())?)
}
