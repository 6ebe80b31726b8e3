//! Calls in flight: those that run, and those that wait behind them, in order.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use socket_protocol::envelope::MessageBuf;
use socket_protocol::{Commands, RequestId, WireError};
use tokio::time::Instant;

use super::stream::StreamingCall;
use crate::command::ReceivedCall;
use crate::service::handler::AnswerFuture;
use crate::service::hooks::HookFuture;

/// The result of a future that a connection runs.
pub(crate) enum Done {
    /// A call's answer; `None`: it has been given, or was not wanted.
    Answer(Result<Option<MessageBuf>, WireError>),
    /// A hook has run.
    Hook,
}

/// A future that a connection runs, by what it comes to.
pub(crate) enum Job {
    Answer(AnswerFuture<Option<MessageBuf>>),
    Hook(HookFuture),
}

impl Job {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Done> {
        match self {
            Self::Answer(answer) => answer.as_mut().poll(cx).map(Done::Answer),
            Self::Hook(hook) => hook.as_mut().poll(cx).map(|()| Done::Hook),
        }
    }
}

/// A call or a hook that was begun and has not ended.
pub(crate) struct RunningCall {
    pub(crate) id: Option<RequestId>,
    /// The command; empty for a hook, which nobody waits for.
    pub(crate) cmd: Cow<'static, str>,
    pub(crate) deadline: Instant,
    /// When the client no longer wants the answer, whatever else.
    pub(crate) until: Option<Instant>,
    /// True if the present socket sent it or sent it again.
    pub(crate) claimed: bool,
    /// Its items, where it streams.
    pub(crate) stream: Option<Arc<StreamingCall>>,
    pub(crate) work: Job,
}

/// The running calls: one in its turn, and beside it those that nobody has to wait for.
#[derive(Default)]
pub(crate) struct InFlight {
    pub(crate) in_turn: Option<RunningCall>,
    beside: Vec<RunningCall>,
}

impl InFlight {
    /// Returns whether nothing runs.
    pub(crate) const fn is_empty(&self) -> bool {
        self.in_turn.is_none() && self.beside.is_empty()
    }

    /// The number of calls beside the one in its turn.
    pub(crate) const fn beside(&self) -> usize {
        self.beside.len()
    }

    pub(crate) fn add_beside(&mut self, running: RunningCall) {
        self.beside.push(running);
    }

    /// Returns whether a call of that name runs beside.
    pub(crate) fn runs_beside(&self, cmd: &str) -> bool {
        self.beside.iter().any(|running| running.cmd == cmd)
    }

    /// Polls all of them. What has ended is taken out.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<(RunningCall, Done)> {
        if let Some(running) = &mut self.in_turn
            && let Poll::Ready(done) = running.work.poll(cx)
            && let Some(running) = self.in_turn.take()
        {
            return Poll::Ready((running, done));
        }
        for at in 0..self.beside.len() {
            if let Poll::Ready(done) = self.beside[at].work.poll(cx) {
                return Poll::Ready((self.remove(at), done));
            }
        }
        Poll::Pending
    }

    /// When the first of them has had its time.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let all = self.in_turn.iter().chain(&self.beside);
        all.map(|running| running.deadline).min()
    }

    /// Gives streams that went on since more time.
    pub(crate) fn extend_streams(&mut self, limit: Duration) {
        for running in &mut self.beside {
            if let Some(stream) = &running.stream {
                let deadline = stream.progress() + limit;
                running.deadline = running.until.map_or(deadline, |until| until.min(deadline));
            }
        }
    }

    /// Takes out the first one that fits.
    pub(crate) fn take_if(&mut self, wanted: impl Fn(&RunningCall) -> bool) -> Option<RunningCall> {
        self.in_turn.take_if(|running| wanted(running)).or_else(|| {
            let at = self.beside.iter().position(wanted)?;
            Some(self.remove(at))
        })
    }

    /// Notes that the client asks for that call again. `false`: it does not run.
    pub(crate) fn claim(&mut self, id: RequestId) -> bool {
        let mut all = self.in_turn.iter_mut().chain(&mut self.beside);
        let found = all.find(|running| running.id == Some(id) && !is_own(&running.cmd));
        found.map(|running| running.claimed = true).is_some()
    }

    /// Ends what concerns the socket alone; the rest runs on, and its answers wait to be asked for.
    pub(crate) fn detach(&mut self) {
        let is_socket_s = |running: &RunningCall| running.stream.is_some() || is_own(&running.cmd);
        while self.take_if(is_socket_s).is_some() {}
        for running in self.in_turn.iter_mut().chain(&mut self.beside) {
            running.claimed = false;
        }
    }

    fn remove(&mut self, at: usize) -> RunningCall {
        let running = self.beside.swap_remove(at);
        if let Some(stream) = &running.stream {
            stream.end();
        }
        if self.beside.is_empty() {
            // An idle connection keeps no room for what seldom comes.
            self.beside = Vec::new();
        }
        running
    }
}

/// Calls in the order they came, bounded.
pub(crate) struct WaitingCalls<C> {
    calls: VecDeque<ReceivedCall<C>>,
    bytes: usize,
    max_messages: usize,
    max_bytes: usize,
}

impl<C: Commands> WaitingCalls<C> {
    pub(crate) fn new(max_messages: usize, max_bytes: usize) -> Self {
        Self {
            calls: VecDeque::new(),
            bytes: 0,
            max_messages,
            max_bytes,
        }
    }

    /// Returns whether reading may continue.
    pub(crate) fn has_room(&self) -> bool {
        self.calls.len() < self.max_messages && self.bytes < self.max_bytes
    }

    pub(crate) fn push(&mut self, call: ReceivedCall<C>) {
        self.bytes += call.bytes;
        self.calls.push_back(call);
    }

    pub(crate) fn first(&self) -> Option<&ReceivedCall<C>> {
        self.calls.front()
    }

    pub(crate) fn pop(&mut self) -> Option<ReceivedCall<C>> {
        let call = self.calls.pop_front()?;
        self.bytes -= call.bytes;
        if self.calls.is_empty() {
            // An idle connection keeps no room for calls, which are large.
            self.calls = VecDeque::new();
        }
        Some(call)
    }

    /// Notes that the client asks for that call again. `false`: it does not wait.
    pub(crate) fn claim(&mut self, id: RequestId) -> bool {
        let mut calls = self.calls.iter_mut();
        let found = calls.find(|call| call.id == Some(id) && !is_own(&call.cmd));
        found.map(|call| call.claimed = true).is_some()
    }

    /// Drops what concerns the socket alone; the rest waits on, and its answers to be asked for.
    pub(crate) fn detach(&mut self) {
        self.calls
            .retain(|call| !is_own(&call.cmd) && !call.is_streaming());
        self.bytes = self.calls.iter().map(|call| call.bytes).sum();
        for call in &mut self.calls {
            call.claimed = false;
        }
    }

    /// Bytes of their messages.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes the call with that id out.
    pub(crate) fn cancel(&mut self, id: RequestId) -> Option<ReceivedCall<C>> {
        let at = self.calls.iter().position(|call| call.id == Some(id))?;
        let call = self.calls.remove(at)?;
        self.bytes -= call.bytes;
        Some(call)
    }
}

/// Returns whether a command is one of the protocol's own.
pub(crate) fn is_own(cmd: &str) -> bool {
    cmd.starts_with(':')
}
