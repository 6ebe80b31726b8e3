//! The service that a program holds, and everything that it can do from anywhere.

mod builder;
pub(crate) mod capacity;
pub(crate) mod connection;
pub(crate) mod context;
pub(crate) mod crowds;
pub(crate) mod handler;
pub(crate) mod hooks;
mod reach;
mod sessions;
pub(crate) mod shutdown;
mod target;
mod tasks;

pub use builder::Builder;
pub use context::Context;
pub use reach::Reached;
pub use target::Target;

use std::net::IpAddr;
use std::sync::Arc;

use socket_protocol::definition::{self, Channels, Decide};
use socket_protocol::{ChannelName, ConnectionId, Protocol, Timestamp};
use tokio::sync::watch;

use crate::admission::{Authenticator, Pages, Proxies, User, VersionGate};
use crate::broker::Address;
use crate::channel::ToChannel;
use crate::config::Config;
use crate::error::ChannelError;
use crate::hub::{Handle, Hub};
use crate::outbound::Flushers;
use crate::stats::refused::RefusedCounters;
use crate::stats::versions::VersionCounts;
use crate::stats::{ChannelInfo, ConnectionInfo, Cursor, Page, Status};
use crowds::Crowds;
use handler::Runner;
use hooks::Hooks;
use sessions::Sessions;
use shutdown::Stage;
use target::To;
use tasks::Tasks;

/// The connections, channels and users of one protocol. It is cheap to clone: every clone is the
/// same service, so it can be axum's state.
///
/// `U` is your user type: it provides an id and a display name (see [`Identity`](crate::Identity)).
pub struct Service<P: Protocol, U = User> {
    inner: Arc<Inner<P, U>>,
}

struct Inner<P: Protocol, U> {
    hub: Arc<Hub>,
    runner: Arc<dyn Runner<P, U>>,
    config: Config,
    hooks: Hooks<P, U>,
    authenticator: Option<Authenticator<U>>,
    flushers: Flushers<Handle>,
    version_gate: VersionGate,
    version_counts: VersionCounts,
    since: Timestamp,
    /// The sessions whose clients may return.
    sessions: Sessions,
    /// The number of open connections.
    open: watch::Sender<usize>,
    /// The connections' tasks: one may live on when its socket is gone.
    tasks: Tasks,
    /// How far the service's end has come.
    stage: watch::Sender<Stage>,
    /// Whether that is over.
    ended: watch::Sender<bool>,
    refused: RefusedCounters,
    pages: Pages,
    proxies: Proxies,
    addresses: Crowds<IpAddr>,
    users: Crowds<String>,
}

impl<P: Protocol, U> Clone for Service<P, U> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
        }
    }
}

impl<P: Protocol, U> std::fmt::Debug for Service<P, U> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Service")
            .field("protocol", &P::NAME)
            .field("config", &self.inner.config)
            .finish_non_exhaustive()
    }
}

impl<P, U> Service<P, U>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    /// Starts configuring a service. The handler answers its commands and join decisions.
    pub fn builder<H>(handler: H) -> Builder<P, U>
    where
        H: Send + Sync + 'static,
        P::Commands: definition::Handle<H, Context<P, U>>,
        P::Channels: Decide<H, Context<P, U>>,
    {
        Builder::new(handler)
    }
}

impl<P: Protocol, U> Service<P, U> {
    pub(crate) fn hub(&self) -> &Arc<Hub> {
        &self.inner.hub
    }

    pub(crate) fn runner(&self) -> Arc<dyn Runner<P, U>> {
        self.inner.runner.clone()
    }

    pub(crate) fn hooks(&self) -> &Hooks<P, U> {
        &self.inner.hooks
    }

    pub(crate) fn flushers(&self) -> &Flushers<Handle> {
        &self.inner.flushers
    }

    pub(crate) fn refused(&self) -> &RefusedCounters {
        &self.inner.refused
    }

    pub(crate) fn authenticator(&self) -> Option<&Authenticator<U>> {
        self.inner.authenticator.as_ref()
    }

    pub(crate) fn version_gate(&self) -> &VersionGate {
        &self.inner.version_gate
    }

    pub(crate) fn version_counts(&self) -> &VersionCounts {
        &self.inner.version_counts
    }

    pub(crate) fn sessions(&self) -> &Sessions {
        &self.inner.sessions
    }

