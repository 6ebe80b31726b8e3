//! Which named types are emitted, under which names, in which order.
//!
//! A type that is the same in both directions is emitted once; else what is received has the name
//! and what is sent has it with `Input`. Types are compared by their structure: the keys of
//! schemars' definitions depend on the order of discovery.

use std::collections::{BTreeMap, BTreeSet};

use super::ident;
use super::ty::{Definition, Definitions, Ty};
use crate::finding::Finding;
use crate::load::{Locate, Spot};

/// The way of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Direction {
    /// From the client.
    Send,
    /// To the client.
    Receive,
}

/// The named types of a protocol.
#[derive(Debug)]
pub(super) struct Names {
    send: Definitions,
    receive: Definitions,
    names: BTreeMap<(Direction, String), String>,
    order: Vec<(Direction, String)>,
}

impl Names {
    /// Names everything that the messages use.
    ///
    /// # Errors
    /// When a name is taken or cannot stand in TypeScript.
    pub(super) fn new(
        send: Definitions,
        receive: Definitions,
        messages: &[(Direction, &Ty)],
        locate: Locate<'_>,
    ) -> Result<Self, Vec<Finding>> {
        let mut this = Self {
            send,
            receive,
            names: BTreeMap::new(),
            order: Vec::new(),
        };
        let used = this.used(messages);
        this.name(&used, locate)?;
        let mut emitted = BTreeSet::new();
        this.order = used
            .into_iter()
            .filter(|id| emitted.insert(this.names[id].clone()))
            .collect();
        // By name: in the order of first use a new message would move the types of others.
        this.order.sort_by_key(|id| this.names[id].clone());
        Ok(this)
    }

    /// The named types in the order in which they are to be emitted.
    pub(super) fn ordered(&self) -> impl Iterator<Item = (&str, Direction, &Definition)> {
        self.order.iter().filter_map(|(direction, key)| {
            // A type that is the same in both directions is emitted as the received one.
            let name = self.names.get(&(*direction, key.clone()))?;
            let received = self
                .names
                .iter()
                .find(|((direction, _), known)| *direction == Direction::Receive && *known == name);
            let (direction, key) = received.map_or((*direction, key), |(id, _)| (id.0, &id.1));
            Some((
                name.as_str(),
                direction,
                self.definitions(direction).get(key)?,
            ))
        })
    }

    /// The name of a type.
    #[must_use]
    pub(super) fn get(&self, direction: Direction, key: &str) -> &str {
        self.names
            .get(&(direction, key.to_owned()))
            .map_or("never", String::as_str)
    }

    /// The type behind a name.
    #[must_use]
    pub(super) fn resolve<'a>(&'a self, direction: Direction, ty: &'a Ty) -> &'a Ty {
        let mut ty = ty;
        // A chain of names that never ends has no values; serde could not have written it.
        for _ in 0..self.order.len() + 1 {
            match ty {
                Ty::Ref(key) => match self.definitions(direction).get(key) {
                    Some(definition) => ty = &definition.ty,
                    None => break,
                },
                _ => break,
            }
        }
        ty
    }

    /// The keys of the types that messages of that direction use.
    pub(super) fn used_in(&self, direction: Direction) -> impl Iterator<Item = &str> {
        self.names
            .keys()
            .filter(move |(of, _)| *of == direction)
            .map(|(_, key)| key.as_str())
    }

    pub(super) fn definitions(&self, direction: Direction) -> &Definitions {
        match direction {
            Direction::Send => &self.send,
            Direction::Receive => &self.receive,
        }
    }

    fn used(&self, messages: &[(Direction, &Ty)]) -> Vec<(Direction, String)> {
        let mut used = Vec::new();
        for (direction, ty) in messages {
            self.visit(*direction, ty, &mut used);
        }
        used
    }

    fn visit(&self, direction: Direction, ty: &Ty, used: &mut Vec<(Direction, String)>) {
        ty.refs(&mut |key| {
            let id = (direction, key.to_owned());
            if !used.contains(&id) {
                used.push(id);
                if let Some(definition) = self.definitions(direction).get(key) {
                    self.visit(direction, &definition.ty, used);
                }
            }
        });
    }

