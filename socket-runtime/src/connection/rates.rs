//! Rate limits, applied before anything is decoded.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use socket_protocol::definition::RateSpec;
use socket_protocol::{CloseCode, ErrorCode, WireError};
use tokio::time::Instant;

use crate::config::{Config, millis};

/// Within which time protocol errors are counted together.
const ERROR_WINDOW: Duration = Duration::from_secs(10);

/// A pause of this length between two refusals ends what counts as keeping it up.
const PAUSE: Duration = Duration::from_secs(1);

/// The rates that one connection has used.
#[derive(Debug)]
pub(super) struct Rates {
    all: Option<Bucket>,
    control: Option<Bucket>,
    /// Rates that most connections never touch.
    rare: Option<Box<Rare>>,
}

#[derive(Debug, Default)]
struct Rare {
    /// Of commands with a rate of their own, once they have come.
    each: Vec<(usize, Bucket)>,
    /// The first and the latest refusal of a row.
    refused: Option<(Instant, Instant)>,
    /// When the latest protocol errors came.
    errors: VecDeque<Instant>,
}

impl Rates {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            all: Bucket::per_second(config.rates.rate, config.rates.burst),
            control: Bucket::per_second(config.rates.control_rate, config.rates.control_burst),
            rare: None,
        }
    }

    /// Counts a command. The error is how long to wait.
    pub(super) fn command(&self) -> Result<(), Duration> {
        self.all.as_ref().map_or(Ok(()), Bucket::take)
    }

    /// Counts a command that has a rate of its own.
    pub(super) fn one(&mut self, index: usize, rate: RateSpec) -> Result<(), Duration> {
        let rare = self.rare.get_or_insert_default();
        if let Some((_, bucket)) = rare.each.iter().find(|(of, _)| *of == index) {
            return bucket.take();
        }
        let Some(bucket) = Bucket::new(rate.per / rate.count.get(), rate.count) else {
            return Ok(());
        };
        let taken = bucket.take();
        rare.each.push((index, bucket));
        taken
    }

    /// Counts a control frame or another sign of life.
    pub(super) fn control(&self) -> Result<(), CloseCode> {
        self.control
            .as_ref()
            .map_or(Ok(()), Bucket::take)
            .map_err(|_| CloseCode::RateLimited)
    }

    /// Notes a refusal; the error when the client has kept it up for too long.
    pub(super) fn refuse(&mut self, patience: Duration) -> Result<(), CloseCode> {
        let now = Instant::now();
        let rare = self.rare.get_or_insert_default();
        let since = match rare.refused {
            Some((since, latest)) if now - latest < PAUSE => since,
            _ => now,
        };
        rare.refused = Some((since, now));
        if now - since >= patience {
            return Err(CloseCode::RateLimited);
        }
        Ok(())
    }

    /// Notes something that is no message; the error when there were more than so many of late.
    pub(super) fn invalid(&mut self, most: usize) -> Result<(), CloseCode> {
        let now = Instant::now();
        let errors = &mut self.rare.get_or_insert_default().errors;
        errors.push_back(now);
        errors.retain(|at| now - *at < ERROR_WINDOW);
        if errors.len() > most {
            return Err(CloseCode::TooManyErrors);
        }
        Ok(())
    }
}

/// The error for a command that exceeds the rate.
pub(super) fn refusal(wait: Duration) -> WireError {
    #[derive(serde::Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Wait {
        retry_after: u64,
    }
    // A wait that is rounded down would be too short.
    let retry_after = millis(wait) + 1;
    WireError::new(ErrorCode::RateLimited, "rate limit exceeded").with_data(&Wait { retry_after })
}

/// One token bucket, on the runtime's clock.
#[derive(Debug)]
struct Bucket(RateLimiter<NotKeyed, InMemoryState, Elapsed, NoOpMiddleware<Duration>>);

impl Bucket {
    /// `None` without a rate: everything passes.
    fn per_second(rate: u32, burst: u32) -> Option<Self> {
        let rate = NonZeroU32::new(rate)?;
        let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
        Self::new(Duration::from_secs(1) / rate.get(), burst)
    }

    fn new(interval: Duration, burst: NonZeroU32) -> Option<Self> {
        let quota = Quota::with_period(interval)?.allow_burst(burst);
        let clock = Elapsed(Instant::now());
        Some(Self(RateLimiter::direct_with_clock(quota, clock)))
    }

    fn take(&self) -> Result<(), Duration> {
        let Self(limiter) = self;
        limiter
            .check()
            .map_err(|until| until.wait_time_from(limiter.clock().now()))
    }
}

/// The time since the bucket was made, by tokio's clock, which tests can stop.
#[derive(Debug, Clone)]
struct Elapsed(Instant);

impl Clock for Elapsed {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}
