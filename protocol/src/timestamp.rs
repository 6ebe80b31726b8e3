//! A moment, as JavaScript counts it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01 UTC: a number on the wire, ready for `new Date(…)`.
///
/// ```
/// use socket_protocol::Timestamp;
///
/// let moment = Timestamp::from_millis(1_700_000_000_000);
/// assert_eq!(serde_json::to_string(&moment)?, "1700000000000");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(#[serde(deserialize_with = "safe_millis")] i64);

/// Beyond this JavaScript's numbers skip integers, and its dates end long before.
const MAX_MILLIS: i64 = (1 << 53) - 1;

fn safe_millis<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let millis = i64::deserialize(deserializer)?;
    if (-MAX_MILLIS..=MAX_MILLIS).contains(&millis) {
        Ok(millis)
    } else {
        Err(serde::de::Error::custom(
            "a timestamp must be within 2^53 milliseconds of 1970",
        ))
    }
}

impl Timestamp {
    /// The moment of the call, by the system's clock.
    #[must_use]
    pub fn now() -> Self {
        SystemTime::now().into()
    }

    /// That many milliseconds after 1970, or before it; held within ±(2^53 - 1).
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(if millis > MAX_MILLIS {
            MAX_MILLIS
        } else if millis < -MAX_MILLIS {
            -MAX_MILLIS
        } else {
            millis
        })
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let millis = |span: Duration| i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        Self::from_millis(match time.duration_since(UNIX_EPOCH) {
            Ok(after) => millis(after),
            Err(before) => -millis(before.duration()),
        })
    }
}

#[cfg(feature = "manifest")]
impl schemars::JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        // `epoch-millis` is what tells the emitter that this integer is safe as a number.
        schemars::json_schema!({
            "type": "integer",
            "format": "epoch-millis",
            "minimum": -MAX_MILLIS,
            "maximum": MAX_MILLIS,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_within_what_javascript_counts() {
        assert_eq!(Timestamp::from_millis(i64::MAX).as_millis(), MAX_MILLIS);
        assert!(serde_json::from_str::<Timestamp>("9007199254740992").is_err());
        assert_eq!(
            Timestamp::from(UNIX_EPOCH - Duration::from_millis(5)).as_millis(),
            -5
        );
    }
}
