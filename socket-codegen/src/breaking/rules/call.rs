//! REPLY_REMOVED, REPLY_ADDED, STREAMING_CHANGED, IDEMPOTENCY_…: how a command is answered; and
//! UNION_… of its error codes.

use serde_json::{Value, json};
use socket_protocol::manifest::model::{Command, Error, Group, Stability};

use crate::breaking::level::{Facts, Position};
use crate::breaking::path::Path;
use crate::breaking::rule::Rule;
use crate::breaking::rules::message::{Message as _, reserved_names};
use crate::breaking::walk::Walk;

/// The command's param, reply and errors in the new version. `send` and `receive` are the two
/// directions.
pub(in crate::breaking) fn command(
    send: &mut Walk<'_>,
    receive: &mut Walk<'_>,
    old: &Command,
    new: &Command,
) {
    let path = Command::path(&new.name);
    let facts = Facts::default();
    send.position = Position::Param;
    param(
        send,
        &path.field("param"),
        old.param.as_ref(),
        new.param.as_ref(),
    );
    match (old.idempotent, new.idempotent) {
        (true, false) => {
            let words = ("idempotent", "");
            let message = "may no longer run twice";
            send.emit(Rule::IdempotencyLowered, &path, words, message, facts);
        }
        (false, true) => {
            let words = ("", "idempotent");
            send.emit(
                Rule::IdempotencyRaised,
                &path,
                words,
                "may now run twice",
                facts,
            );
        }
        _ => {}
    }
    receive.position = Position::Reply;
    let place = path.field("reply");
    if old.streaming != new.streaming {
        let word = |streams| if streams { "a stream" } else { "one answer" };
        let words = (word(old.streaming), word(new.streaming));
        let message = format!("was {}, is now {}", words.0, words.1);
        receive.emit(Rule::StreamingChanged, &place, words, message, facts);
    }
    let items = path.field("item");
    match (&old.item, &new.item) {
        (Some(old), Some(new)) => receive.compare(&items, old, new),
        (None, None) => {}
        // Items that nothing describes may be anything.
        (before, _) if old.streaming && new.streaming => {
            let words = match before {
                Some(_) => ("described", ""),
                None => ("", "described"),
            };
            let message = "only one of the two versions describes its items";
            receive.emit(Rule::Undecided, &items, words, message, Facts::default());
        }
        _ => {}
    }
    match (&old.reply, &new.reply) {
        (Some(_), None) => {
            receive.emit(
                Rule::ReplyRemoved,
                &place,
                ("a reply", ""),
                "no longer replies",
                facts,
            );
        }
        (None, Some(_)) => {
            receive.emit(
                Rule::ReplyAdded,
                &place,
                ("", "a reply"),
                "now replies",
                facts,
            );
        }
        (Some(old), Some(new)) => receive.compare(&place, old, new),
        (None, None) => {}
    }
    receive.position = Position::Error;
    errors(
        receive,
        &path.field("errors"),
        old.errors.as_ref(),
        new.errors.as_ref(),
    );
}

/// Params and data; absent ones are an object without fields, as on the wire.
pub(in crate::breaking) fn param(
    walk: &mut Walk<'_>,
    path: &Path,
    old: Option<&Value>,
    new: Option<&Value>,
) {
    let none = json!({ "type": "object" });
    if old.is_some() || new.is_some() {
        walk.compare(path, old.unwrap_or(&none), new.unwrap_or(&none));
    }
}

fn errors(
    walk: &mut Walk<'_>,
    path: &Path,
    old: Option<&Group<Error>>,
    new: Option<&Group<Error>>,
) {
    let items = |group: Option<&Group<Error>>| {
        let items = group.into_iter().flat_map(|group| group.items.clone());
        items.collect::<Vec<_>>()
    };
    let draft = |error: &Error| error.life.stability == Some(Stability::Draft);
    let (before, after) = (items(old), items(new));
    let facts = Facts::default();
    for error in before.iter().filter(|error| !draft(error)) {
        let path = path.field(&error.code);
        let Some(now) = after.iter().find(|other| other.code == error.code) else {
            let message = format!("the error `{}` is gone", error.code);
            walk.emit(Rule::UnionRemoved, &path, (&error.code, ""), message, facts);
            continue;
        };
        if error.docs != now.docs {
            walk.docs(&path);
        }
        if now.deprecated.is_some() && error.deprecated.is_none() {
            walk.deprecated(&path);
        }
        param(
            walk,
            &path.field("data"),
            error.data.as_ref(),
            now.data.as_ref(),
        );
    }
    let is_new = |error: &&Error| !before.iter().any(|other| other.code == error.code);
    let added: Vec<_> = after.iter().filter(is_new).collect();
    for error in added.iter().filter(|error| !draft(error)) {
        let message = format!("the error `{}` is new", error.code);
        let path = path.field(&error.code);
        walk.emit(Rule::UnionAdded, &path, ("", &error.code), message, facts);
    }
    let reserved = |group: Option<&Group<Error>>| {
        group
            .map(|group| group.reserved.clone())
            .unwrap_or_default()
    };
    let codes = |errors: &[Error]| errors.iter().map(|e| e.code.clone()).collect::<Vec<_>>();
    let added: Vec<_> = added.into_iter().map(|error| error.code.clone()).collect();
    for (rule, code, message) in
        reserved_names(&reserved(old), &reserved(new), &added, &codes(&after))
    {
        walk.emit(rule, &path.field(&code), ("reserved", ""), message, facts);
    }
}
