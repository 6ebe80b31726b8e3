//! The common part of the commands that print one protocol as a document: `manifest`, `asyncapi`,
//! `schemas`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde_json::Value;
use socket_protocol::manifest::Manifest;

use super::print::{to_stderr, to_stdout, warn};
use super::source::Source;
use crate::finding::{Finding, Outcome, nearest};

#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    source: Source,

    /// Which protocol, where there are several
    #[arg(long, value_name = "NAME")]
    protocol: Option<String>,

    /// The file to write to [default: stdout]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Options {
    /// Loads the protocol, tells it and prints or writes that.
    pub(super) fn tell(&self, tell: impl Fn(&Manifest) -> Outcome<Value>) -> Outcome<ExitCode> {
        let manifest = one(&self.source, self.protocol.as_deref())?;
        let text = format!("{:#}", tell(&manifest)?);
        match &self.out {
            None => to_stdout(&text),
            Some(path) => write(path, &(text + "\n"))?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The protocol of that name, or the only one.
pub(super) fn one(source: &Source, name: Option<&str>) -> Outcome<Manifest> {
    let origin = source.origin()?;
    let packages = match &source.packages[..] {
        [] => origin
            .config
            .outputs()
            .into_iter()
            .map(|output| output.packages.unwrap_or_default())
            .collect(),
        packages => vec![packages.to_vec()],
    };
    let loaded = source.load(&origin, packages)?;
    if !loaded.problems.is_empty() {
        return Err(loaded.problems.into());
    }
    warn(&loaded.warnings);
    let mut manifests = loaded.manifests;
    let names: Vec<String> = manifests.iter().map(|m| m.protocol.clone()).collect();
    let at = match (name, &names[..]) {
        (Some(name), names) => names.iter().position(|known| known == name),
        (None, [_]) => Some(0),
        (None, names) => {
            let what = format!(
                "this workspace has {} protocols: {}",
                names.len(),
                names.join(", ")
            );
            return Err(Finding::new(what, format!("choose one: --protocol {}", names[0])).into());
        }
    };
    let Some(at) = at else {
        let name = name.unwrap_or_default();
        let meant = nearest(name, names.iter().map(String::as_str))
            .map_or(String::new(), |near| format!("did you mean `{near}`? "));
        let help = format!("{meant}Known protocols: {}.", names.join(", "));
        return Err(Finding::new(format!("unknown protocol `{name}`"), help).into());
    };
    Ok(manifests.swap_remove(at))
}

fn write(path: &Path, text: &str) -> Outcome<()> {
    if fs::read_to_string(path).is_ok_and(|known| known == text) {
        to_stderr(&format!("{} is up to date", path.display()));
        return Ok(());
    }
    let cannot = |error| Finding::of_file("write", path, &error);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(cannot)?;
    }
    fs::write(path, text).map_err(cannot)?;
    to_stderr(&format!("wrote {}", path.display()));
    Ok(())
}
