//! The calls of a session: those that wait, those that run, and the answers to those that have.
//!
//! They outlive the socket that they came by. While the connection has no socket, their answers are
//! kept for the socket that resumes the session.

pub(crate) mod in_flight;
mod stream;
mod unsent;

use std::borrow::Cow;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use socket_protocol::envelope::MessageBuf;
use socket_protocol::{ErrorCode, ItemQueue, Protocol, RequestId, WireError};
use tokio::time::Instant;

use super::session::answers::Kept;
use crate::command::{self, AnswerLength, Begun, ReceivedCall, reply};
use crate::frame;
use crate::hub::Handle;
use crate::service::connection::Connection;
use crate::stats::Mode;
use in_flight::{Done, InFlight, Job, RunningCall, WaitingCalls, is_own};
use stream::StreamingCall;
use unsent::Unsent;

pub(crate) struct Calls<P: Protocol, U> {
    connection: Arc<Connection<P, U>>,
    /// The socket that receives the answers; `None` while there is no socket.
    handle: Option<Arc<Handle>>,
    mode: Mode,
    /// Nothing more is begun: the server is going away.
    pub(crate) halted: bool,
    pub(crate) in_flight: InFlight,
    pub(crate) waiting: WaitingCalls<P::Commands>,
    pub(crate) kept: Kept,
    /// Answers that wait until there is room for them in the queue.
    unsent: Unsent,
    /// The next call waits until no more bytes than that are queued.
    waits_for_room: Option<usize>,
}

