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
    /// When it was first asked for a sign of life, since the last one came.
    asked: Option<Instant>,
}

impl Heartbeat {
    pub(super) fn new() -> Self {
        Self {
            pinged: Instant::now(),
            asked: None,
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
        let dead = self.dead_at(config, received).filter(|_| reading);
        dead.map_or(ping, |dead| ping.min(dead))
    }

    pub(super) fn beat(
        &mut self,
        config: &Config,
        now: Instant,
        received: Instant,
        sent: Instant,
        reading: bool,
    ) -> Beat {
        let dead = self.dead_at(config, received).filter(|_| reading);
        if dead.is_some_and(|dead| now >= dead) {
            return Beat::Dead;
        }
        if now < self.next_ping(config, received, sent) {
            return Beat::Nothing;
        }
        self.pinged = now;
        if self.asked_since(received).is_none() {
            self.asked = Some(now);
        }
        Beat::Ping
    }

    /// When the connection is dead if nothing is heard. Nobody is before it was asked: a server whose
    /// thread was kept by a handler may come late to its asking.
    fn dead_at(&self, config: &Config, received: Instant) -> Option<Instant> {
        let asked = self.asked_since(received)?;
        Some((asked + config.timeout).max(received + config.ping + config.timeout))
    }

    fn asked_since(&self, received: Instant) -> Option<Instant> {
        self.asked.filter(|asked| *asked > received)
    }

    /// Silence in either direction counts, and one ping per interval is enough.
    fn next_ping(&self, config: &Config, received: Instant, sent: Instant) -> Instant {
        received.min(sent).max(self.pinged) + config.ping
    }
}
