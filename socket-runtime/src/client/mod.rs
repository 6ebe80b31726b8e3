//! A typed client: it speaks one protocol, and reconnects by itself.
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
//! # Inside
//! Lowest first: each uses what stands above it in this list, and names nothing below. All but the
//! last know names and no types.
//! - `options`: every limit and time
//! - `state`: how a client stands with its server
//! - `error`: what goes wrong, and what the caller does next
//! - `calls`: which answer belongs to whom, and what becomes of a call when the connection breaks
//! - `channels`: what the client is in, and how far it has come there
//! - `events`: what the server tells, for whoever listens
//! - `outbox`: the way out, in order and bounded
//! - `shared`: all of it under one lock
//! - `link`: the one task of a client, and the way to the server
//! - `typed`: the client with the protocol's types

mod calls;
mod channels;
mod error;
mod events;
mod link;
mod options;
mod outbox;
mod shared;
mod state;
mod typed;

pub use channels::positions::GapReason;
pub use error::{BuildError, CallError, JoinError, SendError, Sent};
pub use events::{Event, Events, Incoming};
pub use link::token::{TokenError, TokenRequest};
pub use link::transport::{Tcp, Transport};
pub use options::{Options, SendOptions};
pub use state::{Closed, Loss, Opened, State};
/// The TLS library whose configuration [`Tcp::tls`] takes.
#[cfg(feature = "tls")]
pub use tokio_rustls::rustls;
pub use typed::{Builder, Call, Channel, Client, History, Items};
