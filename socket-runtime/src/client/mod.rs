//! The typed client: a program that speaks a protocol, over a connection that comes back by itself.
//!
//! ```no_run
//! use socket_runtime::client::{CallError, Client, Incoming};
//! use socket_runtime::prelude::*;
//!
//! /// How it went.
//! #[payload]
//! pub struct Joined { members: u32 }
//!
//! #[derive(ErrorCodes)]
//! pub enum JoinError { RoomFull { max: u32 } }
//!
//! #[derive(Commands)]
//! pub enum ChatCommand {
//!     Say { text: String },
//!     #[command(reply = Joined, error = JoinError)]
//!     JoinRoom { room: String },
//! }
//! # #[derive(Debug, Events)] pub enum ChatEvent { Said { text: String } }
//! # #[derive(Channels)] pub enum ChatChannel { #[channel("room:{room}")] Room { room: String } }
//! # #[derive(Protocol)]
//! # #[protocol(name = "chat", commands = ChatCommand, events = ChatEvent, channels = ChatChannel)]
//! # pub struct Chat;
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::<Chat>::connect("ws://127.0.0.1:8080/socket")?;
//! let mut events = client.events();
//! match client.call(chat_command::JoinRoom { room: "a".to_owned() }).await {
//!     Ok(joined) => assert!(joined.members > 0),
//!     Err(CallError::Refused { error: JoinError::RoomFull { max }, .. }) => panic!("only {max}"),
//!     Err(error) => return Err(error.to_string().into()),
//! }
//! let room = client.channel(ChatChannel::Room { room: "a".to_owned() })?;
//! room.send(chat_command::Say { text: "hi".to_owned() })?;
//! while let Some(incoming) = events.next().await {
//!     if let Incoming::Event(said) = incoming {
//!         assert_eq!(said.channel.as_ref(), Some(room.name()));
//!     }
//! }
//! # Ok(())
//! # }
//! # fn main() {}
//! ```
//!
//! Inside, lowest first: `options`, `error`, `state`, `backoff`; `outbox`, `calls`, `positions`,
//! `memberships`, `events`, `items` (what is kept, without a clock or I/O); `core` (all of it under
//! one lock), `incoming` (what the server's messages do to it); `transport`, `tls`, `token`, `task`
//! (what connects, reads, writes and waits); `builder`, `call`, `channel` and the client itself,
//! which alone know the protocol's types.

mod backoff;
mod builder;
mod call;
mod calls;
mod channel;
mod core;
mod error;
mod events;
mod incoming;
mod items;
mod memberships;
mod options;
mod outbox;
mod positions;
mod state;
mod task;
#[cfg(feature = "tls")]
mod tls;
mod token;
mod transport;

pub use builder::Builder;
pub use call::Call;
pub use channel::{Channel, History};
pub use error::{BuildError, CallError, JoinError, SendError, Sent};
pub use events::{Event, Events, Incoming};
pub use items::Items;
pub use options::{Options, SendOptions};
pub use positions::GapReason;
pub use state::{Closed, Loss, Opened, State};
pub use token::{TokenError, TokenRequest};
/// The TLS library that [`Tcp::tls`] is configured by.
#[cfg(feature = "tls")]
pub use tokio_rustls::rustls;
pub use transport::{Tcp, Transport};

use std::marker::PhantomData;
use std::sync::Arc;

use socket_protocol::definition::{Command, Commands};
use socket_protocol::envelope::EncodeError;
use socket_protocol::system::JoinResult;
use socket_protocol::{ChannelName, IntPolicy, InvalidChannelName, Protocol};
use tokio::sync::{oneshot, watch};
use tokio::time::Instant;

use self::core::Shared;
use self::outbox::Worth;
use crate::channel::ToChannel;

/// A client of one protocol. Cheap to clone: every clone is the same client. When the last one is
/// dropped, it closes.
pub struct Client<P> {
    handle: Arc<Handle>,
    protocol: PhantomData<fn() -> P>,
}

/// What the clones of a client share.
struct Handle {
    shared: Arc<Shared>,
}

