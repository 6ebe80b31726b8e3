//! The handshake of full mode, as far as it has come. Its steps return what they found out; the
//! connection's task makes it its own.

pub(crate) mod login;
pub(crate) mod steps;

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use socket_protocol::envelope::MessageBuf;
use socket_protocol::system::{Connect, Join};
use socket_protocol::{Protocol, RequestId, WireError};
use tokio::time::Instant;

use super::calls::in_flight::WaitingCalls;
use super::session::{InTransit, Parts};
use crate::hub::Handle;
use crate::service::connection::Connection;
use steps::Entrance;

/// The phase of a connection.
pub(crate) enum Phase<P: Protocol, U: Send + Sync + 'static> {
    /// Nothing but `:connect` may come, until then.
    Handshake(Instant),
    /// `:connect` is being answered.
    Connecting(Box<Connecting<P, U>>),
    Open,
}

/// A handshake that goes on.
pub(crate) struct Connecting<P: Protocol, U: Send + Sync + 'static> {
    /// Of `:connect`.
    pub(crate) id: Option<RequestId>,
    deadline: Instant,
    work: StepFuture<P, U>,
    /// Messages that followed `:connect`.
    pub(crate) held: WaitingCalls<P::Commands>,
}

type StepFuture<P, U> = Pin<Box<dyn Future<Output = Step<P, U>> + Send>>;

/// A step of the handshake that is complete.
#[allow(
    clippy::large_enum_variant,
    reason = "twice in a connection's life, and taken apart at once"
)]
pub(crate) enum Step<P: Protocol, U: Send + Sync + 'static> {
    /// It is known who comes, and whether a session goes on.
    Known(Result<Entrance<P, U>, WireError>),
    /// All is done, and this is the answer.
    Connected(Result<Option<MessageBuf>, WireError>),
}

/// A session that goes on with another socket.
pub(crate) struct Adopted<P: Protocol, U> {
    pub(crate) connection: Arc<Connection<P, U>>,
    pub(crate) parts: Box<Parts<P, U>>,
}

impl<P: Protocol, U: Send + Sync + 'static> Phase<P, U> {
    /// Polls the handshake, where there is one.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Step<P, U>> {
        match self {
            Self::Connecting(connecting) => connecting.work.as_mut().poll(cx),
            Self::Handshake(_) | Self::Open => Poll::Pending,
        }
    }

    /// When the handshake has had its time.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Handshake(until) => Some(*until),
            Self::Connecting(connecting) => Some(connecting.deadline),
            Self::Open => None,
        }
    }
}

impl<P: Protocol, U: Send + Sync + 'static> Connecting<P, U> {
    /// Begins with finding out who comes.
    pub(crate) fn new(
        connection: &Arc<Connection<P, U>>,
        id: Option<RequestId>,
        connect: Connect,
    ) -> Self {
        let config = connection.service.config();
        let connection = connection.clone();
        Self {
            id,
            deadline: Instant::now() + config.timeouts.handler,
            held: WaitingCalls::new(config.limits.waiting_messages, config.limits.waiting_bytes),
            work: Box::pin(async move { Step::Known(steps::identify(&connection, connect).await) }),
        }
    }

    /// Goes on with the channels that the connection is to be in.
    pub(crate) fn join(
        &mut self,
        connection: &Arc<Connection<P, U>>,
        channels: BTreeMap<String, Join>,
        resumed: bool,
    ) {
        let (connection, id) = (connection.clone(), self.id);
        self.work = Box::pin(async move {
            Step::Connected(steps::connect(&connection, id, channels, resumed).await)
        });
    }
}

/// Makes the session's connection that of the socket which `newcomer` came by. `None`: the session
/// was taken by another socket.
pub(crate) fn adopt<P, U>(
    newcomer: &Connection<P, U>,
    handle: &Arc<Handle>,
    session: InTransit<P, U>,
) -> Option<Adopted<P, U>>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    let connection = session.connection.clone();
    let mut parts = session.take()?;
    let hub = newcomer.service.hub();
    hub.forget(handle);
    let most = handle.memberships().lock().max_channels;
    handle.resume(connection.handle().standing().clone());
    handle.memberships().lock().max_channels = most;
    connection.go_on(newcomer, handle);
    hub.add(handle);
    parts.calls.attach(handle);
    Some(Adopted { connection, parts })
}
