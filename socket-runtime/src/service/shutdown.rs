//! The shutdown of a service: clients are told when to reconnect, and keep their connections until
//! then.

use std::time::Duration;

use socket_protocol::Protocol;
use socket_protocol::envelope::{EventHead, MessageBuf, OpenMessage};
use socket_protocol::system::{Drain, name};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use super::Service;
use crate::config::millis;
use crate::frame;
use crate::stats::Mode;

impl<P, U> Service<P, U>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    /// Shuts down the service. It stops accepting connections (HTTP 503), tells clients by `:drain`
    /// to reconnect within [`Timeouts::drain`](crate::config::Timeouts::drain), and closes plain clients, which
    /// do not know that event, one by one over the same time. Connections that are left after that
    /// are closed with 1001. A close waits for running handlers, up to
    /// [`Timeouts::handler`](crate::config::Timeouts::handler), and sends their answers;
    /// commands that wait for their turn are dropped. It returns when the last connection has
    /// ended: after the drain at most twice [`Timeouts::close`](crate::config::Timeouts::close)
    /// plus the time of a handler and of a hook. A second call waits too; if the future is dropped,
    /// the shutdown continues.
    pub async fn shutdown(&self) {
        let config = self.config();
        let bound = config.timeouts.drain + config.timeouts.close * 2 + config.timeouts.handler * 2;
        if !self.inner.draining.send_replace(true) {
            // In a task of its own, so that it continues if this future is dropped.
            let service = self.clone();
            tokio::spawn(async move { service.drain().await });
        }
        if timeout(bound, self.closed()).await.is_err() {
            let open = *self.inner.open.borrow();
            tracing::warn!(open, "connections still open at the end of the drain");
        }
    }

    async fn drain(&self) {
        let window = self.config().timeouts.drain;
        let end = Instant::now() + window;
        self.announce_drain(window);
        tokio::select! {
            () = self.closed() => return,
            () = self.close_plain(window) => {}
        }
        tokio::select! {
            () = self.closed() => return,
            () = sleep_until(end) => {}
        }
        for handle in self.hub().handles() {
            handle.queue.leave();
        }
    }
}

impl<P: Protocol, U> Service<P, U> {
    /// Returns whether the shutdown has begun.
    pub(crate) fn is_draining(&self) -> bool {
        *self.inner.draining.borrow()
    }

    /// Reports when the shutdown begins.
    pub(crate) fn draining(&self) -> watch::Receiver<bool> {
        self.inner.draining.subscribe()
    }

    async fn closed(&self) {
        // The sender lives in the service itself, so that waiting cannot fail.
        let _ = self
            .inner
            .tasks
            .subscribe()
            .wait_for(|tasks| *tasks == 0)
            .await;
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
