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
//! Lowest first: each module uses only those above it in this list. Only the last one knows the
//! protocol's types.
//! - `options`: every limit and wait
//! - `state`: the state of a client's connection
//! - `error`: the client's errors, and what the caller can do about each
//! - `calls`: matches answers to calls, and decides what happens to a call after a break
//! - `channels`: the client's channels, and its position in each
//! - `events`: events from the server, as streams
//! - `outbox`: the send queue
//! - `shared`: all of it under one lock
//! - `link`: the task of a client, and its transport
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
