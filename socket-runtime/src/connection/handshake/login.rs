//! The login of a connection: its user, and when it expires.

use std::pin::pin;
use std::sync::Arc;

use socket_protocol::envelope::{MessageBuf, encode_reply};
use socket_protocol::system::{Refresh, Refreshed};
use socket_protocol::{ErrorCode, Protocol, RequestId, WireError};
use tokio::time::{Instant, timeout};

use crate::admission::{Credentials, Login, RequestHead};
use crate::command::membership;
use crate::config::millis;
use crate::error::internal;
use crate::service::connection::Connection;
use crate::service::handler::guarded;

/// Asks the hook who the client is, where there is a hook, and notes the answer.
pub(crate) async fn authenticate<P, U>(
    connection: &Connection<P, U>,
    token: Option<String>,
    session_user: Option<Arc<U>>,
) -> Result<(), WireError>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    let head = connection.known.lock().head.take();
    if let Some(login) = ask(connection, token, head, session_user).await? {
        *connection.handle().user.lock() = login.info.clone();
        note(connection, login);
    }
    Ok(())
}

/// Exchanges the login for the one that the new token stands for.
pub(crate) async fn refresh<P, U>(
    connection: &Connection<P, U>,
    id: Option<RequestId>,
    refresh: Refresh,
) -> Result<Option<MessageBuf>, WireError>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    let mut expires = None;
    if let Some(login) = ask(connection, Some(refresh.token), None, None).await? {
        let hub = connection.service.hub();
        hub.rekey(&connection.handle(), login.info.clone())
            .await
            .map_err(membership::entering)?;
        expires = login.expires.map(millis);
        note(connection, login);
    }
    id.map(|id| encode_reply(id, &Refreshed { expires }))
        .transpose()
        .map_err(|error| internal(&error))
}

async fn ask<P, U>(
    connection: &Connection<P, U>,
    token: Option<String>,
    head: Option<Box<RequestHead>>,
    session_user: Option<Arc<U>>,
) -> Result<Option<Login<U>>, WireError>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    let service = &connection.service;
    let Some(authenticator) = service.authenticator() else {
        return Ok(None);
    };
    let shown = Credentials {
        head: head.map_or_else(RequestHead::default, |head| *head),
        address: connection.handle().address,
        token,
        user: connection.known.lock().user.clone(),
        session_user,
    };
    // The hook is the program's own code from its very call.
    let code = pin!(async { authenticator(shown).await });
    let answer = guarded("the authentication hook", code);
    match timeout(service.config().timeouts.handler, answer).await {
        Ok(answer) => answer?.map(Some),
        Err(_) => Err(WireError::new(
            ErrorCode::Timeout,
            "authentication timed out",
        )),
    }
}

fn note<P: Protocol, U>(connection: &Connection<P, U>, login: Login<U>) {
    let config = connection.service.config();
    let mut known = connection.known.lock();
    let now = Instant::now();
    let ahead = |time| config.timeouts.refresh_ahead.min(time / 2);
    known.expires = login.expires.and_then(|time| now.checked_add(time));
    known.ask = login
        .expires
        .and_then(|time| now.checked_add(time - ahead(time)));
    known.user = login.user;
    drop(known);
    let channels = login.channels.unwrap_or(config.limits.channels);
    connection.handle().memberships().lock().max_channels = channels;
}
