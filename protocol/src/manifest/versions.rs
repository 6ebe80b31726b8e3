//! Which versions of a protocol a server still understands: what `socket-codegen` judged, and what the
//! server goes by. The judgement stands in a file, so that a production server needs no rules, and a
//! review sees which pages a change locks out.

use serde::{Deserialize, Serialize};

pub use crate::system::Change;

/// The number of the document's format. Readers take this one and the older ones.
pub const FORMAT: u32 = 1;

/// The file `PROTOCOL.versions.json` beside the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versions {
    /// The format of this document.
    pub format: u32,
    /// The protocol's name.
    pub protocol: String,
    /// The fingerprint of the version that judges.
    pub fingerprint: String,
    /// The older ones, by the names of their files.
    pub older: Vec<Version>,
}

/// An older version, judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// The file that holds its manifest.
    pub manifest: String,
    /// Its fingerprint.
    pub fingerprint: String,
    /// `true` if its clients may connect.
    pub accepted: bool,
    /// The changes that break its clients; empty if it is accepted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
}
