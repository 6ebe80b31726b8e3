//! Decodes a message's text into a command, in one pass over the frame.

use std::borrow::Cow;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use socket_protocol::definition::Commands;
use socket_protocol::envelope::{CommandEnvelope, InvalidMessage};
use socket_protocol::system::{Cancel, Connect, HistoryQuery, Join, MembersQuery, Refresh, name};
use socket_protocol::{
    __private, ChannelName, ErrorCode, InvalidChannelName, InvalidParam, RequestId, WireError,
};
use tokio::time::Instant;

use crate::service::handler::guard;
use crate::stats::Mode;
use crate::suggest::similar;

/// A message, by when it is handled.
pub(crate) enum Decoded<C> {
    /// In its turn.
    Call(ReceivedCall<C>),
    /// The handshake.
    Connect(Option<RequestId>, Result<Connect, InvalidParam>),
    /// At once.
    Ping(Option<RequestId>),
    /// At once: cancels the call with the second id.
    Cancel(Option<RequestId>, RequestId),
    /// At once: brings a new token.
    Refresh(Option<RequestId>, Result<Refresh, InvalidParam>),
    /// At once: there is nothing to do.
    Done(Option<RequestId>),
}

/// A command that waits for its turn.
pub(crate) struct ReceivedCall<C> {
    pub(crate) id: Option<RequestId>,
    pub(crate) cmd: Cow<'static, str>,
    pub(crate) channel: Result<Option<ChannelName>, InvalidChannelName>,
    /// When the client stops waiting for the answer.
    pub(crate) until: Option<Instant>,
    /// The client's span.
    pub(crate) trace: Option<String>,
    /// True if the present socket sent it or sent it again.
    pub(crate) claimed: bool,
    /// The size of its message.
    pub(crate) bytes: usize,
    pub(crate) work: Work<C>,
}

/// How long an answer may be, as far as that is known before it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AnswerLength {
    /// As long as a handler makes it.
    Unknown,
    /// A list, of whatever length.
    Long,
}

impl<C: Commands> ReceivedCall<C> {
    /// How long its answer may be; `None`: it has none, or always a short one.
    pub(crate) fn answer_length(&self) -> Option<AnswerLength> {
        self.id?;
        match &self.work {
            Work::Command(..) => Some(AnswerLength::Unknown),
            Work::History(_) | Work::Members(_) => Some(AnswerLength::Long),
            Work::Join(join) => join.members.then_some(AnswerLength::Long),
            Work::Leave | Work::Refused(_) => None,
        }
    }

    /// Returns whether later calls may start while it runs.
    pub(crate) fn is_concurrent(&self) -> bool {
        match self.work {
            Work::Command(index, _) => {
                C::COMMANDS[index].concurrent || C::COMMANDS[index].streaming
            }
            _ => false,
        }
    }

    /// Returns whether it sends items before its reply.
    pub(crate) fn is_streaming(&self) -> bool {
        matches!(self.work, Work::Command(index, _) if C::COMMANDS[index].streaming)
    }
}

pub(crate) enum Work<C> {
    /// One of the definition's commands: its index, and its decoded parameters. Whether they are
    /// valid is told only to a client that may send it.
    Command(usize, Result<C, InvalidParam>),
    Join(Join),
    Leave,
    Members(MembersQuery),
    History(HistoryQuery),
    Refused(WireError),
}

/// Decodes one message.
pub(crate) fn decode<C: Commands>(
    text: &str,
    mode: Mode,
    default: Option<&ChannelName>,
    admit: impl FnOnce(usize) -> Result<(), WireError>,
) -> Result<Decoded<C>, InvalidMessage> {
    let envelope = CommandEnvelope::decode(text)?;
    let id = envelope.id;
    let work = match (&*envelope.cmd, mode) {
        (cmd, _) if !cmd.starts_with(':') => match C::index_of(cmd) {
            Some(index) if C::COMMANDS[index].streaming && id.is_none() => {
                return Err(InvalidMessage {
                    id,
                    reason: format!("{cmd} streams its reply, which requires an id"),
                });
            }
            Some(index) => match admit(index) {
                Ok(()) => match guard(|| C::decode(index, envelope.param)) {
                    Ok(command) => Work::Command(index, command),
                    Err(error) => Work::Refused(error),
                },
                Err(error) => Work::Refused(error),
            },
            None => Work::Refused(unknown::<C>(cmd)),
        },
        (name::CONNECT | name::REFRESH, Mode::Plain) => {
            return Err(InvalidMessage {
                id,
                reason: format!(
                    "{} requires full mode: offer the subprotocol socket.v1",
                    envelope.cmd
                ),
            });
        }
        (name::CONNECT, Mode::Full) => return Ok(Decoded::Connect(id, param(envelope.param))),
        (name::PING, _) => return Ok(Decoded::Ping(id)),
        (name::REFRESH, Mode::Full) => return Ok(Decoded::Refresh(id, param(envelope.param))),
        (name::PONG, _) => return Ok(Decoded::Done(id)),
        (name::CANCEL, _) => match param(envelope.param) {
            Ok(Cancel { id: target }) => return Ok(Decoded::Cancel(id, target)),
            Err(error) => Work::Refused(error.into()),
        },
        (name::JOIN, _) => own(envelope.param, Work::Join),
        (name::LEAVE, _) => Work::Leave,
        (name::MEMBERS, _) => own(envelope.param, Work::Members),
        (name::HISTORY, _) => own(envelope.param, Work::History),
        (cmd, _) => Work::Refused(unknown::<C>(cmd)),
    };
    Ok(Decoded::Call(ReceivedCall {
        id,
        cmd: match C::index_of(&envelope.cmd) {
            Some(index) => C::COMMANDS[index].name.into(),
            None => envelope.cmd.to_string().into(),
        },
        channel: match envelope.channel() {
            None => Ok(default.cloned()),
            Some(":user") if envelope.cmd == name::HISTORY => Ok(Some(ChannelName::user())),
            Some(":all") if envelope.cmd == name::HISTORY => Ok(Some(ChannelName::all())),
            Some(name) => match default.filter(|default| default.as_str() == name) {
                Some(default) => Ok(Some(default.clone())),
                None => ChannelName::new(name).map(Some),
            },
        },
        until: envelope
            .timeout
            .and_then(|millis| Instant::now().checked_add(Duration::from_millis(millis))),
        trace: envelope.trace().map(str::to_owned),
        claimed: true,
        bytes: text.len(),
        work,
    }))
}

fn param<T: DeserializeOwned>(param: Option<&RawValue>) -> Result<T, InvalidParam> {
    __private::decode(param)
}

fn own<T: DeserializeOwned, C>(text: Option<&RawValue>, work: fn(T) -> Work<C>) -> Work<C> {
    match param(text) {
        Ok(param) => work(param),
        Err(error) => Work::Refused(error.into()),
    }
}

fn unknown<C: Commands>(cmd: &str) -> WireError {
    #[derive(serde::Serialize)]
    struct Unknown<'a> {
        cmd: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        similar: Option<&'a str>,
    }
    let own = [
        name::JOIN,
        name::LEAVE,
        name::MEMBERS,
        name::HISTORY,
        name::CANCEL,
        name::PING,
    ];
    let names = C::COMMANDS.iter().map(|command| command.name).chain(own);
    let similar = similar(cmd, names);
    let message = match similar {
        Some(similar) => format!("unknown command {cmd:?}; did you mean {similar:?}?"),
        None => format!("unknown command {cmd:?}"),
    };
    WireError::new(ErrorCode::UnknownCommand, message).with_data(&Unknown { cmd, similar })
}
