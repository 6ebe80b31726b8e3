//! Where the protocols come from: the flags that all commands share.

use std::path::PathBuf;

use clap::Args;

use super::print::Progress;
use crate::config::Config;
use crate::finding::Outcome;
use crate::load::{Loaded, Request, Workspace, load};

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
}

impl Source {
    /// The workspace and its settings.
    pub(super) fn workspace(&self) -> Outcome<(Workspace, Config)> {
        let workspace = Workspace::find(self.manifest_path.as_deref(), &self.features)?;
        let config = Config::read(&workspace.root)?;
        Ok((workspace, config))
    }

    /// The protocols of these packages.
    pub(super) fn load(&self, workspace: &Workspace, packages: Vec<String>) -> Outcome<Loaded> {
        let request = Request {
            packages,
            features: self.features.clone(),
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
        words
    }
}
