//! The shim's output, checked.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;
use socket_protocol::manifest::FORMAT;
use socket_protocol::manifest::model::{Collected, Described};

use super::packages::{Chosen, OURS, Workspace, defines};
use super::sources::{self, Sources, Standing};
use super::{Loaded, read};
use crate::finding::{Finding, Outcome};

pub(super) fn check(
    document: &PathBuf,
    workspace: &Workspace,
    chosen: &Chosen<'_>,
    mut sources: Sources,
    others: Vec<BTreeSet<String>>,
) -> Outcome<Loaded> {
    let mut collected = parse(&read(document)?)?;
    let described = |rust: &str| {
        let package = rust
            .split("::")
            .next()
            .unwrap_or_default()
            .replace('_', "-");
        let chosen = chosen
            .packages
            .iter()
            .any(|(chosen, _)| *chosen.name == package);
        chosen || !OURS.contains(&package.as_str())
    };
    // Definitions inside the toolkit are not the user's.
    collected
        .protocols
        .retain(|protocol| described(&protocol.manifest.rust));
    collected.faults.retain(|fault| described(&fault.site.rust));
    let own: BTreeSet<&str> = collected
        .protocols
        .iter()
        .map(|protocol| protocol.manifest.protocol.as_str())
        .collect();
    collected
        .samples
        .retain(|protocol, _| own.contains(protocol.as_str()));
    collected.sites.retain(|site| described(&site.rust));
    sources.register(&collected.sites);
    let mut problems: Vec<Finding> = collected
        .problems
        .iter()
        .map(|problem| {
            let (what, place) = (
                format!("{}: {}", problem.message, problem.reason),
                sources.place(&problem.site),
            );
            Finding::new(
                what,
                "make the schema of that type describe itself without a panic",
            )
            .at([place])
        })
        .collect();
    problems.extend(twice(&collected.protocols, &sources));
    if collected.protocols.is_empty() {
        return Err(nothing_found(workspace, chosen, &collected, &sources).into());
    }
    let warning = |standing: Standing, why: &str, help: &str| {
        let what = format!("`{}` derives {} but {why}", standing.name, standing.derive);
        Finding::new(what, help).at([standing.place])
    };
    let hidden = sources
        .unregistered(&collected.sites)
        .into_iter()
        .map(|standing| warning(standing, "was not compiled", HIDDEN));
    let outside = chosen
        .packages
        .iter()
        .flat_map(|(package, _)| sources.outside(package));
    let outside = outside.map(|standing| {
        warning(
            standing,
            "is outside of the libraries that were built",
            "move it to src/lib.rs or a module of it",
        )
    });
    let warnings = hidden.chain(outside).collect();
    let manifests = collected
        .protocols
        .into_iter()
        .map(|described| described.manifest)
        .collect();
    Ok(Loaded {
        manifests,
        others,
        sources,
        problems,
        warnings,
        faults: collected.faults,
        samples: collected.samples,
        opinions: collected.opinions,
    })
}

const HIDDEN: &str = "a `#[cfg]` or a feature hides it; turn a feature on with --features NAME";

fn parse(text: &str) -> Outcome<Collected> {
    let unreadable = |error: &serde_json::Error| {
        Finding::new(
            format!("cannot read the description of the protocols: {error}"),
            "cargo install socket-codegen   (the version of your socket-protocol or newer)",
        )
    };
    let value: Value = serde_json::from_str(text).map_err(|error| unreadable(&error))?;
    let format = value
        .get("format")
        .and_then(Value::as_u64)
        .unwrap_or_default();
    if format > u64::from(FORMAT) {
        return Err(Finding::new(
            format!("your socket-protocol writes format {format}, but this program reads formats up to {FORMAT}"),
            "cargo install socket-codegen",
        )
        .into());
    }
    Ok(serde_json::from_value(value).map_err(|error| unreadable(&error))?)
}

/// Two messages of one direction that cannot be told apart.
fn twice(protocols: &[Described], sources: &Sources) -> Vec<Finding> {
    let mut findings = Vec::new();
    for Described { site, manifest } in protocols {
        let place = sources.place(site);
        let mut look = |kind: &str, names: Vec<&str>| {
            let mut seen = BTreeSet::new();
            for name in names {
                if !seen.insert(name) {
                    findings.push(
                        Finding::new(
                            format!(
                                "protocol `{}` has two {kind} called `{name}`",
                                manifest.protocol
                            ),
                            "rename one of them",
                        )
                        .at([place.clone()]),
                    );
                }
            }
        };
        look(
            "commands",
            manifest
                .commands
                .items
                .iter()
                .map(|item| item.name.as_str())
                .collect(),
        );
        look(
            "events",
            manifest
                .events
                .items
                .iter()
                .map(|item| item.name.as_str())
                .collect(),
        );
        look(
            "channels",
            manifest
                .channels
                .items
                .iter()
                .map(|item| item.pattern.as_str())
                .collect(),
        );
    }
    findings
}

fn nothing_found(
    workspace: &Workspace,
    chosen: &Chosen<'_>,
    collected: &Collected,
    sources: &Sources,
) -> Finding {
    let packages: Vec<&str> = chosen
        .packages
        .iter()
        .map(|(package, _)| package.name.as_str())
        .collect();
    let what = format!("found no protocol in {}", packages.join(", "));
    let hidden = sources.unregistered(&collected.sites);
    if !hidden.is_empty() {
        let help = format!("these derives were not compiled: {HIDDEN}");
        return Finding::new(what, help).at(hidden.into_iter().map(|standing| standing.place));
    }
    if !collected.sites.is_empty() {
        let help = "these are parts of one: add #[derive(Protocol)] #[protocol(name = \"…\", commands = …, \
                    events = …)] to a unit struct";
        return Finding::new(what, help).at(collected.sites.iter().map(|site| sources.place(site)));
    }
    let elsewhere: Vec<_> = workspace
        .members()
        .filter(|package| defines(package))
        .flat_map(|package| sources::package_sites(&workspace.root, package))
        .collect();
    if elsewhere.is_empty() {
        let help = "define one in the library: #[derive(Protocol)] #[protocol(name = \"…\", commands = …, \
                    events = …)] struct Name;";
        return Finding::new(what, help);
    }
    let help = "these derives are outside of the libraries that were built: move them to src/lib.rs or a module of it, \
                or name their package: -p NAME";
    Finding::new(what, help).at(elsewhere.into_iter().map(|standing| standing.place))
}
