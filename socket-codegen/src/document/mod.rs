//! Other documents that a manifest can be told in.
//!
//! - [`asyncapi`]: AsyncAPI 3.0, for the tools that read it.
//! - [`schemas`]: one self-contained JSON Schema per message.

pub(crate) mod asyncapi;
mod draft7;
pub(crate) mod schemas;
