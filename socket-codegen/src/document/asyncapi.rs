//! A protocol as an AsyncAPI 3.0 document, told from the server's side: it receives commands and
//! sends events and replies. The payloads hold the whole message, as it is on the wire.

use serde_json::{Map, Value, json};
use socket_protocol::ErrorCode;
use socket_protocol::manifest::Manifest;
use socket_protocol::manifest::model::{Channel, Command, Event, History};

use super::draft7;

/// The largest integer that JavaScript counts to.
const LARGEST: u64 = (1 << 53) - 1;

/// The channel of what belongs to no channel: replies, and what is sent without one.
const CONNECTION: &str = "connection";

/// The document.
#[must_use]
pub(crate) fn asyncapi(manifest: &Manifest) -> Value {
    let mut channels = Map::new();
    let mut operations = Map::new();
    let commands = &manifest.commands.items;
    let events = &manifest.events.items;
    let mut messages: Vec<Value> = Vec::new();
    for command in commands {
        messages
            .extend(["command", "reply", "error"].map(|kind| key(&[kind, &command.name]).into()));
    }
    messages.extend(
        events
            .iter()
            .map(|event| key(&["event", &event.name]).into()),
    );
    let mut connection = json!({ "address": null, "messages": references(&messages) });
    for (key, kept) in [
        ("x-user-history", manifest.user_history),
        ("x-all-history", manifest.all_history),
    ] {
        if let Some(kept) = kept {
            connection[key] = history(kept);
        }
    }
    let summary = "The WebSocket itself: what is sent without `channel`, and every reply";
    channels.insert(CONNECTION.to_owned(), described(connection, summary, ""));
    operate(&mut operations, CONNECTION, commands.iter(), events.iter());
    for channel in &manifest.channels.items {
        let of = key(&["channel", &channel.pattern]);
        let listed = |names: &[String], name: &String| names.contains(name);
        let commands = commands
            .iter()
            .filter(|c| listed(&channel.commands, &c.name) || listed(&channel.outsiders, &c.name));
        let events = events.iter().filter(|e| listed(&channel.events, &e.name));
        operate(&mut operations, &of, commands.clone(), events.clone());
        channels.insert(of, of_channel(channel, commands, events));
    }
    let mut info = json!({ "title": manifest.protocol, "version": manifest.fingerprint });
    if !manifest.docs.is_empty() {
        info["description"] = manifest.docs.clone().into();
    }
    json!({
        "asyncapi": "3.0.0",
        "info": info,
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": { "messages": all_messages(manifest), "schemas": types(manifest) },
    })
}

fn of_channel<'a>(
    channel: &Channel,
    commands: impl Iterator<Item = &'a Command>,
    events: impl Iterator<Item = &'a Event>,
) -> Value {
    let commands = commands.map(|command| Value::from(key(&["command", &command.name])));
    let events = events.map(|event| Value::from(key(&["event", &event.name])));
    let messages: Vec<Value> = commands.chain(events).collect();
    let mut parameters = Map::new();
    let mut rest = channel.pattern.as_str();
    while let Some((_, tail)) = rest.split_once('{') {
        let Some((name, tail)) = tail.split_once('}') else {
            break;
        };
        let (name, docs) = match name.strip_prefix('*') {
            Some(name) => (name, "The rest of the channel's name, as it stands"),
            None => (
                name,
                "Percent-encoded where it holds a character that names may not",
            ),
        };
        parameters.insert(name.to_owned(), json!({ "description": docs }));
        rest = tail;
    }
    let mut value = json!({
        "address": channel.pattern.replace("{*", "{"),
        "messages": references(&messages),
    });
    if !parameters.is_empty() {
        value["parameters"] = parameters.into();
    }
    if let Some(kept) = channel.history {
        value["x-history"] = history(kept);
    }
    with_deprecation(&mut value, channel.deprecated.as_deref());
    described(value, "", &channel.docs)
}

fn history(kept: History) -> Value {
    json!({ "events": kept.events, "keepMs": kept.keep_ms })
}

/// The server's operations in a channel.
fn operate<'a>(
    operations: &mut Map<String, Value>,
    channel: &str,
    commands: impl Iterator<Item = &'a Command>,
    events: impl Iterator<Item = &'a Event>,
) {
    let message =
        |of: &str, key: &str| json!({ "$ref": format!("#/channels/{of}/messages/{key}") });
    let mut operation = |action: &str, name: &str, kind: &str, docs: &str| -> String {
        let value = json!({
            "action": action,
            "channel": { "$ref": format!("#/channels/{channel}") },
            "messages": [message(channel, &key(&[kind, name]))],
        });
        let id = key(&[channel, kind, name]);
        operations.insert(id.clone(), described(value, name, docs));
        id
    };
    let mut replies = Vec::new();
    for command in commands {
        let id = operation("receive", &command.name, "command", &command.docs);
        replies.push((id, &command.name));
    }
    for event in events {
        operation("send", &event.name, "event", &event.docs);
    }
    for (id, name) in replies {
        let replies = ["reply", "error"].map(|kind| message(CONNECTION, &key(&[kind, name])));
        operations[&id]["reply"] = json!({
            "channel": { "$ref": format!("#/channels/{CONNECTION}") },
            "messages": replies,
        });
    }
}

