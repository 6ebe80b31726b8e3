//! What a handler knows of the command it handles, and what it can do.

use std::net::SocketAddr;
use std::sync::Arc;

use socket_protocol::{ChannelName, Channels, ConnectionId, Protocol, Reject, RequestId};

use super::Service;
use super::connection::Connection;
use crate::admission::User;
use crate::channel::ToChannel;
use crate::error::SendError;
use crate::stats::{ConnectionInfo, Mode};

/// The command that is being handled: whose it is, where it was sent, and the ways to answer.
///
/// Handlers, join decisions and hooks get one. It is cheap to clone, and may be kept and used from
/// another task for as long as the connection lasts.
pub struct Context<P: Protocol, U = User> {
    connection: Arc<Connection<P, U>>,
    /// Whose the connection was when this began.
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

    /// The connection that sent the command.
    #[must_use]
    pub fn connection(&self) -> ConnectionId {
        self.connection.handle().id()
    }

    /// Whose connection it is; `None` when nobody logged in. It stays the same for as long as the
    /// context lives, also where the client meanwhile brings another user's token.
    ///
    /// With [`Identity`](crate::Identity) in scope `cx.user().name()` works as it stands; it is
    /// empty for nobody.
    #[must_use]
    pub fn user(&self) -> Option<&U> {
        self.user.as_deref()
    }

    /// Whose connection it is, for commands that need somebody.
    ///
    /// # Errors
    /// `unauthorized` when nobody logged in; `?` answers the command with it.
    pub fn require_user(&self) -> Result<&U, Reject> {
        self.user()
            .ok_or_else(|| Reject::unauthorized("this needs a user"))
    }

    /// The channel that the command concerns: the one it names, else the connection's default.
    /// For a join decision it is the channel to be joined, for a hook the default channel.
    #[must_use]
    pub const fn channel(&self) -> Option<&ChannelName> {
        self.channel.as_ref()
    }

    /// The same, typed.
    #[must_use]
    pub fn channel_as(&self) -> Option<P::Channels> {
        self.channel.as_ref().and_then(P::Channels::parse)
    }

    /// The call's id, where the client wants an answer.
    #[must_use]
    pub const fn request_id(&self) -> Option<RequestId> {
        self.id
    }

    /// Whether the client waits for an answer.
    #[must_use]
    pub const fn wants_reply(&self) -> bool {
        self.id.is_some()
    }

    /// How the connection speaks.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.connection.handle().mode
    }

    /// Where the connection comes from, where the server says so: under [`serve`](crate::serve) and
    /// under `into_make_service_with_connect_info`.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.connection.handle().address
    }

    /// The value of that type that [`Upgrade::metadata`](crate::Upgrade::metadata) was given.
    #[must_use]
    pub fn metadata<T: 'static>(&self) -> Option<&T> {
        self.connection.metadata.get()
    }

    /// The connection as others see it.
    #[must_use]
    pub fn info(&self) -> ConnectionInfo {
        self.connection.handle().info()
    }

    /// The service, to reach anyone else.
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
    /// Publishes an event to the command's channel. Its `from` is this connection, which gets it
    /// too where it is a member.
    ///
    /// # Errors
    /// As [`Target::send`](crate::Target::send), and `invalid-channel` when the command was sent to
    /// no channel.
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
    /// As [`Target::send`](crate::Target::send).
    pub async fn send(&self, event: P::Events) -> Result<(), Reject> {
        self.service()
            .to_connection(self.connection())
            .send(event)
            .await?;
        Ok(())
    }

    /// Puts this connection into a further channel. The client is told by `:joined`. The channel's
    /// join decision is not asked: the handler has decided. `false`: it was there already.
    ///
    /// # Errors
    /// [`ChannelError`](crate::ChannelError) as an answer to the command.
    pub async fn join<K>(&self, channel: impl ToChannel<P::Channels, K>) -> Result<bool, Reject> {
        let channel = self.service().declared(channel)?;
        let hub = self.service().hub();
        Ok(hub.put(&self.connection.handle(), &channel).await?)
    }

    /// Takes this connection out of a channel. The client is told by `:closed`. `false`: it was not
    /// there.
    ///
    /// # Errors
    /// [`ChannelError`](crate::ChannelError) as an answer to the command.
    pub async fn leave<K>(&self, channel: impl ToChannel<P::Channels, K>) -> Result<bool, Reject> {
        let channel = self.service().declared(channel)?;
        let hub = self.service().hub();
        Ok(hub.take_out(&self.connection.handle(), &channel).await)
    }

    /// The connections in the command's channel, in the order in which they came.
    ///
    /// # Errors
    /// `invalid-channel` when the command was sent to no channel.
    pub fn members(&self) -> Result<Vec<ConnectionInfo>, Reject> {
        let channel = self.channel.clone().ok_or(SendError::NoChannel)?;
        self.service().connections_in(channel).map_err(Reject::from)
    }
}
