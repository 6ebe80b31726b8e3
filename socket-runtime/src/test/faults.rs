//! Faults between a client and the service, on demand.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::watch;

/// A direction of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the client to the service.
    Up,
    /// From the service to the client.
    Down,
}

/// The network of one client. Every fault takes effect at once; settings also hold for later
/// connections. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Faults {
    settings: Arc<watch::Sender<Settings>>,
    counts: Arc<Mutex<Counts>>,
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Settings {
    pub(super) delay: Duration,
    /// Bytes a second towards the client; 0 means no limit.
    pub(super) speed: u32,
    pub(super) deaf: bool,
    pub(super) silent: bool,
    pub(super) unreachable: bool,
    /// How often the connection was dropped.
    pub(super) drops: u64,
}

/// Faults that are used up.
#[derive(Debug, Default)]
struct Counts {
    duplicates: usize,
    up: Option<u64>,
    down: Option<u64>,
}

impl Faults {
    pub(super) fn new() -> Self {
        Self {
            settings: Arc::new(watch::Sender::new(Settings::default())),
            counts: Arc::default(),
        }
    }

    /// Breaks the connection without a close: both sides see the end of the stream. The client
    /// reconnects as usual.
    pub fn drop_connection(&self) {
        self.settings.send_modify(|settings| settings.drops += 1);
    }

    /// Fails every further attempt to connect, until set to `false`.
    pub fn unreachable(&self, unreachable: bool) {
        self.settings
            .send_modify(|settings| settings.unreachable = unreachable);
    }

    /// Delays everything by this time, in both directions. Zero ends the delay.
    pub fn delay(&self, delay: Duration) {
        self.settings.send_modify(|settings| settings.delay = delay);
    }

    /// Slows the line towards the client down to so many bytes a second. Zero ends it. A modem's
    /// 160 kbit/s are 20,000.
    pub fn throttle(&self, bytes_per_second: u32) {
        self.settings
            .send_modify(|settings| settings.speed = bytes_per_second);
    }

    /// Makes the client a slow reader: it takes nothing more from the service, whose queue for this
    /// connection fills up. With `false` the waiting bytes arrive.
    pub fn stop_reading(&self, stop: bool) {
        self.settings.send_modify(|settings| settings.deaf = stop);
    }

    /// Swallows everything in both directions while the connection seems open, like an unplugged
    /// cable. Swallowed bytes are lost: with `false` the stream continues without them.
    pub fn silence(&self, silent: bool) {
        self.settings
            .send_modify(|settings| settings.silent = silent);
    }

    /// Sends each of the client's next frames twice.
    pub fn duplicate(&self, frames: usize) {
        self.counts.lock().duplicates += frames;
    }

    /// Breaks the connection after this many more bytes in that direction, even in the middle of a
    /// frame. It counts from now on, over HTTP and frames alike, and happens once.
    pub fn kill_after(&self, direction: Direction, bytes: u64) {
        *self.counts.lock().left(direction) = Some(bytes);
    }

    pub(super) fn settings(&self) -> watch::Receiver<Settings> {
        self.settings.subscribe()
    }

    /// Returns whether this frame is sent twice.
    pub(super) fn is_doubled(&self) -> bool {
        let mut counts = self.counts.lock();
        let doubled = counts.duplicates > 0;
        counts.duplicates -= usize::from(doubled);
        doubled
    }

    /// Returns how many of these bytes get through; if fewer, nothing follows them.
    pub(super) fn let_through(&self, direction: Direction, bytes: usize) -> usize {
        let mut counts = self.counts.lock();
        let left = counts.left(direction);
        let Some(budget) = *left else { return bytes };
        match usize::try_from(budget) {
            Ok(budget) if budget < bytes => {
                *left = None;
                budget
            }
            _ => {
                *left = Some(budget - bytes as u64);
                bytes
            }
        }
    }
}

impl Counts {
    const fn left(&mut self, direction: Direction) -> &mut Option<u64> {
        match direction {
            Direction::Up => &mut self.up,
            Direction::Down => &mut self.down,
        }
    }
}
