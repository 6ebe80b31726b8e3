//! The shapes of the messages themselves: a command decoded from a frame, and events, replies and
//! errors encoded into one; for clients the way back.

mod buf;
mod decode;
mod depth;
mod empty;
mod encode;
mod event;
mod incoming;

#[doc(inline)]
pub use crate::json::EncodeError;
pub use buf::MessageBuf;
pub use decode::{Batch, CommandEnvelope, InvalidMessage, MAX_BATCH};
pub use depth::check_depth;
pub use empty::Empty;
pub(crate) use encode::encode_any_reply;
pub use encode::{encode_command, encode_error, encode_history, encode_item, encode_reply};
pub use event::{EventHead, OpenMessage};
pub use incoming::{EventEnvelope, ServerMessage};
