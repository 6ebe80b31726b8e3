//! Joining and leaving, as clients and handlers do it.

use std::sync::Arc;

use socket_protocol::definition::Channels;
use socket_protocol::envelope::{EventHead, OpenMessage};
use socket_protocol::system::{Closed, Join, JoinResult, name};
use socket_protocol::{ChannelName, ErrorCode, InvalidChannelName, Protocol, WireError};
use tokio::time::timeout;

use super::context::Context;
use super::guard;
use crate::broker::Address;
use crate::connection::{Connection, Peer};
use crate::error::ChannelError;
use crate::frame;
use crate::hub::{EnterError, Entered, Hub, Roster};
use crate::stats::Mode;

/// A channel's name as a client wrote it.
pub(crate) fn parse(name: &str) -> Result<ChannelName, WireError> {
    ChannelName::new(name).map_err(|error| invalid(&error))
}

pub(crate) fn invalid(error: &InvalidChannelName) -> WireError {
    WireError::new(ErrorCode::InvalidChannel, error.to_string())
}

/// The channel of that name, if the protocol declares one.
pub(crate) fn declared<P: Protocol>(name: &ChannelName) -> Result<P::Channels, WireError> {
    guard(|| P::Channels::parse(name))?.ok_or_else(|| ChannelError::Unknown(name.clone()).into())
}

pub(crate) fn entering(error: EnterError) -> WireError {
    match error {
        EnterError::Closed => WireError::new(ErrorCode::Unavailable, "the connection is not open"),
        EnterError::TooMany(limit) => ChannelError::TooMany { limit }.into(),
        EnterError::Broker(error) => WireError::new(ErrorCode::Unavailable, error.to_string()),
    }
}

/// Asks the policy, within the time that a handler has.
pub(crate) async fn decide<P, U>(
    connection: &Arc<Connection<P, U>>,
    name: &ChannelName,
) -> Result<(), WireError>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    let channel = declared::<P>(name)?;
    let cx = Context::new(connection.clone(), Some(name.clone()), None);
    let service = &connection.service;
    let decision = service.runner().may_join(channel, cx);
    timeout(service.config().handler_timeout, decision)
        .await
        .unwrap_or_else(|_| Err(WireError::new(ErrorCode::Timeout, "it took too long")))
}

/// Lets the client join if it may; `joined` gets the result in the step in which it becomes a
/// member.
pub(crate) async fn join<P, U>(
    connection: &Arc<Connection<P, U>>,
    channel: &ChannelName,
    join: &Join,
    mut joined: impl FnMut(JoinResult) + Send,
) -> Result<(), WireError>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    let address = Address::Channel(channel.clone());
    if !connection.peer().is_member(channel) {
        {
            // The program need not decide what cannot be.
            let peer = connection.peer();
            let memberships = peer.memberships().lock();
            if memberships.is_full(&address) {
                return Err(entering(EnterError::TooMany(memberships.max_channels)));
            }
        }
        decide(connection, channel).await?;
    }
    let page = join
        .members
        .then_some(connection.service.config().members_page);
    connection
        .service
        .hub()
        .enter(
            &connection.peer(),
            &address,
            join.since.clone(),
            |roster, entered| joined(result(roster, entered, page)),
        )
        .await
        .map_err(entering)?;
    Ok(())
}

fn result(roster: &Roster, entered: &Entered, page: Option<usize>) -> JoinResult {
    JoinResult {
        members: page.map(|limit| roster.members(None, limit)),
        ..entered.recovered.join_result()
    }
}

/// Ends the client's membership.
pub(crate) async fn leave<P: Protocol, U>(
    connection: &Connection<P, U>,
    channel: &ChannelName,
    left: impl FnMut() + Send,
) -> Result<bool, WireError> {
    declared::<P>(channel)?;
    let address = Address::Channel(channel.clone());
    Ok(connection
        .service
        .hub()
        .leave(&connection.peer(), &address, left)
        .await)
}

/// Puts a plain client into the channel that it named at the upgrade.
pub(crate) async fn enter_silently<P: Protocol, U>(
    connection: &Connection<P, U>,
    channel: &ChannelName,
) -> Result<(), EnterError> {
    let address = Address::Channel(channel.clone());
    connection
        .service
        .hub()
        .enter(&connection.peer(), &address, None, |_, _| {})
        .await?;
    Ok(())
}

/// Puts a connection into a channel because the program wants it there, and tells the client,
/// before the channel's first event.
pub(crate) async fn put(
    hub: &Arc<Hub>,
    peer: &Arc<Peer>,
    channel: &ChannelName,
) -> Result<bool, ChannelError> {
    let address = Address::Channel(channel.clone());
    hub.enter(peer, &address, None, |roster, entered| {
        if entered.new {
            tell(peer, channel, name::JOINED, &result(roster, entered, None));
        }
    })
    .await
    .map_err(|error| match error {
        EnterError::Closed => ChannelError::NoConnection(peer.id()),
        EnterError::TooMany(limit) => ChannelError::TooMany { limit },
        EnterError::Broker(error) => error.into(),
    })
}

/// Takes a connection out of a channel, and tells the client.
pub(crate) async fn take_out(hub: &Hub, peer: &Arc<Peer>, channel: &ChannelName) -> bool {
    let address = Address::Channel(channel.clone());
    hub.leave(peer, &address, || {
        let reason = WireError::new(ErrorCode::NotJoined, "the server took the connection out");
        tell(peer, channel, name::CLOSED, &Closed { reason });
    })
    .await
}

/// Queues one of the protocol's own events, which plain clients do not know.
fn tell(peer: &Arc<Peer>, channel: &ChannelName, name: &str, param: &impl serde::Serialize) {
    if peer.mode == Mode::Plain {
        return;
    }
    let head = EventHead {
        channel: Some(channel.as_str()),
        from: None,
    };
    match OpenMessage::event(name, head, param) {
        Ok(message) => peer.send(frame::text(message.close())),
        Err(error) => tracing::error!(%error, name, "not sent"),
    }
}
