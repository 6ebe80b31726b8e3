//! Which versions of the protocol clients may speak.

use socket_protocol::manifest::versions::{self, Version};
use socket_protocol::system::UpgradeRequired;
use socket_protocol::{ErrorCode, WireError};

use crate::error::BuildError;

/// Which versions of the protocol clients may speak, by the fingerprint that stands in the generated
/// client. What is refused is answered by `upgrade-required` and closed with 4526, so that the page can
/// load itself anew. A client that names no fingerprint, as in plain mode, is never refused.
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
        /// Whether what the file does not name is let in.
        unknown: bool,
    },
}

impl Versions {
    /// Lets in every version: the default.
    #[must_use]
    pub const fn all() -> Self {
        Self(Rule::All)
    }

    /// Lets in these fingerprints, and the one of [`Builder::manifest`](crate::Builder::manifest).
    pub fn listed(fingerprints: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self(Rule::Listed(
            fingerprints.into_iter().map(Into::into).collect(),
        ))
    }

    /// Lets in this version and the older ones that it does not break. `socket-codegen generate` judges
    /// that by the rules of `socket-codegen breaking`, and writes `PROTOCOL.versions.json`: `kept` in
    /// `socket.toml` names the folder of the older manifests. The client that is refused learns what
    /// changed.
    ///
    /// A version that the file does not name is refused: one that was not kept, or a newer one. See
    /// [`Versions::and_unknown`].
    ///
    /// # Errors
    /// [`BuildError`] when the text is no such file, or one of a newer format.
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

    /// Lets in what nobody judged too. While servers are replaced one by one, a page may be newer than
    /// the server that it comes to.
    #[must_use]
    pub fn and_unknown(mut self) -> Self {
        if let Rule::Judged { unknown, .. } = &mut self.0 {
            *unknown = true;
        }
        self
    }

    /// The protocol and the fingerprint that the file is of.
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

/// The gate of a service: which versions of the protocol it lets in.
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

    /// Whether the version is the server's own, or one that it was told of.
    pub(crate) fn knows(&self, fingerprint: &str) -> bool {
        self.own() == Some(fingerprint) || self.versions.names(fingerprint)
    }

    /// Whether clients of that version may speak. The error tells them what has changed.
    pub(crate) fn check(&self, protocol: &'static str, fingerprint: &str) -> Result<(), WireError> {
        if self.own() == Some(fingerprint) || self.versions.accepts(fingerprint) {
            return Ok(());
        }
        let older = self.versions.older(fingerprint);
        let error = WireError::new(
            ErrorCode::UpgradeRequired,
            "this version of the protocol is not understood any more",
        );
        Err(error.with_data(&UpgradeRequired {
            name: protocol.to_owned(),
            fingerprint: self.own.clone(),
            changes: older.map_or_else(Vec::new, |older| older.changes.clone()),
        }))
    }
}
