//! The shapes of the messages themselves: a command decoded from a frame, and events, replies and
//! errors encoded into one; for clients the way back.

mod decode;
mod depth;
mod encode;
mod exact;
mod incoming;

pub use decode::{Batch, CommandEnvelope, InvalidMessage, MAX_BATCH};
pub use depth::check_depth;
pub(crate) use encode::raw_value;
pub use encode::{
    Empty, EncodeError, EventHead, MessageBuf, OpenMessage, encode_command, encode_error,
    encode_history, encode_item, encode_reply,
};
pub use incoming::{EventEnvelope, ServerMessage};
