//! `socket-codegen breaking`.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde_json::json;
use socket_protocol::manifest::Manifest;

use super::emitted::folder_of;
use super::print::{end, shown, to_stderr, to_stdout, warn};
use super::source::Source;
use crate::breaking::baseline::{self, BaselineError};
use crate::breaking::{
    Date, Level, Mode, Options as Rules, Report, Rule, compare_all, explain, report,
};
use crate::config::{Config, Output};
use crate::finding::{Failure, Finding, Outcome};

pub(super) const EXAMPLES: &str = "\
Examples:
  socket-codegen breaking --against git:origin/main
  socket-codegen breaking --against git:v1.2.0 --mode full --format markdown
  socket-codegen breaking --against old.json --manifest new.json       without any Rust
  socket-codegen breaking --explain FIELD_BECAME_REQUIRED              or --explain alone: all rules
";

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The older manifest to compare with: a file, or git:REV[:PATH] for the one in that revision
    #[arg(long, value_name = "FILE|git:REV", required_unless_present = "explain")]
    against: Option<String>,

    /// Which pairs must work together. backward: a new server with the pages that are open; forward:
    /// new pages with an old server; full: both
    #[arg(long, default_value_t)]
    mode: Mode,

    /// The format of the report
    #[arg(long, value_enum, default_value_t)]
    format: Format,

    /// Lowest level that makes the command exit with 1
    #[arg(long, value_enum, default_value_t)]
    fail_on: FailOn,

    /// Explains a rule: what changed, who it affects and the fix; without RULE, lists all rules
    #[arg(long, value_name = "RULE", num_args = 0..=1)]
    explain: Option<Option<Rule>>,

    /// The folder that holds the committed manifests [default: as for `generate`]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    #[command(flatten)]
    source: Source,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal
    #[default]
    Text,
    /// For programs; lists compatible changes too
    Json,
    /// For a comment on a pull request
    Markdown,
    /// Annotations of a GitHub workflow
    Github,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Clients that are connected break
    #[default]
    Breaking,
    /// Also: TypeScript no longer compiles against the new types
    Source,
    /// Also: someone should review the change
    Warning,
}

impl From<FailOn> for Level {
    fn from(at: FailOn) -> Self {
        match at {
            FailOn::Breaking => Self::Breaking,
            FailOn::Source => Self::Source,
            FailOn::Warning => Self::Warning,
        }
    }
}

pub(super) fn run(options: &Options) -> ExitCode {
    if let Some(rule) = options.explain {
        let text = rule.map_or_else(explain::list, explain::rule);
        to_stdout(text.trim_end());
        return ExitCode::SUCCESS;
    }
    let outcome = reports(options).map(|reports| print(&reports, options));
    end(outcome, options.format == Format::Json)
}

/// A manifest and the file that it is committed as.
struct Named {
    manifest: Manifest,
    file: PathBuf,
}

/// A report, and the manifest's file as it is shown.
type Told = (Report, String);

fn reports(options: &Options) -> Outcome<Vec<Told>> {
    let (config, news, root) = described(options)?;
    let against = options.against.as_deref().unwrap_or_default();
    let at_revision = against.starts_with("git:");
    if news.len() > 1 && !(at_revision && against.matches(':').count() == 1) {
        let names: Vec<_> = news
            .iter()
            .map(|new| new.manifest.protocol.as_str())
            .collect();
        let what = format!(
            "{against} is a single manifest, but this compares several protocols: {}",
            names.join(", ")
        );
        let help = "name one package with -p, or a revision with --against git:REV";
        return Err(Finding::new(what, help).into());
    }
    let alone = news.len() == 1;
    let (mut pairs, mut files) = (Vec::new(), Vec::new());
    for new in news {
        match baseline::load(against, &new.file) {
            Ok(old) => {
                files.push(shown(&new.file, &root));
                pairs.push((old, new.manifest));
            }
            // Among several, one may be new: it breaks nobody. A single one is rather a wrong path.
            Err(error @ BaselineError::NoFile { .. }) if !alone => {
                to_stderr(&format!("{} is new: {error}", new.manifest.protocol));
            }
            Err(error) => return Err(refused(&error)),
        }
    }
    let rules = Rules {
        mode: options.mode,
        allow: config.allow,
        today: Date::today(),
        grace_days: config.grace_days,
    };
    Ok(compare_all(&pairs, &rules).into_iter().zip(files).collect())
}

