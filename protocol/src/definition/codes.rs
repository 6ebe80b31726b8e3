//! The error codes of a command.

use super::LifeSpec;
use crate::error::{InvalidParam, WireError};

/// The definition of one error code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorSpec {
    /// The code on the wire.
    pub code: &'static str,
    /// The variant that declares it.
    pub variant: &'static str,
    /// Its doc comment.
    pub docs: &'static str,
    /// The note of its `#[deprecated]`.
    pub deprecated: Option<&'static str>,
    /// Its deprecation, its sunset and its stability.
    pub life: LifeSpec,
}

/// The error codes of a command. Made by `#[derive(ErrorCodes)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a set of error codes",
    label = "not a set of error codes",
    note = "write `#[derive(ErrorCodes)]` above the enum"
)]
pub trait ErrorCodes: Sized + Send + 'static {
    /// Each code, in the order of declaration.
    const CODES: &'static [ErrorSpec];

    /// The error as it crosses the wire. Data that JSON cannot hold makes it `internal`.
    fn into_wire(self) -> WireError;

    /// Decodes an error that crossed the wire, for clients; `None` when its code is not of this set.
    fn from_wire(error: &WireError) -> Option<Result<Self, InvalidParam>>;
}
