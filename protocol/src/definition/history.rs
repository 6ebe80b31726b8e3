//! The histories of channels, as a definition declares them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The history of a channel: how many events it keeps, and for how long, for clients that reconnect.
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
    /// The most events that are kept; at least 1.
    pub events: u32,
    /// The age beyond which an event is dropped.
    pub keep: Duration,
}

impl HistorySpec {
    /// The meaning of `history` without numbers: 100 events, for 120 s.
    pub const DEFAULT: Self = Self {
        events: 100,
        keep: Duration::from_secs(120),
    };

    /// `events` events for that many seconds.
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

/// The history of a channel: how many events it keeps, and for how long, for clients that reconnect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// The most events that are kept.
    pub events: u64,
    /// The age beyond which an event is dropped, in milliseconds.
    pub keep_ms: u64,
}
