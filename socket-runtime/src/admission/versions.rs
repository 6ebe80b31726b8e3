//! Admission by version: the versions of the protocol that clients may speak.

use socket_protocol::manifest::versions::{self, Version};
use socket_protocol::system::UpgradeRequired;
use socket_protocol::{ErrorCode, WireError};

use crate::error::BuildError;

/// The versions of the protocol that clients may speak, by the fingerprint in the generated client.
/// A refused client gets the error `upgrade-required` and is closed with 4526, so that its page can
/// reload. A client that names no fingerprint, as in plain mode, is always accepted.
///
/// ```no_run
/// # use socket_runtime::{BuildError, Versions};
/// # macro_rules! include_str { ($path:literal) => { "" } }
/// # fn main() -> Result<(), BuildError> {
/// let versions = Versions::compatible(include_str!("../web/chat.versions.json"))?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Versions(Rule);

#[derive(Debug, Clone, Default)]
enum Rule {
    #[default]
    All,
    Listed(Vec<String>),
    Judged {
        file: versions::Versions,
        /// Accepts versions that the file does not name.
        unknown: bool,
    },
}

impl Versions {
    /// Accepts every version: the default.
    #[must_use]
    pub const fn all() -> Self {
        Self(Rule::All)
    }

    /// Accepts these fingerprints, and the one of [`Builder::manifest`](crate::Builder::manifest).
    pub fn listed(fingerprints: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self(Rule::Listed(
            fingerprints.into_iter().map(Into::into).collect(),
        ))
    }

    /// Accepts this version and the older versions that it does not break. `socket-codegen
    /// generate` decides that by the rules of `socket-codegen breaking` and writes
    /// `PROTOCOL.versions.json`; `kept` in `socket.toml` names the folder of the older manifests. A
    /// refused client learns what changed.
    ///
    /// A version that the file does not name is refused: one that was not kept, or a newer one. See
    /// [`Versions::allow_unknown`].
    ///
    /// # Errors
    /// [`BuildError`] if the text is not such a file, or has a newer format.
    pub fn compatible(text: &str) -> Result<Self, BuildError> {
        let file: versions::Versions = serde_json::from_str(text).map_err(BuildError::Versions)?;
        if file.format > versions::FORMAT {
            return Err(BuildError::NewerVersions {
                found: file.format,
                known: versions::FORMAT,
            });
        }
        Ok(Self(Rule::Judged {
            file,
            unknown: false,
        }))
    }

    /// Also accepts versions that the file does not name. During a rolling deployment a page may be
    /// newer than the server that it reaches.
    #[must_use]
    pub fn allow_unknown(mut self) -> Self {
        if let Rule::Judged { unknown, .. } = &mut self.0 {
            *unknown = true;
        }
        self
    }

    /// The protocol and the fingerprint that the file describes.
    pub(crate) fn of(&self) -> Option<(&str, &str)> {
        match &self.0 {
            Rule::All | Rule::Listed(_) => None,
            Rule::Judged { file, .. } => Some((&file.protocol, &file.fingerprint)),
        }
    }

    fn names(&self, fingerprint: &str) -> bool {
        match &self.0 {
            Rule::All => false,
            Rule::Listed(listed) => listed.iter().any(|one| one == fingerprint),
            Rule::Judged { .. } => self.older(fingerprint).is_some(),
        }
    }

    fn older(&self, fingerprint: &str) -> Option<&Version> {
        let Rule::Judged { file, .. } = &self.0 else {
            return None;
        };
        file.older.iter().find(|one| one.fingerprint == fingerprint)
    }

    fn accepts(&self, fingerprint: &str) -> bool {
        match &self.0 {
            Rule::All => true,
            Rule::Listed(_) => self.names(fingerprint),
            Rule::Judged { unknown, .. } => self
                .older(fingerprint)
                .map_or(*unknown, |older| older.accepted),
        }
    }
}

/// Checks the versions of a service's clients.
#[derive(Debug)]
pub(crate) struct VersionGate {
    versions: Versions,
    own: Option<String>,
}

impl VersionGate {
    pub(crate) const fn new(versions: Versions, own: Option<String>) -> Self {
        Self { versions, own }
    }

    /// The fingerprint of the server's own version.
    pub(crate) fn own(&self) -> Option<&str> {
        self.own.as_deref()
    }

    /// Returns whether the version is the server's own, or named by the file or list.
    pub(crate) fn knows(&self, fingerprint: &str) -> bool {
        self.own() == Some(fingerprint) || self.versions.names(fingerprint)
    }

    /// Accepts or refuses a client of this version. The error tells the client what changed.
    pub(crate) fn check(&self, protocol: &'static str, fingerprint: &str) -> Result<(), WireError> {
        if self.own() == Some(fingerprint) || self.versions.accepts(fingerprint) {
            return Ok(());
        }
        let older = self.versions.older(fingerprint);
        let error = WireError::new(
            ErrorCode::UpgradeRequired,
            "this version of the protocol is no longer supported",
        );
        Err(error.with_data(&UpgradeRequired {
            name: protocol.to_owned(),
            fingerprint: self.own.clone(),
            changes: older.map_or_else(Vec::new, |older| older.changes.clone()),
        }))
    }
}
