//! A protocol as data: what `socket-codegen` reads, commits beside the TypeScript and compares.
//!
//! - [`model`]: the JSON document and its format number.
//! - `collect`: from the registered derives to that document (feature `manifest`).
//! - `registration`: what the derives write for it (feature `manifest`).
//! - `words`: the words of our own in its schemas (feature `manifest`).
//! - `fingerprint`: its stable hash (feature `fingerprint`).

#[cfg(feature = "manifest")]
pub mod collect;
#[cfg(feature = "fingerprint")]
pub mod fingerprint;
pub mod model;
#[cfg(feature = "manifest")]
mod registration;
#[cfg(feature = "manifest")]
mod words;

pub use model::{FORMAT, Manifest};
