//! When to ask for a sign of life, and when to give up.

use std::time::Duration;

use tokio::time::Instant;

/// What is due.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Beat {
    Nothing,
    Ping,
    Dead,
}

#[derive(Debug)]
pub(super) struct Heartbeat {
    ping: Duration,
    timeout: Duration,
    pinged: Instant,
}

impl Heartbeat {
    pub(super) fn new(ping: Duration, timeout: Duration) -> Self {
        Self {
            ping,
            timeout,
            pinged: Instant::now(),
        }
    }

    /// When something is due next. While nothing is read nothing can be heard either, so the clock
    /// of a dead connection stands still.
    pub(super) fn due(&self, received: Instant, sent: Instant, reading: bool) -> Instant {
        let ping = self.next_ping(received, sent);
        if reading {
            ping.min(received + self.ping + self.timeout)
        } else {
            ping
        }
    }

    pub(super) fn beat(
        &mut self,
        now: Instant,
        received: Instant,
        sent: Instant,
        reading: bool,
    ) -> Beat {
        if reading && now >= received + self.ping + self.timeout {
            return Beat::Dead;
        }
        if now < self.next_ping(received, sent) {
            return Beat::Nothing;
        }
        self.pinged = now;
        Beat::Ping
    }

    /// Silence in either direction counts, and one ping per interval is enough.
    fn next_ping(&self, received: Instant, sent: Instant) -> Instant {
        received.min(sent).max(self.pinged) + self.ping
    }
}
