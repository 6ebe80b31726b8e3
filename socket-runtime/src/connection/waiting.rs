//! What was read and is not handled yet: the running call, and those behind it, in order.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;

use socket_protocol::envelope::MessageBuf;
use socket_protocol::{RequestId, WireError};
use tokio::time::Instant;

use crate::command::Call;

/// What a future that a connection runs has come to.
pub(super) enum Done {
    /// A call's answer; `None`: it has been given, or was not wanted.
    Answer(Result<Option<MessageBuf>, WireError>),
    /// The handshake's.
    Connected(Result<Option<MessageBuf>, WireError>),
    /// A hook has run.
    Hook,
}

pub(super) type Work = Pin<Box<dyn Future<Output = Done> + Send>>;

/// The one future that a connection runs at a time.
pub(super) struct Running {
    pub(super) id: Option<RequestId>,
    /// The command; empty for a hook, which nobody waits for.
    pub(super) cmd: Cow<'static, str>,
    pub(super) deadline: Instant,
    pub(super) work: Work,
}

/// Calls in the order they came, bounded.
pub(super) struct Waiting<C> {
    calls: VecDeque<Call<C>>,
    bytes: usize,
    max_messages: usize,
    max_bytes: usize,
}

impl<C> Waiting<C> {
    pub(super) fn new(max_messages: usize, max_bytes: usize) -> Self {
        Self {
            calls: VecDeque::new(),
            bytes: 0,
            max_messages,
            max_bytes,
        }
    }

    /// Whether reading may go on.
    pub(super) fn has_room(&self) -> bool {
        self.calls.len() < self.max_messages && self.bytes < self.max_bytes
    }

    pub(super) fn push(&mut self, call: Call<C>) {
        self.bytes += call.bytes;
        self.calls.push_back(call);
    }

    pub(super) fn pop(&mut self) -> Option<Call<C>> {
        let call = self.calls.pop_front()?;
        self.bytes -= call.bytes;
        Some(call)
    }

    /// Takes the call with that id out.
    pub(super) fn cancel(&mut self, id: RequestId) -> Option<Call<C>> {
        let at = self.calls.iter().position(|call| call.id == Some(id))?;
        let call = self.calls.remove(at)?;
        self.bytes -= call.bytes;
        Some(call)
    }
}
