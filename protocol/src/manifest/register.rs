//! What the derives leave behind, for [`collect`](super::collect) to find.

use schemars::Schema;
use schemars::generate::SchemaGenerator;

use super::collect::Describer;
use super::model::{Error, Group, Manifest, Site};
use super::verify::{Probed, Report};
use crate::definition::{Channels, Commands, ErrorCodes, Events, NoChannels, NoCommands, NoEvents};

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
    pub(super) fn site(&self, line: u32) -> Site {
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

/// A payload that derives ts-rs' trait too.
#[derive(Debug, Clone, Copy)]
pub struct SecondOpinion {
    /// The path of the type.
    pub rust: &'static str,
    /// Its declaration.
    pub declare: fn() -> String,
}

inventory::collect!(SecondOpinion);

/// ts-rs' function `decl`, which takes its configuration from version 12 on.
pub trait Declare<Takes> {
    /// The declaration.
    fn declare(self) -> String;
}

impl<F: Fn() -> String> Declare<()> for F {
    fn declare(self) -> String {
        self()
    }
}

impl<C: Default, F: Fn(&C) -> String> Declare<(C,)> for F {
    fn declare(self) -> String {
        self(&C::default())
    }
}

/// What that function says.
pub fn declared<Takes>(decl: impl Declare<Takes>) -> String {
    decl.declare()
}

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

#[cfg(test)]
mod tests {
    #[test]
    fn both_forms_of_ts_rs_are_asked() {
        fn old() -> String {
            "old".to_owned()
        }
        #[derive(Default)]
        struct Settings(Vec<u8>);
        fn new(settings: &Settings) -> String {
            format!("new {}", settings.0.len())
        }
        assert_eq!(super::declared(old), "old");
        assert_eq!(super::declared(new), "new 0");
    }
}
