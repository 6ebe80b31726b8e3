//! From manifests to TypeScript: data in, text out, no files touched.
//!
//! From the bottom up:
//! - `ty`: the types that can cross the wire.
//! - `schema`, `object`, `refusal`: JSON Schema to those, or why not.
//! - `names`, `ident`: what they are called.
//! - `model`: a manifest, understood; everything that cannot be said is found here.
//! - `opinion`: where ts-rs says something else.
//! - `codec`: where `bigint`s stand, for the client.
//! - `docs`, `print`, `types`, `messages`, [`header`]: text.
//! - `runtime`: the client that is copied out beside it.

mod codec;
mod docs;
mod ident;
mod messages;
mod model;
mod names;
mod object;
mod opinion;
mod print;
mod refusal;
mod runtime;
mod schema;
mod ty;
mod types;

pub(crate) mod header;

pub(crate) use opinion::second_opinions;
pub(crate) use runtime::Part;

use serde::Deserialize;
use socket_protocol::manifest::Manifest;

use crate::finding::{Failure, Finding, Outcome};
use crate::load::{Locate, Spot};
use crate::output::File;
use messages::{channels, commands, events};
use model::Model;

/// The form of a protocol's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Emit {
    /// TypeScript.
    #[default]
    Ts,
    /// ES modules with `.d.ts` beside them, for programs without a TypeScript build.
    Js,
    /// One script per protocol that is no module, for a plain `<script src>`: `Chat.Socket`.
    Iife,
}

/// The form of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Ts,
    Js,
    Dts,
    Iife,
}

impl Emit {
    /// How flags and `socket.toml` call it.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ts => "ts",
            Self::Js => "js",
            Self::Iife => "iife",
        }
    }

    fn forms(self) -> &'static [Form] {
        match self {
            Self::Ts => &[Form::Ts],
            Self::Js => &[Form::Js, Form::Dts],
            Self::Iife => &[Form::Iife],
        }
    }
}

impl Form {
    fn extension(self) -> &'static str {
        match self {
            Self::Ts => "ts",
            Self::Js => "js",
            Self::Dts => "d.ts",
            Self::Iife => "iife.js",
        }
    }
}

