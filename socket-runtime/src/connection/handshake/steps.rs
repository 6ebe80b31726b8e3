//! The steps of the handshake of full mode: who comes, and what brings the connection into its channels.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use socket_protocol::envelope::{MessageBuf, encode_reply};
use socket_protocol::system::{
    Connect, Connected, Join, JoinOutcome, JoinResult, Limits, ProtocolId, Recovery,
};
use socket_protocol::{ChannelName, CloseCode, ErrorCode, Protocol, RequestId, WireError};
use tokio::time::Instant;

use super::login;
use crate::broker::Address;
use crate::command::membership;
use crate::config::millis;
use crate::connection::session::{self, InTransit};
use crate::error::{Limit, internal};
use crate::hub::EnterError;
use crate::service::connection::Connection;
use crate::shown::shown;

/// Someone who was let in.
pub(crate) struct Entrance<P: Protocol, U: Send + Sync + 'static> {
    /// The channels to be in.
    pub(crate) channels: BTreeMap<String, Join>,
    pub(crate) resumed: Option<InTransit<P, U>>,
}

/// Makes the connection one of the service's: it gets what is sent to it, its user and everyone.
///
/// Returns where it begins in `:user` and `:all`, for which `wanted` may name positions.
pub(crate) async fn enter<P: Protocol, U>(
    connection: &Connection<P, U>,
    wanted: &BTreeMap<String, Join>,
) -> Result<[(ChannelName, JoinResult); 2], EnterError> {
    let hub = connection.service.hub();
    let handle = connection.handle();
    handle.memberships().lock().open = true;
    let mut results = [ChannelName::all(), ChannelName::user()].map(|name| {
        let result = JoinResult {
            recovery: Some(Recovery::None),
            ..JoinResult::default()
        };
        (name, result)
    });
    let addresses = [Some(Address::All), handle.user_address()];
    for (address, (name, result)) in addresses.into_iter().zip(&mut results) {
        let Some(address) = address else { continue };
        let join = wanted.get(name.as_str());
        let since = join.and_then(|join| join.since.clone());
        hub.enter(&handle, &address, since, |_, entered| {
            *result = entered.recovered.join_result();
        })
        .await?;
    }
    Ok(results)
}

/// Finds out who comes, and takes over the session that the client wants to go on with.
pub(crate) async fn identify<P, U>(
    connection: &Arc<Connection<P, U>>,
    connect: Connect,
) -> Result<Entrance<P, U>, WireError>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    if let Some(client) = &connect.client {
        let version = client.version.as_deref().unwrap_or_default();
        tracing::debug!(name = %shown(&client.name), version = %shown(version), "client");
    }
    let service = &connection.service;
    // Before anything else: what an older client brings may have another meaning by now.
    let protocol = connect.protocol.and_then(|protocol| protocol.fingerprint);
    if let Some(fingerprint) = protocol {
        let gate = service.version_gate();
        let count = service
            .version_counts()
            .of(&fingerprint, |name| gate.knows(name));
        let checked = gate.check(P::NAME, &fingerprint);
        count.came(checked.is_ok());
        checked?;
        *connection.handle().version.lock() = Some(count);
    }
    let found = connect
        .session
        .and_then(|token| session::find(service, &token));
    let user = found
        .as_ref()
        .and_then(|found| found.connection.known.lock().user.clone());
    login::authenticate(connection, connect.token, user).await?;
    let id = |connection: &Connection<P, U>| connection.handle().user().map(|user| user.id.clone());
    // Only the user's own session goes on, and one whose commands concern the same channel.
    let found = found.filter(|found| {
        id(&found.connection) == id(connection)
            && found.connection.default_channel == connection.default_channel
    });
    let resumed = match found {
        Some(found) => found.take_over().await,
        None => None,
    };
    // A socket that was there before for the same session has given its place back by now.
    let seat = service.count_user(connection.handle().user().as_deref())?;
    connection.known.lock().seat = seat;
    Ok(Entrance {
        channels: connect.channels,
        resumed,
    })
}

