//! From a message to the handler and back.

pub(crate) mod context;
mod dispatch;
mod execute;
mod history;
pub(crate) mod hooks;
pub(crate) mod membership;
pub(crate) mod reply;
mod runner;

pub(crate) use dispatch::{Call, Decoded, decode};
pub(crate) use execute::{Begun, begin};
pub(crate) use runner::{Answer, Erased, Runner, guard, guarded};
