//! Errors as they cross the wire.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::code::ErrorCode;
use crate::json::raw_value;

/// An error as it crosses the wire: `{"code", "message", "data"?}`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WireError {
    /// Kebab-case and stable: a built-in [`ErrorCode`] or one that the definition declares.
    pub code: Cow<'static, str>,
    /// For people.
    pub message: String,
    /// For programs, typed by the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Box<RawValue>>,
}

impl WireError {
    /// A built-in error without data.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code: code.as_str().into(),
            message: message.into(),
            data: None,
        }
    }

    /// The same with data. Data that JSON cannot hold exactly is left out.
    #[must_use]
    pub fn with_data(mut self, data: &impl Serialize) -> Self {
        self.data = raw_value(data).ok();
        self
    }
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for WireError {}

impl PartialEq for WireError {
    fn eq(&self, other: &Self) -> bool {
        let data = |error: &Self| error.data.as_ref().map(|data| data.get().to_owned());
        self.code == other.code && self.message == other.message && data(self) == data(other)
    }
}

/// Parameters that do not fit their type or break a rule. On the wire: `invalid-param`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[error("{}{reason}", if path.is_empty() { String::new() } else { format!("{path}: ") })]
pub struct InvalidParam {
    /// The path: `attachments[2].size`; empty for the parameters as a whole.
    pub path: String,
    /// The reason.
    pub reason: String,
}

impl InvalidParam {
    /// An error at that path.
    pub fn new(path: impl Into<String>, reason: impl fmt::Display) -> Self {
        Self {
            path: path.into(),
            reason: reason.to_string(),
        }
    }

    /// The same, seen from one level further out: `size` inside `attachments[2]` becomes
    /// `attachments[2].size`.
    #[must_use]
    pub fn within(mut self, outer: impl fmt::Display) -> Self {
        let outer = outer.to_string();
        self.path = match (outer.as_str(), self.path.as_str()) {
            ("", path) => path.to_owned(),
            (_, "") => outer,
            (_, path) if path.starts_with('[') => format!("{outer}{path}"),
            (_, path) => format!("{outer}.{path}"),
        };
        self
    }
}

impl From<InvalidParam> for WireError {
    fn from(error: InvalidParam) -> Self {
        Self::new(ErrorCode::InvalidParam, error.to_string()).with_data(&error)
    }
}

/// The error type of a command without errors of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoError {}

/// The item type of a command that does not stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoItem {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_read_from_the_outside_in() {
        let error = InvalidParam::new("size", "too large")
            .within("[2]")
            .within("attachments");
        assert_eq!(error.path, "attachments[2].size");
        assert_eq!(error.to_string(), "attachments[2].size: too large");
        assert_eq!(
            InvalidParam::new("", "not an object").to_string(),
            "not an object"
        );
    }
}
