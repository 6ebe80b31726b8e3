//! One self-contained JSON Schema (2020-12) for each part of each message.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use socket_protocol::manifest::Manifest;

use crate::output::File;

/// The first words of each file's comment, by which the tool recognises its own files.
const MADE_BY: &str = "Made by socket-codegen ";
const ENDING: &str = ".schema.json";

/// A part of a message: what it is called and its schema, self-contained.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Part {
    /// Where it stands: `commands.chat.param`.
    pub(crate) path: String,
    /// Its schema, with the `$defs` that it needs.
    pub(crate) schema: Value,
}

/// The schemas of a protocol, in the order of declaration. What has no fields has none.
#[must_use]
pub(crate) fn schemas(manifest: &Manifest) -> Vec<Part> {
    let (send, receive) = (&manifest.types.send, &manifest.types.receive);
    let mut parts = Vec::new();
    let mut add = |path: String, schema: Option<&Value>, types| {
        if let Some(schema) = schema {
            let schema = whole(schema, types);
            parts.push(Part { path, schema });
        }
    };
    for command in &manifest.commands.items {
        let name = &command.name;
        add(
            format!("commands.{name}.param"),
            command.param.as_ref(),
            send,
        );
        add(
            format!("commands.{name}.item"),
            command.item.as_ref(),
            receive,
        );
        add(
            format!("commands.{name}.reply"),
            command.reply.as_ref(),
            receive,
        );
        for error in command.errors.iter().flat_map(|errors| &errors.items) {
            let path = format!("commands.{name}.errors.{}.data", error.code);
            add(path, error.data.as_ref(), receive);
        }
    }
    for event in &manifest.events.items {
        add(
            format!("events.{}.param", event.name),
            event.param.as_ref(),
            receive,
        );
    }
    parts
}

/// All of a protocol's schemas in one document, by their paths.
#[must_use]
pub(crate) fn document(manifest: &Manifest) -> Value {
    let parts = schemas(manifest).into_iter();
    Value::Object(parts.map(|part| (part.path, part.schema)).collect())
}

/// One file for each schema: `chat.commands.say.param.schema.json`.
#[must_use]
pub(crate) fn files(manifest: &Manifest) -> Vec<File> {
    let file = |part: Part| {
        let comment = format!(
            "{MADE_BY}{} from the protocol `{}`. Do not edit.",
            env!("CARGO_PKG_VERSION"),
            manifest.protocol
        );
        let mut fields = Map::new();
        fields.insert("$comment".to_owned(), comment.into());
        if let Value::Object(schema) = part.schema {
            fields.extend(schema);
        }
        File {
            name: format!("{}.{}{ENDING}", manifest.protocol, file_name(&part.path)),
            text: format!("{:#}\n", Value::Object(fields)),
        }
    };
    schemas(manifest).into_iter().map(file).collect()
}

/// Returns whether a file of this name and text is one of [`files`], in any version.
#[must_use]
pub(crate) fn is_ours(name: &str, text: &str) -> bool {
    let comment = || {
        let schema: Value = serde_json::from_str(text).ok()?;
        Some(schema.get("$comment")?.as_str()?.starts_with(MADE_BY))
    };
    name.ends_with(ENDING) && comment().unwrap_or(false)
}

/// A wire name may hold anything; a file's name may not.
fn file_name(path: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let mut name = String::new();
    for c in path.chars() {
        if plain(c) {
            name.push(c);
        } else {
            name.push_str(&format!("%{:02x}", u32::from(c)));
        }
    }
    name
}

/// A schema with the named types that it refers to, and those that these refer to.
pub(crate) fn whole(schema: &Value, types: &BTreeMap<String, Value>) -> Value {
    let mut needed = BTreeSet::new();
    let mut queue = vec![schema];
    while let Some(value) = queue.pop() {
        let mut names = Vec::new();
        references(value, &mut names);
        for name in names {
            if let Some((name, value)) = types.get_key_value(&name)
                && needed.insert(name)
            {
                queue.push(value);
            }
        }
    }
    let mut fields = Map::new();
    fields.insert(
        "$schema".to_owned(),
        "https://json-schema.org/draft/2020-12/schema".into(),
    );
    match schema {
        Value::Object(schema) => fields.extend(schema.clone()),
        // `true` and `false` are schemas too.
        other => {
            fields.insert("allOf".to_owned(), json!([other]));
        }
    }
    if !needed.is_empty() {
        let types: Map<String, Value> = needed
            .into_iter()
            .map(|name| (name.clone(), types[name].clone()))
            .collect();
        fields.insert("$defs".to_owned(), types.into());
    }
    Value::Object(fields)
}

/// The names that `$ref`s in a value refer to.
fn references(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(to) if key == "$ref" => names.extend(definition(to)),
                    value => references(value, names),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, names)),
        _ => {}
    }
}

/// The name behind `#/$defs/NAME`.
pub(crate) fn definition(reference: &str) -> Option<String> {
    let name = reference.strip_prefix("#/$defs/")?;
    let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
    Some(name.replace("~1", "/").replace("~0", "~"))
}