impl Drop for Handle {
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
    /// A client of the server at that address, `ws://…` or (feature `tls`) `wss://…`, with the default options. It
    /// connects in a task of its own; what is sent meanwhile waits.
    ///
    /// # Errors
    /// [`BuildError`] when the address is none, or needs TLS that is not there.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn connect(url: &str) -> Result<Self, BuildError> {
        Self::builder(url).connect()
    }

    /// Begins a client of the server at that address.
    pub fn builder(url: &str) -> Builder<P> {
        Builder::new(url)
    }

    /// How it stands with its server.
    #[must_use]
    pub fn state(&self) -> State {
        self.states().borrow().clone()
    }

    /// The same, to be told of every change.
    #[must_use]
    pub fn states(&self) -> watch::Receiver<State> {
        self.handle.shared.states()
    }

    /// Waits until the server has let the client in, however many attempts that takes.
    ///
    /// # Errors
    /// [`Closed`] where it never will.
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
    /// refusal comes as [`Incoming::Error`].
    ///
    /// # Errors
    /// [`SendError`], where it will not be sent.
    pub fn send(&self, command: impl Command<P::Commands>) -> Result<Sent, SendError> {
        self.send_to(None, command, &SendOptions::default())
    }

    /// The same for one that need not be sent in every case: that is replaced by a newer one, worth
    /// nothing after a while, or not worth waiting for a connection.
    ///
    /// # Errors
    /// [`SendError`], where it will not be sent.
    pub fn send_with(
        &self,
        command: impl Command<P::Commands>,
        options: &SendOptions,
    ) -> Result<Sent, SendError> {
        self.send_to(None, command, options)
    }

    fn send_to(
        &self,
        channel: Option<&ChannelName>,
        command: impl Command<P::Commands>,
        options: &SendOptions,
    ) -> Result<Sent, SendError> {
        let command = command.into_command();
        let cmd = P::Commands::COMMANDS[command.index()].name;
        let worth = Worth {
            // Neither holds a space, so that no two of them are one.
            key: options.key.as_ref().map(|key| {
                let channel = channel.map_or("", ChannelName::as_str);
                format!("{cmd} {channel} {key}")
            }),
            // A time beyond all clocks is never.
            stale_at: options.ttl.and_then(|ttl| Instant::now().checked_add(ttl)),
            volatile: options.volatile,
        };
        self.handle
            .shared
            .send(encode::<P>(command, channel)?, worth)
    }

    /// Sends a command that is answered, to the channel named at the upgrade or to none:
    /// `client.call(chat_command::JoinRoom { .. }).await` gives the command's own reply, or its own
    /// error.
    ///
    /// After a break it is sent again where the session goes on, or where the command is declared
    /// `idempotent`; else it ends with [`CallError::Disconnected`].
    pub fn call<C: Command<P::Commands>>(&self, command: C) -> Call<'_, P, C> {
        Call::new(&self.handle.shared, Ok(None), command)
    }

    /// One of its channels.
    ///
    /// # Errors
    /// [`InvalidChannelName`] when the name is none.
    pub fn channel<K>(
        &self,
        channel: impl ToChannel<P::Channels, K>,
    ) -> Result<Channel<P>, InvalidChannelName> {
        Ok(Channel::new(self.clone(), channel.to_channel()?))
    }

    /// Joins a channel, and joins it again after every break. Where the client is in it already,
    /// nothing changes.
    ///
    /// # Errors
    /// [`JoinError`].
    ///
    /// # Cancel safety
    /// Dropping the future changes nothing: the client goes on joining until [`Self::leave`].
    pub async fn join<K>(
        &self,
        channel: impl ToChannel<P::Channels, K>,
    ) -> Result<JoinResult, JoinError> {
        let (tx, rx) = oneshot::channel();
        self.handle.shared.join(&channel.to_channel()?, tx);
        rx.await.unwrap_or(Err(JoinError::Disconnected))
    }

    /// Leaves a channel. Its events end when the server has heard of it.
    ///
    /// # Errors
    /// [`InvalidChannelName`] when the name is none.
    pub fn leave<K>(
        &self,
        channel: impl ToChannel<P::Channels, K>,
    ) -> Result<(), InvalidChannelName> {
        self.handle.shared.leave(&channel.to_channel()?);
        Ok(())
    }

    /// What the server tells from now on. Each stream gets everything.
    #[must_use]
    pub fn events(&self) -> Events<P> {
        Events::new(self.handle.shared.subscribe(None))
    }

    /// Sends what waits where there is a connection, closes, and waits for the end, no longer than
    /// [`Options::close_timeout`]. Calls that were not answered end with
    /// [`CallError::Disconnected`].
    pub async fn close(&self) {
        self.handle.shared.begin_close();
        let mut states = self.states();
        // The sender lives as long as this handle.
        let _ = states
            .wait_for(|state| matches!(state, State::Closed(_)))
            .await;
    }
}

/// A command as text, without the fields that are known only when it is sent.
fn encode<P: Protocol>(
    command: P::Commands,
    channel: Option<&ChannelName>,
) -> Result<String, EncodeError> {
    let message = IntPolicy::of::<P>().within(|| command.encode(None, channel))?;
    Ok(String::from_utf8_lossy(message.text()).into_owned())
}
