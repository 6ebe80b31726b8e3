//! The context of a handler: the command it handles, and the ways to answer it.

use std::net::SocketAddr;
use std::sync::Arc;

use socket_protocol::{ChannelName, Channels, ConnectionId, Protocol, Reject, RequestId};

use super::Service;
use super::connection::Connection;
use crate::admission::User;
use crate::channel::ToChannel;
use crate::error::SendError;
use crate::stats::{ConnectionInfo, Mode};

/// The command that is being handled: its connection, its channel, and the ways to answer.
///
/// Handlers, join decisions and hooks receive one. It is cheap to clone, and may be kept and used
/// from another task for as long as the connection lasts.
pub struct Context<P: Protocol, U = User> {
    connection: Arc<Connection<P, U>>,
    /// The connection's user when the command started.
    user: Option<Arc<U>>,
    channel: Option<ChannelName>,
    id: Option<RequestId>,
}

impl<P: Protocol, U> Clone for Context<P, U> {
    fn clone(&self) -> Self {
        Self {
            connection: self.connection.clone(),
            user: self.user.clone(),
            channel: self.channel.clone(),
            id: self.id,
        }
    }
}

impl<P: Protocol, U> std::fmt::Debug for Context<P, U> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context")
            .field("connection", &self.connection.handle().id())
            .field("channel", &self.channel)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl<P: Protocol, U> Context<P, U> {
    pub(crate) fn new(
        connection: Arc<Connection<P, U>>,
        channel: Option<ChannelName>,
        id: Option<RequestId>,
    ) -> Self {
        let user = connection.known.lock().user.clone();
        Self {
            connection,
            user,
            channel,
            id,
        }
    }

    /// For a join decision about somebody whose the connection is to be.
    pub(crate) const fn of_user(
        connection: Arc<Connection<P, U>>,
        user: Option<Arc<U>>,
        channel: ChannelName,
    ) -> Self {
        Self {
            connection,
            user,
            channel: Some(channel),
            id: None,
        }
    }

    /// The id of the connection that sent the command.
    #[must_use]
    pub fn connection(&self) -> ConnectionId {
        self.connection.handle().id()
    }

    /// The connection's user; `None` if nobody is logged in. It stays the same for the life of the
    /// context, even if the client meanwhile brings another user's token.
    ///
    /// With [`Identity`](crate::Identity) in scope, `cx.user().name()` works directly; it is empty
    /// for an anonymous connection.
    #[must_use]
    pub fn user(&self) -> Option<&U> {
        self.user.as_deref()
    }

    /// The connection's user, for commands that require a login.
    ///
    /// # Errors
    /// `unauthorized` if nobody is logged in; `?` answers the command with it.
    pub fn require_user(&self) -> Result<&U, Reject> {
        self.user()
            .ok_or_else(|| Reject::unauthorized("authentication required"))
    }

    /// The channel that the command was sent to, or the connection's default channel. In a join
    /// decision it is the channel to be joined, in a hook the default channel.
    #[must_use]
    pub const fn channel(&self) -> Option<&ChannelName> {
        self.channel.as_ref()
    }

    /// The same as a value of the channel enum.
    #[must_use]
    pub fn channel_as(&self) -> Option<P::Channels> {
        self.channel.as_ref().and_then(P::Channels::parse)
    }

    /// The id of the call, if the client wants an answer.
    #[must_use]
    pub const fn request_id(&self) -> Option<RequestId> {
        self.id
    }

    /// Returns whether the client waits for an answer.
    #[must_use]
    pub const fn wants_reply(&self) -> bool {
        self.id.is_some()
    }

    /// The connection's mode.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.connection.handle().mode
    }

    /// The client's address, if the HTTP server provides it: [`serve`](crate::serve) and
    /// `into_make_service_with_connect_info` do.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.connection.handle().address
    }

    /// The value of this type that was given to [`Upgrade::metadata`](crate::Upgrade::metadata).
    #[must_use]
    pub fn metadata<T: 'static>(&self) -> Option<&T> {
        self.connection.metadata.get()
    }

    /// The connection as others see it.
    #[must_use]
    pub fn info(&self) -> ConnectionInfo {
        self.connection.handle().info()
    }

    /// The service, to reach other connections.
    #[must_use]
    pub fn service(&self) -> &Service<P, U> {
        &self.connection.service
    }
}

impl<P, U> Context<P, U>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    /// Publishes an event to the command's channel. Its `from` is this connection, which receives
    /// the event too if it is a member.
    ///
    /// # Errors
    /// As for [`Target::send`](crate::Target::send), and `invalid-channel` if the command was sent
    /// without a channel.
    pub async fn publish(&self, event: P::Events) -> Result<(), Reject> {
        let channel = self.channel.clone().ok_or(SendError::NoChannel)?;
        self.service()
            .to_channel(channel)
            .from(self.connection())
            .send(event)
            .await?;
        Ok(())
    }

    /// Sends an event to this connection alone.
    ///
    /// # Errors
    /// As for [`Target::send`](crate::Target::send).
    pub async fn send(&self, event: P::Events) -> Result<(), Reject> {
        self.service()
            .to_connection(self.connection())
            .send(event)
            .await?;
        Ok(())
    }

    /// Puts this connection into a further channel; the client is told by `:joined`. The join
    /// policy is not asked, because the handler has decided. Returns `false` if the connection was
    /// in the channel already.
    ///
    /// # Errors
    /// [`ChannelError`](crate::ChannelError) as an answer to the command.
    pub async fn join<K>(&self, channel: impl ToChannel<P::Channels, K>) -> Result<bool, Reject> {
        let channel = self.service().declared(channel)?;
        let hub = self.service().hub();
        Ok(hub.put(&self.connection.handle(), &channel).await?)
    }

    /// Takes this connection out of a channel; the client is told by `:closed`. Returns `false` if
    /// it was not in the channel.
    ///
    /// # Errors
    /// [`ChannelError`](crate::ChannelError) as an answer to the command.
    pub async fn leave<K>(&self, channel: impl ToChannel<P::Channels, K>) -> Result<bool, Reject> {
        let channel = self.service().declared(channel)?;
        let hub = self.service().hub();
        Ok(hub.put_out(&self.connection.handle(), &channel).await)
    }

    /// The connections in the command's channel, in the order in which they joined.
    ///
    /// # Errors
    /// `invalid-channel` if the command was sent without a channel.
    pub fn members(&self) -> Result<Vec<ConnectionInfo>, Reject> {
        let channel = self.channel.clone().ok_or(SendError::NoChannel)?;
        self.service().connections_in(channel).map_err(Reject::from)
    }
}
