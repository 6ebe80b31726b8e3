//! The steps that open a connection, as its task performs them: in plain mode at once, in full mode
//! with the handshake.

use std::collections::BTreeMap;

use socket_protocol::system::{Connect, name};
use socket_protocol::{CloseCode, InvalidParam, Protocol, RequestId};
use tokio::io::AsyncRead;

use super::calls::in_flight::Job;
use super::close::End;
use super::handshake::{self, Connecting, Phase, Step, steps};
use super::rates::refusal;
use super::task::Task;
use crate::command::{membership, reply};
use crate::frame;
use crate::service::hooks;

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
        self.handle.queue.cork();
        if connect.knows.iter().any(|event| event == name::LARGE) {
            self.handle.queue.announce();
        }
        let connecting = Connecting::new(&self.connection, id, connect);
        self.phase = Phase::Connecting(Box::new(connecting));
        Ok(())
    }

    /// Goes on with the handshake.
    pub(super) fn connecting(&mut self, step: Step<P, U>) -> Result<(), End> {
        let Phase::Connecting(connecting) = &mut self.phase else {
            return Ok(());
        };
        match step {
            Step::Known(Ok(entrance)) => {
                let adopted = entrance
                    .resumed
                    .and_then(|session| handshake::adopt(&self.connection, &self.handle, session));
                if let Some(adopted) = adopted {
                    let id = tracing::field::display(self.handle.id());
                    tracing::Span::current().record("id", id);
                    self.connection = adopted.connection;
                    let parts = *adopted.parts;
                    self.calls = parts.calls;
                    self.rates = parts.rates;
                    self.opened = true;
                    self.resumed = true;
                }
                connecting.join(&self.connection, entrance.channels, self.resumed);
                Ok(())
            }
            Step::Connected(Ok(reply)) => {
                self.handle.queue.uncork(reply.map(frame::text));
                self.connected();
                Ok(())
            }
            Step::Known(Err(error)) | Step::Connected(Err(error)) => {
                self.connection.service.refused().logins.one();
                let code = steps::close_code(&error);
                let id = connecting.id;
                let refused = reply::error(self.handle.mode, id, name::CONNECT, error);
                self.handle.queue.uncork(refused.map(frame::text));
                Err(code.into())
            }
        }
    }

    /// The handshake is over: what came behind it counts from now on.
    fn connected(&mut self) {
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

    /// Enters what a plain client is in from the start. Its policy has been asked already.
    pub(super) async fn open_plain(&mut self) -> Result<(), End> {
        let connection = &self.connection;
        let entered = async {
            steps::enter(connection, &BTreeMap::new()).await?;
            match &connection.default_channel {
                Some(channel) => membership::enter_silently(connection, channel).await,
                None => Ok(()),
            }
        };
        if let Err(error) = entered.await {
            tracing::warn!(?error, "a plain connection could not be opened");
            return Err(CloseCode::GoingAway.into());
        }
        self.open();
        Ok(())
    }

    /// The session has begun.
    fn open(&mut self) {
        self.phase = Phase::Open;
        self.opened = true;
        // Too late to be told of the drain.
        self.calls.halted |= self.connection.service.is_draining();
        if self.connection.service.is_leaving() {
            return;
        }
        if let Some(hook) = hooks::connected(&self.connection) {
            let running = self.calls.running(None, "".into(), None, Job::Hook(hook));
            self.calls.in_flight.in_turn = Some(running);
        }
    }

    fn told_resumed(&mut self) {
        // Too late to be told of the drain.
        self.calls.halted |= self.connection.service.is_draining();
        if self.connection.service.is_leaving() {
            return self.calls.give_up();
        }
        if let Some(hook) = hooks::resumed(&self.connection) {
            let running = self.calls.running(None, "".into(), None, Job::Hook(hook));
            self.calls.in_flight.add_beside(running);
        }
    }
}
