//! Where the protocols come from: the flags that all commands share.

use std::path::{Path, PathBuf};

use clap::Args;

use super::print::Progress;
use crate::config::Config;
use crate::finding::Outcome;
use crate::load::{Loaded, Request, Workspace, given, load};

#[derive(Debug, Args)]
pub(super) struct Source {
    /// The package to describe; may be repeated [default: `packages` in socket.toml, else every
    /// workspace member that depends on socket-protocol or socket-runtime]
    #[arg(short, long = "package", value_name = "NAME")]
    pub(super) packages: Vec<String>,

    /// Features of the described packages to turn on: `name` or `package/name`
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    features: Vec<String>,

    /// The Cargo.toml of the workspace or of one of its members
    #[arg(long, value_name = "FILE")]
    manifest_path: Option<PathBuf>,

    /// A protocol's manifest instead of Rust sources, for repositories without Rust; may be repeated
    #[arg(long, value_name = "FILE", conflicts_with_all = ["packages", "features", "manifest_path"])]
    pub(super) manifest: Vec<PathBuf>,

    /// The same, downloaded from an http or https URL; may be repeated
    #[arg(long, value_name = "URL", conflicts_with_all = ["packages", "features", "manifest_path"])]
    url: Vec<String>,
}

/// The source of the protocols.
pub(super) struct Origin {
    /// The folder that paths in `socket.toml` are relative to.
    pub(super) root: PathBuf,
    pub(super) config: Config,
    /// Nothing where the manifests are given.
    workspace: Option<Workspace>,
}

impl Origin {
    /// The folders of the packages that are at hand.
    pub(super) fn folders(&self) -> Vec<PathBuf> {
        self.workspace
            .as_ref()
            .map(Workspace::folders)
            .unwrap_or_default()
    }

    /// Builds in this folder, or else in one that nobody else builds in.
    pub(super) fn build_in(&mut self, folder: Option<&Path>) {
        if let Some(workspace) = &mut self.workspace {
            workspace.target = match folder {
                Some(folder) => std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned()),
                None => workspace.target.join("socket-codegen/watch"),
            };
        }
    }
}

impl Source {
    /// Returns whether a manifest comes from an address.
    pub(super) fn is_remote(&self) -> bool {
        !self.url.is_empty()
    }

    /// The files that are given.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        self.manifest.clone()
    }

    pub(super) fn origin(&self) -> Outcome<Origin> {
        let workspace = if self.manifest.is_empty() && self.url.is_empty() {
            let path = self.manifest_path.as_deref();
            Some(Workspace::find(path, &self.features)?)
        } else {
            None
        };
        let root = match &workspace {
            Some(workspace) => workspace.root.clone(),
            None => std::env::current_dir().unwrap_or_default(),
        };
        Ok(Origin {
            config: Config::read(&root)?,
            root,
            workspace,
        })
    }

    /// The protocols of these sets of packages, or the ones that are given.
    pub(super) fn load(&self, origin: &Origin, selections: Vec<Vec<String>>) -> Outcome<Loaded> {
        self.load_verified(origin, selections, 0)
    }

    /// The same, each type verified with that many samples.
    pub(super) fn load_verified(
        &self,
        origin: &Origin,
        selections: Vec<Vec<String>>,
        samples: u32,
    ) -> Outcome<Loaded> {
        let Some(workspace) = &origin.workspace else {
            return given::load(&self.manifest, &self.url);
        };
        let request = Request {
            selections,
            features: self.features.clone(),
            samples,
        };
        let progress = Progress::new();
        load(workspace, &request, &mut |line| progress.show(line))
    }

    /// The flags again, as they were given.
    pub(super) fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        for package in &self.packages {
            words.extend(["-p".to_owned(), package.clone()]);
        }
        if !self.features.is_empty() {
            words.extend(["--features".to_owned(), self.features.join(",")]);
        }
        if let Some(path) = &self.manifest_path {
            words.extend(["--manifest-path".to_owned(), path.display().to_string()]);
        }
        for path in &self.manifest {
            words.extend(["--manifest".to_owned(), path.display().to_string()]);
        }
        for url in &self.url {
            words.extend(["--url".to_owned(), url.clone()]);
        }
        words
    }
}