    fn name(
        &mut self,
        used: &[(Direction, String)],
        locate: Locate<'_>,
    ) -> Result<(), Vec<Finding>> {
        let place = |rust: &str| {
            locate(Spot {
                rust,
                variant: None,
                field: None,
            })
        };
        // One generic type has a name for each of its parameters.
        let mut types: BTreeMap<(String, String), [Option<String>; 2]> = BTreeMap::new();
        let mut findings = Vec::new();
        for (direction, key) in used {
            let rust = self.rust(*direction, key);
            let identity = (rust.clone(), self.base_name(*direction, key));
            let keys = types.entry(identity).or_default();
            let slot = &mut keys[*direction as usize];
            if let Some(first) = slot.replace(key.clone()) {
                findings.push(
                    Finding::new(
                        format!(
                            "`{rust}` is generic and stands for two types, `{first}` and `{key}`"
                        ),
                        "name it after its parameters: #[schemars(rename = \"Page{T}\")]",
                    )
                    .at(place(&rust)),
                );
            }
        }
        let same = self.same_in_both(&types);
        let mut owners: BTreeMap<String, &(String, String)> = BTreeMap::new();
        for (identity, [send, receive]) in &types {
            let (rust, base) = identity;
            for (direction, key) in [(Direction::Receive, receive), (Direction::Send, send)] {
                let Some(key) = key else { continue };
                let mut name = base.clone();
                if direction == Direction::Send && receive.is_some() && !same.contains(key) {
                    name.push_str("Input");
                }
                if let Some(why) = ident::why_not_a_type_name(&name) {
                    findings.push(
                        Finding::new(
                            format!(
                                "the type `{rust}` cannot be called `{name}` in TypeScript: {why}"
                            ),
                            "give it another name there: #[schemars(rename = \"…\")]",
                        )
                        .at(place(rust)),
                    );
                }
                match owners.get(&name) {
                    Some(owner) if *owner != identity => findings.push(
                        Finding::new(
                            format!("two types are called `{name}`: `{}` and `{rust}`", owner.0),
                            "give one of them another name there: #[schemars(rename = \"…\")]",
                        )
                        .at(place(&owner.0))
                        .at(place(rust)),
                    ),
                    _ => {
                        owners.insert(name.clone(), identity);
                    }
                }
                self.names.insert((direction, key.clone()), name);
            }
        }
        findings.dedup();
        if findings.is_empty() {
            Ok(())
        } else {
            Err(findings)
        }
    }

    /// The send keys of the types that are the same in both directions: all, less those that
    /// differ, less those that name one that differs.
    fn same_in_both<K>(&self, types: &BTreeMap<K, [Option<String>; 2]>) -> BTreeSet<String> {
        let mut same: BTreeMap<&str, &str> = types
            .values()
            .filter_map(|[send, receive]| Some((send.as_deref()?, receive.as_deref()?)))
            .collect();
        loop {
            let differs = same.iter().find(|(send, receive)| {
                let pair = (self.send.get(**send), self.receive.get(**receive));
                let (Some(a), Some(b)) = pair else {
                    return true;
                };
                !a.ty.same(&b.ty, &|a, b| same.get(a) == Some(&b))
            });
            match differs.map(|(send, _)| *send) {
                Some(send) => same.remove(send),
                None => break,
            };
        }
        same.into_keys().map(str::to_owned).collect()
    }

    /// The identity of a type, in either direction: its path in Rust, or its key if that is
    /// unknown.
    fn rust(&self, direction: Direction, key: &str) -> String {
        let definition = self.definitions(direction).get(key);
        let rust = definition.and_then(|definition| definition.rust.clone());
        rust.unwrap_or_else(|| key.to_owned())
    }

    /// The key without the number that schemars adds to the second of two types of one name.
    fn base_name(&self, direction: Direction, key: &str) -> String {
        let definitions = self.definitions(direction);
        let rust = definitions
            .get(key)
            .and_then(|definition| definition.rust.as_deref());
        let last = rust.and_then(|rust| rust.rsplit("::").next());
        match last {
            Some(last) if key.starts_with(ERRORS) => last.to_owned(),
            Some(last)
                if definitions.contains_key(last)
                    && key
                        .strip_prefix(last)
                        .is_some_and(|number| number.parse::<u32>().is_ok()) =>
            {
                last.to_owned()
            }
            _ => key.to_owned(),
        }
    }
}

/// The prefix of keys of error enums: they are not definitions of schemars, whose keys never
/// contain a space.
pub(super) const ERRORS: &str = "errors ";
