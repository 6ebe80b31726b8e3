//! What a connection does with a message when it is read: most wait for their turn, some do not.

use std::sync::Arc;
use std::time::Duration;

use socket_protocol::definition::Commands;
use socket_protocol::envelope::{Batch, CommandEnvelope, InvalidMessage, check_depth};
use socket_protocol::system::{Connect, Refresh, name};
use socket_protocol::{
    CloseCode, ErrorCode, InvalidParam, ItemQueue, Protocol, RequestId, WireError,
};
use tokio::io::AsyncRead;
use tokio::time::Instant;

use super::close::End;
use super::rates::refusal;
use super::stream::Stream;
use super::task::{Phase, Task};
use super::waiting::{Done, Running};
use super::{handshake, login};
use crate::command::{self, Call, Decoded, reply};
use crate::error::Limit;
use crate::service::status::Mode;

/// Within which time protocol errors are counted together.
const ERROR_WINDOW: Duration = Duration::from_secs(10);

impl<P, U, S> Task<P, U, S>
where
    P: Protocol,
    U: Send + Sync + 'static,
    S: AsyncRead + Unpin,
{
    /// Takes a frame.
    pub(super) fn text(&mut self, text: &str) -> Result<(), End> {
        if let Err(error) = check_depth(text, self.connection.service.config().json_depth) {
            return self.invalid(&error);
        }
        if self.peer.mode == Mode::Plain {
            return self.message(text);
        }
        match Batch::split(text) {
            Ok(Batch::One(message)) => self.message(message),
            Ok(Batch::Many(messages)) => messages
                .iter()
                .try_for_each(|message| self.message(message.get())),
            Err(error) => self.invalid(&error),
        }
    }

    fn message(&mut self, text: &str) -> Result<(), End> {
        if !matches!(self.phase, Phase::Handshake(_)) {
            if is_sign_of_life(text) {
                self.rates.control()?;
            } else if let Err(wait) = self.rates.command() {
                return self.too_often(text, wait);
            }
        }
        let default = self.connection.default_channel.as_ref();
        let mut refused = false;
        let rates = &mut self.rates;
        let decoded = command::decode(text, self.peer.mode, default, |index| {
            let rate = P::Commands::COMMANDS[index].rate;
            rate.map_or(Ok(()), |rate| rates.one(index, rate))
                .map_err(|wait| {
                    refused = true;
                    refusal(wait)
                })
        });
        let decoded = match decoded {
            Ok(decoded) => decoded,
            Err(error) => return self.invalid(&error),
        };
        if refused {
            self.refused()?;
        }
        let decoded = match (&self.phase, decoded) {
            (Phase::Handshake(_), Decoded::Connect(id, connect)) => {
                return self.connect(id, connect);
            }
            (Phase::Handshake(_), _) => return Err(CloseCode::BadHandshake.into()),
            (_, decoded) => decoded,
        };
        match decoded {
            Decoded::Call(call) => self.take(call),
            Decoded::Ping(id) => {
                if self.peer.mode == Mode::Full {
                    self.peer.queue.reply(reply::PONG.clone());
                }
                self.answer(id, name::PING, reply::empty(id));
            }
            Decoded::Refresh(id, refresh) => self.refresh(id, refresh),
            Decoded::Done(id) => self.answer(id, "", reply::empty(id)),
            Decoded::Cancel(id, target) => {
                self.cancel(target);
                self.answer(id, name::CANCEL, reply::empty(id));
            }
            Decoded::Connect(id, _) => {
                return self.invalid(&InvalidMessage {
                    id,
                    reason: "the handshake is over".to_owned(),
                });
            }
        }
        Ok(())
    }

    /// Begins a call at once if nothing is before it, so that it needs no room to wait in.
    fn take(&mut self, call: Call<P::Commands>) {
        if self.waiting.first().is_none() && self.may_begin(&call) {
            self.begin(call);
        } else {
            self.waiting.push(call);
        }
    }

    /// Begins the next calls: one in its turn, or any that let others pass.
    pub(super) fn start_next(&mut self) {
        while let Some(next) = self.waiting.first()
            && self.may_begin(next)
            && let Some(call) = self.waiting.pop()
        {
            self.begin(call);
        }
    }

    fn may_begin(&self, call: &Call<P::Commands>) -> bool {
        let most = self.connection.service.config().concurrent.max(1);
        !self.leaving
            && self.in_flight.in_turn.is_none()
            && (!call.is_concurrent() || self.in_flight.beside() < most)
    }

    fn begin(&mut self, call: Call<P::Commands>) {
        let (id, cmd, until) = (call.id, call.cmd.clone(), call.until);
        if until.is_some_and(|until| Instant::now() >= until) {
            let error = WireError::new(ErrorCode::Timeout, "it waited too long");
            return self.answer(id, &cmd, Err(error));
        }
        let concurrent = call.is_concurrent();
        let connection = self.connection.clone();
        let config = connection.service.config();
        let stream = call
            .is_streaming()
            .then(|| Arc::new(Stream::new(&self.peer, config)));
        let items = stream.clone().map(|stream| stream as Arc<dyn ItemQueue>);
        let work =
            Box::pin(async move { Done::Answer(command::execute(connection, call, items).await) });
        if concurrent {
            let running = self.running(id, cmd, until, work);
            self.in_flight.add_beside(Running { stream, ..running });
        } else {
            self.start(id, cmd, until, work);
        }
    }

    /// Begins the handshake.
    fn connect(
        &mut self,
        id: Option<RequestId>,
        connect: Result<Connect, InvalidParam>,
    ) -> Result<(), End> {
        let connect = connect.map_err(|error| {
            self.answer(id, name::CONNECT, Err(error.into()));
            End::from(CloseCode::BadHandshake)
        })?;
        self.phase = Phase::Connecting;
        self.peer.queue.cork();
        let connection = self.connection.clone();
        let work =
            async move { Done::Connected(handshake::connect(connection, id, connect).await) };
        self.start(id, name::CONNECT.into(), None, Box::pin(work));
        Ok(())
    }

    /// Begins the exchange of the login for a new one.
    fn refresh(&mut self, id: Option<RequestId>, refresh: Result<Refresh, InvalidParam>) {
        let refresh = match refresh {
            Ok(refresh) => refresh,
            Err(error) => return self.answer(id, name::REFRESH, Err(error.into())),
        };
        if self.in_flight.runs_beside(name::REFRESH) || matches!(self.phase, Phase::Connecting) {
            let error = WireError::new(ErrorCode::TooMany, "a token is being looked at already");
            return self.answer(id, name::REFRESH, Err(error.with_data(&Limit { limit: 1 })));
        }
        let connection = self.connection.clone();
        let work = async move { Done::Answer(login::refresh(&connection, id, refresh).await) };
        let running = self.running(id, name::REFRESH.into(), None, Box::pin(work));
        self.in_flight.add_beside(running);
    }

    /// Refuses a command undecoded, but for what its answer needs.
    fn too_often(&mut self, text: &str, wait: Duration) -> Result<(), End> {
        match CommandEnvelope::decode(text) {
            Err(error) => self.invalid(&error)?,
            Ok(envelope) => self.answer(envelope.id, &envelope.cmd, Err(refusal(wait))),
        }
        self.refused()
    }

    /// Notes that a command came too often.
    fn refused(&mut self) -> Result<(), End> {
        let service = &self.connection.service;
        service.counts().rate_limited.add();
        Ok(self.rates.refuse(service.config().rate_patience)?)
    }

    /// Answers what is no message, and counts it.
    fn invalid(&mut self, error: &InvalidMessage) -> Result<(), End> {
        if matches!(self.phase, Phase::Handshake(_)) {
            return Err(CloseCode::BadHandshake.into());
        }
        let wire = WireError::new(ErrorCode::InvalidMessage, error.to_string());
        self.answer(error.id, "", Err(wire));
        self.connection.service.counts().invalid.add();
        let now = Instant::now();
        self.errors.push_back(now);
        self.errors.retain(|at| now - *at < ERROR_WINDOW);
        if self.errors.len() > self.connection.service.config().protocol_errors {
            return Err(CloseCode::TooManyErrors.into());
        }
        Ok(())
    }

    fn cancel(&mut self, target: RequestId) {
        // The handshake is not a call that can be given up: nothing may run without it.
        let connecting = matches!(self.phase, Phase::Connecting);
        let running = |running: &Running| !connecting && running.id == Some(target);
        let cancelled = match self.in_flight.take_if(running) {
            Some(running) => Some(running.cmd),
            None => self.waiting.cancel(target).map(|call| call.cmd),
        };
        if let Some(cmd) = cancelled {
            let error = WireError::new(ErrorCode::Cancelled, "it was cancelled");
            self.answer(Some(target), &cmd, Err(error));
        }
    }
}

/// Whether the message is a `:ping` or `:pong`, which are counted apart. One that hides it behind
/// more text than it needs counts as a command.
fn is_sign_of_life(text: &str) -> bool {
    text.len() <= 256
        && text.contains("\":p")
        && CommandEnvelope::decode(text)
            .is_ok_and(|envelope| matches!(&*envelope.cmd, name::PING | name::PONG))
}
