//! From a workspace to the document that its derives describe.
//!
//! A small crate, the shim, is written under the target directory. It depends on the user's crates,
//! is built by the user's cargo, and writes down what the derives registered.
//! - [`packages`], `features`: which packages to describe, out of `cargo metadata`.
//! - `shim`: the text of that crate.
//! - `target`, `build`: cargo builds it, and it runs.
//! - `lockfile`: it was built with the versions of the user's `Cargo.lock`.
//! - `scan`, `sources`: the derives that stand in the sources.
//! - `collected`: what it wrote, checked.
//! - `definer`: what `init` wants to know of a package.
//! - [`given`]: manifests that are given, for repositories that hold no Rust.

mod build;
mod collected;
mod definer;
mod features;
pub(crate) mod given;
mod lockfile;
pub(crate) mod packages;
mod scan;
mod shim;
mod sources;
mod target;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

pub(crate) use definer::Definer;
pub(crate) use packages::Workspace;
pub(crate) use sources::{Locate, Sources, Spot};

use socket_protocol::manifest::Manifest;
use socket_protocol::manifest::model::{Fault, Opinion};

use crate::finding::{Finding, Outcome};

/// The JSON texts of the samples, by protocol and message.
pub(crate) type Samples = BTreeMap<String, BTreeMap<String, Vec<String>>>;

/// The packages to describe.
#[derive(Debug, Clone, Default)]
pub(crate) struct Request {
    /// Sets of packages, described in one go; an empty set: those that depend on the protocol crate.
    pub(crate) selections: Vec<Vec<String>>,
    /// The features of theirs to turn on.
    pub(crate) features: Vec<String>,
    /// With how many samples each type is verified; 0: none is.
    pub(crate) samples: u32,
}

/// The finding.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// The protocols, by name.
    pub(crate) manifests: Vec<Manifest>,
    /// For each set that was asked for: the crates that were described for other sets alone.
    others: Vec<BTreeSet<String>>,
    /// Where things stand in the sources.
    pub(crate) sources: Sources,
    /// Parts that could not be described. The manifests lack them, so nothing may be written.
    pub(crate) problems: Vec<Finding>,
    /// Probable mistakes.
    pub(crate) warnings: Vec<Finding>,
    /// Where serde does something else than the types say.
    pub(crate) faults: Vec<Fault>,
    /// The JSON texts of the samples.
    pub(crate) samples: Samples,
    /// The ts-rs declarations of the types that derive its trait.
    pub(crate) opinions: Vec<Opinion>,
}

impl Loaded {
    /// The protocols of one set of packages, by its place in the request.
    #[must_use]
    pub(crate) fn selection(&self, at: usize) -> Vec<Manifest> {
        let other = |manifest: &Manifest| {
            let of = manifest.rust.split("::").next().unwrap_or_default();
            self.others
                .get(at)
                .is_some_and(|others| others.contains(of))
        };
        let mut manifests = self.manifests.clone();
        manifests.retain(|manifest| !other(manifest));
        manifests
    }
}

/// Builds and runs the shim. `progress` hears what cargo is at.
///
/// # Errors
/// When there is nothing to describe, something does not compile or a type cannot be described.
pub(crate) fn load(
    workspace: &Workspace,
    request: &Request,
    progress: &mut dyn FnMut(&str),
) -> Outcome<Loaded> {
    let chosen = workspace.choose(request)?;
    let shim = shim::Shim::new(workspace, &chosen)?;
    let folder = workspace.target.join("socket-codegen");
    let _lock = build::lock(&folder)?;
    shim.write(&folder.join("shim"))?;
    let built = build::build(workspace, &chosen, &folder, progress)?;
    lockfile::check(&workspace.root, &folder.join("shim"))?;
    let sources = Sources::read(workspace, &chosen, &built.dep_info)?;
    let document = folder.join("collected.json");
    build::run(workspace, &built.program, &document, request.samples)?;
    let others = workspace.others(request)?;
    collected::check(&document, workspace, &chosen, sources, others)
}

/// A path as it is shown: relative to the workspace where it lies within.
pub(crate) fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root)
        .unwrap_or(path)
        .display()
        .to_string()
        .replace('\\', "/")
}

fn read(path: &PathBuf) -> Outcome<String> {
    std::fs::read_to_string(path).map_err(|error| Finding::of_file("read", path, &error).into())
}
