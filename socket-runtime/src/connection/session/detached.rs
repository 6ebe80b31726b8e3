//! A connection's life without a socket: its handlers run on, and it waits for the client to come
//! back.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use socket_protocol::{CloseCode, Protocol};
use tokio::time::{Instant, sleep_until};
use tracing::Instrument as _;

use super::{Change, InTransit, Parts, poll_change};
use crate::config::Config;
use crate::connection::close::End;
use crate::hub::{Handle, Over};
use crate::outbound::Close;
use crate::service::Service;
use crate::service::connection::Connection;
use crate::service::hooks::{self, Disconnected};
use crate::service::shutdown::Stage;
use crate::stats::Mode;

/// How a connection continues after its socket has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AfterLoss {
    /// Its session can be resumed.
    Waits,
    /// The same for a short time: its client went away without a goodbye, as a page does that is loaded
    /// anew or left.
    Lingers,
    /// Its session is over when everything that was received is done.
    Finishes,
    /// Nothing.
    Stops,
}

impl AfterLoss {
    /// Which one it is after that end. `leaves`: the client was asked to go.
    pub(crate) fn of<P: Protocol, U>(
        connection: &Connection<P, U>,
        end: &End,
        leaves: bool,
    ) -> Self {
        let service = &connection.service;
        let config = service.config();
        let final_code = |code: CloseCode| code.is_final() && code != CloseCode::Replaced;
        match end {
            End::Violation(_) => Self::Stops,
            End::Server(Close { code, .. }) if final_code(*code) => Self::Stops,
            End::Client {
                code: Some(GOODBYE),
                ..
            } => Self::Finishes,
            _ if leaves
                || connection.handle().mode == Mode::Plain
                || !config.keeps_sessions()
                || service.is_draining() =>
            {
                Self::Finishes
            }
            End::Client {
                code: Some(AWAY), ..
            } if config.sessions.reload_grace.is_zero() => Self::Finishes,
            End::Client {
                code: Some(AWAY), ..
            } => Self::Lingers,
            _ => Self::Waits,
        }
    }

    const fn is_resumable(self) -> bool {
        matches!(self, Self::Waits | Self::Lingers)
    }

    /// For how long the session lasts, and its members are shown.
    fn spans(self, config: &Config) -> (Duration, Duration) {
        let grace = config.sessions.grace.min(config.sessions.resume_window);
        let short = config.sessions.reload_grace.min(grace);
        match self {
            Self::Waits => (config.sessions.resume_window, grace),
            Self::Lingers => (short, short),
            Self::Finishes | Self::Stops => (config.timeouts.close, config.timeouts.close),
        }
    }
}

/// The code by which a client says goodbye.
const GOODBYE: u16 = 1000;

/// The code by which a browser closes for a page that goes away, whatever comes after it.
const AWAY: u16 = 1001;

/// Lives on to the session's end, or until another socket goes on with it, in a task of its own.
pub(crate) fn spawn<P, U>(
    connection: Arc<Connection<P, U>>,
    parts: Box<Parts<P, U>>,
    after: AfterLoss,
    reason: Disconnected,
) where
    P: Protocol,
    U: Send + Sync + 'static,
{
    // Without a runtime the process is ending.
    let Ok(runtime) = tokio::runtime::Handle::try_current() else {
        return;
    };
    let service = connection.service.clone();
    let life = async move { live_on(&connection, parts, after, reason).await };
    service.spawn(&runtime, life.in_current_span());
}

