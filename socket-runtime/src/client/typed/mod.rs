//! The client with the protocol's types: what a program holds, and what it gets from it.

mod builder;
mod call;
mod channel;
mod client;
mod items;

pub use builder::Builder;
pub use call::Call;
pub use channel::{Channel, History};
pub use client::Client;
pub use items::Items;
