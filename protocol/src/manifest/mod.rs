//! A protocol as data: what `socket-codegen` reads, commits beside the TypeScript and compares.
//!
//! - [`model`]: the JSON document and its format number.
//! - `wire`: what serde does and schemars does not say (feature `manifest`).
//! - `verify`: samples through the user's own serde code and back (feature `manifest`).
//! - `register`: what the derives leave behind (feature `manifest`).
//! - `collect`: from the registered derives to that document (feature `manifest`).
//! - `words`: the words of our own in its schemas (feature `manifest`).
//! - `fingerprint`: its stable hash (feature `fingerprint`).

#[cfg(feature = "manifest")]
pub mod collect;
#[cfg(feature = "fingerprint")]
pub mod fingerprint;
pub mod model;
#[cfg(feature = "manifest")]
mod register;
#[cfg(feature = "manifest")]
pub mod verify;
#[cfg(feature = "manifest")]
pub mod wire;
#[cfg(feature = "manifest")]
mod words;

pub use model::{FORMAT, Manifest};
