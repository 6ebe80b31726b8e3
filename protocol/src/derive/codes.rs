//! The errors that a command declares, on their way to the client that called it.

use super::carrier::Carrier;
use crate::definition::ErrorCodes;
use crate::error::WireError;

/// Decodes the declared errors of a command; found first for a set of error codes.
pub trait ViaCodes<T> {
    /// Decodes a declared error.
    ///
    /// # Errors
    /// The error itself where the set does not have it.
    fn declared(&self, error: WireError) -> Result<T, WireError>;
}

impl<T: ErrorCodes> ViaCodes<T> for Carrier<T> {
    fn declared(&self, error: WireError) -> Result<T, WireError> {
        match T::from_wire(&error) {
            Some(Ok(declared)) => Ok(declared),
            Some(Err(_)) | None => Err(error),
        }
    }
}

/// Stands for [`ViaCodes`] where the type is not a set of error codes. Nothing calls it: the program
/// does not compile.
pub trait ViaNoCodes<T> {
    /// Stands for [`ViaCodes::declared`].
    ///
    /// # Errors
    /// Always.
    fn declared(&self, error: WireError) -> Result<T, WireError>;
}

impl<T> ViaNoCodes<T> for &Carrier<T> {
    fn declared(&self, error: WireError) -> Result<T, WireError> {
        Err(error)
    }
}
