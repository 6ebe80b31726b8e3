//! Cargo builds the shim, and it runs.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::UNIX_EPOCH;

use cargo_metadata::Message;

use super::packages::{Chosen, Workspace};
use super::{shim, target};
use crate::finding::{Failure, Finding, Outcome};

/// The result of a build by cargo.
#[derive(Debug)]
pub(super) struct Built {
    pub(super) program: PathBuf,
    /// Cargo's list of the sources that went into it.
    pub(super) dep_info: PathBuf,
}

/// One generator at a time in a target directory; held until the file is dropped.
pub(super) fn lock(folder: &Path) -> Outcome<File> {
    fs::create_dir_all(folder).map_err(|error| Finding::of_file("create", folder, &error))?;
    let path = folder.join("lock");
    let file = File::create(&path).map_err(|error| Finding::of_file("open", &path, &error))?;
    file.lock()
        .map_err(|error| Finding::of_file("lock", &path, &error))?;
    Ok(file)
}

pub(super) fn build(
    workspace: &Workspace,
    chosen: &Chosen<'_>,
    folder: &Path,
    progress: &mut dyn FnMut(&str),
) -> Outcome<Built> {
    let other_target = target::host_where_another_is_set(&workspace.root)?;
    let cargo = |offline: bool| {
        let mut command = Command::new(target::cargo());
        command
            .current_dir(&workspace.root)
            .args([
                "build",
                "--message-format=json-render-diagnostics",
                "--manifest-path",
            ])
            .arg(folder.join("shim/Cargo.toml"))
            .arg("--target-dir")
            .arg(&workspace.target);
        if let Some(host) = &other_target {
            command.args(["--target", host]);
        }
        if offline {
            command.arg("--offline");
        }
        let color = std::io::stderr().is_terminal()
            && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
        command.args(["--color", if color { "always" } else { "never" }]);
        command
    };
    let mut run = spawn(cargo(true), progress)?;
    if run.program.is_none() && run.said.contains("--offline") {
        run = spawn(cargo(false), progress)?;
    }
    let Some(program) = run.program else {
        if is_about_network(&run.said) {
            return Err(Failure {
                output: run.said,
                findings: vec![Finding::new(
                    "cargo could not download missing crates (its message is above)",
                    DOWNLOAD,
                )],
            });
        }
        let finding = if compiles_undescribed(workspace, chosen, progress)? {
            Finding::new(
                "your crates compile, but not with the feature `manifest`, which describes their types \
                 (cargo's message is above)",
                "give each type that crosses the wire a description: put `#[payload]` above your own, or \
                 derive Serialize, Deserialize and JsonSchema; for a type of another crate say what it looks \
                 like on the wire: `#[schemars(with = \"String\")]` on the field",
            )
        } else {
            Finding::new(
                "your crates do not compile (cargo's message is above)",
                "make `cargo build` pass first",
            )
        };
        return Err(Failure {
            output: run.said,
            findings: vec![finding],
        });
    };
    let dep_info = program.with_extension("d");
    Ok(Built { program, dep_info })
}

/// Returns whether the described packages compile the way their own builds compile them, without a
/// description.
fn compiles_undescribed(
    workspace: &Workspace,
    chosen: &Chosen<'_>,
    progress: &mut dyn FnMut(&str),
) -> Outcome<bool> {
    let mut command = Command::new(target::cargo());
    command
        .current_dir(&workspace.root)
        .args(["check", "--quiet", "--offline", "--lib", "--target-dir"])
        .arg(&workspace.target);
    for (package, features) in &chosen.packages {
        command.args(["-p", &package.id.repr]);
        for feature in features {
            command.args(["--features", &format!("{}/{feature}", package.name)]);
        }
    }
    Ok(spawn(command, progress)?.success)
}

/// The fix for a missing crate.
pub(super) const DOWNLOAD: &str = "once, with a network connection: cargo fetch";

/// Returns whether cargo failed to download, as opposed to failing on the code.
pub(super) fn is_about_network(said: &str) -> bool {
    let words = [
        "offline mode",
        "failed to download",
        "download of",
        "network",
    ];
    words.iter().any(|word| said.contains(word)) && !said.contains("could not compile")
}

struct Run {
    said: String,
    success: bool,
    program: Option<PathBuf>,
}

fn spawn(mut command: Command, progress: &mut dyn FnMut(&str)) -> Outcome<Run> {
    let cannot = |error: &std::io::Error| {
        Finding::new(
            format!("cannot run cargo: {error}"),
            "install it: https://rustup.rs",
        )
    };
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| cannot(&error))?;
    let stdout = child.stdout.take();
    let messages = thread::spawn(move || {
        let mut program = None;
        if let Some(stdout) = stdout {
            for message in Message::parse_stream(BufReader::new(stdout)).map_while(Result::ok) {
                if let Message::CompilerArtifact(artifact) = message
                    && artifact.target.name == shim::NAME
                {
                    program = artifact.executable;
                }
            }
        }
        program
    });
    let mut said = String::new();
    if let Some(stderr) = child.stderr.take() {
        let mut lines = BufReader::new(stderr);
        let mut line = Vec::new();
        while lines
            .read_until(b'\n', &mut line)
            .is_ok_and(|read| read > 0)
        {
            let text = String::from_utf8_lossy(&line);
            progress(text.trim());
            said.push_str(&text);
            line.clear();
        }
    }
    let status = child.wait().map_err(|error| cannot(&error))?;
    let program = messages.join().ok().flatten().filter(|_| status.success());
    Ok(Run {
        said,
        success: status.success(),
        program: program.map(Into::into),
    })
}

/// Identifies a build of the shim: cargo gives a program that it links a new time. `None` if the
/// file system keeps no times.
fn identity(program: &Path, samples: u32) -> Option<String> {
    let file = fs::metadata(program).ok()?;
    let time = file.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(format!(
        "{} of {} bytes, {} samples\n",
        time.as_nanos(),
        file.len(),
        samples
    ))
}

/// Runs the shim; what it found stands in `document` then. The same program finds the same, so one that
/// has run already is not run again: the samples of many types take longer than all the rest.
pub(super) fn run(
    workspace: &Workspace,
    program: &Path,
    document: &Path,
    samples: u32,
) -> Outcome<()> {
    let made_by = document.with_extension("made-by");
    let run = identity(program, samples);
    if run.is_some() && fs::read_to_string(&made_by).ok() == run && document.exists() {
        return Ok(());
    }
    for file in [&made_by, document] {
        if file.exists() {
            fs::remove_file(file).map_err(|error| Finding::of_file("replace", file, &error))?;
        }
    }
    let child = Command::new(program)
        .arg(document)
        .arg(samples.to_string())
        .current_dir(&workspace.root)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.map_err(|error| Finding::of_file("run", program, &error))?;
    let mut said = String::new();
    if let Some(mut stderr) = child.stderr.take() {
        // Output that is not text is not worth showing.
        let _unreadable = stderr.read_to_string(&mut said).is_err();
    }
    let status = child
        .wait()
        .map_err(|error| Finding::of_file("run", program, &error))?;
    if status.success() {
        if let Some(run) = run {
            fs::write(&made_by, run)
                .map_err(|error| Finding::of_file("write", &made_by, &error))?;
        }
        return Ok(());
    }
    Err(Failure {
        output: said,
        findings: vec![Finding::new(
            format!("the program that describes the protocols ended with {status}"),
            "a type whose schema refers to itself without end, or aborts the process, causes this; \
             so may start-up code (`ctor`, statics)",
        )],
    })
}
