//! What a definition says about what its channels keep.

use std::time::Duration;

use crate::manifest::model::History;

/// How much a channel keeps for those who come back.
///
/// ```
/// use socket_protocol::prelude::*;
///
/// #[derive(Channels)]
/// pub enum ChatChannel {
///     #[channel("room:{room}", history(events = 500, keep = "10m"))]
///     Room { room: String },
/// }
///
/// let kept = ChatChannel::CHANNELS[0].history.expect("it keeps history");
/// assert_eq!((kept.events, kept.keep.as_secs()), (500, 600));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct HistorySpec {
    /// At most so many events, at least 1.
    pub events: u32,
    /// None that is older than this.
    pub keep: Duration,
}

impl HistorySpec {
    /// What `history` without numbers stands for: 100 events, for 120 s.
    pub const DEFAULT: Self = Self {
        events: 100,
        keep: Duration::from_secs(120),
    };

    /// So many events for so many seconds.
    #[must_use]
    pub const fn new(events: u32, seconds: u64) -> Self {
        Self {
            events,
            keep: Duration::from_secs(seconds),
        }
    }
}

impl From<HistorySpec> for History {
    fn from(spec: HistorySpec) -> Self {
        Self {
            events: spec.events.into(),
            keep_ms: u64::try_from(spec.keep.as_millis()).unwrap_or(u64::MAX),
        }
    }
}