fn all_messages(manifest: &Manifest) -> Value {
    let send = |schema: &Value| draft7::convert(schema, &|name| schema_path("send", name));
    let receive = |schema: &Value| draft7::convert(schema, &|name| schema_path("receive", name));
    let id = json!({ "type": "integer", "minimum": 1, "maximum": LARGEST });
    let mut messages = Map::new();
    for command in &manifest.commands.items {
        let mut required = vec!["cmd"];
        let param = match &command.param {
            Some(param) => {
                required.push("param");
                send(param)
            }
            None => json!({ "type": ["object", "null"] }),
        };
        let payload = json!({
            "type": "object",
            "properties": {
                "cmd": { "const": command.name },
                "channel": { "type": ["string", "null"], "description": "Absent: the default channel" },
                "param": param,
                "id": id,
                "timeout": { "type": "integer", "minimum": 0, "description": "Milliseconds" },
                "trace": { "type": "string", "description": "A W3C traceparent" },
            },
            "required": required,
        });
        let mut message = json!({
            "name": command.name,
            "correlationId": { "location": "$message.payload#/id" },
            "payload": payload,
        });
        if command.idempotent {
            message["x-idempotent"] = true.into();
        }
        with_deprecation(&mut message, command.deprecated.as_deref());
        let message = described(message, "", &command.docs);
        messages.insert(key(&["command", &command.name]), message);

        let param = command
            .reply
            .as_ref()
            .map_or(json!({ "type": "object" }), &receive);
        let reply = |field: &str, schema: &Value| json!({ "type": "object", "properties": { "re": id, field: schema }, "required": ["re", field] });
        let payload = match command.streaming {
            false => reply("param", &param),
            true => {
                let item = command.item.as_ref().map_or(true.into(), &receive);
                json!({ "oneOf": [reply("item", &item), reply("param", &param)] })
            }
        };
        let answer = |payload: Value| {
            json!({
                "name": command.name,
                "correlationId": { "location": "$message.payload#/re" },
                "payload": payload,
            })
        };
        messages.insert(key(&["reply", &command.name]), answer(payload));
        let payload = reply("error", &errors(command, &receive));
        messages.insert(key(&["error", &command.name]), answer(payload));
    }
    for event in &manifest.events.items {
        let param = event
            .param
            .as_ref()
            .map_or(json!({ "type": "object" }), &receive);
        let payload = json!({
            "type": "object",
            "properties": {
                "cmd": { "const": event.name },
                "channel": { "type": "string", "description": "The channel that it was published to" },
                "from": { "type": "string", "format": "uuid", "description": "The connection that caused it" },
                "param": param,
                "at": { "type": "integer", "description": "Its place in the channel's history" },
                "prev": { "type": "integer", "description": "The place before it, where that is not `at - 1`" },
            },
            "required": ["cmd", "param"],
        });
        let mut message = json!({ "name": event.name, "payload": payload });
        with_deprecation(&mut message, event.deprecated.as_deref());
        messages.insert(
            key(&["event", &event.name]),
            described(message, "", &event.docs),
        );
    }
    messages.into()
}

/// The errors that a command may be answered with: its own, and those that any may.
fn errors(command: &Command, receive: &dyn Fn(&Value) -> Value) -> Value {
    let error = |code: Value, data: Option<Value>| {
        let mut value = json!({
            "type": "object",
            "properties": { "code": code, "message": { "type": "string" } },
            "required": ["code", "message"],
        });
        if let Some(data) = data {
            value["properties"]["data"] = data;
            value["required"] = json!(["code", "message", "data"]);
        }
        value
    };
    let own = command
        .errors
        .iter()
        .flat_map(|errors| &errors.items)
        .map(|own| {
            let value = error(json!({ "const": own.code }), own.data.as_ref().map(receive));
            described(value, "", &own.docs)
        });
    let sent = ErrorCode::ALL.iter().filter(|code| code.is_sent());
    let mut every = error(
        json!({ "enum": sent.map(|code| code.as_str()).collect::<Vec<_>>() }),
        None,
    );
    every["properties"]["data"] = true.into();
    json!({ "anyOf": own.chain([every]).collect::<Vec<_>>() })
}

fn types(manifest: &Manifest) -> Value {
    let mut schemas = Map::new();
    let directions = [
        ("send", &manifest.types.send),
        ("receive", &manifest.types.receive),
    ];
    for (direction, types) in directions {
        for (name, schema) in types {
            let schema = draft7::convert(schema, &|name| schema_path(direction, name));
            schemas.insert(key(&[direction, name]), schema);
        }
    }
    schemas.into()
}

fn schema_path(direction: &str, name: &str) -> String {
    format!("#/components/schemas/{}", key(&[direction, name]))
}

fn references(keys: &[Value]) -> Value {
    let keys = keys.iter().filter_map(Value::as_str);
    let reference = |key: &str| {
        (
            key.to_owned(),
            json!({ "$ref": format!("#/components/messages/{key}") }),
        )
    };
    Value::Object(keys.map(reference).collect())
}

/// A title, and docs; AsyncAPI has `deprecated` for schemas alone.
fn described(mut value: Value, title: &str, docs: &str) -> Value {
    for (key, text) in [("title", title), ("description", docs)] {
        if !text.is_empty() {
            value[key] = text.into();
        }
    }
    value
}

fn with_deprecation(value: &mut Value, note: Option<&str>) {
    if let Some(note) = note {
        value["x-deprecated"] = note.into();
    }
}

/// A key that AsyncAPI takes: letters, digits, `.`, `-` and `_`; whatever else a name holds is
/// spelled by its number.
fn key(parts: &[&str]) -> String {
    let mut key = String::new();
    for c in parts.join(".").chars() {
        if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') {
            key.push(c);
        } else {
            key.push_str(&format!("_{:x}_", u32::from(c)));
        }
    }
    key
}
