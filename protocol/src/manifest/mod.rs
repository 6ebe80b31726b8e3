//! A protocol as data: what `socket-codegen` reads, commits beside the TypeScript and compares.
//!
//! - [`model`]: the JSON document and its format number.
//! - `wire`: what serde does and schemars does not say (feature `manifest`).
//! - `verify`: samples through the user's own serde code and back (feature `manifest`).
//! - `register`: what the derives leave behind (feature `manifest`).
//! - `collect`: from the registered derives to that document (feature `manifest`).
//! - `words`: the words of our own in its schemas (feature `manifest`).
//! - `fingerprint`: its stable hash (feature `fingerprint`).
//! - `fresh`: whether a committed manifest is the compiled protocol's (feature `manifest`).
//! - [`versions`]: which older versions a server still understands.

#[cfg(feature = "manifest")]
pub mod collect;
#[cfg(feature = "fingerprint")]
pub mod fingerprint;
#[cfg(feature = "manifest")]
mod fresh;
pub mod model;
#[cfg(feature = "manifest")]
mod register;
#[cfg(feature = "manifest")]
pub mod verify;
pub mod versions;
#[cfg(feature = "manifest")]
pub mod wire;
#[cfg(feature = "manifest")]
mod words;

#[cfg(feature = "manifest")]
pub use fresh::assert_fresh;
pub use model::{FORMAT, Manifest};
