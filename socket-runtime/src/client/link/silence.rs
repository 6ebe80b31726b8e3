//! How long a server may be silent.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::{Instant, sleep_until};

use super::Link;
use super::transport::Transport;
use crate::client::shared::End;
use crate::client::state::Loss;

/// How many times the usual silence is allowed at most, after connections that were lost in silence.
const MAX_PATIENCE: u32 = 8;

impl<T: Transport> Link<T> {
    /// Gives up a silent server, and leaves one that is shutting down. The timer is lazy: a frame
    /// only moves the deadline, which is checked when the timer fires.
    pub(super) async fn watch(&self, connecting: Instant, heard: &Mutex<Instant>) -> End {
        loop {
            let live = self.shared.live();
            let patience = self.shared.patience.load(Relaxed);
            let large = Duration::from_millis(self.shared.large.load(Relaxed));
            let usual = match live.since {
                None => connecting,
                Some(_) => *heard.lock() + live.silence * patience,
            };
            let silent = usual + large;
            let now = Instant::now();
            if now >= silent {
                if live.since.is_some() {
                    // What is large may have been on its way: the next connection is given longer.
                    let patience = patience.saturating_mul(2).min(MAX_PATIENCE);
                    self.shared.patience.store(patience, Relaxed);
                }
                return End::Lost(Loss::new(if live.since.is_some() {
                    "no sign of life"
                } else {
                    "connecting timed out"
                }));
            }
            if live.leave.is_some_and(|leave| now >= leave) {
                return End::Lost(Loss::new("the server is going away"));
            }
            // After a longer allowance the deadline may come to be an earlier one again.
            let silent = match live.since {
                None => silent,
                Some(_) => silent.min(now + live.silence),
            };
            let next = live.leave.map_or(silent, |leave| silent.min(leave));
            tokio::select! {
                () = sleep_until(next) => {}
                () = self.shared.timers.notified() => {}
            }
        }
    }
}