/// The protocols as they are now, and the files that `generate` writes their manifests to.
fn described(options: &Options) -> Outcome<(Config, Vec<Named>, PathBuf)> {
    let origin = options.source.origin()?;
    let outputs = match &options.source.packages[..] {
        [] => origin.config.outputs(),
        packages => vec![Output {
            packages: Some(packages.to_vec()),
            out: origin.config.outputs().swap_remove(0).out,
            ..Output::default()
        }],
    };
    let packages = |output: &Output| output.packages.clone().unwrap_or_default();
    let selections = outputs.iter().map(packages).collect();
    let loaded = options.source.load(&origin, selections)?;
    if !loaded.problems.is_empty() {
        return Err(Failure::from(loaded.problems));
    }
    warn(&loaded.warnings);
    let given = options.source.files();
    let mut news: Vec<Named> = Vec::new();
    for (at, output) in outputs.iter().enumerate() {
        let folder = match &options.out {
            Some(out) => out.clone(),
            None => folder_of(output, &origin.root),
        };
        for manifest in loaded.selection(at) {
            // Several folders may hold one protocol; their manifests are the same.
            if news.iter().all(|new| new.manifest.rust != manifest.rust) {
                let file = match &given[..] {
                    [file] => file.clone(),
                    _ => folder.join(format!("{}.manifest.json", manifest.protocol)),
                };
                news.push(Named { manifest, file });
            }
        }
    }
    Ok((origin.config, news, origin.root))
}

fn refused(error: &BaselineError) -> Failure {
    let help = match error {
        BaselineError::NoFile { .. } => {
            "commit the manifest that `socket-codegen generate` writes, or name it: git:REV:PATH"
        }
        BaselineError::NoRepository(_) | BaselineError::NoGit(_) => {
            "name a file instead: --against old.manifest.json"
        }
        BaselineError::NoRevision(_) => "see `git branch --all` and `git tag`",
        BaselineError::Newer { .. } => "cargo install socket-codegen",
        BaselineError::NoRevisionNamed(_) => "for example: --against git:origin/main",
        BaselineError::NotAManifest { .. } => {
            "name a PROTOCOL.manifest.json that `socket-codegen generate` wrote, or a revision: \
             --against git:REV"
        }
        BaselineError::Unreadable { path, source } => {
            let mut finding = Finding::of_file("read", path, source);
            if source.kind() == ErrorKind::NotFound {
                finding.help = "name a manifest that was kept, or a revision: --against \
                                git:origin/main"
                    .to_owned();
            }
            return finding.into();
        }
    };
    Finding::new(error.to_string(), help).into()
}

fn print(told: &[Told], options: &Options) -> ExitCode {
    let each = |form: &dyn Fn(&Told) -> String| {
        for text in told.iter().map(form).filter(|text| !text.is_empty()) {
            to_stdout(text.trim_end());
        }
    };
    match options.format {
        Format::Text => each(&|(report, _)| report::text(report)),
        Format::Markdown => each(&|(report, _)| report::markdown(report)),
        Format::Github => each(&|(report, file)| report::github(report, Some(file))),
        Format::Json => {
            let reports: Vec<_> = told
                .iter()
                .map(|(report, _)| report::json(report))
                .collect();
            to_stdout(&format!("{:#}", json!({ "reports": reports })));
        }
    }
    let findings = told.iter().flat_map(|(report, _)| &report.findings);
    if options.format == Format::Text
        && let Some(worst) = findings.clone().max_by_key(|finding| finding.level)
    {
        to_stderr("explain a rule:");
        to_stderr(&format!("socket-codegen breaking --explain {}", worst.rule));
    }
    match told
        .iter()
        .any(|(report, _)| report.fails(options.fail_on.into()))
    {
        true => ExitCode::from(1),
        false => ExitCode::SUCCESS,
    }
}
