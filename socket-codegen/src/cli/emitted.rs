//! The common part of `generate` and `check`: the flags, and the comparison of the wanted files
//! with the present ones.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};
use socket_protocol::manifest::Manifest;
use socket_protocol::manifest::model::Fault;

use super::print::{finding_json, shown, to_stdout, warn};
use super::source::{Origin, Source};
use crate::breaking::versions;
use crate::config::{FILE, Output};
use crate::emit::header::is_ours;
use crate::emit::{Emit, Part, emit, second_opinions};
use crate::finding::{Failure, Finding, Outcome};
use crate::load::{Samples, Spot};
use crate::output::{Change, File, Plan};
use crate::validate;
use crate::verify::{self, SAMPLES, document};

#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    pub(super) source: Source,

    /// The folder to write to [default: each `out` in socket.toml, else generated-ts at the
    /// workspace root]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// The output format [default: `emit` in socket.toml, else ts]
    #[arg(long, value_enum)]
    emit: Option<Emit>,

    /// Skips verification: no samples are sent through your serde code
    #[arg(long)]
    no_verify: bool,

    /// Writes the samples of that verification as JSON, by protocol and message, for your own tests
    #[arg(long, value_name = "FILE", conflicts_with = "no_verify")]
    samples: Option<PathBuf>,

    /// Writes a validator for each message too, as Standard Schema [default: `validate` in socket.toml]
    #[arg(long)]
    validate: bool,

    /// Writes hooks for React too: socket.react.ts [default: `react` in socket.toml]
    #[arg(long)]
    react: bool,

    /// Writes a mock server for your tests too: socket.testing.ts [default: `testing` in socket.toml]
    #[arg(long)]
    testing: bool,

    /// Prints one JSON document on stdout, for programs
    #[arg(long)]
    pub(super) json: bool,
}

/// The result of the comparison.
pub(super) struct Run {
    pub(super) folders: Vec<Folder>,
    pub(super) warnings: Vec<Finding>,
    /// Where serde does something else than the types say: nothing is written then.
    pub(super) faults: Vec<Finding>,
    samples: Samples,
    /// The files that the protocols were made of.
    pub(super) sources: Vec<PathBuf>,
}

/// One output.
pub(super) struct Folder {
    pub(super) plan: Plan,
    /// Its path as it is shown.
    pub(super) name: String,
}

impl Options {
    /// Loads everything and compares; nothing is written.
    pub(super) fn prepare(&self, origin: &Origin) -> Outcome<Run> {
        let outputs = self.outputs(origin)?;
        let packages = |output: &Output| output.packages.clone().unwrap_or_default();
        let selections = outputs.iter().map(packages).collect();
        let samples = if self.no_verify { 0 } else { SAMPLES };
        let loaded = self.source.load_verified(origin, selections, samples)?;
        let mut failure = Failure::from(loaded.problems.clone());
        let kept = match &origin.config.kept {
            Some(folder) => Some(versions::read(&origin.root.join(folder), folder)?),
            None => None,
        };
        let mut folders = Vec::new();
        for (at, output) in outputs.iter().enumerate() {
            let folder = folder_of(output, &origin.root);
            let name = shown(&folder, &origin.root);
            let manifests = loaded.selection(at);
            if manifests.is_empty() {
                failure.findings.push(Finding::new(
                    format!(
                        "the packages {} define no protocol, so {name} would be empty",
                        packages(output).join(", ")
                    ),
                    format!("name a package that defines one: packages = [\"…\"] in {FILE}"),
                ));
                continue;
            }
            let form = output.emit.unwrap_or_default();
            let planned = emit(&manifests, form, &|spot| loaded.sources.locate(spot)).and_then(
                |mut files| {
                    files.extend(extras(output, &name, &manifests)?);
                    if let Some(kept) = &kept {
                        files.extend(versions::files(&manifests, kept, &origin.config.allow)?);
                    }
                    Plan::new(&folder, &files, &is_ours)
                },
            );
            match planned {
                Ok(plan) => folders.push(Folder { plan, name }),
                Err(found) => failure.add(found),
            }
        }
        // Everything that is wrong, at once.
        if !failure.findings.is_empty() {
            return Err(failure);
        }
        let locate = |spot: Spot<'_>| loaded.sources.locate(spot);
        let place = |fault: &Fault| loaded.sources.place(&fault.site);
        let (faults, untried) = verify::findings(&loaded.faults, place);
        let mut warnings = loaded.warnings;
        warnings.extend(untried);
        warnings.extend(second_opinions(
            &loaded.manifests,
            &loaded.opinions,
            &locate,
        ));
        Ok(Run {
            folders,
            warnings,
            faults,
            samples: loaded.samples,
            sources: loaded.sources.built,
        })
    }

