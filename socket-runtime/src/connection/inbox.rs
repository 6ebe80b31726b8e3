//! Handles a message when it is read: most wait for their turn, some do not.

use std::time::Duration;

use socket_protocol::definition::Commands;
use socket_protocol::envelope::{Batch, CommandEnvelope, InvalidMessage, check_depth};
use socket_protocol::system::{Refresh, name};
use socket_protocol::{
    CloseCode, ErrorCode, IntPolicy, InvalidParam, Protocol, RequestId, WireError,
};
use tokio::io::AsyncRead;

use super::calls::in_flight::Job;
use super::close::End;
use super::handshake::{Phase, login};
use super::rates::refusal;
use super::task::Task;
use crate::command::{self, Decoded, reply};
use crate::error::Limit;
use crate::frame::system;
use crate::stats::Mode;

impl<P, U, S> Task<P, U, S>
where
    P: Protocol,
    U: Send + Sync + 'static,
    S: AsyncRead + Unpin,
{
    /// Takes a frame.
    pub(super) fn text(&mut self, text: &str) -> Result<(), End> {
        if let Err(error) = check_depth(text, self.connection.service.config().limits.json_depth) {
            return self.invalid(&error);
        }
        if self.handle.mode == Mode::Plain {
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
        if matches!(self.phase, Phase::Open) && !std::mem::replace(&mut self.heard, true) {
            self.handle.standing().session.heard();
        }
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
        let admit = |index: usize| {
            let rate = P::Commands::COMMANDS[index].rate;
            rate.map_or(Ok(()), |rate| rates.one(index, rate))
                .map_err(|wait| {
                    refused = true;
                    refusal(wait)
                })
        };
        let int = IntPolicy::of::<P>();
        let decoded = int.within(|| command::decode(text, self.handle.mode, default, admit));
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
            Decoded::Call(call) => match &mut self.phase {
                Phase::Connecting(connecting) => connecting.held.push(call),
                Phase::Handshake(_) | Phase::Open => self.calls.receive(call),
            },
            Decoded::Ping(id) => {
                if self.handle.mode == Mode::Full {
                    self.handle.queue.reply(system::PONG.clone());
                }
                self.answer(id, name::PING, reply::empty(id));
            }
            Decoded::Refresh(id, refresh) => self.refresh(id, refresh),
            Decoded::Done(id) => {
                self.calls.kept.heard();
                self.answer(id, "", reply::empty(id));
            }
            Decoded::Cancel(id, target) => {
                self.cancel(target);
                self.answer(id, name::CANCEL, reply::empty(id));
            }
            Decoded::Connect(id, _) => {
                return self.invalid(&InvalidMessage {
                    id,
                    reason: "the handshake is already complete".to_owned(),
                });
            }
        }
        Ok(())
    }

    /// Begins the exchange of the login for a new one.
    fn refresh(&mut self, id: Option<RequestId>, refresh: Result<Refresh, InvalidParam>) {
        let refresh = match refresh {
            Ok(refresh) => refresh,
            Err(error) => return self.answer(id, name::REFRESH, Err(error.into())),
        };
        let connecting = matches!(self.phase, Phase::Connecting(_));
        if connecting || self.calls.in_flight.runs_beside(name::REFRESH) {
            let error =
                WireError::new(ErrorCode::TooMany, "another token is already being checked");
            return self.answer(id, name::REFRESH, Err(error.with_data(&Limit { limit: 1 })));
        }
        let connection = self.connection.clone();
        let answer = Box::pin(async move { login::refresh(&connection, id, refresh).await });
        let mut running = self
            .calls
            .running(id, name::REFRESH.into(), None, Job::Answer(answer));
        // The hook has its time, and after it the decisions about what the connection is in.
        running.deadline += 2 * self.connection.service.config().timeouts.handler;
        self.calls.in_flight.add_beside(running);
    }

    /// Refuses a command undecoded, but for what its answer needs.
    fn too_often(&mut self, text: &str, wait: Duration) -> Result<(), End> {
        match CommandEnvelope::decode(text) {
            Err(error) => self.invalid(&error)?,
            Ok(envelope) => self.calls.refuse(envelope.id, &envelope.cmd, refusal(wait)),
        }
        self.refused()
    }

    /// Notes that a command came too often.
    fn refused(&mut self) -> Result<(), End> {
        let service = &self.connection.service;
        service.refused().rate_limited.one();
        Ok(self.rates.refuse(service.config().rates.patience)?)
    }

    /// Answers what is no message, and counts it.
    fn invalid(&mut self, error: &InvalidMessage) -> Result<(), End> {
        if matches!(self.phase, Phase::Handshake(_)) {
            return Err(CloseCode::BadHandshake.into());
        }
        let wire = WireError::new(ErrorCode::InvalidMessage, error.to_string());
        self.answer(error.id, "", Err(wire));
        self.connection.service.refused().invalid.one();
        let most = self.connection.service.config().rates.protocol_errors;
        Ok(self.rates.invalid(most)?)
    }

    fn cancel(&mut self, target: RequestId) {
        let held = match &mut self.phase {
            Phase::Connecting(connecting) => connecting.held.cancel(target),
            Phase::Handshake(_) | Phase::Open => None,
        };
        match held {
            Some(call) => {
                let error = WireError::new(ErrorCode::Cancelled, "the call was cancelled");
                self.calls.refuse(call.id, &call.cmd, error);
            }
            None => self.calls.cancel(target),
        }
    }
}

/// Returns whether the message is a `:ping` or `:pong`, which are counted separately. One that is
/// longer than it needs to be counts as a command.
fn is_sign_of_life(text: &str) -> bool {
    text.len() <= 256
        && text.contains("\":p")
        && CommandEnvelope::decode(text)
            .is_ok_and(|envelope| matches!(&*envelope.cmd, name::PING | name::PONG))
}
