//! The program's hooks for each connection.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;

use socket_protocol::{CloseCode, Protocol};
use tokio::time::timeout;
use tracing::Instrument as _;

use super::connection::Connection;
use super::context::Context;
use super::handler::guarded;

/// The end of a connection, and its cause.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Disconnected {
    /// The client closed, with its code and phrase; no code: it gave none.
    Client {
        /// The code in its close frame.
        code: Option<u16>,
        /// The phrase.
        reason: String,
    },
    /// The server closed.
    Server {
        /// The code that the client was sent.
        code: CloseCode,
        /// The phrase.
        reason: String,
    },
    /// The socket ended without a close.
    Lost,
}

pub(crate) type HookFuture = Pin<Box<dyn Future<Output = ()> + Send>>;
type ConnectedHook<P, U> = Box<dyn Fn(Context<P, U>) -> HookFuture + Send + Sync>;
type UserChangedHook<P, U> = Box<dyn Fn(Context<P, U>, Option<Arc<U>>) -> HookFuture + Send + Sync>;
type DisconnectedHook<P, U> = Box<dyn Fn(Context<P, U>, Disconnected) -> HookFuture + Send + Sync>;

pub(crate) struct Hooks<P: Protocol, U> {
    pub(crate) connected: Option<ConnectedHook<P, U>>,
    pub(crate) resumed: Option<ConnectedHook<P, U>>,
    pub(crate) user_changed: Option<UserChangedHook<P, U>>,
    pub(crate) disconnected: Option<DisconnectedHook<P, U>>,
}

impl<P: Protocol, U> Default for Hooks<P, U> {
    fn default() -> Self {
        Self {
            connected: None,
            resumed: None,
            user_changed: None,
            disconnected: None,
        }
    }
}

/// The hook for a new connection, if there is one.
pub(crate) fn connected<P, U>(connection: &Arc<Connection<P, U>>) -> Option<HookFuture>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    told(connection, |hooks| hooks.connected.as_ref())
}

/// The hook for a resumed session, if there is one.
pub(crate) fn resumed<P, U>(connection: &Arc<Connection<P, U>>) -> Option<HookFuture>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    told(connection, |hooks| hooks.resumed.as_ref())
}

/// Picks one of the hooks.
type Which<P, U> = fn(&Hooks<P, U>) -> Option<&ConnectedHook<P, U>>;

fn told<P, U>(connection: &Arc<Connection<P, U>>, hook: Which<P, U>) -> Option<HookFuture>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    let service = connection.service.clone();
    hook(service.hooks())?;
    let cx = context(connection);
    Some(Box::pin(async move {
        // A panic is logged where it is caught; the connection goes on.
        let code = pin!(async {
            if let Some(hook) = hook(service.hooks()) {
                hook(cx).await;
            }
        });
        let _ = guarded("a connection hook", code).await;
    }))
}

/// Tells, in a task of its own, that a connection is another user's than `before`.
pub(crate) fn user_changed<P, U>(connection: &Arc<Connection<P, U>>, before: Option<Arc<U>>)
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    let connection = connection.clone();
    if connection.service.hooks().user_changed.is_none() {
        return;
    }
    let service = connection.service.clone();
    let told = async move {
        let service = &connection.service;
        if let Some(hook) = &service.hooks().user_changed {
            let code = pin!(async { hook(context(&connection), before).await });
            let told = guarded("the hook of a user that changed", code);
            let limit = service.config().timeouts.handler;
            if timeout(limit, told).await.is_err() {
                tracing::warn!("the hook for a user that changed took too long");
            }
        }
    };
    service.spawn(&tokio::runtime::Handle::current(), told.in_current_span());
}

/// Tells that a connection has ended.
pub(crate) async fn disconnected<P, U>(connection: &Arc<Connection<P, U>>, reason: Disconnected)
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    let service = &connection.service;
    if let Some(hook) = &service.hooks().disconnected {
        let code = pin!(async { hook(context(connection), reason).await });
        let told = guarded("the on_disconnected hook", code);
        if timeout(service.config().timeouts.handler, told)
            .await
            .is_err()
        {
            tracing::warn!("the on_disconnected hook timed out");
        }
    }
}

fn context<P: Protocol, U>(connection: &Arc<Connection<P, U>>) -> Context<P, U> {
    Context::new(connection.clone(), connection.default_channel.clone(), None)
}
