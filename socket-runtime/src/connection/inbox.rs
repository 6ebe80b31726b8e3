//! What a connection does with a message when it is read: most wait for their turn, some do not.

use std::time::Duration;

use socket_protocol::envelope::{Batch, InvalidMessage};
use socket_protocol::system::{Connect, name};
use socket_protocol::{CloseCode, ErrorCode, InvalidParam, Protocol, RequestId, WireError};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use super::close::End;
use super::handshake;
use super::task::{Phase, Task};
use super::waiting::Done;
use crate::command::{self, Decoded, reply};
use crate::service::status::Mode;

/// Within which time protocol errors are counted together.
const ERROR_WINDOW: Duration = Duration::from_secs(10);

impl<P, U, S> Task<P, U, S>
where
    P: Protocol,
    U: Send + Sync + 'static,
    S: AsyncRead + AsyncWrite + Unpin,
{
    /// Takes a frame.
    pub(super) fn text(&mut self, text: &str) -> Result<(), End> {
        if self.connection.peer.mode == Mode::Plain {
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
        let default = self.connection.default_channel.as_ref();
        let decoded = match command::decode(text, self.connection.peer.mode, default) {
            Ok(decoded) => decoded,
            Err(error) => return self.invalid(&error),
        };
        let decoded = match (&self.phase, decoded) {
            (Phase::Handshake(_), Decoded::Connect(id, connect)) => {
                return self.connect(id, connect);
            }
            (Phase::Handshake(_), _) => return Err(CloseCode::BadHandshake.into()),
            (_, decoded) => decoded,
        };
        match decoded {
            Decoded::Call(call) => self.waiting.push(call),
            Decoded::Ping(id) => {
                if self.connection.peer.mode == Mode::Full {
                    self.connection.peer.queue.push(reply::PONG.clone());
                }
                self.answer(id, name::PING, reply::empty(id));
            }
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
        self.connection.peer.queue.cork();
        let connection = self.connection.clone();
        let work =
            async move { Done::Connected(handshake::connect(connection, id, connect).await) };
        self.start(id, name::CONNECT.into(), None, Box::pin(work));
        Ok(())
    }

    /// Answers what is no message, and counts it.
    fn invalid(&mut self, error: &InvalidMessage) -> Result<(), End> {
        if matches!(self.phase, Phase::Handshake(_)) {
            return Err(CloseCode::BadHandshake.into());
        }
        let wire = WireError::new(ErrorCode::InvalidMessage, error.to_string());
        self.answer(error.id, "", Err(wire));
        let now = Instant::now();
        self.errors.push_back(now);
        self.errors.retain(|at| now - *at < ERROR_WINDOW);
        if self.errors.len() > self.connection.service.config().protocol_errors {
            return Err(CloseCode::TooManyErrors.into());
        }
        Ok(())
    }

    fn cancel(&mut self, target: RequestId) {
        let cancelled = match self.running.take_if(|running| running.id == Some(target)) {
            Some(running) => Some(running.cmd),
            None => self.waiting.cancel(target).map(|call| call.cmd),
        };
        if let Some(cmd) = cancelled {
            let error = WireError::new(ErrorCode::Cancelled, "it was cancelled");
            self.answer(Some(target), &cmd, Err(error));
        }
    }
}
