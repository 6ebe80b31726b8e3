//! The part of a connection that outlives its socket: the token by which a client returns, and the
//! handover from the old socket to the new one.

pub(crate) mod answers;
pub(crate) mod detached;

use std::sync::Arc;
use std::task::{Context, Poll};

use socket_protocol::{CloseCode, ConnectionId, Protocol};
use tokio::sync::oneshot;
use tokio::time::timeout;
use uuid::Uuid;

use super::calls::Calls;
use super::rates::Rates;
use crate::hub::{Over, Session};
use crate::service::Service;
use crate::service::connection::Connection;

/// An event for a connection without a socket.
pub(crate) enum Change<P: Protocol, U: Send + Sync + 'static> {
    Over(Over),
    /// A socket goes on.
    Claimed(Claim<P, U>),
}

/// The place at which a socket waits for the parts of a session.
pub(crate) struct Claim<P: Protocol, U: Send + Sync + 'static>(oneshot::Sender<InTransit<P, U>>);

/// The parts that move from one socket to the next.
pub(crate) struct Parts<P: Protocol, U> {
    pub(crate) calls: Calls<P, U>,
    pub(crate) rates: Rates,
}

/// A session on its way to another socket. If nobody takes it, it waits for the next one.
pub(crate) struct InTransit<P: Protocol, U: Send + Sync + 'static> {
    pub(crate) connection: Arc<Connection<P, U>>,
    parts: Option<Box<Parts<P, U>>>,
}

/// Reports changes of a session to a connection that lives on without a socket.
pub(crate) fn poll_change<P, U>(session: &Session, cx: &Context<'_>) -> Poll<Change<P, U>>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    session.wake_by(cx);
    if let Some(claim) = claimed(session) {
        return Poll::Ready(Change::Claimed(claim));
    }
    match session.over() {
        Some(over) => Poll::Ready(Change::Over(over)),
        None => Poll::Pending,
    }
}

/// The socket that wants to go on with a session, if there is one.
fn claimed<P, U>(session: &Session) -> Option<Claim<P, U>>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    let claim = session.take_claim()?;
    let claim = claim.downcast::<oneshot::Sender<InTransit<P, U>>>().ok()?;
    Some(Claim(*claim)).filter(|Claim(sender)| !sender.is_closed())
}

impl<P, U> Claim<P, U>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    /// Hands the session over. The error returns the parts, if nobody waits for them.
    pub(crate) fn fulfil(
        self,
        connection: &Arc<Connection<P, U>>,
        parts: Box<Parts<P, U>>,
    ) -> Result<(), Box<Parts<P, U>>> {
        let Self(sender) = self;
        let session = InTransit {
            connection: connection.clone(),
            parts: Some(parts),
        };
        match sender.send(session) {
            Ok(()) => Ok(()),
            Err(mut session) => session.parts.take().map_or(Ok(()), Err),
        }
    }
}

impl<P, U> InTransit<P, U>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    /// The parts, once.
    pub(crate) fn take(mut self) -> Option<Box<Parts<P, U>>> {
        self.parts.take()
    }
}

/// The session that a token stands for, and the secret that proves it.
pub(crate) struct Found<P: Protocol, U> {
    pub(crate) connection: Arc<Connection<P, U>>,
    secret: Uuid,
}

/// Looks for the session of that token. Whose it is must still be checked.
pub(crate) fn find<P, U>(service: &Service<P, U>, token: &str) -> Option<Found<P, U>>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    let (id, secret) = token.split_once('.')?;
    let id = ConnectionId::from(Uuid::try_parse(id).ok()?);
    let secret = Uuid::try_parse(secret).ok()?;
    let handle = service.hub().handle(id)?;
    let session = &handle.standing().session;
    if !session.knows(secret) {
        return None;
    }
    let connection = session.owner()?.downcast().ok()?;
    Some(Found { connection, secret })
}

impl<P, U> Found<P, U>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    /// Takes the session over from the socket that has it or the task that keeps it. `None`: it has
    /// ended meanwhile, or another socket was faster.
    pub(crate) async fn take_over(self) -> Option<InTransit<P, U>> {
        let handle = self.connection.handle();
        let session = &handle.standing().session;
        let (sender, receiver) = oneshot::channel::<InTransit<P, U>>();
        if !session.claim(self.secret, Box::new(sender)) {
            return None;
        }
        handle.queue.close(CloseCode::Replaced.into());
        let limit = self.connection.service.config().timeouts.close;
        timeout(limit, receiver).await.ok()?.ok()
    }
}