/// Brings the connection into its channels. Its queue is corked meanwhile, so that the answer comes
/// first.
pub(crate) async fn connect<P, U>(
    connection: &Arc<Connection<P, U>>,
    id: Option<RequestId>,
    channels: BTreeMap<String, Join>,
    resumed: bool,
) -> Result<Option<MessageBuf>, WireError>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    let mut wanted = channels;
    if let Some(default) = &connection.default_channel {
        wanted.entry(default.to_string()).or_default();
    }
    let handle = connection.handle();
    let mut channels = BTreeMap::new();
    if resumed {
        // The named channels are the complete list; the others are left before new ones are joined.
        for channel in handle.channels() {
            if !wanted.contains_key(channel.as_str()) {
                let address = Address::Channel(channel);
                connection
                    .service
                    .hub()
                    .leave(&handle, &address, || {})
                    .await;
            }
        }
    }
    let entered = enter(connection, &wanted).await;
    for (name, result) in entered.map_err(membership::entering)? {
        if wanted.remove(name.as_str()).is_some() {
            channels.insert(name.to_string(), JoinOutcome::Joined(result));
        }
    }
    if resumed {
        let user = handle.user();
        let rekeyed = connection
            .service
            .hub()
            .rekey(&handle, user, Vec::new())
            .await;
        rekeyed.map_err(membership::entering)?;
    } else if connection.service.config().keeps_sessions() {
        let owner: Weak<Connection<P, U>> = Arc::downgrade(connection);
        handle.standing().session.open(owner);
    }
    for (name, join) in wanted {
        let outcome = match join_one(connection, &name, &join).await {
            Ok(result) => JoinOutcome::Joined(result),
            Err(error) => JoinOutcome::Refused { error },
        };
        channels.insert(name, outcome);
    }
    let config = connection.service.config();
    let expires = connection.known.lock().expires;
    let expires = expires.map(|at| millis(at.saturating_duration_since(Instant::now())));
    let most = handle.memberships().lock().max_channels;
    let rated = config.rates.rate > 0;
    let mut reply = Connected {
        connection: handle.id(),
        session: handle.standing().session.token(handle.id()),
        resumed,
        user: handle.user().as_deref().cloned(),
        protocol: Some(ProtocolId {
            name: P::NAME.to_owned(),
            fingerprint: connection.service.version_gate().own().map(str::to_owned),
        }),
        ping: millis(config.timeouts.ping),
        timeout: millis(config.timeouts.pong),
        spread: millis(config.timeouts.spread),
        expires,
        limits: Limits {
            message: config.limits.message_bytes as u64,
            channels: Some(most as u64),
            rate: rated.then_some(config.rates.rate.into()),
            burst: rated.then_some(config.rates.burst.into()),
        },
        channels,
    };
    let Some(id) = id else { return Ok(None) };
    let limit = config.limits.outbound_bytes;
    let message = encode_reply(id, &reply).map_err(|error| internal(&error))?;
    if message.text().len() <= limit {
        return Ok(Some(message));
    }
    // The lists of members are what may be long, and `:members` gives them in parts.
    for outcome in reply.channels.values_mut() {
        if let JoinOutcome::Joined(result) = outcome {
            result.members = None;
        }
    }
    let message = encode_reply(id, &reply).map_err(|error| internal(&error))?;
    if message.text().len() <= limit {
        return Ok(Some(message));
    }
    let said = "the reply would exceed the server's message limit: name fewer channels";
    let error = WireError::new(ErrorCode::TooLarge, said);
    Err(error.with_data(&Limit { limit }))
}

/// The close code of a refused handshake: an unauthenticated client comes back with a new token, a
/// client that the server could not check comes back later.
pub(crate) fn close_code(error: &WireError) -> CloseCode {
    let ours = [
        ErrorCode::Internal,
        ErrorCode::Unavailable,
        ErrorCode::Timeout,
    ];
    if ours.iter().any(|code| error.code == code.as_str()) {
        CloseCode::GoingAway
    } else if error.code == ErrorCode::TooLarge.as_str() {
        CloseCode::BadHandshake
    } else if error.code == ErrorCode::UpgradeRequired.as_str() {
        CloseCode::UpgradeRequired
    } else if error.code == ErrorCode::TooMany.as_str() {
        CloseCode::RateLimited
    } else {
        CloseCode::Unauthorized
    }
}

async fn join_one<P, U>(
    connection: &Arc<Connection<P, U>>,
    name: &str,
    join: &Join,
) -> Result<JoinResult, WireError>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    let name = membership::parse(name)?;
    let mut result = JoinResult::default();
    membership::join(connection, &name, join, |joined| result = joined).await?;
    Ok(result)
}
