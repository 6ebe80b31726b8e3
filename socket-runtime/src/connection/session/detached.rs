//! A connection's life without a socket: its handlers run on, and it waits for the client to come
//! back.

use std::future::poll_fn;
use std::sync::Arc;

use socket_protocol::{CloseCode, Protocol};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::{Change, InTransit, Parts, poll_change};
use crate::connection::close::End;
use crate::hub::Over;
use crate::outbound::Close;
use crate::service::connection::Connection;
use crate::service::hooks::{self, Disconnected};
use crate::stats::Mode;

/// How a connection continues after its socket has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AfterLoss {
    /// Its session can be resumed.
    Waits,
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
        let final_code = |code: CloseCode| code.is_final() && code != CloseCode::Replaced;
        match end {
            End::Server(Close { code, .. }) | End::Violation(code) if final_code(*code) => {
                Self::Stops
            }
            End::Client {
                code: Some(1000 | 1001),
                ..
            } => Self::Finishes,
            _ if leaves
                || connection.handle().mode == Mode::Plain
                || !service.config().keeps_sessions()
                || service.is_draining() =>
            {
                Self::Finishes
            }
            _ => Self::Waits,
        }
    }
}

/// Lives on to the session's end, or until another socket goes on with it.
pub(crate) async fn live_on<P, U>(
    connection: &Arc<Connection<P, U>>,
    mut parts: Parts<P, U>,
    after: AfterLoss,
    reason: Disconnected,
) where
    P: Protocol,
    U: Send + Sync + 'static,
{
    let service = connection.service.clone();
    let handle = connection.handle();
    let session = &handle.standing().session;
    parts.calls.detach();
    if after != AfterLoss::Stops {
        // From now on it is no open connection, though it stays in its channels for a while.
        service.hub().leave_shared(&handle).await;
        match wait(connection, parts, after).await {
            Some(rest) => parts = rest,
            None => return,
        }
    } else {
        parts.calls.stop();
    }
    session.end(Over::Ended);
    service.hub().remove(&handle).await;
    hooks::disconnected(connection, reason).await;
    finish(parts).await;
}

/// Waits for the session's end; `None`: another socket has it.
async fn wait<P, U>(
    connection: &Arc<Connection<P, U>>,
    mut parts: Parts<P, U>,
    after: AfterLoss,
) -> Option<Parts<P, U>>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    let service = connection.service.clone();
    let config = service.config();
    let handle = connection.handle();
    let session = &handle.standing().session;
    let waits = after == AfterLoss::Waits;
    let now = Instant::now();
    let end = now
        + if waits {
            config.sessions.resume_window
        } else {
            config.timeouts.close
        };
    let mut shown = waits.then(|| now + config.sessions.grace.min(config.sessions.resume_window));
    if !waits {
        session.seal();
    }
    let ticket = waits.then(|| service.sessions().enter(&handle, parts.calls.bytes()));
    let mut draining = service.draining();
    loop {
        parts.calls.start_next();
        if let Some(ticket) = &ticket {
            ticket.holds(parts.calls.bytes());
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
            () = drained(&mut draining), if waits => break,
            () = sleep_until(due) => {
                let now = Instant::now();
                parts.calls.expire(now);
                if shown.take_if(|shown| now >= *shown).is_some() {
                    service.hub().leave_channels(&handle).await;
                }
                if now >= end && session.close() {
                    break;
                }
            }
        }
    }
    Some(parts)
}

async fn drained(draining: &mut watch::Receiver<bool>) {
    // The sender lives in the service, which the connection holds.
    let _ = draining.wait_for(|draining| *draining).await;
}

/// Runs what is begun to its end. What is not begun has waited for longer than its client.
async fn finish<P, U>(mut parts: Parts<P, U>)
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
    while let Some(deadline) = parts.calls.in_flight.deadline() {
        tokio::select! {
            biased;
            () = poll_fn(|cx| parts.calls.poll(cx)) => {}
            () = sleep_until(deadline) => parts.calls.expire(Instant::now()),
        }
    }
}

/// Lets a session wait that was on its way to a socket which is gone.
fn adopt<P, U>(connection: Arc<Connection<P, U>>, parts: Parts<P, U>)
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    // Without a runtime the process is ending.
    let Ok(runtime) = tokio::runtime::Handle::try_current() else {
        return;
    };
    let running = connection.service.count_task();
    runtime.spawn(async move {
        let after = if connection.service.is_draining() {
            AfterLoss::Finishes
        } else {
            AfterLoss::Waits
        };
        live_on(&connection, parts, after, Disconnected::Lost).await;
        drop(running);
    });
}

/// A session that nobody took waits for the next socket.
impl<P, U> Drop for InTransit<P, U>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    fn drop(&mut self) {
        if let Some(parts) = self.parts.take() {
            adopt(self.connection.clone(), parts);
        }
    }
}
