//! Which packages to describe, out of `cargo metadata`.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId};

use super::build::{DOWNLOAD, is_about_network};
use super::{Definer, Request, features, shown};
use crate::finding::{Finding, Outcome, nearest};

/// The crates that a definition is written with.
pub(super) const OURS: &[&str] = &["socket-protocol", "socket-runtime"];
/// Members of the toolkit's own workspace, which are described only by name.
const OWN: &[&str] = &["socket-protocol", "socket-runtime", "socket-codegen"];
const PROTOCOL: &str = "socket-protocol";

/// A workspace as cargo sees it.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// Its folder.
    pub(crate) root: PathBuf,
    /// Its target directory.
    pub(crate) target: PathBuf,
    metadata: Metadata,
}

/// The dependencies of the shim.
#[derive(Debug)]
pub(super) struct Chosen<'a> {
    /// The packages that are described, and the path packages behind them that may define more.
    pub(super) packages: Vec<(&'a Package, Vec<String>)>,
    /// The protocol crate that they use.
    pub(super) protocol: &'a Package,
}

impl Workspace {
    /// Asks cargo. Without a path it looks from the working directory upwards.
    ///
    /// # Errors
    /// When there is no workspace, or its manifests are wrong.
    pub(crate) fn find(manifest_path: Option<&Path>, features: &[String]) -> Outcome<Self> {
        let mut command = MetadataCommand::new();
        if let Some(path) = manifest_path {
            if !path.is_file() {
                return Err(Finding::new(
                    format!("the file {} does not exist", path.display()),
                    "name a Cargo.toml: --manifest-path path/to/Cargo.toml",
                )
                .into());
            }
            command.manifest_path(path);
        }
        let mut options = vec!["--offline".to_owned()];
        // A feature without a package is one of the current package's, and a workspace has none.
        let features = features.iter().filter(|feature| feature.contains('/'));
        options.extend(features.flat_map(|feature| ["--features".to_owned(), feature.clone()]));
        command.other_options(options.clone());
        let metadata = command.exec().or_else(|_| {
            options.remove(0);
            command.other_options(options).exec()
        });
        let metadata = metadata.map_err(|error| {
            let said = match &error {
                cargo_metadata::Error::CargoMetadata { stderr } => stderr.trim().to_owned(),
                other => other.to_string(),
            };
            let help = if said.contains("could not find `Cargo.toml`") {
                "run it in your project, or name its manifest: --manifest-path path/to/Cargo.toml"
            } else if said.contains("the workspace has no members") {
                "create one: cargo new --lib protocol   (init --sample adds another later)"
            } else if is_about_network(&said) {
                DOWNLOAD
            } else {
                "look at what cargo reports: cargo metadata"
            };
            Finding::new(said.strip_prefix("error: ").unwrap_or(&said), help)
        })?;
        Ok(Self {
            root: metadata.workspace_root.clone().into_std_path_buf(),
            target: metadata.target_directory.clone().into_std_path_buf(),
            metadata,
        })
    }