async fn live_on<P, U>(
    connection: &Arc<Connection<P, U>>,
    mut parts: Box<Parts<P, U>>,
    after: AfterLoss,
    reason: Disconnected,
) where
    P: Protocol,
    U: Send + Sync + 'static,
{
    let service = &connection.service;
    let handle = connection.handle();
    parts.calls.detach();
    // What comes seldom is in a box of its own: each session that waits holds room for its longest step.
    if after == AfterLoss::Stops {
        parts.calls.stop();
    } else {
        // From now on it is no open connection, though it stays in its channels for a while.
        Box::pin(service.hub().leave_shared(&handle)).await;
        match wait(connection, &handle, parts, after).await {
            Some(rest) => parts = rest,
            None => return,
        }
    }
    Box::pin(async {
        handle.standing().session.end(Over::Ended);
        service.hub().remove(&handle).await;
        handle.standing().calls.set(0);
        hooks::disconnected(connection, reason).await;
        finish(service, parts).await;
    })
    .await;
}

/// Waits for the session's end; `None`: another socket has it.
async fn wait<P, U>(
    connection: &Arc<Connection<P, U>>,
    handle: &Arc<Handle>,
    mut parts: Box<Parts<P, U>>,
    after: AfterLoss,
) -> Option<Box<Parts<P, U>>>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    let service = &connection.service;
    let session = &handle.standing().session;
    let waits = after.is_resumable();
    let (lasts, shown) = after.spans(service.config());
    let now = Instant::now();
    let end = now + lasts;
    let mut shown = waits.then_some(now + shown);
    if !waits {
        session.seal();
    }
    let ticket = waits.then(|| service.sessions().enter(handle, parts.calls.bytes()));
    let stage = if waits {
        Stage::Draining
    } else {
        Stage::Leaving
    };
    let mut told = pin!(service.reached(stage));
    loop {
        parts.calls.start_next();
        let bytes = parts.calls.bytes();
        handle.standing().calls.set(bytes);
        if let Some(ticket) = &ticket {
            ticket.holds(bytes);
        }
        if !waits && parts.calls.is_idle() {
            break;
        }
        let due = [Some(end), shown, parts.calls.in_flight.deadline()];
        let due = due.into_iter().flatten().min().unwrap_or(end);
        tokio::select! {
            biased;
            change = poll_fn(|cx| poll_change::<P, U>(session, cx)) => match change {
                Change::Claimed(claim) => match claim.fulfil(connection, parts) {
                    Ok(()) => return None,
                    Err(rest) => parts = rest,
                },
                Change::Over(over) => {
                    if over == Over::Stopped {
                        parts.calls.stop();
                    }
                    break;
                }
            },
            () = poll_fn(|cx| parts.calls.poll(cx)) => {}
            () = &mut told => {
                if service.is_leaving() {
                    parts.calls.stop();
                }
                break;
            }
            () = sleep_until(due) => {
                let now = Instant::now();
                parts.calls.expire(now);
                if now >= end && session.close() {
                    break;
                }
                if shown.take_if(|shown| now >= *shown).is_some() {
                    Box::pin(service.hub().leave_channels(handle)).await;
                }
            }
        }
    }
    Some(parts)
}

/// Runs what is begun to its end, or to that of the service's drain. What is not begun has waited for
/// longer than its client.
async fn finish<P, U>(service: &Service<P, U>, mut parts: Box<Parts<P, U>>)
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    let dropped = parts.calls.drop_waiting();
    if dropped > 0 {
        tracing::warn!(
            dropped,
            "commands were still waiting when their session ended"
        );
    }
    let mut leaving = pin!(service.reached(Stage::Leaving));
    while let Some(deadline) = parts.calls.in_flight.deadline() {
        tokio::select! {
            biased;
            () = &mut leaving => return,
            () = poll_fn(|cx| parts.calls.poll(cx)) => {}
            () = sleep_until(deadline) => parts.calls.expire(Instant::now()),
        }
    }
}

/// A session that nobody took waits for the next socket.
impl<P, U> Drop for InTransit<P, U>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    fn drop(&mut self) {
        if let Some(parts) = self.parts.take() {
            let after = match self.connection.service.is_draining() {
                true => AfterLoss::Finishes,
                false => AfterLoss::Waits,
            };
            spawn(self.connection.clone(), parts, after, Disconnected::Lost);
        }
    }
}
