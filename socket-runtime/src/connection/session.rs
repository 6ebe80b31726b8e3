//! What outlives a socket: the token by which a client comes back, and the way from the socket that
//! is gone to the one that goes on.

use std::any::Any;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use futures_util::task::AtomicWaker;
use parking_lot::Mutex;
use socket_protocol::{CloseCode, ConnectionId, Protocol};
use tokio::sync::oneshot;
use tokio::time::timeout;
use uuid::Uuid;

use super::calls::Calls;
use super::rates::Rates;
use super::{Connection, detached};
use crate::service::Service;

/// The session of a connection, apart from what its task holds.
#[derive(Debug, Default)]
pub(crate) struct Session {
    state: Mutex<State>,
    /// Wakes whoever lives on without a socket.
    waker: AtomicWaker,
}

#[derive(Debug, Default)]
struct State {
    /// What the token holds besides the connection's id; nil: the session cannot be resumed.
    secret: Uuid,
    /// Of the token before, until the client was heard on the connection that gave it this one; else
    /// nil.
    previous: Uuid,
    over: Option<Over>,
    /// The connection whose session it is.
    owner: Option<Weak<dyn Any + Send + Sync>>,
    /// A socket that wants to go on: where it waits for the parts.
    claim: Option<Box<dyn Any + Send>>,
}

/// Why a session does not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    /// It had its time, or others needed its place: what was received is finished.
    Ended,
    /// The program ended it: nothing more is done for it.
    Stopped,
}

/// What somebody without a socket is woken for.
pub(super) enum Change<P: Protocol, U: Send + Sync + 'static> {
    Over(Over),
    /// A socket goes on.
    Claimed(Claim<P, U>),
}

/// Where a socket waits for the parts of a session.
pub(super) struct Claim<P: Protocol, U: Send + Sync + 'static>(oneshot::Sender<InTransit<P, U>>);

/// What moves from one socket to the next.
pub(super) struct Parts<P: Protocol, U> {
    pub(super) calls: Calls<P, U>,
    pub(super) rates: Rates,
}

/// A session on its way to another socket. If nobody takes it, it waits for the next one.
pub(super) struct InTransit<P: Protocol, U: Send + Sync + 'static> {
    pub(super) connection: Arc<Connection<P, U>>,
    parts: Option<Parts<P, U>>,
}

impl Session {
    /// Lets the session be resumed from now on.
    pub(super) fn open(&self, owner: Weak<dyn Any + Send + Sync>) {
        let mut state = self.state.lock();
        state.secret = Uuid::new_v4();
        state.owner = Some(owner);
    }

    /// The token that resumes it.
    pub(super) fn token(&self, id: ConnectionId) -> Option<String> {
        let secret = self.state.lock().secret;
        (!secret.is_nil()).then(|| format!("{id}.{}", secret.simple()))
    }

    /// The client was heard on the connection that gave it the token: no other holds any more.
    pub(super) fn heard(&self) {
        self.state.lock().previous = Uuid::nil();
    }

    /// Ends it. One that has a socket ends with that.
    pub(super) fn end(&self, over: Over) {
        let claim = {
            let mut state = self.state.lock();
            state.over.get_or_insert(over);
            state.claim.take()
        };
        // Whoever waits for it makes a session of its own.
        drop(claim);
        self.waker.wake();
    }

    /// Lets no socket go on with it any more.
    pub(super) fn seal(&self) {
        let mut state = self.state.lock();
        state.secret = Uuid::nil();
        state.previous = Uuid::nil();
    }

    /// Others need its place.
    pub(crate) fn evict(&self) {
        self.end(Over::Ended);
    }

    /// The program wants it to end.
    pub(crate) fn stop(&self) {
        self.end(Over::Stopped);
    }

    /// Ends it if no socket has claimed it meanwhile; `false`: one has.
    pub(super) fn close(&self) -> bool {
        let mut state = self.state.lock();
        if state.claim.is_none() {
            state.over.get_or_insert(Over::Ended);
        }
        state.claim.is_none()
    }

