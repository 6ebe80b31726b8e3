//! CHANNEL_PATTERN_CHANGED, RECOVERY_…, SIZE_LIMIT_…, and MESSAGE_… of channels and of what they
//! carry.

use socket_protocol::manifest::model::{Channel, History, Manifest};

use crate::breaking::Options;
use crate::breaking::level::{Facts, Position};
use crate::breaking::path::Path;
use crate::breaking::rule::Rule;
use crate::breaking::rules::lifecycle::{self, is_draft};
use crate::breaking::rules::message::reserved_names;
use crate::breaking::walk::Walk;

pub(in crate::breaking) fn channels(
    walk: &mut Walk<'_>,
    old: &Manifest,
    new: &Manifest,
    options: &Options,
) {
    let path = |pattern: &str| Path::root(format!("channels.{pattern}"));
    let missing = |these: &Manifest, those: &Manifest| {
        let known = |channel: &&Channel| {
            !those
                .channels
                .items
                .iter()
                .any(|other| other.pattern == channel.pattern)
        };
        let missing = these.channels.items.iter().filter(known);
        missing.cloned().collect::<Vec<_>>()
    };
    let (removed, mut added) = (missing(old, new), missing(new, old));
    let (gone, more) = (removed.len(), added.len());
    let news: Vec<_> = added
        .iter()
        .map(|channel| channel.pattern.clone())
        .collect();
    for before in &old.channels.items {
        let after = new
            .channels
            .items
            .iter()
            .find(|after| after.pattern == before.pattern);
        if let Some(after) = after
            && !is_draft(&before.life)
        {
            carried(walk, &path(&after.pattern), (old, before), (new, after));
        }
    }
    walk.position = Position::Param;
    for before in &removed {
        let same_wire = |after: &Channel| nameless(&after.pattern) == nameless(&before.pattern);
        let alone = gone == 1 && more == 1;
        let same_job = |after: &Channel| {
            alone && after.commands == before.commands && after.events == before.events
        };
        let place = added
            .iter()
            .position(|after| same_wire(after) || same_job(after));
        let Some(place) = place else {
            if !is_draft(&before.life) {
                let path = path(&before.pattern);
                lifecycle::removed(walk, &path, &before.pattern, &before.life, options);
            }
            continue;
        };
        let after = added.remove(place);
        if is_draft(&before.life) {
            continue;
        }
        let words = (&before.pattern, &after.pattern);
        let kept = same_wire(&after);
        let facts = Facts {
            kept,
            ..Facts::default()
        };
        let message = match kept {
            true => format!("its parameters have other names: `{}`", after.pattern),
            false => format!("its names are now made as `{}`", after.pattern),
        };
        let rule = Rule::ChannelPatternChanged;
        walk.emit(rule, &path(&before.pattern), words, message, facts);
        carried(walk, &path(&after.pattern), (old, before), (new, &after));
    }
    let facts = Facts::default();
    walk.position = Position::Param;
    for after in added.iter().filter(|after| !is_draft(&after.life)) {
        let words = ("", &after.pattern);
        walk.emit(
            Rule::MessageAdded,
            &path(&after.pattern),
            words,
            "the channel is new",
            facts,
        );
    }
    let all: Vec<_> = new
        .channels
        .items
        .iter()
        .map(|c| c.pattern.clone())
        .collect();
    let reserved = (&old.channels.reserved, &new.channels.reserved);
    for (rule, name, message) in reserved_names(reserved.0, reserved.1, &news, &all) {
        walk.emit(rule, &path(&name), ("reserved", ""), message, facts);
    }
}

/// A pattern without the names of its parameters, which the wire does not hold.
fn nameless(pattern: &str) -> String {
    let mut plain = String::new();
    let mut inside = false;
    for c in pattern.chars() {
        inside &= c != '}';
        if !inside || c == '*' {
            plain.push(c);
        }
        inside |= c == '{';
    }
    plain
}