    pub(super) fn choose(&self, request: &Request) -> Outcome<Chosen<'_>> {
        self.one_version_each()?;
        let mut described: Vec<&Package> = Vec::new();
        for selection in &request.selections {
            for package in self.described(selection)? {
                if described.iter().all(|known| known.id != package.id) {
                    described.push(package);
                }
            }
        }
        let Some(protocol) = self
            .metadata
            .packages
            .iter()
            .find(|package| *package.name == PROTOCOL)
        else {
            return Err(Finding::new(
                "nothing in this workspace depends on socket-protocol or socket-runtime",
                "cargo add socket-runtime   (or socket-protocol, in a crate that only defines a protocol)",
            )
            .into());
        };
        if described.is_empty() {
            return Err(self.no_library());
        }
        let mut features = features::shared_out(&described, &request.features)?;
        let packages = self
            .with_path_packages(&described)
            .into_iter()
            .map(|package| (package, features.remove(&package.id).unwrap_or_default()))
            .collect();
        Ok(Chosen { packages, protocol })
    }

    /// The packages of one set.
    fn described(&self, selection: &[String]) -> Outcome<Vec<&Package>> {
        if !selection.is_empty() {
            return self.named(selection);
        }
        Ok(self
            .members()
            .filter(|package| !OWN.contains(&package.name.as_str()))
            .filter(|package| defines(package) && has_lib(package))
            .collect())
    }

    /// For each set of packages the crates that are described for other sets alone.
    pub(super) fn others(&self, request: &Request) -> Outcome<Vec<BTreeSet<String>>> {
        let mut crates = Vec::new();
        for selection in &request.selections {
            let packages = self.with_path_packages(&self.described(selection)?);
            crates.push(
                packages
                    .into_iter()
                    .map(crate_name)
                    .collect::<BTreeSet<_>>(),
            );
        }
        let all: BTreeSet<String> = crates.iter().flatten().cloned().collect();
        Ok(crates.iter().map(|of| &all - of).collect())
    }

    /// The members that may define a protocol.
    #[must_use]
    pub(crate) fn definers(&self) -> Vec<Definer> {
        let packages = self.described(&[]).unwrap_or_default().into_iter();
        packages.map(Definer::new).collect()
    }

    /// The folders of all packages that are not downloaded.
    #[must_use]
    pub(crate) fn folders(&self) -> Vec<PathBuf> {
        let packages = self.metadata.packages.iter();
        packages
            .filter(|package| package.source.is_none())
            .map(folder_of)
            .collect()
    }

    pub(super) fn members(&self) -> impl Iterator<Item = &Package> {
        self.metadata
            .packages
            .iter()
            .filter(|package| self.metadata.workspace_members.contains(&package.id))
    }

    /// The crates that the code of these packages can name.
    pub(super) fn named_by<'a>(
        &'a self,
        packages: impl Iterator<Item = &'a Package>,
    ) -> impl Iterator<Item = &'a Package> {
        packages
            .flat_map(|package| self.dependencies(&package.id))
            .filter(|(_, normal)| *normal)
            .map(|(id, _)| &self.metadata[id])
    }

    fn named(&self, names: &[String]) -> Outcome<Vec<&Package>> {
        let mut packages = Vec::new();
        for name in names {
            let Some(package) = self.members().find(|package| *package.name == *name) else {
                let known: Vec<&str> = self
                    .members()
                    .map(|package| package.name.as_str())
                    .collect();
                let meant = nearest(name, known.iter().copied())
                    .map_or(String::new(), |near| format!("did you mean `{near}`? "));
                return Err(Finding::new(
                    format!("this workspace has no package `{name}`"),
                    format!("{meant}Its packages: {}.", known.join(", ")),
                )
                .into());
            };
            if !has_lib(package) {
                return Err(bin_only(self, package).into());
            }
            packages.push(package);
        }
        Ok(packages)
    }

    fn no_library(&self) -> crate::finding::Failure {
        let bins: Vec<Finding> = self
            .members()
            .filter(|package| defines(package))
            .map(|package| bin_only(self, package))
            .collect();
        if bins.is_empty() {
            return Finding::new(
                "no package of this workspace depends on socket-protocol or socket-runtime itself",
                "cargo add -p PACKAGE socket-runtime, then derive `Protocol` in its library",
            )
            .into();
        }
        bins.into()
    }

    fn one_version_each(&self) -> Outcome<()> {
        for name in OURS {
            let found: Vec<&Package> = self
                .metadata
                .packages
                .iter()
                .filter(|package| *package.name == *name)
                .collect();
            if found.len() > 1 {
                let ways: Vec<String> = found
                    .iter()
                    .map(|package| {
                        format!(
                            "{} {} in {}\n  through {}",
                            name,
                            package.version,
                            self.folder(package),
                            self.way_to(package)
                        )
                    })
                    .collect();
                return Err(Finding::new(
                    format!("the dependency graph holds {name} twice, and each copy would register only its half of the protocols"),
                    format!("{}\nfind out who asks for which, and align the versions: cargo tree -i {name}", ways.join("\n")),
                )
                .into());
            }
        }
        Ok(())
    }

    fn folder(&self, package: &Package) -> String {
        let folder = shown(&self.root, &folder_of(package));
        if folder.is_empty() {
            ".".to_owned()
        } else {
            folder
        }
    }

    /// The shortest way from a workspace member to a package.
    fn way_to(&self, package: &Package) -> String {
        let members = self.metadata.workspace_members.iter();
        let mut queue: VecDeque<Vec<&PackageId>> = members
            .filter(|id| **id != package.id)
            .map(|id| vec![id])
            .collect();
        let mut seen = BTreeSet::new();
        while let Some(way) = queue.pop_front() {
            let Some(last) = way.last() else { continue };
            if **last == package.id {
                let names: Vec<&str> = way
                    .iter()
                    .map(|id| self.metadata[*id].name.as_str())
                    .collect();
                return names.join(" -> ");
            }
            if seen.insert(*last) {
                for (dependency, _) in self.dependencies(last) {
                    let mut longer = way.clone();
                    longer.push(dependency);
                    queue.push_back(longer);
                }
            }
        }
        package.name.to_string()
    }

    /// Each resolved dependency, and whether code of the library can name it.
    fn dependencies<'a>(
        &'a self,
        id: &PackageId,
    ) -> impl Iterator<Item = (&'a PackageId, bool)> + use<'a> {
        let nodes = self
            .metadata
            .resolve
            .as_ref()
            .map(|resolve| resolve.nodes.as_slice());
        let node = nodes.unwrap_or_default().iter().find(|node| node.id == *id);
        node.into_iter()
            .flat_map(|node| &node.deps)
            .map(|dependency| {
                let normal = dependency
                    .dep_kinds
                    .iter()
                    .any(|kind| kind.kind == DependencyKind::Normal);
                (&dependency.pkg, normal)
            })
    }

    /// The described packages and every path package behind them that may define something too: a
    /// crate that no code names is not linked, and what it registers is lost without a word.
    fn with_path_packages<'a>(&'a self, described: &[&'a Package]) -> Vec<&'a Package> {
        let mut found: BTreeMap<&PackageId, &Package> = BTreeMap::new();
        let mut queue: Vec<&Package> = described.to_vec();
        let mut seen = BTreeSet::new();
        while let Some(package) = queue.pop() {
            if !seen.insert(&package.id) {
                continue;
            }
            let ours = OWN.contains(&package.name.as_str());
            if package.source.is_none() && !ours && defines(package) && has_lib(package) {
                found.insert(&package.id, package);
            }
            let normal = self.dependencies(&package.id).filter(|(_, normal)| *normal);
            queue.extend(normal.map(|(id, _)| &self.metadata[id]));
        }
        for package in described {
            found.insert(&package.id, package);
        }
        let mut packages: Vec<&Package> = found.into_values().collect();
        packages.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
        packages
    }
}

/// Returns whether a package may contain definitions, because its code can name the crates they are
/// written with.
pub(super) fn defines(package: &Package) -> bool {
    package.dependencies.iter().any(|dependency| {
        dependency.kind == DependencyKind::Normal && OURS.contains(&dependency.name.as_str())
    })
}

fn has_lib(package: &Package) -> bool {
    package
        .targets
        .iter()
        .any(|target| target.is_lib() || target.is_rlib())
}

pub(super) fn folder_of(package: &Package) -> PathBuf {
    let manifest = package.manifest_path.as_std_path();
    manifest.parent().unwrap_or(manifest).to_owned()
}

/// The name that the paths of a package's types begin with.
pub(super) fn crate_name(package: &Package) -> String {
    let library = package
        .targets
        .iter()
        .find(|target| target.is_lib() || target.is_rlib());
    let name = library.map_or(package.name.as_str(), |library| library.name.as_str());
    name.replace('-', "_")
}

fn bin_only(workspace: &Workspace, package: &Package) -> Finding {
    let sites = super::sources::package_sites(&workspace.root, package);
    let what = match sites.first() {
        Some(_) => format!(
            "package `{}` defines a protocol in a program, but only a library can be described",
            package.name
        ),
        None => format!(
            "package `{}` has only programs, and only a library can be described",
            package.name
        ),
    };
    let help = "move the definition to src/lib.rs (or a module of it) and `use` it from main.rs";
    Finding::new(what, help).at(sites.into_iter().map(|site| site.place))
}
