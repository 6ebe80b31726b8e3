//! The handshake as the connection's task runs it: who comes, whether a session goes on, and what it
//! is in.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use socket_protocol::envelope::MessageBuf;
use socket_protocol::system::{Connect, Join, name};
use socket_protocol::{CloseCode, InvalidParam, Protocol, RequestId, WireError};
use tokio::io::AsyncRead;
use tokio::time::Instant;

use super::close::End;
use super::handshake;
use super::rates::refusal;
use super::session::InTransit;
use super::task::{Phase, Task};
use super::waiting::{self, Waiting};
use crate::command::{self, reply};
use crate::frame;

/// A handshake that goes on.
pub(super) struct Connecting<P: Protocol, U: Send + Sync + 'static> {
    id: Option<RequestId>,
    deadline: Instant,
    work: Work<P, U>,
    /// What came behind `:connect`.
    pub(super) held: Waiting<P::Commands>,
}

type Work<P, U> = Pin<Box<dyn Future<Output = Step<P, U>> + Send>>;

/// What a handshake has come to.
#[allow(
    clippy::large_enum_variant,
    reason = "twice in a connection's life, and taken apart at once"
)]
pub(super) enum Step<P: Protocol, U: Send + Sync + 'static> {
    /// It is known who comes, and whether a session goes on.
    Known(Result<Entrance<P, U>, WireError>),
    /// All is done, and this is the answer.
    Connected(Result<Option<MessageBuf>, WireError>),
}

/// Someone who was let in.
pub(super) struct Entrance<P: Protocol, U: Send + Sync + 'static> {
    /// The channels to be in.
    pub(super) channels: BTreeMap<String, Join>,
    pub(super) resumed: Option<InTransit<P, U>>,
}

impl<P: Protocol, U: Send + Sync + 'static> Phase<P, U> {
    /// Polls the handshake, where there is one.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Step<P, U>> {
        match self {
            Self::Connecting(connecting) => connecting.work.as_mut().poll(cx),
            Self::Handshake(_) | Self::Open => Poll::Pending,
        }
    }

    /// When the handshake has had its time.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Handshake(until) => Some(*until),
            Self::Connecting(connecting) => Some(connecting.deadline),
            Self::Open => None,
        }
    }
}

impl<P, U, S> Task<P, U, S>
where
    P: Protocol,
    U: Send + Sync + 'static,
    S: AsyncRead + Unpin,
{
    /// Begins the handshake.
    pub(super) fn connect(
        &mut self,
        id: Option<RequestId>,
        connect: Result<Connect, InvalidParam>,
    ) -> Result<(), End> {
        let connect = connect.map_err(|error| {
            self.answer(id, name::CONNECT, Err(error.into()));
            End::from(CloseCode::BadHandshake)
        })?;
        self.peer.queue.cork();
        let config = self.connection.service.config();
        let connection = self.connection.clone();
        self.phase = Phase::Connecting(Box::new(Connecting {
            id,
            deadline: Instant::now() + config.handler_timeout,
            work: Box::pin(
                async move { Step::Known(handshake::identify(&connection, connect).await) },
            ),
            held: Waiting::new(config.waiting_messages, config.waiting_bytes),
        }));
        Ok(())
    }

    /// Goes on with the handshake.
    pub(super) fn connecting(&mut self, step: Step<P, U>) -> Result<(), End> {
        let Phase::Connecting(connecting) = &mut self.phase else {
            return Ok(());
        };
        let id = connecting.id;
        match step {
            Step::Known(Ok(entrance)) => {
                let resumed = entrance.resumed.and_then(|session| self.adopt(session));
                self.join(id, entrance.channels, resumed.is_some());
                Ok(())
            }
            Step::Connected(Ok(reply)) => {
                self.peer.queue.uncork(reply.map(frame::text));
                self.opened();
                Ok(())
            }
            Step::Known(Err(error)) | Step::Connected(Err(error)) => {
                self.connection.service.refused().logins.one();
                let code = handshake::close_code(&error);
                let refused = reply::error(self.peer.mode, id, name::CONNECT, error);
                self.peer.queue.uncork(refused.map(frame::text));
                Err(code.into())
            }
        }
    }

    /// Makes the session's connection this socket's.
    fn adopt(&mut self, session: InTransit<P, U>) -> Option<()> {
        let connection = session.connection.clone();
        let mut parts = session.take()?;
        let hub = self.connection.service.hub().clone();
        hub.forget(&self.peer);
        let most = self.peer.memberships().lock().max_channels;
        self.peer.resume(connection.peer().standing().clone());
        self.peer.memberships().lock().max_channels = most;
        connection.go_on(&self.connection, &self.peer);
        hub.add(&self.peer);
        tracing::Span::current().record("id", tracing::field::display(self.peer.id()));
        parts.calls.attach(&self.peer);
        self.calls = parts.calls;
        self.rates = parts.rates;
        self.connection = connection;
        self.opened = true;
        self.resumed = true;
        Some(())
    }

    fn join(&mut self, id: Option<RequestId>, channels: BTreeMap<String, Join>, resumed: bool) {
        let connection = self.connection.clone();
        if let Phase::Connecting(connecting) = &mut self.phase {
            connecting.work = Box::pin(async move {
                Step::Connected(handshake::connect(&connection, id, channels, resumed).await)
            });
        }
    }

    /// The handshake is over: what came behind it counts from now on.
    fn opened(&mut self) {
        let Phase::Connecting(connecting) = std::mem::replace(&mut self.phase, Phase::Open) else {
            return;
        };
        if self.resumed {
            self.told_resumed();
        } else {
            self.open();
        }
        let mut held = connecting.held;
        while let Some(call) = held.pop() {
            // A session's rates are its own, however often its client comes back.
            let counted = if self.resumed {
                self.rates.command()
            } else {
                Ok(())
            };
            match counted {
                Ok(()) => self.calls.receive(call),
                Err(wait) => self.calls.refuse(call.id, &call.cmd, refusal(wait)),
            }
        }
    }

    fn told_resumed(&mut self) {
        // Too late to be told of the drain.
        self.calls.halted |= self.connection.service.is_draining();
        if let Some(hook) = command::hooks::resumed(&self.connection) {
            let running = self
                .calls
                .running(None, "".into(), None, waiting::Work::Hook(hook));
            self.calls.in_flight.add_beside(running);
        }
    }
}
