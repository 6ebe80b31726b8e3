//! When to ask for a sign of life, and when to give up.

use tokio::time::Instant;

use crate::config::Config;

/// What is due.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Beat {
    Nothing,
    Ping,
    Dead,
}

#[derive(Debug)]
pub(super) struct Heartbeat {
    pinged: Instant,
}

impl Heartbeat {
    pub(super) fn new() -> Self {
        Self {
            pinged: Instant::now(),
        }
    }

    /// When something is due next. While nothing is read nothing can be heard either, so the clock
    /// of a dead connection stands still.
    pub(super) fn due(
        &self,
        config: &Config,
        received: Instant,
        sent: Instant,
        reading: bool,
    ) -> Instant {
        let ping = self.next_ping(config, received, sent);
        if reading {
            ping.min(received + config.ping + config.timeout)
        } else {
            ping
        }
    }

    pub(super) fn beat(
        &mut self,
        config: &Config,
        now: Instant,
        received: Instant,
        sent: Instant,
        reading: bool,
    ) -> Beat {
        if reading && now >= received + config.ping + config.timeout {
            return Beat::Dead;
        }
        if now < self.next_ping(config, received, sent) {
            return Beat::Nothing;
        }
        self.pinged = now;
        Beat::Ping
    }

    /// Silence in either direction counts, and one ping per interval is enough.
    fn next_ping(&self, config: &Config, received: Instant, sent: Instant) -> Instant {
        received.min(sent).max(self.pinged) + config.ping
    }
}
