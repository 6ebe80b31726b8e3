//! A crate of a user's, in a folder of its own.

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A small protocol.
pub(crate) const CHAT: &str = r#"use socket_protocol::prelude::*;

/// What a client may ask.
#[derive(Commands)]
pub enum Command {
    /// Says something.
    Say { text: String },
}

#[derive(Events)]
pub enum Event {
    Said { text: String, at: Timestamp },
}

#[derive(Protocol)]
#[protocol(name = "chat", commands = Command, events = Event)]
pub struct Chat;
"#;

/// A folder that files are written to and the program is run in.
pub(crate) struct Folder {
    pub(crate) root: PathBuf,
}

/// A folder that holds a package.
pub(crate) struct Project {
    folder: Folder,
}

impl Deref for Project {
    type Target = Folder;

    fn deref(&self) -> &Folder {
        &self.folder
    }
}

pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Project {
    /// A package of that name, with these files.
    pub(crate) fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let project = Self {
            folder: Folder::new(name),
        };
        project.manifest(&name.replace(' ', "-"), "", "");
        project.lock();
        for (name, text) in files {
            project.write(name, text);
        }
        project
    }

    /// The root's manifest, with further dependencies and further text.
    pub(crate) fn manifest(&self, name: &str, dependencies: &str, more: &str) {
        self.write(
            "Cargo.toml",
            &format!("{}{dependencies}{more}\n[workspace]\n", package(name)),
        );
    }

    pub(crate) fn member_manifest(&self, name: &str, more: &str) {
        self.write(
            &format!("{name}/Cargo.toml"),
            &format!("{}{more}", package(name)),
        );
    }

    /// The root's manifest as a package and a workspace of further members.
    pub(crate) fn workspace_of(&self, name: &str, members: &[&str]) {
        let text = format!("{}\n[workspace]\nmembers = {members:?}\n", package(name));
        self.write("Cargo.toml", &text);
    }
}

impl Folder {
    /// An empty one.
    pub(crate) fn new(name: &str) -> Self {
        let root = temporary().join(name);
        if root.exists() {
            fs::remove_dir_all(&root).unwrap();
        }
        fs::create_dir_all(&root).unwrap();
        Self { root }
    }

    /// The versions that this repository is tested with, and no look at the network.
    pub(crate) fn lock(&self) {
        self.write("Cargo.lock", &read_here("../Cargo.lock"));
    }

    /// Where all of these tests build.
    pub(crate) fn target(&self) -> String {
        let target = temporary().join("target");
        target.display().to_string()
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.root.join(name).display().to_string()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.root.join(name)).unwrap()
    }

    /// The names of the files in a folder, in order.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.root.join(folder)) else {
            return Vec::new();
        };
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        run_in(&self.root, arguments)
    }
}

/// Runs the program in a folder.
pub(crate) fn run_in(folder: &Path, arguments: &[&str]) -> Run {
    let output = command_in(folder, arguments).output().unwrap();
    Run {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        // Tests share a target directory, and cargo says where one of them waits for another.
        stderr: String::from_utf8(output.stderr)
            .unwrap()
            .split_inclusive('\n')
            .filter(|line| {
                !line
                    .trim_start()
                    .starts_with("Blocking waiting for file lock")
            })
            .collect(),
    }
}

/// The program in a folder, to be run.
pub(crate) fn command_in(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_socket-codegen"));
    command
        .args(arguments)
        .current_dir(folder)
        // One for all tests: what the protocol crate needs is compiled once.
        .env("CARGO_TARGET_DIR", temporary().join("target"))
        .env_remove("CARGO_BUILD_TARGET");
    command
}

/// A file of this crate.
pub(crate) fn read_here(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

fn temporary() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli")
}

fn package(name: &str) -> String {
    format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n\
         socket-protocol = {{ path = '{}' }}\n",
        protocol_folder()
    )
}

pub(crate) fn protocol_folder() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocol");
    folder.canonicalize().unwrap().display().to_string()
}
