//! Dispatches a call to its handler, after the checks that every call to a channel undergoes.

use std::sync::Arc;

use socket_protocol::definition::Channels;
use socket_protocol::envelope::{MessageBuf, encode_reply};
use socket_protocol::system::{MembersQuery, name};
use socket_protocol::{
    Caller, ChannelName, Commands, ErrorCode, IntPolicy, ItemQueue, Protocol, RequestId, WireError,
};
use tracing::Instrument as _;

use super::decode::{ReceivedCall, Work};
use super::{history, membership, reply};
use crate::error::internal;
use crate::frame;
use crate::service::connection::Connection;
use crate::service::context::Context;
use crate::service::handler::AnswerFuture;
use crate::shown::shown;
use crate::stats::Cursor;

/// The state of a call after dispatch.
pub(crate) enum Begun {
    /// It is answered already.
    Answered(Result<Option<MessageBuf>, WireError>),
    /// It runs, and ends with the answer. `Ok(None)`: the answer has been sent, or is not wanted.
    Runs(AnswerFuture<Option<MessageBuf>>),
}

/// Begins a call.
pub(crate) fn begin<P, U>(
    connection: &Arc<Connection<P, U>>,
    call: ReceivedCall<P::Commands>,
    items: Option<Arc<dyn ItemQueue>>,
) -> Begun
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    try_begin(connection, call, items).unwrap_or_else(|error| Begun::Answered(Err(error)))
}

/// The same; the error is the answer.
fn try_begin<P, U>(
    connection: &Arc<Connection<P, U>>,
    call: ReceivedCall<P::Commands>,
    items: Option<Arc<dyn ItemQueue>>,
) -> Result<Begun, WireError>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    let trace = call.trace.as_deref().map(shown);
    let trace = trace.map(tracing::field::display);
    let id = call.id.map(RequestId::get);
    let span = tracing::debug_span!("command", cmd = %shown(&call.cmd), id, trace);
    let id = call.id;
    let channel = call.channel.map_err(|error| membership::invalid(&error));
    let connection = connection.clone();
    Ok(match call.work {
        Work::Command(index, command) => {
            let channel = channel?;
            match &channel {
                Some(channel) => check::<P, U>(&connection, index, channel)?,
                None if belongs_to_channels::<P>(index) => {
                    required(None)?;
                }
                None => {}
            }
            let command = command?;
            let runner = connection.service.runner();
            let cx = Context::new(connection, channel, id);
            let int = IntPolicy::of::<P>();
            Begun::Runs(runner.handle(command, cx, Caller { id, items, int }, span))
        }
        Work::Join(join) => {
            let channel = required(channel?)?;
            let joined = async move {
                let handle = connection.handle();
                membership::join(&connection, &channel, &join, |result| {
                    // In the same step in which the connection becomes a member: nothing that is
                    // published to the channel can come before it.
                    if let Some(reply) = id.and_then(|id| encode_reply(id, &result).ok()) {
                        handle.queue.reply(frame::text(reply));
                    }
                })
                .await?;
                Ok(None)
            };
            Begun::Runs(Box::pin(joined.instrument(span)))
        }
        Work::Leave => {
            let channel = required(channel?)?;
            Begun::Runs(Box::pin(async move {
                membership::leave(&connection, &channel, || {}).await?;
                reply::empty(id)
            }))
        }
        Work::Members(query) => {
            let channel = required(channel?)?;
            Begun::Answered(members(&connection, &channel, &query, id))
        }
        Work::History(query) => {
            let channel = required(channel?)?;
            Begun::Runs(Box::pin(async move {
                history::read(&connection, &channel, query, id).await
            }))
        }
        Work::Refused(error) => Begun::Answered(Err(error)),
    })
}

fn required(channel: Option<ChannelName>) -> Result<ChannelName, WireError> {
    channel.ok_or_else(|| {
        WireError::new(
            ErrorCode::InvalidChannel,
            "this command must be sent to a channel",
        )
    })
}

/// Returns whether the definition lists the command for certain channels only. Without a channel no
/// policy has checked it, and its handler may rely on that check.
fn belongs_to_channels<P: Protocol>(index: usize) -> bool {
    let command = &P::Commands::COMMANDS[index];
    let mut takers = P::Channels::CHANNELS
        .iter()
        .filter(|channel| channel.takes(command));
    let mut listed = false;
    takers.all(|channel| {
        listed = true;
        channel.commands.is_some()
    }) && listed
}

/// Checks that the channel accepts the command from this connection.
fn check<P: Protocol, U>(
    connection: &Connection<P, U>,
    index: usize,
    channel: &ChannelName,
) -> Result<(), WireError> {
    let command = &P::Commands::COMMANDS[index];
    let spec = &P::Channels::CHANNELS[membership::declared::<P>(channel)?.index()];
    if !spec.takes(command) {
        let message = format!("{channel} does not accept the command {}", command.name);
        return Err(WireError::new(ErrorCode::Forbidden, message));
    }
    if !spec.takes_from_outside(command) {
        membership::joined(connection, channel)?;
    }
    Ok(())
}

fn members<P: Protocol, U>(
    connection: &Connection<P, U>,
    channel: &ChannelName,
    query: &MembersQuery,
    id: Option<RequestId>,
) -> Result<Option<MessageBuf>, WireError> {
    membership::joined(connection, channel)?;
    let after = match query.after.as_deref().map(str::parse::<Cursor>) {
        None => None,
        Some(Ok(cursor)) => Some(cursor),
        Some(Err(_)) => {
            let error = socket_protocol::InvalidParam::new("after", "invalid cursor");
            return Err(error.into());
        }
    };
    let config = connection.service.config();
    let limit = query.limit.map_or(config.members.page, |limit| {
        usize::try_from(limit).map_or(config.members.page_max, |limit| {
            limit.clamp(1, config.members.page_max)
        })
    });
    let Some(group) = connection.service.hub().channel(channel) else {
        return Err(internal(&format_args!(
            "the member list of {channel} is missing: {} was not answered",
            name::MEMBERS
        )));
    };
    let members = group.roster.lock().members(after, limit);
    id.map(|id| encode_reply(id, &members))
        .transpose()
        .map_err(|error| internal(&error))
}
