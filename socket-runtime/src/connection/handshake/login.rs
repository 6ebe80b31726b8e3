//! The login of a connection: its user, and when it expires.

use std::pin::pin;
use std::sync::Arc;

use futures_util::future::join_all;
use socket_protocol::envelope::{MessageBuf, encode_reply};
use socket_protocol::system::{Refresh, Refreshed, UserInfo};
use socket_protocol::{ErrorCode, Protocol, RequestId, WireError};
use tokio::time::{Instant, timeout};

use crate::admission::{Credentials, Login, RequestHead};
use crate::command::membership;
use crate::config::millis;
use crate::error::internal;
use crate::service::connection::Connection;
use crate::service::context::Context;
use crate::service::handler::guarded;
use crate::service::hooks;

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
    connection: &Arc<Connection<P, U>>,
    id: Option<RequestId>,
    refresh: Refresh,
) -> Result<Option<MessageBuf>, WireError>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    let mut expires = None;
    if let Some(login) = ask(connection, Some(refresh.token), None, None).await? {
        expires = login.expires.map(millis);
        let id = |user: Option<Arc<UserInfo>>| user.map(|user| user.id.clone());
        if id(connection.handle().user()) == id(login.info.clone()) {
            let hub = connection.service.hub();
            hub.rekey(&connection.handle(), login.info.clone(), Vec::new())
                .await
                .map_err(membership::entering)?;
            note(connection, login);
        } else {
            change_user(connection, login).await?;
        }
    }
    id.map(|id| encode_reply(id, &Refreshed { expires }))
        .transpose()
        .map_err(|error| internal(&error))
}

/// Makes the connection another user's: every membership is decided anew, and nothing passes until it
/// is, neither to the client nor from it.
async fn change_user<P, U>(
    connection: &Arc<Connection<P, U>>,
    login: Login<U>,
) -> Result<(), WireError>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    let seat = connection.service.count_user(login.info.as_deref())?;
    let hub = connection.service.hub();
    let handle = connection.handle();
    let changing = connection.change();
    let mut paused = hub.pause(&handle);
    let mut refused = Vec::new();
    loop {
        // The program may put it into more of them meanwhile.
        let channels = paused.more();
        if channels.is_empty() {
            break;
        }
        let decisions = channels.into_iter().map(async |channel| {
            let cx = Context::of_user(connection.clone(), login.user.clone(), channel.clone());
            let decision = membership::decide_for(connection, &channel, cx).await;
            decision.err().map(|reason| (channel, reason))
        });
        refused.extend(join_all(decisions).await.into_iter().flatten());
    }
    hub.rekey(&handle, login.info.clone(), refused)
        .await
        .map_err(membership::entering)?;
    connection.known.lock().seat = seat;
    let before = connection.known.lock().user.clone();
    note(connection, login);
    changing.changed();
    hooks::user_changed(connection, before);
    Ok(())
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
