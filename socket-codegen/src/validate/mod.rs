//! Validators for those who check at run time: `PROTOCOL.validate.ts`, a Standard Schema for each
//! message, beside `socket.validate.ts`, which reads them. A bundler leaves out what is not used.

mod literal;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use socket_protocol::manifest::Manifest;

use crate::emit::{self, Emit, header};
use crate::output::File;
use literal::{braces, identifier, literal, property};

/// The validators of these protocols.
#[must_use]
pub(crate) fn files(manifests: &[Manifest], form: Emit) -> Vec<File> {
    let mut files = Vec::new();
    for form in forms(form) {
        for manifest in manifests {
            let name = format!("{}.validate.{}", manifest.protocol, form.extension());
            files.push(File::module(name, protocol(manifest, *form)));
        }
    }
    files.extend(emit::Part::Validate.files(form));
    files
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Ts,
    Js,
    Dts,
}

impl Form {
    fn extension(self) -> &'static str {
        match self {
            Self::Ts => "ts",
            Self::Js => "js",
            Self::Dts => "d.ts",
        }
    }
}

fn forms(emit: Emit) -> &'static [Form] {
    match emit {
        Emit::Ts => &[Form::Ts],
        Emit::Js => &[Form::Js, Form::Dts],
        Emit::Iife => &[],
    }
}

/// The checks of one constant.
struct Part<'a> {
    /// The message's wire name, and what of it: `Param`, `Reply`, `Item`, `Event`.
    name: &'a str,
    kind: &'static str,
    docs: String,
    /// The type that it proves, out of the protocol's own file.
    ty: String,
    schema: &'a Value,
    direction: &'static str,
}

fn parts(manifest: &Manifest) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    for command in &manifest.commands.items {
        let name = &command.name;
        let ty = |part: &str| format!("Commands[{}][\"{part}\"]", Value::from(name.as_str()));
        parts.extend(command.param.as_ref().map(|schema| Part {
            name,
            kind: "Param",
            docs: format!("What `{name}` takes."),
            ty: format!("Exclude<{}, undefined>", ty("param")),
            schema,
            direction: "send",
        }));
        let received = [
            ("Reply", format!("What answers `{name}`."), &command.reply),
            ("Item", format!("What `{name}` streams."), &command.item),
        ];
        for (kind, docs, schema) in received {
            parts.extend(schema.as_ref().map(|schema| Part {
                name,
                kind,
                docs,
                ty: ty(&kind.to_ascii_lowercase()),
                schema,
                direction: "receive",
            }));
        }
    }
    for event in &manifest.events.items {
        let name = &event.name;
        parts.extend(event.param.as_ref().map(|schema| Part {
            name,
            kind: "Event",
            docs: format!("What the event `{name}` brings."),
            ty: format!("Events[{}]", Value::from(name.as_str())),
            schema,
            direction: "receive",
        }));
    }
    parts
}

fn protocol(manifest: &Manifest, form: Form) -> String {
    let parts = parts(manifest);
    let mut text = header::of_protocol(manifest) + "\n";
    if parts.is_empty() {
        return text + "// No message has anything to check.\nexport {};\n";
    }
    if form != Form::Js {
        let used = ["Commands", "Events"].into_iter().filter(|name| {
            parts
                .iter()
                .any(|part| part.ty.contains(&format!("{name}[")))
        });
        let used: Vec<&str> = used.collect();
        if !used.is_empty() {
            let name = &manifest.protocol;
            text.push_str(&format!(
                "import type {{ {} }} from \"./{name}.js\";\n",
                used.join(", ")
            ));
        }
    }
    let how = if form == Form::Dts {
        "import type"
    } else {
        "import"
    };
    text.push_str(&format!(
        "{how} * as validate from \"./socket.validate.js\";\n"
    ));
    if form != Form::Dts {
        text.push_str(&types(manifest, &parts, form));
    }
    let mut taken = BTreeSet::new();
    let mut received: BTreeMap<&str, Vec<(String, String)>> = BTreeMap::new();
    for part in parts {
        let name = constant(&part, &mut taken);
        if part.direction == "receive" {
            let entry = (property(part.name), name.clone());
            received.entry(part.kind).or_default().push(entry);
        }
        let ty = format!("validate.Validator<{}>", part.ty);
        let value = || {
            let schema = literal(part.schema, part.direction, 0);
            format!("/* @__PURE__ */ validate.validator({schema})")
        };
        text.push_str(&format!("\n/** {} */\n", part.docs.replace("*/", "*\\/")));
        text.push_str(&match form {
            Form::Ts => format!("export const {name}: {ty} = {};\n", value()),
            Form::Js => format!("export const {name} = {};\n", value()),
            Form::Dts => format!("export declare const {name}: {ty};\n"),
        });
    }
    text.push_str("\n/** All that is received, for `checked` of `socket.validate`. */\n");
    let tables = received
        .into_iter()
        .map(|(kind, entries)| (kind.to_ascii_lowercase(), braces(entries.into_iter(), 1)));
    let checks = braces(tables, 0);
    text.push_str(&match form {
        Form::Ts => format!("export const checks: validate.Checks = {checks};\n"),
        Form::Js => format!("export const checks = {checks};\n"),
        Form::Dts => "export declare const checks: validate.Checks;\n".to_owned(),
    });
    // They end a line for some readers of JavaScript, also within a string.
    text.replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

/// The named types that the messages need, and those that these need.
fn types(manifest: &Manifest, parts: &[Part<'_>], form: Form) -> String {
    let of = |direction: &str| -> &BTreeMap<String, Value> {
        if direction == "send" {
            &manifest.types.send
        } else {
            &manifest.types.receive
        }
    };
    let mut needed = BTreeSet::new();
    let mut queue: Vec<(&Value, &'static str)> = parts
        .iter()
        .map(|part| (part.schema, part.direction))
        .collect();
    while let Some((schema, direction)) = queue.pop() {
        for name in literal::references(schema) {
            if let Some((name, schema)) = of(direction).get_key_value(&name)
                && needed.insert((direction, name))
            {
                queue.push((schema, direction));
            }
        }
    }
    let mut text = String::new();
    for (direction, name) in needed {
        let constant = identifier(direction, name);
        let ty = if form == Form::Ts {
            ": validate.Schema"
        } else {
            ""
        };
        let schema = literal(&of(direction)[name], direction, 0);
        text.push_str(&format!("\nconst {constant}{ty} = {schema};\n"));
    }
    text
}

/// `join-room` and `Param` are `joinRoomParam`; what is taken gets a number.
fn constant(part: &Part<'_>, taken: &mut BTreeSet<String>) -> String {
    let mut name = String::new();
    for word in part.name.split(|c: char| !c.is_ascii_alphanumeric()) {
        let mut letters = word.chars();
        if let Some(first) = letters.next() {
            if name.is_empty() {
                name.push(first.to_ascii_lowercase());
            } else {
                name.push(first.to_ascii_uppercase());
            }
            name.extend(letters);
        }
    }
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        name.insert(0, '_');
    }
    name.push_str(part.kind);
    let mut unique = name.clone();
    let mut number = 2;
    while !taken.insert(unique.clone()) {
        unique = format!("{name}{number}");
        number += 1;
    }
    unique
}
