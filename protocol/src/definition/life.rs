//! What a definition says about how long and how firmly its messages stand.

use crate::manifest::model::{Life, Stability};

/// How long and how firmly a message stands.
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