    /// What happened to it, for whoever lives on without a socket.
    pub(super) fn poll_change<P, U>(&self, cx: &Context<'_>) -> Poll<Change<P, U>>
    where
        P: Protocol,
        U: Send + Sync + 'static,
    {
        self.waker.register(cx.waker());
        if let Some(claim) = self.claimed() {
            return Poll::Ready(Change::Claimed(claim));
        }
        match self.state.lock().over {
            Some(over) => Poll::Ready(Change::Over(over)),
            None => Poll::Pending,
        }
    }

    /// The socket that wants to go on, if there is one.
    pub(super) fn claimed<P, U>(&self) -> Option<Claim<P, U>>
    where
        P: Protocol,
        U: Send + Sync + 'static,
    {
        let claim = self.state.lock().claim.take()?;
        let claim = claim.downcast::<oneshot::Sender<InTransit<P, U>>>().ok()?;
        Some(Claim(*claim)).filter(|Claim(sender)| !sender.is_closed())
    }

    fn knows(&self, secret: Uuid) -> bool {
        let state = self.state.lock();
        state.over.is_none() && state.knows(secret)
    }
}

impl State {
    fn knows(&self, secret: Uuid) -> bool {
        !secret.is_nil() && (secret == self.secret || secret == self.previous)
    }
}

impl<P, U> Claim<P, U>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    /// Hands the session over. The error is the parts, where nobody waits for them any more.
    #[allow(
        clippy::result_large_err,
        reason = "the parts move on, once in a session's break"
    )]
    pub(super) fn fulfil(
        self,
        connection: &Arc<Connection<P, U>>,
        parts: Parts<P, U>,
    ) -> Result<(), Parts<P, U>> {
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
    pub(super) fn take(mut self) -> Option<Parts<P, U>> {
        self.parts.take()
    }
}

impl<P, U> Drop for InTransit<P, U>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    fn drop(&mut self) {
        if let Some(parts) = self.parts.take() {
            detached::adopt(self.connection.clone(), parts);
        }
    }
}

/// The session that a token stands for, and the secret that proves it.
pub(super) struct Found<P: Protocol, U> {
    pub(super) connection: Arc<Connection<P, U>>,
    secret: Uuid,
}

/// Looks for the session of that token. Whose it is must still be checked.
pub(super) fn find<P, U>(service: &Service<P, U>, token: &str) -> Option<Found<P, U>>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    let (id, secret) = token.split_once('.')?;
    let id = ConnectionId::from(Uuid::try_parse(id).ok()?);
    let secret = Uuid::try_parse(secret).ok()?;
    let peer = service.hub().peer(id)?;
    let session = &peer.standing().session;
    if !session.knows(secret) {
        return None;
    }
    let owner = session.state.lock().owner.as_ref()?.upgrade()?;
    let connection = owner.downcast().ok()?;
    Some(Found { connection, secret })
}

impl<P, U> Found<P, U>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    /// Takes the session over from the socket that has it or the task that keeps it. `None`: it has
    /// ended meanwhile, or another socket was faster.
    pub(super) async fn take_over(self) -> Option<InTransit<P, U>> {
        let peer = self.connection.peer();
        let session = &peer.standing().session;
        let (sender, receiver) = oneshot::channel::<InTransit<P, U>>();
        {
            let mut state = session.state.lock();
            if state.over.is_some() || !state.knows(self.secret) {
                return None;
            }
            // The token that was shown holds until the client is heard: its answer may be lost.
            state.previous = self.secret;
            state.secret = Uuid::new_v4();
            state.claim = Some(Box::new(sender));
        }
        session.waker.wake();
        peer.queue.close(CloseCode::Replaced.into());
        let limit = self.connection.service.config().close_timeout;
        timeout(limit, receiver).await.ok()?.ok()
    }
}
