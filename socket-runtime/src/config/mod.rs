//! Every limit, in groups: its meaning, unit, default and range, and what happens at the limit.
//!
//! A program sets the limits as fields of [`Config`]. `Config::load` (feature `settings`) reads
//! them from a TOML file and the environment, where each has one flat key: the field `queue.bytes`
//! is `queue_bytes = 4194304` in the file and `SOCKET_QUEUE_BYTES` in the environment. The docs of
//! each field name its key.

mod duration;
mod limit;
#[cfg(feature = "settings")]
mod load;
mod table;

pub use limit::OutOfRange;
#[cfg(feature = "settings")]
pub use load::ConfigError;
pub use table::{
    Config, HistoryLimits, HttpLimits, Limits, MemberLimits, QueueLimits, Rates, SessionLimits,
    Timeouts,
};

use std::time::Duration;

impl Config {
    /// Changes limits in place, so that a config is one expression.
    ///
    /// ```
    /// use socket_runtime::Config;
    ///
    /// let config = Config::default().with(|config| config.sessions.kept_answers = 32);
    /// assert_eq!(config.sessions.kept_answers, 32);
    /// ```
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// Returns whether a client whose connection was lost may resume its session.
    pub(crate) const fn keeps_sessions(&self) -> bool {
        !self.sessions.resume_window.is_zero() && self.sessions.count > 0
    }

    /// The limits that a service uses. A config from outside is checked where it is read; an
    /// invalid one that the program itself writes is a mistake in the program.
    #[track_caller]
    pub(crate) fn checked(self) -> Self {
        if let Err(error) = self.check() {
            panic!("{error}");
        }
        self.within_a_century()
    }
}

/// A duration as the wire writes it: whole milliseconds.
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten years.
    const LONG: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

    #[test]
    fn the_defaults_are_in_range() {
        assert_eq!(Config::default().check(), Ok(()));
        assert!(Config::KEYS.len() > 40, "{:?}", Config::KEYS);
    }

    #[test]
    fn a_limit_out_of_range_is_named_with_its_value_and_its_range() {
        type Change = fn(&mut Config);
        let cases: [(Change, &str); 6] = [
            (
                |config| config.limits.message_bytes = 0,
                "the limit `limits.message_bytes` (key `message_bytes`) is 0; allowed: 1 B to 1 GiB",
            ),
            (
                |config| config.limits.message_bytes = (1 << 30) + 1,
                "`limits.message_bytes` (key `message_bytes`) is 1073741825; allowed: 1 B to 1 GiB",
            ),
            (
                |config| config.queue.bytes = 10,
                "`queue.bytes` (key `queue_bytes`) is 10; allowed: 1 KiB or more",
            ),
            (
                |config| config.timeouts.pong = Duration::ZERO,
                "`timeouts.pong` (key `timeout`) is 0 s; allowed: 1 ms or more",
            ),
            (
                |config| config.limits.json_depth = 129,
                "`limits.json_depth` (key `json_depth`) is 129; allowed: 1 to 128",
            ),
            (
                |config| config.http.head_bytes = 100,
                "`http.head_bytes` (key `head_bytes`) is 100; allowed: 8 KiB or more",
            ),
        ];
        for (change, says) in cases {
            let error = Config::default().with(change).check().unwrap_err();
            assert!(error.to_string().ends_with(says), "{error}");
        }
    }

    #[test]
    #[should_panic(expected = "the limit `members.page_max` (key `members_page_max`) is 0")]
    fn a_service_is_not_built_with_a_limit_out_of_range() {
        let _ = Config::default()
            .with(|config| config.members.page_max = 0)
            .checked();
    }

    #[test]
    fn a_time_that_no_clock_counts_is_a_long_one() {
        let config = Config::default().with(|config| {
            config.timeouts.drain = Duration::MAX;
            config.history.remember = LONG;
        });
        let config = config.checked();
        assert!(config.timeouts.drain > LONG && config.timeouts.drain < Duration::MAX);
        assert_eq!(config.history.remember, LONG);
    }
}
