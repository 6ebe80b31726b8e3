//! Which versions of the protocol clients may speak, and which ones they do.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use parking_lot::Mutex;
use serde::Serialize;
use socket_protocol::manifest::versions::{self, Version};
use socket_protocol::system::{ProtocolId, UpgradeRequired};
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
    pub(super) fn of(&self) -> Option<(&str, &str)> {
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

/// The connections whose clients were made from one version of the protocol.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VersionInfo {
    /// The version; `None`: those beyond [`Config::versions`](crate::Config::versions), together.
    pub fingerprint: Option<String>,
    /// Open connections.
    pub connections: usize,
    /// Connections that were let in since the service was built.
    pub accepted: u64,
    /// Connections that were refused since then.
    pub refused: u64,
}

/// No fingerprint is longer, in bytes. What is longer is counted and not kept.
const LONGEST: usize = 64;

/// The gate of a service: its versions, and the count of those that came. Locked once for each
/// handshake.
#[derive(Debug)]
pub(crate) struct Turnstile {
    versions: Versions,
    own: Option<String>,
    most: usize,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    named: BTreeMap<Box<str>, Slot>,
    others: Arc<Count>,
    clock: u64,
}

#[derive(Debug, Default)]
struct Slot {
    count: Arc<Count>,
    /// When one came last, by `Seen::clock`.
    last: u64,
}

/// The count of one version. A connection holds it while it is open, so that the holders are the
/// connections.
#[derive(Debug, Default)]
pub(crate) struct Count {
    accepted: AtomicU64,
    refused: AtomicU64,
}

impl Turnstile {
    pub(super) fn new(versions: Versions, own: Option<String>, most: usize) -> Self {
        Self {
            versions,
            own,
            most,
            seen: Mutex::default(),
        }
    }

    /// The fingerprint of the server's own version.
    pub(crate) fn own(&self) -> Option<&str> {
        self.own.as_deref()
    }

    /// Lets a client of that version in, or says why not. What is given back is held for as long as the
    /// connection is open.
    pub(crate) fn pass(
        &self,
        protocol: &'static str,
        client: Option<&ProtocolId>,
    ) -> Result<Option<Arc<Count>>, WireError> {
        let Some(fingerprint) = client.and_then(|client| client.fingerprint.as_deref()) else {
            return Ok(None);
        };
        let count = self.count(fingerprint);
        if self.own() == Some(fingerprint) || self.versions.accepts(fingerprint) {
            count.accepted.fetch_add(1, Relaxed);
            return Ok(Some(count));
        }
        count.refused.fetch_add(1, Relaxed);
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

    fn count(&self, fingerprint: &str) -> Arc<Count> {
        let mut seen = self.seen.lock();
        seen.clock += 1;
        let clock = seen.clock;
        if let Some(slot) = seen.named.get_mut(fingerprint) {
            slot.last = clock;
            return slot.count.clone();
        }
        if fingerprint.len() > LONGEST {
            return seen.others.clone();
        }
        let known = self.own() == Some(fingerprint) || self.versions.names(fingerprint);
        if !known && seen.named.len() >= self.most && !self.forget_one(&mut seen) {
            return seen.others.clone();
        }
        let slot = Slot {
            last: clock,
            ..Slot::default()
        };
        let count = slot.count.clone();
        seen.named.insert(fingerprint.into(), slot);
        count
    }

    /// Makes room: of the versions that are strange and have no connection, the one that came least
    /// recently. `false`: there is none.
    fn forget_one(&self, seen: &mut Seen) -> bool {
        let strange = |name: &str| self.own() != Some(name) && !self.versions.names(name);
        let oldest = seen
            .named
            .iter()
            .filter(|(name, slot)| Arc::strong_count(&slot.count) == 1 && strange(name))
            .min_by_key(|(_, slot)| slot.last)
            .map(|(name, _)| name.clone());
        let Some(oldest) = oldest else {
            return false;
        };
        if let Some(slot) = seen.named.remove(&oldest) {
            // The sums stay right.
            let (accepted, refused) = (&slot.count.accepted, &slot.count.refused);
            seen.others
                .accepted
                .fetch_add(accepted.load(Relaxed), Relaxed);
            seen.others
                .refused
                .fetch_add(refused.load(Relaxed), Relaxed);
        }
        true
    }

    /// What was counted, by fingerprint; at the end the others, where there are any.
    pub(super) fn seen(&self) -> Vec<VersionInfo> {
        let seen = self.seen.lock();
        let info = |fingerprint: Option<String>, count: &Arc<Count>| VersionInfo {
            fingerprint,
            connections: Arc::strong_count(count) - 1,
            accepted: count.accepted.load(Relaxed),
            refused: count.refused.load(Relaxed),
        };
        let mut all: Vec<_> = seen
            .named
            .iter()
            .map(|(name, slot)| info(Some(name.to_string()), &slot.count))
            .collect();
        let others = info(None, &seen.others);
        if others.accepted + others.refused > 0 {
            all.push(others);
        }
        all
    }
}
