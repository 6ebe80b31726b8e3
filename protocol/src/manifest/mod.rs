//! A protocol as data: what `socket-codegen` reads, commits beside the TypeScript and compares.
//!
//! - [`model`]: the JSON document and its format number.
//! - `fingerprint`: its stable hash (feature `fingerprint`).
//! - `words`, `wire`: what serde does and schemars leaves out, as keywords of the schemas (feature
//!   `manifest`).
//! - `int`: the schemas of integers (feature `manifest`).
//! - `carried`: a type that messages carry: its schema, and the way of a sample through it (feature
//!   `manifest`).
//! - `schemas`: the named schemas that were gathered (feature `manifest`).
//! - `verify`: samples through the user's own serde code and back (feature `manifest`).
//! - `register`: what the derives leave behind (feature `manifest`).
//! - `describe`: from a definition to its manifest (feature `manifest`).
//! - `collect`: from the registered derives to the document (feature `manifest`).
//! - `fresh`: whether a committed manifest is the compiled protocol's (feature `manifest`).
//! - [`versions`]: which older versions a server still understands.

#[cfg(feature = "manifest")]
pub(crate) mod carried;
#[cfg(feature = "manifest")]
pub mod collect;
#[cfg(feature = "manifest")]
mod describe;
#[cfg(feature = "fingerprint")]
pub mod fingerprint;
#[cfg(feature = "manifest")]
mod fresh;
#[cfg(feature = "manifest")]
mod int;
pub mod model;
#[cfg(feature = "manifest")]
mod register;
#[cfg(feature = "manifest")]
mod schemas;
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