/// All files of these protocols, by name. The same manifests give the same bytes everywhere.
///
/// # Errors
/// When a type has no TypeScript or names collide: all findings of all protocols at once.
pub(crate) fn emit(manifests: &[Manifest], emit: Emit, locate: Locate<'_>) -> Outcome<Vec<File>> {
    let mut files = Vec::new();
    let mut bigint = false;
    let mut findings = file_names(manifests, locate);
    for manifest in manifests {
        match Model::new(manifest, locate) {
            Ok(model) => {
                bigint |= codec::is_needed(&model);
                for form in emit.forms() {
                    let name = format!("{}.{}", manifest.protocol, form.extension());
                    files.push(File::module(name, protocol(&model, *form)));
                }
                let name = format!("{}.manifest.json", manifest.protocol);
                let text = serde_json::to_string_pretty(manifest)
                    .map_err(|error| Finding::new(format!("{name}: {error}"), ""))?;
                files.push(File {
                    name,
                    text: text + "\n",
                });
            }
            Err(found) => findings.extend(found),
        }
    }
    if !findings.is_empty() {
        return Err(Failure::from(findings));
    }
    for form in emit.forms().iter().filter(|form| **form != Form::Iife) {
        let name = format!("index.{}", form.extension());
        files.push(File::module(name, index(manifests)));
    }
    files.extend(runtime::always(emit));
    if bigint {
        files.extend(runtime::Part::BigInt.files(emit));
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

/// Protocols that cannot share a folder.
fn file_names(manifests: &[Manifest], locate: Locate<'_>) -> Vec<Finding> {
    let place = |manifest: &Manifest| {
        locate(Spot {
            rust: &manifest.rust,
            variant: None,
            field: None,
        })
    };
    let mut findings = Vec::new();
    for (at, manifest) in manifests.iter().enumerate() {
        let name = &manifest.protocol;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if name.is_empty()
            || !name.chars().all(plain)
            || ["index", "socket"].contains(&name.as_str())
        {
            findings.push(Finding::new(
                format!("a protocol called `{name}` (Rust: `{}`) cannot have a file of its name", manifest.rust),
                "give it another: #[protocol(name = \"…\")] of letters, digits and `-`, not `index` or `socket`",
            ).at(place(manifest)));
        }
        // Some file systems know no difference between `Chat` and `chat`, and the index none
        // between `my-chat` and `my_chat`.
        let other = manifests[..at].iter().find(|other| {
            ident::namespace(&other.protocol).eq_ignore_ascii_case(&ident::namespace(name))
        });
        if let Some(other) = other {
            findings.push(Finding::new(
                format!(
                    "two protocols are called `{}` and `{name}`: `{}` and `{}`",
                    other.protocol, other.rust, manifest.rust
                ),
                "rename one, #[protocol(name = \"…\")], or generate them apart: -p PACKAGE --out DIR",
            ).at(place(other)).at(place(manifest)));
        }
    }
    findings
}

fn index(manifests: &[Manifest]) -> String {
    let mut text = header::of_index() + "\n";
    for manifest in manifests {
        let name = &manifest.protocol;
        text.push_str(&match manifests {
            [_] => format!("export * from \"./{name}.js\";\n"),
            _ => format!(
                "export * as {} from \"./{name}.js\";\n",
                ident::namespace(name)
            ),
        });
    }
    text
}

fn protocol(model: &Model<'_>, form: Form) -> String {
    if form == Form::Iife {
        return script(model);
    }
    let bigint = form != Form::Dts && codec::is_needed(model);
    let integers = if bigint {
        "import * as integers from \"./socket.bigint.js\";\n"
    } else {
        ""
    };
    let mut parts = vec![
        header::of_protocol(model.manifest),
        format!("{integers}import * as socket from \"./socket.js\";\n"),
    ];
    if form != Form::Js {
        parts.extend([commands(model), events(model), channels(model)]);
    }
    parts.extend(types::types(model, form));
    if form != Form::Js {
        let uses_json = parts.iter().any(|part| part.contains("JsonValue"));
        parts.extend(uses_json.then(|| JSON.to_owned()));
        let docs = docs::Comment::of("The types of this protocol, in one", None);
        let docs = docs.rust(Some(&model.manifest.rust)).print(0);
        let history = if keeps_history(model.manifest) {
            "  history: true;\n"
        } else {
            ""
        };
        parts.push(format!(
            "{docs}export interface Protocol {{\n  commands: Commands;\n  events: Events;\n  \
             channels: Channels;\n{history}}}\n"
        ));
    }
    parts.extend(bigint.then(|| codec::constants(model, form)));
    parts.push(descriptor(model.manifest, form, bigint));
    if form != Form::Js {
        parts.push(ALIASES.to_owned());
    }
    parts.push(match form {
        Form::Ts => format!(
            "{SOCKET_DOCS}{SOCKET_TYPE}export const Socket: socket.SocketClass<Protocol> = {DEFINE}"
        ),
        Form::Js | Form::Iife => format!("{SOCKET_DOCS}export const Socket = {DEFINE}"),
        Form::Dts => format!(
            "{SOCKET_DOCS}{SOCKET_TYPE}export declare const Socket: socket.SocketClass<Protocol>;\n"
        ),
    });
    parts.join("\n")
}

/// A script that leaves one global behind, `Chat`, with all that the modules export.
fn script(model: &Model<'_>) -> String {
    let bigint = codec::is_needed(model);
    let mut parts = types::types(model, Form::Iife);
    if bigint {
        let expression = runtime::BIGINT_EXPRESSION;
        parts.insert(0, format!("const integers = {expression}"));
        parts.push(codec::constants(model, Form::Iife));
    }
    parts.push(descriptor(model.manifest, Form::Iife, bigint));
    parts.push(format!("{SOCKET_DOCS}const Socket = {DEFINE}"));
    let names: Vec<&str> = types::constants(model)
        .chain(["protocol", "Socket"])
        .collect();
    format!(
        "{}\nvar {} = (() => {{\n\"use strict\";\n\nconst socket = {};\n\n{}\n\
         return {{ ...socket, {} }};\n}})();\n",
        header::of_protocol(model.manifest),
        ident::global(&model.manifest.protocol),
        runtime::EXPRESSION.trim_end().trim_end_matches(';'),
        parts.join("\n"),
        names.join(", "),
    )
}

const JSON: &str = "\
/** Any JSON. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };
";

const ALIASES: &str = r#"/** One event of the server: switch over `cmd`, and a new one stops your code from compiling. */
export type Message = socket.Message<Protocol>;

/** One channel, by its pattern: `Channel<"room:{room}">`. */
export type Channel<Pattern extends keyof Channels> = socket.Channel<Protocol, Pattern>;
"#;

const SOCKET_DOCS: &str = "/** A connection that speaks this protocol, comes back when it breaks, and is typed by it. */\n";
const SOCKET_TYPE: &str = "export type Socket = socket.Socket<Protocol>;\n";
const DEFINE: &str = "/* @__PURE__ */ socket.define(protocol);\n";

/// Returns whether the protocol keeps history: a program must then say how it handles gaps.
fn keeps_history(manifest: &Manifest) -> bool {
    let mut channels = manifest.channels.items.iter();
    manifest.user_history.is_some()
        || manifest.all_history.is_some()
        || channels.any(|channel| channel.history.is_some())
}

/// The constant that the client needs when it runs.
fn descriptor(manifest: &Manifest, form: Form, codec: bool) -> String {
    let docs = "/** What the client must know of this protocol when it runs. */\n";
    let head = match form {
        Form::Ts => "export const protocol: socket.Descriptor = {\n",
        Form::Js => "export const protocol = {\n",
        Form::Iife => "const protocol = {\n",
        Form::Dts => return format!("{docs}export declare const protocol: socket.Descriptor;\n"),
    };
    let events: Vec<String> = manifest
        .events
        .items
        .iter()
        .map(|event| ident::string(&event.name))
        .collect();
    let idempotent: Vec<String> = manifest
        .commands
        .items
        .iter()
        .filter(|command| command.idempotent)
        .map(|command| ident::string(&command.name))
        .collect();
    let kept = [
        (":user", manifest.user_history),
        (":all", manifest.all_history),
    ];
    let kept: Vec<String> = kept
        .into_iter()
        .filter_map(|(name, history)| history.map(|_| ident::string(name)))
        .collect();
    let keeps = if kept.is_empty() {
        String::new()
    } else {
        types::list("  keeps:", &kept, ",")
    };
    let recovery = if keeps_history(manifest) {
        "  recovery: socket.recovery,\n"
    } else {
        ""
    };
    format!(
        "{docs}{head}  id: {{\n    name: {},\n    fingerprint: {},\n  }},\n{}{}{keeps}{recovery}{}}};\n",
        ident::string(&manifest.protocol),
        ident::string(&manifest.fingerprint),
        types::list("  events:", &events, ","),
        types::list("  idempotent:", &idempotent, ","),
        if codec { "  ...codec,\n" } else { "" },
    )
}
