//! Which older versions of a protocol the present one breaks, as the file that a server goes by.
//!
//! The judgement is made here and committed, rather than by the server when it starts: a production
//! server carries no rules, `[[allow]]` counts, and the review of a change shows which pages it locks out.

use std::fs;
use std::path::Path;

use socket_protocol::manifest::Manifest;
use socket_protocol::manifest::versions::{Change, FORMAT, Version, Versions};

use super::{Allow, Date, Level, Mode, Options, Rule, baseline, compare};
use crate::finding::{Finding, Outcome};
use crate::output::File;

/// As many changes are told to a client that is refused.
const MOST_CHANGES: usize = 32;

/// The manifest of an older version.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    /// The name of its file.
    pub(crate) name: String,
    /// Its manifest.
    pub(crate) manifest: Manifest,
}

/// Reads the manifests in a folder, by the names of their files.
///
/// # Errors
/// When the folder cannot be read, or a `.json` in it is no manifest: all findings at once.
pub(crate) fn read(folder: &Path, shown: &str) -> Outcome<Vec<Kept>> {
    let cannot = |error: &dyn std::fmt::Display| {
        Finding::new(
            format!("cannot read the folder `{shown}` of older manifests: {error}"),
            format!(
                "keep the current version there: socket-codegen manifest --out {shown}/1.0.json\n\
                     or correct `kept` in socket.toml"
            ),
        )
    };
    let entries = fs::read_dir(folder).map_err(|error| cannot(&error))?;
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.map_err(|error| cannot(&error))?.file_name();
        names.extend(
            name.into_string()
                .ok()
                .filter(|name| name.ends_with(".json")),
        );
    }
    names.sort();
    let (mut kept, mut findings) = (Vec::new(), Vec::new());
    for name in names {
        match baseline::read(&folder.join(&name)) {
            Ok(manifest) => kept.push(Kept { name, manifest }),
            Err(error) => findings.push(Finding::new(
                error.to_string(),
                format!("`{shown}` holds manifests of older versions only: move other .json files elsewhere"),
            )),
        }
    }
    match findings.is_empty() {
        true => Ok(kept),
        false => Err(findings.into()),
    }
}

/// The file `PROTOCOL.versions.json` of each protocol, in the order of the protocols.
///
/// # Errors
/// When one cannot be written as JSON.
pub(crate) fn files(manifests: &[Manifest], kept: &[Kept], allow: &[Allow]) -> Outcome<Vec<File>> {
    let file = |manifest: &Manifest| {
        let name = format!("{}.versions.json", manifest.protocol);
        let text = serde_json::to_string_pretty(&judge(manifest, kept, allow))
            .map_err(|error| Finding::new(format!("{name}: {error}"), ""))?;
        Ok(File {
            name,
            text: text + "\n",
        })
    };
    manifests.iter().map(file).collect()
}

fn judge(manifest: &Manifest, kept: &[Kept], allow: &[Allow]) -> Versions {
    // Promises and their days are for `breaking` to look at. What a page may send and the server does
    // not take is a fact, and a file that changed with the calendar would be stale one morning.
    let mut allow = allow.to_vec();
    for entry in &mut allow {
        entry.until = None;
    }
    let options = Options {
        mode: Mode::Backward,
        allow,
        today: Date::FIRST,
        grace_days: None,
    };
    let older = |kept: &Kept| {
        let mut report = compare(&kept.manifest, manifest, &options);
        report.findings.retain(|finding| {
            finding.level == Level::Breaking
                && finding.rule != Rule::DeprecationSkipped
                && !finding.is_about_allow()
        });
        let changes = report.findings.into_iter().take(MOST_CHANGES);
        let changes: Vec<Change> = changes
            .map(|finding| Change {
                rule: finding.rule.to_string(),
                path: finding.path,
                reason: finding.message,
            })
            .collect();
        Version {
            manifest: kept.name.clone(),
            fingerprint: kept.manifest.fingerprint.clone(),
            accepted: changes.is_empty(),
            changes,
        }
    };
    Versions {
        format: FORMAT,
        protocol: manifest.protocol.clone(),
        fingerprint: manifest.fingerprint.clone(),
        older: kept
            .iter()
            .filter(|kept| kept.manifest.protocol == manifest.protocol)
            .map(older)
            .collect(),
    }
}
