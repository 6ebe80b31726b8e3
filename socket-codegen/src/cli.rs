//! Flags and exit codes; the only printing.
//!
//! What was found goes to stdout, everything else to stderr. Exit codes: 0 fine, 1 findings, 2 it
//! could not run.

mod breaking;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use crate::config::Config;
use crate::emit::{Emit, emit};
use crate::finding::{Failure, Finding, Outcome};
use crate::load::{Loaded, Request, Workspace, load};
use crate::output::{Change, Plan};

const EXAMPLES: &str = "\
Examples:
  socket-codegen generate                          all protocols of this workspace, to generated-ts/
  socket-codegen generate -p chat --out web/src/socket
  socket-codegen generate --emit js                ES modules with .d.ts, no TypeScript build needed
  socket-codegen check                             in CI: a diff and exit code 1 when files are stale
  socket-codegen breaking --against git:origin/main   what would break for the pages that are open
";

/// Generates the typed TypeScript client of a WebSocket protocol written in Rust.
#[derive(Debug, Parser)]
#[command(version, before_help = EXAMPLES, subcommand_required = true, arg_required_else_help = true)]
#[command(after_help = "Exit codes: 0 fine, 1 findings, 2 it could not run.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Writes the client and the types of each protocol.
    #[command(before_help = EXAMPLES)]
    Generate(Options),
    /// Says what `generate` would change, and changes nothing.
    #[command(before_help = EXAMPLES)]
    Check(Options),
    /// Says what a change of the protocol breaks for the pages that are open right now.
    #[command(before_help = breaking::EXAMPLES)]
    Breaking(breaking::Options),
}

#[derive(Debug, Args)]
struct Options {
    /// The package to describe; may be repeated [default: `packages` in socket.toml, else every
    /// workspace member that depends on socket-protocol or socket-runtime]
    #[arg(short, long = "package", value_name = "NAME")]
    packages: Vec<String>,

    /// The folder to write to [default: `out` in socket.toml, else generated-ts at the workspace root]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// What to write [default: `emit` in socket.toml, else ts]
    #[arg(long, value_enum)]
    emit: Option<Emit>,

    /// Features of the described packages to turn on: `name` or `package/name`
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    features: Vec<String>,

    /// The Cargo.toml of the workspace or of one of its members
    #[arg(long, value_name = "FILE")]
    manifest_path: Option<PathBuf>,

    /// Prints one JSON document on stdout, for programs
    #[arg(long)]
    json: bool,
}

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let (options, write) = match Cli::parse().command {
        Command::Generate(options) => (options, true),
        Command::Check(options) => (options, false),
        Command::Breaking(options) => return breaking::main(&options),
    };
    let run = prepare(&options).and_then(|run| {
        if write {
            run.plan.apply()?;
        }
        Ok(run)
    });
    match run {
        Ok(run) if write => run.generated(&options),
        Ok(run) => run.checked(&options),
        Err(failure) => {
            fail(&failure, options.json);
            ExitCode::from(2)
        }
    }
}

struct Run {
    plan: Plan,
    /// The folder as it is shown.
    folder: String,
    warnings: Vec<Finding>,
}

fn prepare(options: &Options) -> Outcome<Run> {
    let workspace = Workspace::find(options.manifest_path.as_deref(), &options.features)?;
    let config = Config::read(&workspace.root)?;
    let loaded = describe(&workspace, &config, &options.packages, &options.features)?;
    let form = options.emit.or(config.emit).unwrap_or_default();
    let emitted = emit(&loaded.manifests, form, &|spot| loaded.sources.locate(spot));
    let files = match emitted {
        Ok(files) if loaded.problems.is_empty() => files,
        emitted => {
            // Everything that is wrong, at once.
            let mut failure = Failure::from(loaded.problems);
            failure
                .findings
                .extend(emitted.err().unwrap_or_default().findings);
            return Err(failure);
        }
    };
    let folder = match (&options.out, config.out) {
        (Some(out), _) => out.clone(),
        (None, out) => workspace
            .root
            .join(out.as_deref().unwrap_or("generated-ts")),
    };
    let plan = Plan::new(&folder, &files)?;
    Ok(Run {
        plan,
        folder: shown(&folder, &workspace.root),
        warnings: loaded.warnings,
    })
}

/// Asks the workspace's own cargo what its protocols are; flags win over the configuration.
fn describe(
    workspace: &Workspace,
    config: &Config,
    packages: &[String],
    features: &[String],
) -> Outcome<Loaded> {
    let packages = match packages {
        [] => config.packages.clone().unwrap_or_default(),
        packages => packages.to_vec(),
    };
    let request = Request {
        packages,
        features: features.to_vec(),
    };
    let bar = spinner();
    let loaded = load(workspace, &request, &mut |line| match &bar {
        Some(bar) => bar.set_message(line.to_owned()),
        // Who waits without a terminal should still learn for what.
        None if line.starts_with("Blocking") && !line.ends_with("package cache") => to_stderr(line),
        None => {}
    });
    if let Some(bar) = &bar {
        bar.finish_and_clear();
    }
    loaded
}

