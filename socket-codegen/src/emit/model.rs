//! A manifest, understood: each message with its type, each type with its name.

use std::collections::BTreeSet;

use serde_json::Value;
use socket_protocol::manifest::Manifest;
use socket_protocol::manifest::model::{Error, Group};

use super::codec;
use super::names::{Direction, ERRORS, Names};
use super::object::map_beside_others;
use super::refusal::{Refusal, ambiguous, refuse};
use super::schema::{definitions, parse};
use super::ty::{Definition, Definitions, Docs, Field, Member, Object, Ty};
use crate::finding::Finding;
use crate::load::{Locate, Spot};

/// The types of a protocol.
#[derive(Debug)]
pub(super) struct Model<'a> {
    pub(super) manifest: &'a Manifest,
    pub(super) names: Names,
    pub(super) commands: Vec<CommandTypes>,
    pub(super) events: Vec<Option<Ty>>,
}

/// The types of one command; `None` is nothing.
#[derive(Debug)]
pub(super) struct CommandTypes {
    pub(super) param: Option<Ty>,
    pub(super) reply: Option<Ty>,
    /// Of each item, where it streams.
    pub(super) item: Option<Ty>,
    pub(super) errors: Option<Ty>,
}

/// One type of a message, before it is understood.
struct Part<'a> {
    direction: Direction,
    path: String,
    rust: &'a str,
    variant: &'a str,
}

impl<'a> Model<'a> {
    pub(super) fn new(manifest: &'a Manifest, locate: Locate<'_>) -> Result<Self, Vec<Finding>> {
        let (send, refused_send) = definitions(&manifest.types.send);
        let (receive, refused_receive) = definitions(&manifest.types.receive);
        let mut reader = Reader {
            manifest,
            locate,
            holding: codec::holding(&receive),
            send,
            receive,
            refused_send,
            refused_receive,
            reported: BTreeSet::new(),
            findings: Vec::new(),
        };
        let commands = reader.commands();
        let events = reader.events();
        let Reader {
            send,
            receive,
            findings,
            ..
        } = reader;
        if !findings.is_empty() {
            return Err(findings);
        }
        let mut messages = Vec::new();
        for command in &commands {
            messages.extend(command.param.as_ref().map(|ty| (Direction::Send, ty)));
            let received = [&command.reply, &command.item, &command.errors];
            messages.extend(
                received
                    .into_iter()
                    .flatten()
                    .map(|ty| (Direction::Receive, ty)),
            );
        }
        messages.extend(events.iter().flatten().map(|ty| (Direction::Receive, ty)));
        let names = Names::new(send, receive, &messages, locate)?;
        Ok(Self {
            manifest,
            names,
            commands,
            events,
        })
    }
}

struct Reader<'a> {
    manifest: &'a Manifest,
    locate: Locate<'a>,
    /// The types with `bigint`s that are received.
    holding: codec::Holding,
    send: Definitions,
    receive: Definitions,
    refused_send: Vec<(String, Vec<Refusal>)>,
    refused_receive: Vec<(String, Vec<Refusal>)>,
    /// The refusals in named types, which many messages may reach.
    reported: BTreeSet<(String, Vec<String>)>,
    findings: Vec<Finding>,
}

impl<'a> Reader<'a> {
    fn commands(&mut self) -> Vec<CommandTypes> {
        let manifest = self.manifest;
        let mut types = Vec::new();
        for command in &manifest.commands.items {
            let part = |direction, what: &str| Part {
                direction,
                path: format!("commands.{}.{what}", command.name),
                rust: &manifest.commands.rust,
                variant: &command.name,
            };
            types.push(CommandTypes {
                param: self.part(command.param.as_ref(), &part(Direction::Send, "param")),
                reply: self.part(command.reply.as_ref(), &part(Direction::Receive, "reply")),
                item: self.part(command.item.as_ref(), &part(Direction::Receive, "item")),
                errors: command.errors.as_ref().map(|errors| self.errors(errors)),
            });
        }
        types
    }

    fn events(&mut self) -> Vec<Option<Ty>> {
        let manifest = self.manifest;
        let mut types = Vec::new();
        for event in &manifest.events.items {
            let part = Part {
                direction: Direction::Receive,
                path: format!("events.{}.param", event.name),
                rust: &manifest.events.rust,
                variant: &event.name,
            };
            types.push(self.part(event.param.as_ref(), &part));
        }
        types
    }

    /// An enum of errors is a named type like any other, made here.
    fn errors(&mut self, errors: &'a Group<Error>) -> Ty {
        if errors.items.is_empty() {
            return Ty::Never;
        }
        let key = format!("{ERRORS}{}", errors.rust);
        if !self.receive.contains_key(&key) {
            let members = errors
                .items
                .iter()
                .map(|error| self.error(&errors.rust, error))
                .collect();
            let definition = Definition {
                rust: Some(errors.rust.clone()),
                docs: Docs {
                    text: errors.docs.clone(),
                    deprecated: None,
                },
                ty: Ty::union(members),
            };
            self.receive.insert(key.clone(), definition);
        }
        Ty::Ref(key)
    }