/// The commands, events and history of a channel.
fn carried(
    walk: &mut Walk<'_>,
    path: &Path,
    (old, before): (&Manifest, &Channel),
    (new, after): (&Manifest, &Channel),
) {
    if before.docs != after.docs {
        walk.docs(path);
    }
    if after.deprecated.is_some() && before.deprecated.is_none() {
        walk.deprecated(path);
    }
    lifecycle::stability(walk, path, &before.life, &after.life);
    let commands = |manifest: &Manifest| {
        let names = manifest
            .commands
            .items
            .iter()
            .map(|command| command.name.clone());
        names.collect::<Vec<_>>()
    };
    let events = |manifest: &Manifest| {
        let names = manifest.events.items.iter().map(|event| event.name.clone());
        names.collect::<Vec<_>>()
    };
    let (old_commands, new_commands) = (commands(old), commands(new));
    let (old_events, new_events) = (events(old), events(new));
    let lists = [
        (
            Position::Param,
            "commands",
            &before.commands,
            &after.commands,
            &old_commands,
            &new_commands,
        ),
        (
            Position::Param,
            "outsiders",
            &before.outsiders,
            &after.outsiders,
            &old_commands,
            &new_commands,
        ),
        (
            Position::Event,
            "events",
            &before.events,
            &after.events,
            &old_events,
            &new_events,
        ),
    ];
    let facts = Facts::default();
    for (position, list, before, after, in_old, in_new) in lists {
        walk.position = position;
        let path = path.field(list);
        // A message that is gone or new as a whole has its own finding.
        for name in before
            .iter()
            .filter(|name| !after.contains(name) && in_new.contains(name))
        {
            let message = "is no longer taken or carried by this channel";
            walk.emit(
                Rule::MessageRemoved,
                &path.field(name),
                (name, ""),
                message,
                facts,
            );
        }
        for name in after
            .iter()
            .filter(|name| !before.contains(name) && in_old.contains(name))
        {
            let message = "is now taken or carried by this channel";
            walk.emit(
                Rule::MessageAdded,
                &path.field(name),
                ("", name),
                message,
                facts,
            );
        }
    }
    history(walk, &path.field("history"), before.history, after.history);
}

/// RECOVERY_… of `:user` and `:all`.
pub(in crate::breaking) fn own_history(walk: &mut Walk<'_>, old: &Manifest, new: &Manifest) {
    for (name, before, after) in [
        ("user_history", old.user_history, new.user_history),
        ("all_history", old.all_history, new.all_history),
    ] {
        history(walk, &Path::root("protocol").field(name), before, after);
    }
}

fn history(walk: &mut Walk<'_>, path: &Path, old: Option<History>, new: Option<History>) {
    walk.position = Position::Event;
    let kept = |history: Option<History>| history.map_or((0, 0), |h| (h.events, h.keep_ms));
    let words = |history: Option<History>| match history {
        None => "no history".to_owned(),
        Some(History { events, keep_ms }) => format!("{events} events for {keep_ms} ms"),
    };
    let (before, after) = (kept(old), kept(new));
    let words = (words(old), words(new));
    let message = format!("kept {}, keeps {} now", words.0, words.1);
    let facts = Facts::default();
    if after.0 < before.0 || after.1 < before.1 {
        walk.emit(
            Rule::RecoveryRemoved,
            path,
            words.clone(),
            message.clone(),
            facts,
        );
    }
    if after.0 > before.0 || after.1 > before.1 {
        walk.emit(Rule::RecoveryAdded, path, words, message, facts);
    }
}

/// SIZE_LIMIT_…: no limit declared is no limit known, and says nothing.
pub(in crate::breaking) fn limits(walk: &mut Walk<'_>, old: &Manifest, new: &Manifest) {
    walk.position = Position::Param;
    let (Some(before), Some(after)) = (old.max_message_bytes, new.max_message_bytes) else {
        return;
    };
    let path = Path::root("protocol").field("max_message_bytes");
    let message = format!("was {before} bytes, is now {after}");
    let rule = match after < before {
        true => Rule::SizeLimitLowered,
        false if after > before => Rule::SizeLimitRaised,
        false => return,
    };
    walk.emit(rule, &path, (before, after), message, Facts::default());
}
