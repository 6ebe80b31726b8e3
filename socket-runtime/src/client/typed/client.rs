//! The client itself, as a program holds it.

use std::marker::PhantomData;
use std::sync::Arc;

use socket_protocol::definition::{Command, Commands};
use socket_protocol::system::JoinResult;
use socket_protocol::{ChannelName, InvalidChannelName, Protocol};
use tokio::sync::{oneshot, watch};
use tokio::time::Instant;

use super::call::{Call, encode};
use crate::channel::ToChannel;
use crate::client::error::{JoinError, SendError, Sent};
use crate::client::events::Events;
use crate::client::options::SendOptions;
use crate::client::outbox::Worth;
use crate::client::shared::Shared;
use crate::client::state::{Closed, Opened, State};

/// A client of one protocol. It is cheap to clone: all clones are the same client. It closes when
/// the last clone is dropped.
pub struct Client<P> {
    pub(super) handle: Arc<CloseOnDrop>,
    pub(super) protocol: PhantomData<fn() -> P>,
}

/// Closes the client when its last clone is dropped.
pub(super) struct CloseOnDrop {
    pub(super) shared: Arc<Shared>,
}

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        self.shared.begin_close();
    }
}

impl<P> Clone for Client<P> {
    fn clone(&self) -> Self {
        Self {
            handle: self.handle.clone(),
            protocol: PhantomData,
        }
    }
}

impl<P> std::fmt::Debug for Client<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = self.handle.shared.states();
        let state = state.borrow();
        f.debug_struct("Client")
            .field("state", &*state)
            .finish_non_exhaustive()
    }
}

impl<P: Protocol> Client<P> {
    /// The present state of the connection.
    #[must_use]
    pub fn state(&self) -> State {
        self.states().borrow().clone()
    }

    /// A watch on the state, which reports every change.
    #[must_use]
    pub fn states(&self) -> watch::Receiver<State> {
        self.handle.shared.states()
    }

    /// Waits until the server has accepted the client, however many attempts that takes.
    ///
    /// # Errors
    /// [`Closed`] if the client has ended for good.
    pub async fn opened(&self) -> Result<Opened, Closed> {
        let mut states = self.states();
        let state = states
            .wait_for(|state| matches!(state, State::Open(_) | State::Closed(_)))
            .await;
        match state.as_deref() {
            Ok(State::Open(opened)) => Ok(opened.clone()),
            Ok(State::Closed(closed)) => Err(closed.clone()),
            // The sender lives as long as this handle.
            Ok(State::Connecting { .. } | State::Waiting { .. }) | Err(_) => Err(Closed::ByProgram),
        }
    }

    /// Sends a command that waits for no answer, to the channel named at the upgrade or to none. A
    /// refusal comes as [`Incoming::Error`](crate::client::Incoming::Error).
    ///
    /// # Errors
    /// [`SendError`] if the command cannot be sent.
    pub fn send(&self, command: impl Command<P::Commands>) -> Result<Sent, SendError> {
        self.send_to(None, command, &SendOptions::default())
    }

    /// Sends a command that may be replaced by a newer one, may expire, or is worth sending only on
    /// an open connection; see [`SendOptions`].
    ///
    /// # Errors
    /// [`SendError`] if the command cannot be sent.
    pub fn send_with(
        &self,
        command: impl Command<P::Commands>,
        options: &SendOptions,
    ) -> Result<Sent, SendError> {
        self.send_to(None, command, options)
    }

    pub(super) fn send_to(
        &self,
        channel: Option<&ChannelName>,
        command: impl Command<P::Commands>,
        options: &SendOptions,
    ) -> Result<Sent, SendError> {
        let command = command.into_command();
        let cmd = P::Commands::COMMANDS[command.index()].name;
        let worth = Worth {
            // Neither part contains a space, so that different commands never share a key.
            key: options.key.as_ref().map(|key| {
                let channel = channel.map_or("", ChannelName::as_str);
                format!("{cmd} {channel} {key}")
            }),
            // A time beyond the clock's range means never.
            stale_at: options.ttl.and_then(|ttl| Instant::now().checked_add(ttl)),
            volatile: options.volatile,
        };
        self.handle
            .shared
            .send(encode::<P>(command, channel)?, worth)
    }

    /// Sends a command and waits for its answer, to the channel named at the upgrade or to none:
    /// `client.call(chat_command::JoinRoom { .. }).await` returns the command's own reply or its
    /// own error.
    ///
    /// After a break it is sent again where the session goes on, or where the command is declared
    /// `idempotent`; else it ends with [`CallError::Disconnected`](crate::client::CallError::Disconnected).
    pub fn call<C: Command<P::Commands>>(&self, command: C) -> Call<'_, P, C> {
        Call::new(&self.handle.shared, Ok(None), command)
    }

    /// Joins a channel, and joins it again after every break. If the client is already in it,
    /// nothing changes.
    ///
    /// # Errors
    /// [`JoinError`].
    ///
    /// # Cancel safety
    /// Dropping the future changes nothing: the client keeps the channel joined until
    /// [`Self::leave`].
    pub async fn join<K>(
        &self,
        channel: impl ToChannel<P::Channels, K>,
    ) -> Result<JoinResult, JoinError> {
        let (tx, rx) = oneshot::channel();
        self.handle.shared.join(&channel.to_channel()?, tx);
        rx.await.unwrap_or(Err(JoinError::Disconnected))
    }

    /// Leaves a channel. Its events end once the server has handled it.
    ///
    /// # Errors
    /// [`InvalidChannelName`] if the name is invalid.
    pub fn leave<K>(
        &self,
        channel: impl ToChannel<P::Channels, K>,
    ) -> Result<(), InvalidChannelName> {
        self.handle.shared.leave(&channel.to_channel()?);
        Ok(())
    }

    /// A stream of everything the server sends from now on. Each stream receives every item.
    #[must_use]
    pub fn events(&self) -> Events<P> {
        Events::new(self.handle.shared.subscribe(None))
    }

    /// Sends what waits where there is a connection, closes, and waits for the end, no longer than
    /// [`Options::close_timeout`](crate::client::Options::close_timeout). Calls that were not answered end with
    /// [`CallError::Disconnected`](crate::client::CallError::Disconnected).
    pub async fn close(&self) {
        self.handle.shared.begin_close();
        let mut states = self.states();
        // The sender lives as long as this handle.
        let _ = states
            .wait_for(|state| matches!(state, State::Closed(_)))
            .await;
    }
}