impl Run {
    fn generated(&self, options: &Options) -> ExitCode {
        self.warn();
        if options.json {
            let state = |change: &Change| {
                if change.new.is_some() {
                    "written"
                } else {
                    "deleted"
                }
            };
            self.print_json(
                json!({}),
                |change| json!({ "name": change.name, "state": state(change) }),
            );
            return ExitCode::SUCCESS;
        }
        for change in &self.plan.changes {
            let done = if change.new.is_some() {
                "wrote"
            } else {
                "deleted"
            };
            to_stderr(&format!("{done} {}/{}", self.folder, change.name));
        }
        let (changed, fresh) = (self.plan.changes.len(), self.plan.fresh);
        to_stderr(&format!("{} changed, {fresh} up to date", count(changed)));
        ExitCode::SUCCESS
    }

    fn checked(&self, options: &Options) -> ExitCode {
        self.warn();
        let fresh = self.plan.changes.is_empty();
        let fix = fix(options);
        if options.json {
            let state = |change: &Change| match (&change.old, &change.new) {
                (None, _) => "missing",
                (_, None) => "superfluous",
                _ => "stale",
            };
            self.print_json(json!({ "fresh": fresh, "fix": fix }), |change| {
                json!({ "name": change.name, "state": state(change), "diff": change.diff(&self.folder) })
            });
        } else if fresh {
            to_stderr(&format!("{} up to date", count(self.plan.fresh)));
        } else {
            for change in &self.plan.changes {
                to_stdout(change.diff(&self.folder).trim_end());
            }
            to_stderr(&format!(
                "{} stale in {}; bring up to date with:",
                count(self.plan.changes.len()),
                self.folder
            ));
            to_stdout(&fix);
        }
        if fresh {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(1)
        }
    }

    fn warn(&self) {
        for warning in &self.warnings {
            to_stderr(&format!("warning: {warning}"));
        }
    }

    fn print_json(&self, mut document: Value, of: impl Fn(&Change) -> Value) {
        document["folder"] = self.folder.as_str().into();
        document["files"] = self.plan.changes.iter().map(of).collect();
        document["upToDate"] = self.plan.fresh.into();
        document["warnings"] = self.warnings.iter().map(finding_json).collect();
        to_stdout(&format!("{document:#}"));
    }
}

fn fail(failure: &Failure, json: bool) {
    if !failure.output.is_empty() {
        to_stderr(failure.output.trim_end());
    }
    for finding in &failure.findings {
        to_stderr(&format!("error: {finding}"));
    }
    if json {
        let errors: Vec<Value> = failure.findings.iter().map(finding_json).collect();
        to_stdout(&format!("{:#}", json!({ "errors": errors })));
    }
}

fn finding_json(finding: &Finding) -> Value {
    let places = finding
        .places
        .iter()
        .map(|place| json!({ "file": place.file, "line": place.line }));
    json!({ "what": finding.what, "places": places.collect::<Vec<_>>(), "help": finding.help })
}

/// The command that writes what `check` found stale.
fn fix(options: &Options) -> String {
    let mut words = vec!["socket-codegen".to_owned(), "generate".to_owned()];
    for package in &options.packages {
        words.extend(["-p".to_owned(), package.clone()]);
    }
    if let Some(out) = &options.out {
        words.extend(["--out".to_owned(), out.display().to_string()]);
    }
    if let Some(form) = options.emit {
        let name = match form {
            Emit::Ts => "ts",
            Emit::Js => "js",
        };
        words.extend(["--emit".to_owned(), name.to_owned()]);
    }
    if !options.features.is_empty() {
        words.extend(["--features".to_owned(), options.features.join(",")]);
    }
    if let Some(path) = &options.manifest_path {
        words.extend(["--manifest-path".to_owned(), path.display().to_string()]);
    }
    let quoted: Vec<String> = words.into_iter().map(quoted).collect();
    quoted.join(" ")
}

/// A word as a shell takes it.
fn quoted(word: String) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./,=:@+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

fn count(files: usize) -> String {
    if files == 1 {
        "1 file".to_owned()
    } else {
        format!("{files} files")
    }
}

/// A folder as it is shown: relative to where the user is, or else to the workspace.
fn shown(folder: &Path, root: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let shown = folder
        .strip_prefix(here)
        .or_else(|_| folder.strip_prefix(root))
        .unwrap_or(folder);
    shown.display().to_string().replace('\\', "/")
}

fn spinner() -> Option<ProgressBar> {
    if !std::io::stderr().is_terminal() {
        return None;
    }
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    Some(bar)
}

// A closed pipe (`… | head`) is no reason to fail: what could not be written was not wanted.

fn to_stdout(text: &str) {
    let _written = writeln!(std::io::stdout(), "{text}").is_ok();
}

fn to_stderr(text: &str) {
    let _written = writeln!(std::io::stderr(), "{text}").is_ok();
}
