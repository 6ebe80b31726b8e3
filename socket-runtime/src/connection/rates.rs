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

/// A pause of this length ends what counts as keeping it up.
const PAUSE: Duration = Duration::from_secs(1);

/// What comes this soon behind a refusal was sent before the client could hear of that.
const UNHEARD: Duration = Duration::from_millis(5);

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
    /// What the client was told to wait, for all commands or one that has a rate of its own.
    told: Vec<(Option<usize>, Told)>,
    /// The first and the latest command of a row that came before the client was told to send it.
    early: Option<(Instant, Instant)>,
    /// When the latest protocol errors came.
    errors: VecDeque<Instant>,
}

/// From when until when a client has been told to wait.
#[derive(Debug)]
struct Told {
    from: Instant,
    until: Instant,
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
    pub(super) fn command(&mut self) -> Result<(), Duration> {
        if let Some(rare) = &mut self.rare {
            rare.came(None);
        }
        let taken = self.all.as_ref().map_or(Ok(()), Bucket::take);
        taken.inspect_err(|wait| self.rare.get_or_insert_default().tell(None, *wait))
    }

    /// Counts a command that has a rate of its own.
    pub(super) fn one(&mut self, index: usize, rate: RateSpec) -> Result<(), Duration> {
        let rare = self.rare.get_or_insert_default();
        rare.came(Some(index));
        if let Some((_, bucket)) = rare.each.iter().find(|(of, _)| *of == index) {
            let taken = bucket.take();
            return taken.inspect_err(|wait| rare.tell(Some(index), *wait));
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

    /// Judges a client whose command is refused: the error when it has sent commands before it was
    /// told to for too long. A client that waits for what it is told is never closed for it.
    pub(super) fn refuse(&self, patience: Duration) -> Result<(), CloseCode> {
        let early = self.rare.as_ref().and_then(|rare| rare.early);
        match early {
            Some((since, latest)) if latest - since >= patience && latest.elapsed() < PAUSE => {
                Err(CloseCode::RateLimited)
            }
            _ => Ok(()),
        }
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
impl Rare {
    /// A command comes: it may be too early for what the client was told.
    fn came(&mut self, of: Option<usize>) {
        let Some(place) = self.told.iter().position(|(told, _)| *told == of) else {
            return;
        };
        let now = Instant::now();
        let (_, told) = &self.told[place];
        if now >= told.until {
            self.told.swap_remove(place);
        } else if now >= told.from + UNHEARD {
            let since = match self.early {
                Some((since, latest)) if now - latest < PAUSE => since,
                _ => now,
            };
            self.early = Some((since, now));
        }
    }

    /// The client is told to wait.
    fn tell(&mut self, of: Option<usize>, wait: Duration) {
        let now = Instant::now();
        let until = now + Duration::from_millis(retry_after(wait));
        match self.told.iter_mut().find(|(told, _)| *told == of) {
            Some((_, told)) => told.until = told.until.max(until),
            None => self.told.push((of, Told { from: now, until })),
        }
    }
}

/// The wait as clients are told it, in milliseconds: one that is rounded down would be too short.
fn retry_after(wait: Duration) -> u64 {
    millis(wait) + 1
}

/// What a command is answered that came too often.
pub(super) fn refusal(wait: Duration) -> WireError {
    #[derive(serde::Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Wait {
        retry_after: u64,
    }
    let retry_after = retry_after(wait);
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
