//! The traits that the derives implement: a protocol's messages by name, and the way from a wire
//! message to the method that handles it and back.
//!
//! Programs name these traits in bounds; the derives write their implementations.

mod channel;
mod codes;
mod command;
mod event;
mod handle;
mod history;
mod life;
mod lists;
mod none;
mod payload;
mod protocol;

pub use channel::{ChannelSpec, Listed};
pub use codes::{ErrorCodes, ErrorSpec};
pub use command::{Command, CommandSpec, Commands, RateSpec};
pub use event::{Delivery, EventSpec, Events};
pub use handle::{Caller, Decide, Handle, ItemQueue};
pub use history::{History, HistorySpec};
pub use life::{Life, LifeSpec, Stability};
#[doc(hidden)]
pub use lists::Lists;
pub use none::{NoChannels, NoCommands, NoEvents};
pub use payload::Payload;
pub use protocol::{Channels, Protocol};

/// Stands behind the last command of a set.
///
/// # Panics
/// Always: the index came from nowhere.
#[doc(hidden)]
pub fn no_such_index(index: usize) -> ! {
    panic!("no command has the index {index}")
}
