//! When to ask for a sign of life, and when to give up.

use tokio::time::Instant;

use crate::config::Config;
use crate::outbound::Ping;

/// The action that is due.
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
    /// Whether the socket has taken that question.
    taken: bool,
}

impl Heartbeat {
    pub(super) fn new() -> Self {
        Self {
            pinged: Instant::now(),
            asked: None,
            taken: false,
        }
    }

    /// Takes note of where the latest `:ping` is. Nobody can answer one that their socket has not taken;
    /// until then the bytes that it takes are the sign of life, and one that takes none is told from
    /// [`Timeouts::write`](crate::config::Timeouts::write).
    pub(super) fn look(&mut self, now: Instant, received: Instant, ping: Ping) {
        let Some(asked) = self.asked_since(received).filter(|_| !self.taken) else {
            return;
        };
        self.taken = matches!(ping, Ping::Written(_));
        self.asked = Some(match ping {
            Ping::Written(at) => asked.max(at),
            Ping::Held | Ping::Due(_) => now,
        });
    }

    /// Nothing could be asked.
    pub(super) const fn unask(&mut self) {
        self.asked = None;
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
            self.taken = false;
        }
        Beat::Ping
    }

    /// When the connection is dead if nothing is heard. Nobody is before it was asked: a server whose
    /// thread was kept by a handler may come late to its asking.
    fn dead_at(&self, config: &Config, received: Instant) -> Option<Instant> {
        let asked = self.asked_since(received)?;
        Some(
            (asked + config.timeouts.pong)
                .max(received + config.timeouts.ping + config.timeouts.pong),
        )
    }

    fn asked_since(&self, received: Instant) -> Option<Instant> {
        self.asked.filter(|asked| *asked > received)
    }

    /// Silence in either direction counts, and one ping per interval is enough.
    fn next_ping(&self, config: &Config, received: Instant, sent: Instant) -> Instant {
        received.min(sent).max(self.pinged) + config.timeouts.ping
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// When a client that says nothing is asked and given up, by a server that first looks so late.
    /// In seconds.
    fn silence(ping: u64, timeout: u64, late: u64) -> (Vec<u64>, u64) {
        let config = Config::default().with(|config| {
            config.timeouts.ping = Duration::from_secs(ping);
            config.timeouts.pong = Duration::from_secs(timeout);
        });
        let mut heartbeat = Heartbeat::new();
        let start = Instant::now();
        let (mut now, mut sent) = (start + Duration::from_secs(late), start);
        let mut pings = Vec::new();
        loop {
            now = now.max(heartbeat.due(&config, start, sent, true));
            let at = (now - start).as_secs();
            match heartbeat.beat(&config, now, start, sent, true) {
                Beat::Nothing => panic!("nothing is due at {at}"),
                Beat::Ping => {
                    pings.push(at);
                    sent = now;
                }
                Beat::Dead => return (pings, at),
            }
        }
    }

    #[test]
    fn nobody_is_given_up_who_was_not_asked_in_time() {
        assert_eq!(silence(25, 10, 0), (vec![25], 35));
        assert_eq!(silence(10, 25, 0), (vec![10, 20, 30], 35));
        assert_eq!(silence(10, 10, 0).1, 20);
        assert_eq!(silence(25, 10, 70), (vec![70], 80));
        assert_eq!(silence(10, 25, 70), (vec![70, 80, 90], 95));
    }

    #[test]
    fn while_nothing_is_read_nobody_is_given_up() {
        let config = Config::default();
        let mut heartbeat = Heartbeat::new();
        let start = Instant::now();
        let ping = heartbeat.due(&config, start, start, true);
        assert_eq!(
            heartbeat.beat(&config, ping, start, start, true),
            Beat::Ping
        );
        let later = start + config.timeouts.ping + config.timeouts.pong;
        assert_eq!(
            heartbeat.beat(&config, later, start, ping, false),
            Beat::Nothing
        );
        assert!(heartbeat.due(&config, start, ping, false) > later);
        assert_eq!(
            heartbeat.beat(&config, later, start, ping, true),
            Beat::Dead
        );
    }
}
