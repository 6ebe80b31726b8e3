//! The life of a message: its deprecation, its sunset and its stability.

use serde::{Deserialize, Serialize};

/// The life of a message, as a definition declares it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LifeSpec {
    /// The day of its deprecation: `2026-11-21`.
    pub since: Option<&'static str>,
    /// The first day on which it may be gone.
    pub sunset: Option<&'static str>,
    /// How far it may be relied upon; `None`: not declared, which counts as stable.
    pub stability: Option<Stability>,
}

impl From<LifeSpec> for Life {
    fn from(spec: LifeSpec) -> Self {
        Self {
            since: spec.since.map(str::to_owned),
            sunset: spec.sunset.map(str::to_owned),
            stability: spec.stability,
        }
    }
}

/// How far a message may be relied upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stability {
    /// It may change without notice and is not compared.
    Draft,
    /// It changes seldom.
    Beta,
    /// It keeps its promise.
    Stable,
}

/// The life of a message, as a manifest holds it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Life {
    /// The day of its deprecation: `2026-11-21`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// The first day on which it may be gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sunset: Option<String>,
    /// How far it may be relied upon; absent: not declared, compared like `stable`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stability: Option<Stability>,
}