impl<P, U> Calls<P, U>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    pub(crate) fn new(connection: &Arc<Connection<P, U>>, handle: &Arc<Handle>) -> Self {
        let config = connection.service.config();
        Self {
            connection: connection.clone(),
            handle: Some(handle.clone()),
            mode: handle.mode,
            halted: false,
            in_flight: InFlight::default(),
            waiting: WaitingCalls::new(config.limits.waiting_messages, config.limits.waiting_bytes),
            kept: Kept::default(),
            unsent: Unsent::default(),
            waits_for_room: None,
        }
    }

    /// Takes a call: one that is new waits for its turn, one that is sent again gets the answer of
    /// its first run.
    pub(crate) fn receive(&mut self, call: ReceivedCall<P::Commands>) {
        match call.id.filter(|_| self.counts(&call.cmd)) {
            Some(id) if !self.kept.is_new(id) => self.repeated(id, &call.cmd),
            _ if self.waiting.first().is_none()
                && self.may_begin(&call)
                && self.lacks_room(&call).is_none() =>
            {
                self.begin(call);
            }
            _ => self.waiting.push(call),
        }
    }

    /// Refuses a call that is not looked at any further, unless it is one that was taken already.
    pub(crate) fn refuse(&mut self, id: Option<RequestId>, cmd: &str, error: WireError) {
        match id.filter(|_| self.counts(cmd)) {
            Some(id) if !self.kept.is_new(id) => self.repeated(id, cmd),
            _ => self.answer(id, cmd, true, Err(error)),
        }
    }

    /// Returns whether calls of that command are counted by their ids: the definition's commands,
    /// in a mode with sessions. The protocol's own commands may all run again.
    fn counts(&self, cmd: &str) -> bool {
        self.mode == Mode::Full && !is_own(cmd)
    }

    fn repeated(&mut self, id: RequestId, cmd: &str) {
        if self.in_flight.claim(id) || self.waiting.claim(id) {
            return;
        }
        if let Some(handle) = &self.handle
            && let Some(frame) = self.kept.answer(id)
        {
            return handle.queue.reply(frame);
        }
        let message = "the call was sent before, and its answer is no longer kept";
        let error = WireError::new(ErrorCode::OutcomeUnknown, message);
        if let (Some(message), Some(handle)) =
            (reply::error(self.mode, Some(id), cmd, error), &self.handle)
        {
            handle.queue.reply(frame::text(message));
        }
    }

    /// Begins the next calls: one in its turn, or any that let others pass.
    pub(crate) fn start_next(&mut self) {
        self.waits_for_room = None;
        while let Some(next) = self.waiting.first()
            && self.may_begin(next)
        {
            self.waits_for_room = self.lacks_room(next);
            if self.waits_for_room.is_some() {
                return;
            }
            if let Some(call) = self.waiting.pop() {
                self.begin(call);
            }
        }
    }

    /// How many bytes may be queued at most for the call to begin, where there are more: an answer is
    /// not made before there is room for it. Those that are known to be long wait as streams do.
    fn lacks_room(&self, call: &ReceivedCall<P::Commands>) -> Option<usize> {
        let handle = self.handle.as_ref()?;
        let config = self.connection.service.config();
        let half = config.queue.bytes / 2;
        let most = match call.answer_length()? {
            AnswerLength::Unknown => half,
            AnswerLength::Long => config.queue.stream_bytes.min(half),
        };
        (!handle.queue.has_room(most)).then_some(most)
    }

    fn may_begin(&self, call: &ReceivedCall<P::Commands>) -> bool {
        let most = self.connection.service.config().limits.concurrent;
        !self.halted
            && !self.connection.is_changing()
            && self.unsent.is_empty()
            && self.in_flight.in_turn.is_none()
            && (!call.is_concurrent() || self.in_flight.beside() < most)
    }

    fn begin(&mut self, call: ReceivedCall<P::Commands>) {
        let (id, cmd, until) = (call.id, call.cmd.clone(), call.until);
        let (claimed, concurrent) = (call.claimed, call.is_concurrent());
        if until.is_some_and(|until| Instant::now() >= until) {
            let error = WireError::new(ErrorCode::Timeout, "the call timed out before its turn");
            return self.answer(id, &cmd, claimed, Err(error));
        }
        let stream = self.stream(&call);
        let items = stream.clone().map(|stream| stream as Arc<dyn ItemQueue>);
        let answer = match command::begin(&self.connection, call, items) {
            Begun::Answered(answer) => return self.answer(id, &cmd, claimed, answer),
            Begun::Runs(answer) => answer,
        };
        let running = RunningCall {
            stream,
            claimed,
            ..self.running(id, cmd, until, Job::Answer(answer))
        };
        if concurrent {
            self.in_flight.add_beside(running);
        } else {
            self.in_flight.in_turn = Some(running);
        }
    }

    fn stream(&self, call: &ReceivedCall<P::Commands>) -> Option<Arc<StreamingCall>> {
        let handle = self.handle.as_ref().filter(|_| call.is_streaming())?;
        Some(Arc::new(StreamingCall::new(
            handle,
            self.connection.service.config(),
        )))
    }

    /// A future with the time that a handler has.
    pub(crate) fn running(
        &self,
        id: Option<RequestId>,
        cmd: Cow<'static, str>,
        until: Option<Instant>,
        work: Job,
    ) -> RunningCall {
        let limit = Instant::now() + self.connection.service.config().timeouts.handler;
        RunningCall {
            id,
            cmd,
            deadline: until.map_or(limit, |until| until.min(limit)),
            until,
            claimed: true,
            stream: None,
            work,
        }
    }

    /// Polls what runs. What has ended is answered.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.in_flight.poll(cx).map(|(running, done)| match done {
            Done::Hook => {}
            Done::Answer(answer) => {
                let frame = self.keep(running.id, &running.cmd, running.claimed, answer);
                if let (Some(frame), Some(handle)) = (frame, &self.handle) {
                    self.unsent.send(frame, &handle.queue);
                }
            }
        })
    }

    /// The same, until something else may begin, or the connection may end: a call that nothing
    /// waits behind costs no further turn of the connection's task.
    pub(crate) fn poll_to_next(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while self.poll(cx).is_ready() {
            if self.halted || self.waiting.first().is_some() {
                return Poll::Ready(());
            }
        }
        let Some(handle) = &self.handle else {
            return Poll::Pending;
        };
        if !self.unsent.is_empty() {
            ready!(self.unsent.poll_send(cx, &handle.queue));
            return Poll::Ready(());
        }
        match self.waits_for_room {
            Some(bytes) => handle.queue.poll_room(cx, bytes),
            None => Poll::Pending,
        }
    }

    /// Ends what has had its time.
    pub(crate) fn expire(&mut self, now: Instant) {
        let limit = self.connection.service.config().timeouts.handler;
        self.in_flight.extend_streams(limit);
        while let Some(running) = self.in_flight.take_if(|running| now >= running.deadline) {
            if running.cmd.is_empty() {
                tracing::warn!("a connection hook timed out");
            } else {
                let error = WireError::new(ErrorCode::Timeout, "the handler timed out");
                self.answer(running.id, &running.cmd, running.claimed, Err(error));
            }
        }
    }

    /// Ends all that runs, because the server is going away and waits no longer.
    pub(crate) fn give_up(&mut self) {
        while let Some(running) = self.in_flight.take_if(|_| true) {
            if !running.cmd.is_empty() {
                let said = "the server is going away and waits no longer";
                let error = WireError::new(ErrorCode::Timeout, said);
                self.answer(running.id, &running.cmd, running.claimed, Err(error));
            }
        }
    }

    /// Gives a call up because its client asks for it.
    pub(crate) fn cancel(&mut self, target: RequestId) {
        let cancelled = match self.in_flight.take_if(|running| running.id == Some(target)) {
            Some(running) => Some((running.cmd, running.claimed)),
            None => {
                let call = self.waiting.cancel(target);
                call.map(|call| (call.cmd, call.claimed))
            }
        };
        if let Some((cmd, claimed)) = cancelled {
            let error = WireError::new(ErrorCode::Cancelled, "the call was cancelled");
            self.answer(Some(target), &cmd, claimed, Err(error));
        }
    }

    /// Answers a call, or says by `:error` what is wrong with a command that wants no answer. Only
    /// what was asked for on the present socket is sent there.
    pub(crate) fn answer(
        &mut self,
        id: Option<RequestId>,
        cmd: &str,
        claimed: bool,
        answer: Result<Option<MessageBuf>, WireError>,
    ) {
        let frame = self.keep(id, cmd, claimed, answer);
        if let (Some(frame), Some(handle)) = (frame, &self.handle) {
            handle.queue.reply(frame);
        }
    }

    /// Keeps an answer where it may be asked for again, and gives back what is to be sent on the present
    /// socket.
    fn keep(
        &mut self,
        id: Option<RequestId>,
        cmd: &str,
        claimed: bool,
        answer: Result<Option<MessageBuf>, WireError>,
    ) -> Option<Bytes> {
        let config = self.connection.service.config();
        let limit = config.limits.outbound_bytes;
        let frame = frame::text(reply::answer(self.mode, limit, id, cmd, answer)?);
        if let Some(id) = id.filter(|_| self.counts(cmd) && !cmd.is_empty()) {
            let (most, most_bytes) = (config.sessions.kept_answers, config.sessions.kept_bytes);
            let sent = claimed && self.handle.is_some();
            self.kept.keep(id, frame.clone(), sent, most, most_bytes);
        }
        claimed.then_some(frame)
    }

    /// The socket is gone. What concerned it alone goes too: the protocol's own commands, and
    /// streams, whose items nobody would get.
    pub(crate) fn detach(&mut self) {
        self.handle = None;
        if self.halted {
            self.drop_waiting();
        }
        self.unsent = Unsent::default();
        self.waits_for_room = None;
        self.kept.detach();
        self.in_flight.detach();
        self.waiting.detach();
    }

    /// Drops what waits and says how many that were.
    pub(crate) fn drop_waiting(&mut self) -> usize {
        let mut dropped = 0;
        while self.waiting.pop().is_some() {
            dropped += 1;
        }
        dropped
    }

    /// Drops everything at once.
    pub(crate) fn stop(&mut self) {
        self.in_flight = InFlight::default();
        self.drop_waiting();
    }

    /// Another socket goes on.
    pub(crate) fn attach(&mut self, handle: &Arc<Handle>) {
        self.handle = Some(handle.clone());
    }

    /// Returns whether nothing runs and nothing waits.
    pub(crate) fn is_idle(&self) -> bool {
        self.is_done() && self.waiting.first().is_none()
    }

    /// Whether nothing runs, and no answer waits.
    pub(crate) fn is_done(&self) -> bool {
        self.in_flight.is_empty() && self.unsent.is_empty()
    }

    /// What the answers hold that are kept or wait, and the commands that do, in bytes.
    pub(crate) const fn bytes(&self) -> usize {
        self.kept.bytes() + self.waiting.bytes() + self.unsent.bytes()
    }
}