    fn error(&mut self, rust: &str, error: &Error) -> Member {
        let field = |name: &str, ty: Ty, docs: Docs| Field {
            name: name.to_owned(),
            ty,
            optional: false,
            docs,
        };
        let docs = Docs {
            text: error.docs.clone(),
            deprecated: error.deprecated.clone(),
        };
        let mut fields = vec![
            field("code", Ty::Literal(Value::from(error.code.as_str())), docs),
            field("message", Ty::String(None), Docs::default()),
        ];
        let part = Part {
            direction: Direction::Receive,
            path: format!("errors.{}.data", error.code),
            rust,
            variant: &error.code,
        };
        if let Some(data) = self.part(error.data.as_ref(), &part) {
            fields.push(field("data", data, Docs::default()));
        }
        Ty::Object(Object { fields, rest: None }).into()
    }

    /// The type of one part of a message; what is refused in it becomes a finding.
    fn part(&mut self, schema: Option<&Value>, part: &Part<'_>) -> Option<Ty> {
        let ty = match parse(schema?) {
            Ok(ty) => ty,
            Err(refused) => {
                self.refuse(part, &[], None, &refused);
                return None;
            }
        };
        let mut seen = Vec::new();
        self.check(part, &ty, &mut Vec::new(), &mut seen);
        Some(ty)
    }

    /// Reports each refused definition once, with the path on which a message reaches it first.
    fn check(&mut self, part: &Part<'_>, ty: &Ty, path: &mut Vec<String>, seen: &mut Vec<String>) {
        if let Ty::Ref(key) = ty {
            if seen.contains(key) {
                return;
            }
            seen.push(key.clone());
            let (known, refused, schemas) = match part.direction {
                Direction::Send => (
                    &self.send,
                    &mut self.refused_send,
                    &self.manifest.types.send,
                ),
                Direction::Receive => (
                    &self.receive,
                    &mut self.refused_receive,
                    &self.manifest.types.receive,
                ),
            };
            if let Some(at) = refused.iter().position(|(refused, _)| refused == key) {
                let (_, refused) = refused.remove(at);
                let rust = schemas.get(key).and_then(|schema| schema.get("x-rust"));
                self.refuse(part, path, rust.and_then(Value::as_str), &refused);
            } else if let Some(definition) = known.get(key) {
                let ty = definition.ty.clone();
                self.check(part, &ty, path, seen);
            }
            return;
        }
        let definitions = match part.direction {
            Direction::Send => &self.send,
            Direction::Receive => &self.receive,
        };
        let reader = codec::Reader {
            definitions,
            holding: &self.holding,
        };
        // A value that is sent is turned into text wherever it stands.
        let ambiguous_union = part.direction == Direction::Receive && reader.is_ambiguous(ty);
        if map_beside_others(ty, definitions) {
            let refused = refuse("a flattened map stands beside a flattened enum or a tag");
            self.refuse(part, path, None, &refused);
        }
        if ambiguous_union {
            self.refuse(part, path, None, &ambiguous());
        }
        let mut children = Vec::new();
        steps(ty, &mut |step, child| children.push((step, child)));
        for (step, child) in children {
            let depth = path.len();
            path.extend(step);
            self.check(part, child, path, seen);
            path.truncate(depth);
        }
    }

    /// `within` is the named type that the refusals stand in; else they stand in the message.
    fn refuse(
        &mut self,
        part: &Part<'_>,
        way: &[String],
        within: Option<&str>,
        refused: &[Refusal],
    ) {
        for refusal in refused {
            if let Some(rust) = within
                && !self
                    .reported
                    .insert((rust.to_owned(), refusal.path.clone()))
            {
                continue;
            }
            let mut what = part.path.clone();
            for step in way.iter().chain(&refusal.path) {
                if !step.starts_with('[') {
                    what.push('.');
                }
                what.push_str(step);
            }
            if let Some(rust) = within {
                what.push_str(&format!(" (in `{rust}`)"));
            }
            let message = Spot {
                rust: part.rust,
                variant: Some(part.variant),
                field: None,
            };
            let field = refusal.path.iter().find(|step| !step.starts_with('['));
            let field = field.map(String::as_str);
            let place = match within {
                Some(rust) => (self.locate)(Spot {
                    rust,
                    variant: None,
                    field,
                }),
                None => (self.locate)(Spot { field, ..message }),
            };
            let place = place.or_else(|| (self.locate)(message));
            let finding = Finding::new(format!("{what}: {}", refusal.reason), refusal.help);
            self.findings.push(finding.at(place));
        }
    }
}

/// The types one step down, each with the step.
fn steps<'t>(ty: &'t Ty, visit: &mut impl FnMut(Option<String>, &'t Ty)) {
    match ty {
        Ty::Array(item) => visit(Some("[]".to_owned()), item),
        Ty::Tuple(items) => {
            for (at, item) in items.iter().enumerate() {
                visit(Some(format!("[{at}]")), item);
            }
        }
        Ty::Object(object) => {
            for field in &object.fields {
                visit(Some(field.name.clone()), &field.ty);
            }
            if let Some(rest) = &object.rest {
                visit(Some("[key]".to_owned()), &rest.ty);
            }
        }
        other => other.children(&mut |child| visit(None, child)),
    }
}
