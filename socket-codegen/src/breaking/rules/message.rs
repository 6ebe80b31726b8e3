//! MESSAGE_REMOVED, MESSAGE_ADDED, MESSAGE_RENAMED, NAME_REUSED, RESERVATION_DROPPED,
//! ALIAS_DROPPED, ORDER_CHANGED: which messages there are.

use std::cmp::Ordering;

use serde_json::Value;
use socket_protocol::manifest::model::{Command, Delivery, Event, Group, Life};

use crate::breaking::Options;
use crate::breaking::level::{Facts, Position};
use crate::breaking::path::Path;
use crate::breaking::rule::Rule;
use crate::breaking::rules::lifecycle;
use crate::breaking::rules::prose::wire_form;
use crate::breaking::walk::Walk;

/// The common parts of commands and events.
pub(in crate::breaking) trait Message {
    const POSITION: Position;
    fn name(&self) -> &str;
    fn alias(&self) -> &[String];
    fn docs(&self) -> &str;
    fn deprecated(&self) -> bool;
    fn life(&self) -> &Life;
    /// Where it stands.
    fn path(name: &str) -> Path;
    /// Its shapes, where there are any: enough to know it again under another name.
    fn looks(&self) -> Option<Value>;
}

fn looks<const N: usize>(schemas: [Option<&Value>; N]) -> Option<Value> {
    let telling = schemas.iter().any(Option::is_some);
    let form = |schema: &Option<&Value>| schema.map_or(Value::Null, wire_form);
    telling.then(|| schemas.iter().map(form).collect())
}

impl Message for Command {
    const POSITION: Position = Position::Param;
    fn name(&self) -> &str {
        &self.name
    }
    fn alias(&self) -> &[String] {
        &self.alias
    }
    fn docs(&self) -> &str {
        &self.docs
    }
    fn deprecated(&self) -> bool {
        self.deprecated.is_some()
    }
    fn life(&self) -> &Life {
        &self.life
    }
    fn path(name: &str) -> Path {
        Path::root(name)
    }
    fn looks(&self) -> Option<Value> {
        looks([self.param.as_ref(), self.item.as_ref(), self.reply.as_ref()])
    }
}

impl Message for Event {
    const POSITION: Position = Position::Event;
    fn name(&self) -> &str {
        &self.name
    }
    fn alias(&self) -> &[String] {
        &self.alias
    }
    fn docs(&self) -> &str {
        &self.docs
    }
    fn deprecated(&self) -> bool {
        self.deprecated.is_some()
    }
    fn life(&self) -> &Life {
        &self.life
    }
    fn path(name: &str) -> Path {
        Path::root(format!("events.{name}"))
    }
    fn looks(&self) -> Option<Value> {
        looks([self.param.as_ref()])
    }
}

fn is_draft<T: Message>(message: &T) -> bool {
    lifecycle::is_draft(message.life())
}

/// Compares which messages there are, and returns those that are in both, drafts apart.
pub(in crate::breaking) fn messages<'g, T: Message>(
    walk: &mut Walk<'_>,
    old: &'g Group<T>,
    new: &'g Group<T>,
    options: &Options,
) -> Vec<(&'g T, &'g T)> {
    walk.position = T::POSITION;
    let mut both = Vec::new();
    let mut removed = Vec::new();
    let mut added: Vec<&T> = Vec::new();
    for before in &old.items {
        match new.items.iter().find(|after| after.name() == before.name()) {
            Some(after) => both.push((before, after)),
            None => removed.push(before),
        }
    }
    for after in &new.items {
        if !old.items.iter().any(|before| before.name() == after.name()) {
            added.push(after);
        }
    }
    order(walk, old, new, &both);
    let news: Vec<_> = added
        .iter()
        .map(|message| message.name().to_owned())
        .collect();
    let renamed = renamed(walk, new, &mut removed, &mut added);
    both.retain(|(before, _)| !is_draft(*before));
    both.extend(renamed);
    for (before, after) in &both {
        let path = T::path(after.name());
        if before.docs() != after.docs() {
            walk.docs(&path);
        }
        if after.deprecated() && !before.deprecated() {
            walk.deprecated(&path);
        }
        lifecycle::stability(walk, &path, before.life(), after.life());
        for alias in before.alias() {
            let kept = after.alias().contains(alias)
                || new.items.iter().any(|message| message.name() == alias);
            if !kept {
                let message = format!("no longer works under its former name `{alias}`");
                walk.emit(
                    Rule::AliasDropped,
                    &path,
                    (alias, ""),
                    message,
                    Facts::default(),
                );
            }
        }
    }
    for message in removed.into_iter().filter(|message| !is_draft(*message)) {
        let path = T::path(message.name());
        lifecycle::removed(walk, &path, message.name(), message.life(), options);
    }
    for message in added.into_iter().filter(|message| !is_draft(*message)) {
        let path = T::path(message.name());
        let words = ("", message.name());
        walk.emit(Rule::MessageAdded, &path, words, "is new", Facts::default());
    }
    let all: Vec<_> = new
        .items
        .iter()
        .map(|message| message.name().to_owned())
        .collect();
    for (rule, name, message) in reserved_names(&old.reserved, &new.reserved, &news, &all) {
        walk.emit(
            rule,
            &T::path(&name),
            ("reserved", ""),
            message,
            Facts::default(),
        );
    }
    both
}

