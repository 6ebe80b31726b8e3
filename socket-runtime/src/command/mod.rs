//! From a message to the handler and back: `decode` reads it, `dispatch` begins what it asks for,
//! `reply` writes the answer.

mod decode;
mod dispatch;
mod history;
pub(crate) mod membership;
pub(crate) mod reply;

pub(crate) use decode::{AnswerLength, Decoded, ReceivedCall, decode};
pub(crate) use dispatch::{Begun, begin};