    /// The outputs of `socket.toml`, as the flags change them.
    fn outputs(&self, origin: &Origin) -> Outcome<Vec<Output>> {
        let mut outputs = origin.config.outputs();
        if let Some(out) = &self.out {
            let same = |output: &Output| same_folder(&folder_of(output, &origin.root), out);
            let mut output = match (outputs.iter().find(|output| same(output)), &outputs[..]) {
                (Some(output), _) | (None, [output]) => output.clone(),
                (None, _) => Output {
                    packages: origin.config.packages.clone(),
                    out: None,
                    emit: origin.config.emit,
                    validate: origin.config.validate,
                    react: origin.config.react,
                    testing: origin.config.testing,
                },
            };
            output.out = Some(absolute(out).display().to_string());
            outputs = vec![output];
        }
        let changed = self.emit.is_some() || !self.source.packages.is_empty();
        if changed && outputs.len() > 1 {
            let ways: Vec<String> = outputs
                .iter()
                .map(|output| {
                    format!(
                        "--out {}",
                        shown(&folder_of(output, &origin.root), &origin.root)
                    )
                })
                .collect();
            return Err(Finding::new(
                format!(
                    "{FILE} has {} outputs, and the flags match all of them",
                    outputs.len()
                ),
                format!("add one of: {}", ways.join(", ")),
            )
            .into());
        }
        for output in &mut outputs {
            output.emit = self.emit.or(output.emit);
            for (asked, wanted) in [
                (self.validate, &mut output.validate),
                (self.react, &mut output.react),
                (self.testing, &mut output.testing),
            ] {
                *wanted = Some(asked || *wanted == Some(true));
            }
            if !self.source.packages.is_empty() {
                output.packages = Some(self.source.packages.clone());
            }
        }
        Ok(outputs)
    }

    /// The command that writes what `check` found stale.
    pub(super) fn fix(&self) -> Vec<String> {
        let mut words = vec!["socket-codegen".to_owned(), "generate".to_owned()];
        words.extend(self.source.words());
        if let Some(out) = &self.out {
            words.extend(["--out".to_owned(), out.display().to_string()]);
        }
        if let Some(form) = self.emit {
            words.extend(["--emit".to_owned(), form.name().to_owned()]);
        }
        for (asked, flag) in [
            (self.validate, "--validate"),
            (self.react, "--react"),
            (self.testing, "--testing"),
        ] {
            if asked {
                words.push(flag.to_owned());
            }
        }
        words
    }
}

impl Run {
    /// The report of what serde does otherwise, and its exit code; nothing when all is right.
    pub(super) fn faulty(&self, options: &Options) -> Option<ExitCode> {
        if self.faults.is_empty() {
            return None;
        }
        warn(&self.warnings);
        if options.json {
            let faults: Vec<Value> = self.faults.iter().map(finding_json).collect();
            to_stdout(&format!("{:#}", json!({ "faults": faults })));
        } else {
            for fault in &self.faults {
                to_stdout(&fault.to_string());
            }
        }
        Some(ExitCode::from(1))
    }

    /// Writes the samples where they are wanted.
    pub(super) fn write_samples(&self, options: &Options) -> Outcome<()> {
        let Some(path) = &options.samples else {
            return Ok(());
        };
        let text = document(&self.samples)?;
        let folder = path.parent().map_or(Ok(()), std::fs::create_dir_all);
        folder
            .and_then(|()| std::fs::write(path, text))
            .map_err(|error| Finding::of_file("write", path, &error).into())
    }

    pub(super) fn changed(&self) -> usize {
        self.folders
            .iter()
            .map(|folder| folder.plan.changes.len())
            .sum()
    }

    pub(super) fn fresh(&self) -> usize {
        self.folders.iter().map(|folder| folder.plan.fresh).sum()
    }

    pub(super) fn print_json(&self, mut document: Value, of: impl Fn(&Folder, &Change) -> Value) {
        let folder = |folder: &Folder| {
            let files: Vec<Value> = folder
                .plan
                .changes
                .iter()
                .map(|change| of(folder, change))
                .collect();
            json!({ "folder": folder.name, "files": files, "upToDate": folder.plan.fresh })
        };
        document["outputs"] = self.folders.iter().map(folder).collect();
        document["warnings"] = self.warnings.iter().map(finding_json).collect();
        to_stdout(&format!("{document:#}"));
    }
}

/// The additional files of an output.
fn extras(output: &Output, name: &str, manifests: &[Manifest]) -> Outcome<Vec<File>> {
    let form = output.emit.unwrap_or_default();
    let wanted = [
        ("validate", output.validate),
        ("react", output.react),
        ("testing", output.testing),
    ];
    let mut files = Vec::new();
    for (key, _) in wanted.into_iter().filter(|(_, on)| *on == Some(true)) {
        if form == Emit::Iife {
            return Err(Finding::new(
                format!("`{key}` writes a module, but {name} holds plain scripts, which cannot import modules"),
                format!("write modules there, emit = \"js\", or turn it off: {key} = false"),
            )
            .into());
        }
        files.extend(match key {
            "validate" => validate::files(manifests, form),
            "react" => Part::React.files(form),
            _ => Part::Testing.files(form),
        });
    }
    Ok(files)
}

/// Where an output is written.
pub(super) fn folder_of(output: &Output, root: &Path) -> PathBuf {
    root.join(output.out.as_deref().unwrap_or("generated-ts"))
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn same_folder(a: &Path, b: &Path) -> bool {
    absolute(a) == absolute(b)
}
