//! The shutdown of a service: clients are told when to reconnect, and keep their connections until
//! then.

use std::time::Duration;

use socket_protocol::Protocol;
use socket_protocol::envelope::{EventHead, MessageBuf, OpenMessage};
use socket_protocol::system::{Drain, name};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::Service;
use crate::config::millis;
use crate::frame;
use crate::stats::Mode;

/// How far the end of a service has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    Open,
    /// No more connections are taken, and clients are told to go elsewhere.
    Draining,
    /// What still runs ends.
    Leaving,
    /// What is left is cut off.
    Over,
}

impl<P, U> Service<P, U>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    /// Ends the service, within [`Timeouts::shutdown`](crate::config::Timeouts::shutdown), which bounds all of it:
    ///
    /// - For [`Timeouts::drain`](crate::config::Timeouts::drain), at most four fifths of that time, no more
    ///   connections are taken (HTTP 503), clients are told by `:drain` to go elsewhere, and plain
    ///   ones, which do not know that event, are closed one by one. What runs goes on.
    /// - Then calls and streams that still run end with the error `timeout`, commands that wait for
    ///   their turn are dropped, and whoever is left is closed with 1001. A client may take
    ///   [`Timeouts::close`](crate::config::Timeouts::close) to its last messages and as long
    ///   to its own close; the hooks for connections that end run meanwhile.
    /// - What is left after nine tenths of the time is dropped: sockets, hooks, all that holds
    ///   anything of the service. Only a handler that blocks its thread cannot be dropped.
    ///
    /// It returns as soon as nothing is left. Called again it waits as well, and dropped it goes on.
    pub async fn shutdown(&self) {
        let mut ended = self.inner.ended.subscribe();
        let mut first = false;
        self.inner.stage.send_if_modified(|stage| {
            first = *stage == Stage::Open;
            *stage = (*stage).max(Stage::Draining);
            first
        });
        if first {
            // On its own, so that it goes on where this future is dropped half-way.
            let (service, ended) = (self.clone(), self.inner.ended.clone());
            tokio::spawn(async move {
                service.end().await;
                // Whoever waits may count on it that nothing of ours holds the service any more.
                drop(service);
                ended.send_replace(true);
            });
        }
        // Its sender lives in the service itself.
        let _ = ended.wait_for(|ended| *ended).await;
    }

    async fn end(&self) {
        let config = self.config();
        let start = Instant::now();
        let window = config.timeouts.drain.min(config.timeouts.shutdown / 5 * 4);
        tokio::select! {
            () = self.inner.tasks.ended() => return,
            () = self.drain(start, window) => {}
        }
        self.inner.stage.send_replace(Stage::Leaving);
        for handle in self.hub().handles() {
            handle.queue.leave();
        }
        let late = start + config.timeouts.shutdown / 10 * 9;
        if timeout_at(late, self.inner.tasks.ended()).await.is_ok() {
            return;
        }
        let open = *self.inner.open.borrow();
        tracing::warn!(open, "what is left at the end of the shutdown is cut off");
        self.inner.stage.send_replace(Stage::Over);
        self.inner.tasks.abort();
        let all = start + config.timeouts.shutdown;
        if timeout_at(all, self.inner.tasks.ended()).await.is_err() {
            tracing::error!("a handler that blocks its thread could not be cut off");
        }
    }

    async fn drain(&self, start: Instant, window: Duration) {
        self.announce_drain(window);
        self.close_plain(window).await;
        sleep_until(start + window).await;
    }
}

impl<P: Protocol, U> Service<P, U> {
    /// Whether connections are no longer taken.
    pub(crate) fn is_draining(&self) -> bool {
        *self.inner.stage.borrow() >= Stage::Draining
    }

    /// Whether what runs is to end.
    pub(crate) fn is_leaving(&self) -> bool {
        *self.inner.stage.borrow() >= Stage::Leaving
    }

    /// Waits until the service's end has come so far.
    pub(crate) async fn reached(&self, wanted: Stage) {
        let mut stage = self.inner.stage.subscribe();
        // The sender lives in the service itself, so that waiting cannot fail.
        let _ = stage.wait_for(|stage| *stage >= wanted).await;
    }

    fn announce_drain(&self, window: Duration) {
        let drain = Drain {
            after: [0, millis(window)],
        };
        let message: Result<MessageBuf, _> =
            OpenMessage::event(name::DRAIN, EventHead::default(), &drain).map(OpenMessage::close);
        let Ok(message) = message else { return };
        let frame = frame::text(message);
        for handle in self.hub().handles() {
            // One that still shakes hands is closed when it has.
            if handle.mode == Mode::Full && handle.memberships().lock().open {
                handle.send(frame.clone());
            }
        }
    }

    /// Spreads the closes, so that the clients do not all come back at once.
    async fn close_plain(&self, window: Duration) {
        let mut handles = self.hub().handles();
        handles.retain(|handle| handle.mode == Mode::Plain);
        let Ok(count) = u32::try_from(handles.len()) else {
            return;
        };
        let start = Instant::now();
        for (handle, i) in handles.iter().zip(0u32..) {
            sleep_until(start + window * i / count).await;
            handle.queue.leave();
        }
    }
}
