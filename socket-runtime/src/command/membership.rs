//! Joining and leaving, as clients and handlers do it.

use std::sync::Arc;

use socket_protocol::definition::Channels;
use socket_protocol::system::{Join, JoinResult};
use socket_protocol::{ChannelName, ErrorCode, InvalidChannelName, Protocol, WireError};
use tokio::time::timeout;

use crate::broker::Address;
use crate::error::ChannelError;
use crate::hub::EnterError;
use crate::service::connection::Connection;
use crate::service::context::Context;
use crate::service::handler::guard;

/// Parses a channel name from a client.
pub(crate) fn parse(name: &str) -> Result<ChannelName, WireError> {
    ChannelName::new(name).map_err(|error| invalid(&error))
}

pub(crate) fn invalid(error: &InvalidChannelName) -> WireError {
    WireError::new(ErrorCode::InvalidChannel, error.to_string())
}

/// The channel of that name, if the protocol declares it.
pub(crate) fn declared<P: Protocol>(name: &ChannelName) -> Result<P::Channels, WireError> {
    guard(|| P::Channels::parse(name))?.ok_or_else(|| ChannelError::Unknown(name.clone()).into())
}

/// Checks that the connection is in the channel.
pub(crate) fn joined<P: Protocol, U>(
    connection: &Connection<P, U>,
    channel: &ChannelName,
) -> Result<(), WireError> {
    if connection.handle().is_member(channel) {
        return Ok(());
    }
    declared::<P>(channel)?;
    let message = format!("the connection is not in {channel}");
    Err(WireError::new(ErrorCode::NotJoined, message))
}

/// Why a connection did not enter, as the wire says it.
pub(crate) fn entering(error: EnterError) -> WireError {
    match error {
        EnterError::Closed => WireError::new(ErrorCode::Unavailable, "the connection is not open"),
        EnterError::TooMany(limit) => ChannelError::TooMany { limit }.into(),
        EnterError::Broker(error) => WireError::new(ErrorCode::Unavailable, error.to_string()),
    }
}

/// Asks the join policy, within the time limit of a handler.
pub(crate) async fn decide<P, U>(
    connection: &Arc<Connection<P, U>>,
    name: &ChannelName,
) -> Result<(), WireError>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    let cx = Context::new(connection.clone(), Some(name.clone()), None);
    decide_for(connection, name, cx).await
}

/// The same for the user that the context says.
pub(crate) async fn decide_for<P, U>(
    connection: &Arc<Connection<P, U>>,
    name: &ChannelName,
    cx: Context<P, U>,
) -> Result<(), WireError>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    let channel = declared::<P>(name)?;
    let service = &connection.service;
    let decision = service.runner().may_join(channel, cx);
    timeout(service.config().timeouts.handler, decision)
        .await
        .unwrap_or_else(|_| {
            Err(WireError::new(
                ErrorCode::Timeout,
                "the join decision timed out",
            ))
        })
}

/// Joins the channel if the policy allows it; `joined` gets the result in the same step in which
/// the connection becomes a member.
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
    let asked = !connection.handle().is_member(channel);
    let mut changes = connection.user_changes();
    if asked {
        {
            // The policy is asked only if the join is possible.
            let handle = connection.handle();
            let memberships = handle.memberships().lock();
            if memberships.is_full(&address) {
                return Err(entering(EnterError::TooMany(memberships.max_channels)));
            }
        }
        decide(connection, channel).await?;
        while changes != connection.user_changes() {
            changes = connection.user_changes();
            decide(connection, channel).await?;
        }
    }
    let page = join
        .members
        .then_some(connection.service.config().members.page);
    connection
        .service
        .hub()
        .enter(
            &connection.handle(),
            &address,
            join.since.clone(),
            |roster, entered| joined(entered.join_result(roster, page)),
        )
        .await
        .map_err(entering)?;
    while asked && changes != connection.user_changes() {
        // It became another user's while the broker was asked.
        changes = connection.user_changes();
        if let Err(reason) = decide(connection, channel).await {
            let hub = connection.service.hub();
            hub.take_out(&connection.handle(), channel, reason).await;
            return Ok(());
        }
    }
    Ok(())
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
        .leave(&connection.handle(), &address, left)
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
        .enter(&connection.handle(), &address, None, |_, _| {})
        .await?;
    Ok(())
}
