//! What goes wrong between a client and the service, when the test says so.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::watch;

/// A way that bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the client to the service.
    Up,
    /// From the service to the client.
    Down,
}

/// The network of one client. Every fault acts at once, and those that are settings hold for the
/// connections that follow too. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Faults {
    settings: Arc<watch::Sender<Settings>>,
    counts: Arc<Mutex<Counts>>,
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Settings {
    pub(super) delay: Duration,
    pub(super) deaf: bool,
    pub(super) silent: bool,
    pub(super) unreachable: bool,
    /// How often the connection was dropped.
    pub(super) drops: u64,
}

/// What runs out.
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

    /// Breaks the connection without a close: both sides see the end of the stream. The client comes
    /// back as it would.
    pub fn drop_connection(&self) {
        self.settings.send_modify(|settings| settings.drops += 1);
    }

    /// Lets no further attempt to connect through, until told otherwise.
    pub fn unreachable(&self, unreachable: bool) {
        self.settings
            .send_modify(|settings| settings.unreachable = unreachable);
    }

    /// Carries everything so much later, in both directions. Zero ends it.
    pub fn delay(&self, delay: Duration) {
        self.settings.send_modify(|settings| settings.delay = delay);
    }

    /// A slow reader: takes nothing more from the service, whose queue for this connection fills up.
    /// With `false` what waited comes.
    pub fn stop_reading(&self, stop: bool) {
        self.settings.send_modify(|settings| settings.deaf = stop);
    }

    /// Swallows everything in both directions while the connection seems open, as a cable does that
    /// was pulled. Bytes that were swallowed are lost: with `false` the stream goes on without them.
    pub fn silence(&self, silent: bool) {
        self.settings
            .send_modify(|settings| settings.silent = silent);
    }

    /// Carries each of the next frames of the client twice.
    pub fn duplicate(&self, frames: usize) {
        self.counts.lock().duplicates += frames;
    }

    /// Breaks the connection after so many more bytes in that direction, in the middle of a frame if
    /// it comes so. It counts from here on, over HTTP and frames alike, and happens once.
    pub fn kill_after(&self, direction: Direction, bytes: u64) {
        *self.counts.lock().left(direction) = Some(bytes);
    }

    pub(super) fn settings(&self) -> watch::Receiver<Settings> {
        self.settings.subscribe()
    }

    /// Whether this frame goes twice.
    pub(super) fn is_doubled(&self) -> bool {
        let mut counts = self.counts.lock();
        let doubled = counts.duplicates > 0;
        counts.duplicates -= usize::from(doubled);
        doubled
    }

    /// How many of so many bytes get through; fewer: and no more.
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
