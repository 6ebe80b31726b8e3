//! What a program asks of clients, wherever they are connected: to go, or to show themselves anew.

use serde::Serialize;
use socket_protocol::{CloseCode, ConnectionId, Protocol};

use super::Service;
use crate::broker::Address;
use crate::error::ReachError;
use crate::frame::system;
use crate::outbound::Close;
use crate::stats::Mode;

/// How many connections something reached that concerns several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Reached {
    /// Connections, and sessions that waited for their client.
    pub connections: usize,
    /// Nodes that were asked and answered, this one included.
    pub nodes: usize,
}

impl<P: Protocol, U> Service<P, U> {
    /// Asks a client to close and stay closed, by the event `close-connection`. If it has not after
    /// [`Timeouts::close_request`](crate::config::Timeouts::close_request), the connection is closed
    /// with 4503.
    ///
    /// ```
    /// use socket_runtime::{ConnectionId, Protocol, ReachError, Service};
    ///
    /// async fn send_home<P: Protocol>(sockets: &Service<P>, who: ConnectionId) {
    ///     match sockets.request_close(who).await {
    ///         Ok(()) | Err(ReachError::NoConnection(_)) => {}
    ///         Err(error) => eprintln!("{error}"),
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    /// [`ReachError::NoConnection`] when it has ended: nothing is left to do.
    ///
    /// # Cancel safety
    /// A future that is dropped has asked the client or has not; asking again does no harm.
    pub async fn request_close(&self, connection: ConnectionId) -> Result<(), ReachError> {
        let handle = self
            .handle(connection)
            .map_err(|_| ReachError::NoConnection(connection))?;
        if let Some(event) = system::close_connection(handle.mode.no_channel()) {
            handle.send(event);
        }
        handle.queue.ask();
        Ok(())
    }

    /// Asks a client in full mode for a new token, by the event `:refresh`, before its login runs out:
    /// after a change of the user's rights, say.
    ///
    /// ```
    /// use socket_runtime::{ConnectionId, Protocol, ReachError, Service};
    ///
    /// async fn rights_changed<P: Protocol>(
    ///     sockets: &Service<P>,
    ///     who: ConnectionId,
    /// ) -> Result<(), ReachError> {
    ///     sockets.request_refresh(who).await
    /// }
    /// ```
    ///
    /// # Errors
    /// - [`ReachError::NoConnection`] when it has ended: nothing is left to do.
    /// - [`ReachError::Plain`] when it is in plain mode: disconnect it instead.
    ///
    /// # Cancel safety
    /// A future that is dropped has asked the client or has not; asking again does no harm.
    pub async fn request_refresh(&self, connection: ConnectionId) -> Result<(), ReachError> {
        let handle = self
            .handle(connection)
            .map_err(|_| ReachError::NoConnection(connection))?;
        if handle.mode == Mode::Plain {
            return Err(ReachError::Plain(connection));
        }
        handle.send(system::REFRESH.clone());
        Ok(())
    }

    /// Closes a connection with 4503 and that phrase, after what is queued for it, and ends its
    /// session, also one that waits for its client.
    ///
    /// ```
    /// use socket_runtime::{ConnectionId, Protocol, ReachError, Service};
    ///
    /// async fn expel<P: Protocol>(sockets: &Service<P>, who: ConnectionId) -> Result<(), ReachError> {
    ///     sockets.disconnect(who, "spam").await
    /// }
    /// ```
    ///
    /// # Errors
    /// [`ReachError::NoConnection`] when it has ended and left no session: nothing is left to do.
    ///
    /// # Cancel safety
    /// A future that is dropped has closed the connection or has not; closing again does no harm.
    pub async fn disconnect(
        &self,
        connection: ConnectionId,
        reason: &str,
    ) -> Result<(), ReachError> {
        match self.close_here(connection, reason) {
            true => Ok(()),
            false => Err(ReachError::NoConnection(connection)),
        }
    }

    /// Closes every connection of a user with 4503 and that phrase, and ends the user's sessions that
    /// wait for their clients. Returns how many there were.
    ///
    /// ```
    /// use socket_runtime::{Protocol, Service};
    ///
    /// async fn log_out<P: Protocol>(sockets: &Service<P>, user: &str) -> usize {
    ///     sockets.disconnect_user(user, "logged out").await.connections
    /// }
    /// ```
    ///
    /// # Cancel safety
    /// Where the future is dropped, some of the connections may be closed and others open; call it
    /// again for the rest.
    pub async fn disconnect_user(&self, user: &str, reason: &str) -> Reached {
        let waiting = self.sessions().stop_user(user);
        let group = self.hub().find(&Address::User(user.into()));
        let ids: Vec<_> = group.map_or_else(Vec::new, |group| {
            let roster = group.roster.lock();
            roster.iter().map(|handle| handle.id()).collect()
        });
        let open = ids.into_iter().filter(|id| self.close_here(*id, reason));
        Reached {
            connections: waiting + open.count(),
            nodes: 1,
        }
    }

    /// Closes a connection of this node. `false`: it has no such connection.
    fn close_here(&self, connection: ConnectionId, reason: &str) -> bool {
        let Some(handle) = self.hub().handle(connection) else {
            return false;
        };
        handle.standing().session.stop();
        handle.queue.close(Close {
            code: CloseCode::Disconnected,
            reason: reason.to_owned(),
        });
        true
    }
}
