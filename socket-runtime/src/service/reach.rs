//! Requests from the program to clients, wherever they are connected: to close, to refresh their
//! login, or to be disconnected.

use serde::Serialize;
use socket_protocol::{CloseCode, ConnectionId, Protocol};

use super::Service;
use crate::broker::Address;
use crate::error::ReachError;
use crate::frame::system;
use crate::outbound::Close;
use crate::stats::Mode;

/// The connections and nodes that a request reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Reached {
    /// Connections, and sessions whose clients were away.
    pub connections: usize,
    /// Nodes that answered, including this one.
    pub nodes: usize,
}

impl<P: Protocol, U> Service<P, U> {
    /// Asks a client to close and stay closed, with the event `close-connection`. If it has not closed
    /// after [`Timeouts::close_request`](crate::config::Timeouts::close_request), the connection is closed
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
    /// [`ReachError::NoConnection`] if it has ended; there is nothing left to do.
    ///
    /// # Cancel safety
    /// If the future is dropped, the client may or may not have been asked; asking again is harmless.
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

    /// Asks a client in full mode for a new token, with the event `:refresh`, before its login
    /// expires: for example after a change of the user's rights.
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
    /// - [`ReachError::NoConnection`] if it has ended; there is nothing left to do.
    /// - [`ReachError::Plain`] if it is in plain mode; disconnect it instead.
    ///
    /// # Cancel safety
    /// If the future is dropped, the client may or may not have been asked; asking again is harmless.
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

    /// Closes a connection with 4503 and this reason, after its queued messages, and ends its session,
    /// even if its client is away.
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
    /// [`ReachError::NoConnection`] if it has ended and left no session; there is nothing left to do.
    ///
    /// # Cancel safety
    /// If the future is dropped, the connection may or may not have been closed; closing again is
    /// harmless.
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

    /// Closes every connection of a user with 4503 and this reason, and ends the user's sessions
    /// whose clients are away. Returns how many there were.
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
    /// If the future is dropped, some of the connections may be closed and others open; call it again
    /// for the rest.
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
