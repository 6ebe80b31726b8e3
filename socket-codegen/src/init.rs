//! The files that `init` puts into a project.

use std::path::{Path, PathBuf};

use crate::config;
use crate::finding::{Finding, Outcome};
use crate::load::{Definer, Workspace};

/// A file to be written unless it exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Start {
    /// Its path.
    pub(crate) path: PathBuf,
    /// Its content.
    pub(crate) text: String,
}

/// The parts that are requested beyond `socket.toml` and the test.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// The folder that is written to, from the workspace root.
    pub(crate) out: String,
    /// The folder of a new crate with a small protocol, from the workspace root.
    pub(crate) sample: Option<PathBuf>,
    /// A workflow for GitHub.
    pub(crate) github: bool,
}

/// The files of a start, in the order in which they are written.
///
/// # Errors
/// When the sample's folder cannot name a package.
pub(crate) fn start(workspace: &Workspace, wanted: &Wanted) -> Outcome<Vec<Start>> {
    let mut packages = workspace.definers();
    let mut files = Vec::new();
    if let Some(folder) = &wanted.sample {
        let name = package_name(folder)?;
        let folder = workspace.root.join(folder);
        let add = |path: &str, text: String| Start {
            path: folder.join(path),
            text,
        };
        files.push(add("Cargo.toml", SAMPLE_MANIFEST.replace("NAME", &name)));
        files.push(add("src/lib.rs", SAMPLE.replace("NAME", &name)));
        packages.push(Definer {
            library: name.replace('-', "_"),
            package: name.clone(),
            folder,
            with: ("socket-protocol".to_owned(), "socket_protocol".to_owned()),
            protocols: vec![name],
        });
    }
    let names: Vec<String> = packages
        .iter()
        .map(|definer| format!("{:?}", definer.package))
        .collect();
    let packages_line = match &names[..] {
        [] => "# packages = [\"…\"]   # default: every member that depends on socket-protocol or socket-runtime".to_owned(),
        names => format!("packages = [{}]", names.join(", ")),
    };
    files.insert(0, Start {
        path: workspace.root.join(config::FILE),
        text: format!(
            "# The output of `socket-codegen`. For several folders, write a [[output]] table for each.\n\
             {packages_line}\nout = {:?}\nemit = \"ts\"   # \"js\": ES modules with .d.ts, for pages without a build\n",
            wanted.out
        ),
    });
    for (at, definer) in packages.iter().enumerate() {
        let text = test(definer, &workspace.root.join(&wanted.out), at == 0);
        if !text.is_empty() {
            files.push(Start {
                path: definer.folder.join("tests/socket_codegen.rs"),
                text,
            });
        }
    }
    if wanted.github {
        files.push(Start {
            path: workspace.root.join(".github/workflows/socket.yml"),
            text: WORKFLOW.to_owned(),
        });
    }
    Ok(files)
}

/// The command that gives a package's tests what they need.
#[must_use]
pub(crate) fn add_manifest(definer: &Definer) -> String {
    format!(
        "cargo add --dev {} --features manifest -p {}",
        definer.with.0, definer.package
    )
}

/// The tests of a package: its manifests, and in one package whether everything is fresh.
fn test(definer: &Definer, out: &Path, check: bool) -> String {
    let mut text = String::new();
    if !definer.protocols.is_empty() {
        text = format!(
            "//! Checks that the generated files match the protocol. Once, run:\n//! {}\n\nuse {} as _;\n",
            add_manifest(definer),
            definer.library
        );
        let tests = definer.folder.join("tests");
        for protocol in &definer.protocols {
            let file = relative(&tests, &out.join(format!("{protocol}.manifest.json")));
            text += &FRESH
                .replace("NAME", &protocol.replace('-', "_"))
                .replace("CRATE", &definer.with.1)
                .replace("FILE", &file);
        }
    }
    match (check, text.is_empty()) {
        (true, true) => format!("//! Checks that the generated files match the protocol.\n{CHECK}"),
        (true, false) => text + CHECK,
        (false, _) => text,
    }
}

/// The way from a folder to a file, with `/` on every system.
fn relative(from: &Path, to: &Path) -> String {
    let shared = from
        .components()
        .zip(to.components())
        .take_while(|(a, b)| a == b)
        .count();
    let up = from.components().skip(shared).map(|_| "..".to_owned());
    let down = to
        .components()
        .skip(shared)
        .map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

fn package_name(folder: &Path) -> Outcome<String> {
    let name = folder
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let plain = |name: &String| {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
    };
    name.filter(plain).ok_or_else(|| {
        Finding::new(
            format!("the folder {} cannot name a package", folder.display()),
            "name a new folder of letters, digits, `-` and `_`: --sample chat-protocol",
        )
        .into()
    })
}

const SAMPLE_MANIFEST: &str = r#"[package]
name = "NAME"
version = "0.1.0"
edition = "2024"
publish = false

[dependencies]
socket-protocol = "0.1"

[dev-dependencies]
socket-protocol = { version = "0.1", features = ["manifest"] }
"#;

const SAMPLE: &str = r#"//! The protocol. The server depends on this crate and on socket-runtime.

use socket_protocol::prelude::*;

/// The commands of a client.
#[derive(Commands)]
pub(crate) enum Command {
    /// Posts a message to the room.
    Say {
        /// 1 to 2,000 characters.
        #[garde(length(min = 1, max = 2000))]
        text: String,
    },
    /// Counts the connections in the room.
    #[command(reply = Count, idempotent)]
    Count,
}

/// The answer to `count`.
#[payload]
pub(crate) struct Count {
    /// The number of connections.
    pub(crate) connections: u32,
}

/// The events that the server sends.
#[derive(Events)]
pub(crate) enum Event {
    /// Somebody posted a message.
    Said {
        /// The text.
        text: String,
        /// When the server received it.
        at: Timestamp,
    },
}

/// The channels.
#[derive(Channels)]
pub(crate) enum Channel {
    /// One room.
    #[channel("room:{room}")]
    Room {
        /// The room's name.
        room: String,
    },
}

/// The protocol.
#[derive(Protocol)]
#[protocol(name = "NAME", commands = Command, events = Event, channels = Channel)]
pub(crate) struct Protocol;
"#;

const FRESH: &str = r#"
/// A server that loads this file announces its fingerprint to clients.
#[test]
fn manifest_of_NAME_is_fresh() {
    CRATE::manifest::assert_fresh(include_str!("FILE"));
}
"#;

const CHECK: &str = r#"
#[test]
fn generated_client_is_fresh() {
    let check = std::process::Command::new("socket-codegen").arg("check").output();
    let check = check.expect("install it: cargo install socket-codegen");
    let said = String::from_utf8_lossy(&check.stdout) + String::from_utf8_lossy(&check.stderr);
    assert!(check.status.success(), "{said}");
}
"#;

const WORKFLOW: &str = "\
name: socket
on: [push, pull_request]
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: cargo install --locked socket-codegen
      - run: socket-codegen check
";