/// Takes pairs out that are one message under two names: by an alias, or because just one that went
/// and one that came have the same shapes.
fn renamed<'g, T: Message>(
    walk: &mut Walk<'_>,
    new: &'g Group<T>,
    removed: &mut Vec<&'g T>,
    added: &mut Vec<&'g T>,
) -> Vec<(&'g T, &'g T)> {
    let mut pairs = Vec::new();
    for before in removed.clone() {
        let by_alias = |after: &&T| after.alias().iter().any(|alias| alias == before.name());
        let alias = new.items.iter().find(by_alias);
        let looks = || {
            let looks = before.looks()?;
            let alike = |message: &&&T| message.looks().as_ref() == Some(&looks);
            let mut found = added.iter().filter(alike);
            let only = found.next().filter(|_| found.next().is_none())?;
            (removed.iter().filter(alike).count() == 1).then_some(*only)
        };
        let Some(after) = alias.or_else(looks) else {
            continue;
        };
        let facts = Facts {
            kept: alias.is_some(),
            ..Facts::default()
        };
        let words = (before.name(), after.name());
        let message = format!("`{}` is now `{}`", words.0, words.1);
        if !is_draft(before) {
            walk.emit(
                Rule::MessageRenamed,
                &T::path(before.name()),
                words,
                message,
                facts,
            );
            pairs.push((before, after));
        }
        removed.retain(|message| message.name() != before.name());
        added.retain(|message| message.name() != after.name());
    }
    pairs
}

fn order<T: Message>(walk: &mut Walk<'_>, old: &Group<T>, new: &Group<T>, both: &[(&T, &T)]) {
    let shared = |group: &Group<T>| {
        let names = group.items.iter().map(|message| message.name().to_owned());
        let shared = |name: &String| both.iter().any(|(before, _)| before.name() == name);
        names.filter(shared).collect::<Vec<_>>()
    };
    let words = (shared(old), shared(new));
    if words.0 != words.1 {
        let words = (words.0.join(", "), words.1.join(", "));
        let path = match T::POSITION {
            Position::Event => Path::root("events"),
            _ => Path::root("commands"),
        };
        let message = "declared in another order";
        walk.emit(Rule::OrderChanged, &path, words, message, Facts::default());
    }
}

/// RECOVERY_… of an event: only reliable ones are kept, and of volatile ones none need arrive.
pub(in crate::breaking) fn delivery(walk: &mut Walk<'_>, old: &Event, new: &Event) {
    let path = Event::path(&new.name);
    let word = |delivery: Delivery| match delivery {
        Delivery::Reliable => "reliable",
        Delivery::Latest => "latest",
        Delivery::Volatile => "volatile",
    };
    let words = (word(old.delivery), word(new.delivery));
    let message = format!("was {}, is now {}", words.0, words.1);
    // The events that a client may rely on: all of them, the newest of each key, none.
    let promise = |delivery: Delivery| match delivery {
        Delivery::Reliable => 2,
        Delivery::Latest => 1,
        Delivery::Volatile => 0,
    };
    let rule = match promise(new.delivery).cmp(&promise(old.delivery)) {
        Ordering::Less => Rule::RecoveryRemoved,
        Ordering::Greater => Rule::RecoveryAdded,
        Ordering::Equal => return,
    };
    walk.emit(rule, &path, words, message, Facts::default());
}

/// NAME_REUSED and RESERVATION_DROPPED: the names that were reserved, against those that are new
/// and all that there are now.
pub(in crate::breaking) fn reserved_names(
    old: &[String],
    new: &[String],
    added: &[String],
    all: &[String],
) -> Vec<(Rule, String, String)> {
    let finding = |name: &String| {
        if added.contains(name) {
            let message = format!("`{name}` was reserved and is back");
            return Some((Rule::NameReused, name.clone(), message));
        }
        let dropped = !new.contains(name) && !all.contains(name);
        let message = format!("`{name}` is no longer reserved");
        dropped.then(|| (Rule::ReservationDropped, name.clone(), message))
    };
    old.iter().filter_map(finding).collect()
}