    /// The service's limits.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.inner.config
    }

    /// The name of a channel that the protocol declares.
    pub(crate) fn declared<K>(
        &self,
        channel: impl ToChannel<P::Channels, K>,
    ) -> Result<ChannelName, ChannelError> {
        let name = channel.to_channel()?;
        match P::Channels::parse(&name) {
            Some(_) => Ok(name),
            None => Err(ChannelError::Unknown(name)),
        }
    }

    /// An open connection.
    pub(crate) fn handle(&self, id: ConnectionId) -> Result<Arc<Handle>, ChannelError> {
        self.hub()
            .handle(id)
            .filter(|handle| handle.memberships().lock().open)
            .ok_or(ChannelError::NoConnection(id))
    }

    /// Puts a connection into a channel and tells its client by `:joined`, before the channel's
    /// first event. The join policy is not asked, because the program has decided. Returns `false`
    /// if the connection was in the channel already.
    ///
    /// # Errors
    /// [`ChannelError`]; nothing has changed then.
    pub async fn join<K>(
        &self,
        connection: ConnectionId,
        channel: impl ToChannel<P::Channels, K>,
    ) -> Result<bool, ChannelError> {
        let channel = self.declared(channel)?;
        let handle = self.handle(connection)?;
        self.hub().put(&handle, &channel).await
    }

    /// Takes a connection out of a channel and tells its client by `:closed`. Returns `false` if it
    /// was not in the channel.
    ///
    /// # Errors
    /// [`ChannelError`]; nothing has changed then.
    pub async fn leave<K>(
        &self,
        connection: ConnectionId,
        channel: impl ToChannel<P::Channels, K>,
    ) -> Result<bool, ChannelError> {
        let channel = self.declared(channel)?;
        let handle = self.handle(connection)?;
        Ok(self.hub().put_out(&handle, &channel).await)
    }

    /// Addresses one connection.
    pub const fn to_connection(&self, connection: ConnectionId) -> Target<'_, P, U> {
        Target::new(self, Ok(To::Connection(connection)))
    }

    /// Addresses the members of a channel.
    pub fn to_channel<K>(&self, channel: impl ToChannel<P::Channels, K>) -> Target<'_, P, U> {
        let address = channel.to_channel().map(Address::Channel);
        Target::new(self, address.map(To::Group).map_err(ChannelError::from))
    }

    /// Addresses every connection of a user, by the user's id. Clients see the channel `:user`.
    pub fn to_user(&self, user: impl AsRef<str>) -> Target<'_, P, U> {
        Target::new(self, Ok(To::Group(Address::User(user.as_ref().into()))))
    }

    /// Addresses every connection. Clients see the channel `:all`.
    pub const fn to_all(&self) -> Target<'_, P, U> {
        Target::new(self, Ok(To::Group(Address::All)))
    }

    /// The service in numbers.
    #[must_use]
    pub fn status(&self) -> Status {
        let (channels, users) = self.hub().count_groups();
        let all = self.hub().find(&Address::All);
        Status {
            protocol: P::NAME,
            connections: all.map_or(0, |all| all.roster.lock().len()),
            sessions: self.sessions().count(),
            buffered: self.hub().buffered().bytes(),
            channels,
            users,
            since: self.inner.since,
            versions: self.version_counts().read(),
            statistics: self.hub().statistics(),
            recoveries: self.hub().recoveries.read(),
            refused: self.refused().read(),
            closes: self.refused().closes(),
        }
    }

    /// One open connection: from the step of its handshake in which it starts to receive events for
    /// everyone, shortly before it is in its channels and its client has the reply, until its
    /// socket has ended. A session whose client is away does not count.
    #[must_use]
    pub fn connection(&self, id: ConnectionId) -> Option<ConnectionInfo> {
        let open = |handle: &Arc<Handle>| {
            handle
                .memberships()
                .lock()
                .places
                .contains_key(&Address::All)
        };
        self.hub()
            .handle(id)
            .filter(open)
            .map(|handle| handle.info())
    }

    /// Every open connection, oldest first. On a large node read pages instead.
    #[must_use]
    pub fn connections(&self) -> Vec<ConnectionInfo> {
        self.connections_page(None, usize::MAX).items
    }

    /// A page of them: at most `limit` after this place.
    #[must_use]
    pub fn connections_page(&self, after: Option<Cursor>, limit: usize) -> Page<ConnectionInfo> {
        self.page(&Address::All, after, limit)
    }

    /// Every connection in a channel, in the order in which they joined.
    ///
    /// # Errors
    /// [`ChannelError`] if the protocol declares no such channel.
    pub fn connections_in<K>(
        &self,
        channel: impl ToChannel<P::Channels, K>,
    ) -> Result<Vec<ConnectionInfo>, ChannelError> {
        Ok(self.connections_in_page(channel, None, usize::MAX)?.items)
    }

    /// A page of them: at most `limit` after this place.
    ///
    /// # Errors
    /// [`ChannelError`] if the protocol declares no such channel.
    pub fn connections_in_page<K>(
        &self,
        channel: impl ToChannel<P::Channels, K>,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<ConnectionInfo>, ChannelError> {
        let address = Address::Channel(self.declared(channel)?);
        Ok(self.page(&address, after, limit))
    }

    /// The number of connections in a channel.
    ///
    /// # Errors
    /// [`ChannelError`] if the protocol declares no such channel.
    pub fn member_count<K>(
        &self,
        channel: impl ToChannel<P::Channels, K>,
    ) -> Result<usize, ChannelError> {
        let group = self.hub().channel(&self.declared(channel)?);
        Ok(group.map_or(0, |group| group.roster.lock().len()))
    }

    /// Every channel that has members, by name.
    #[must_use]
    pub fn channels(&self) -> Vec<ChannelInfo> {
        self.hub().channels()
    }

    fn page(&self, address: &Address, after: Option<Cursor>, limit: usize) -> Page<ConnectionInfo> {
        // Each connection is asked outside the roster's lock, because the channel's publications
        // wait for that lock.
        let handles = self
            .hub()
            .find(address)
            .map(|group| group.roster.lock().page(after, limit));
        handles.map_or_else(
            || Page {
                items: Vec::new(),
                count: 0,
                next: None,
            },
            |page| Page {
                items: page.items.iter().map(|handle| handle.info()).collect(),
                count: page.count,
                next: page.next,
            },
        )
    }
}
