//! The one task of a connection: it reads, runs handlers in order, writes, and keeps the time.

use std::future::{Future, poll_fn, ready};
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;

use futures_util::FutureExt as _;
use socket_protocol::envelope::MessageBuf;
use socket_protocol::{CloseCode, ErrorCode, Protocol, RequestId, WireError};
use tokio::io::AsyncRead;
use tokio::time::{Instant, sleep_until};

use super::calls::Calls;
use super::close::{self, End};
use super::handshake::{Phase, Step};
use super::heartbeat::{Beat, Heartbeat};
use super::rates::Rates;
use super::replay::Replay;
use super::session::Parts;
use super::session::detached::{self, AfterLoss};
use super::socket::reader::{Input, ReadError};
use super::socket::{Event, Transport};
use crate::frame::{self, system};
use crate::hub::Handle;
use crate::outbound::{Asked, Signal};
use crate::service::connection::Connection;
use crate::service::hooks::Disconnected;
use crate::stats::Mode;

/// Runs a connection to its end, which comes after its socket's where its session waits. `open`
/// counts the socket.
pub(crate) fn run<P, U, S>(
    connection: Arc<Connection<P, U>>,
    io: S,
    open: impl Send,
) -> impl Future<Output = ()>
where
    P: Protocol,
    U: Send + Sync + 'static,
    S: AsyncRead + Unpin,
{
    // Made outside of the future, which else had room for it and for what it is made of.
    let mut task = Task::new(connection, io);
    async move {
        task.connection.service.hub().add(&task.handle);
        if task.connection.service.is_leaving() {
            // Too late to be told with the others.
            task.handle.queue.leave();
        }
        tracing::debug!("open");
        // Nothing of ours should panic. If it does, nobody may be left in a channel as a ghost.
        let end = AssertUnwindSafe(task.run()).catch_unwind().await;
        let end = end.unwrap_or_else(|_| {
            tracing::error!("the connection's task panicked");
            task.calls.stop();
            task.connection.handle().standing().session.stop();
            CloseCode::GoingAway.into()
        });
        task.handle.queue.shut();
        tracing::debug!(?end, "end");
        if let Disconnected::Server { code, .. } = end.reason() {
            task.connection.service.refused().close(code);
        }
        // In a box of its own: every connection holds room for the longest step of its life, and
        // this one comes only at the end.
        Box::pin(task.end(end, open)).await;
    }
}

/// The state of the task.
pub(super) struct Task<P: Protocol, U: Send + Sync + 'static, S> {
    pub(super) connection: Arc<Connection<P, U>>,
    /// The connection's half that is this socket's.
    pub(super) handle: Arc<Handle>,
    transport: Transport<S>,
    pub(super) phase: Phase<P, U>,
    /// True once its session has begun.
    pub(super) opened: bool,
    /// True if it resumed a session here, after another socket.
    pub(super) resumed: bool,
    /// True once the client was heard after its handshake.
    pub(super) heard: bool,
    pub(super) calls: Calls<P, U>,
    heartbeat: Heartbeat,
    pub(super) rates: Rates,
    /// Until when the client may close of its own accord.
    asked: Option<Instant>,
    /// Since when nothing is read.
    paused: Option<Instant>,
    /// The replay of missed events.
    replay: Replay,
}

impl<P, U, S> Task<P, U, S>
where
    P: Protocol,
    U: Send + Sync + 'static,
    S: AsyncRead + Unpin,
{
    fn new(connection: Arc<Connection<P, U>>, io: S) -> Self {
        let config = connection.service.config();
        let handle = connection.handle();
        Self {
            transport: Transport::new(handle.clone(), io, config.limits.message_bytes),
            phase: Phase::Handshake(Instant::now() + config.timeouts.handshake),
            opened: false,
            resumed: false,
            heard: false,
            calls: Calls::new(&connection, &handle),
            heartbeat: Heartbeat::new(),
            rates: Rates::new(config),
            asked: None,
            paused: None,
            handle,
            replay: Replay::default(),
            connection,
        }
    }

    async fn run(&mut self) -> End {
        if self.handle.mode == Mode::Plain
            && let Err(end) = Box::pin(self.open_plain()).await
        {
            return end;
        }
        let mut timer = pin!(sleep_until(self.due(true)));
        loop {
            if self.calls.halted && self.calls.is_done() {
                return CloseCode::GoingAway.into();
            }
            if !matches!(self.phase, Phase::Connecting(_)) {
                self.calls.start_next();
            }
            self.handle.standing().calls.set(self.calls.bytes());
            let reading = self.reading();
            // A deadline that moved away is found again when the timer fires, so that a message
            // does not cost a turn of the timer.
            let due = self.due(reading);
            if due < timer.deadline() {
                timer.as_mut().reset(due);
            }
            let open = matches!(self.phase, Phase::Open);
            // Input that came in time may still be unread, because a handler kept this thread: look
            // once more, and only once, because a client may never pause.
            let is_time = timer.is_elapsed();
            let step = tokio::select! {
                biased;
                () = poll_fn(|cx| self.calls.poll_to_next(cx)) => Ok(()),
                step = poll_fn(|cx| self.phase.poll(cx)) => self.connecting(step),
                () = &mut timer, if !is_time => Ok(()),
                () = poll_fn(|cx| self.replay.poll(cx, self.connection.service.hub(), &self.handle)), if open => Ok(()),
                event = self.transport.next(reading) => match event {
                    Ok(event) => self.event(event),
                    Err(ReadError::Lost) => Err(End::Lost),
                    Err(ReadError::Violation(code)) => Err(End::Violation(code)),
                },
                () = ready(()), if is_time => Ok(()),
            };
            let step = step.and_then(|()| match is_time {
                true => self.on_time(reading),
                false => Ok(()),
            });
            if let Err(end) = step {
                return end;
            }
            if is_time {
                timer.as_mut().reset(self.due(reading));
            }
            // A client that never pauses must not keep the others from this thread.
            tokio::task::coop::consume_budget().await;
        }
    }

    /// Returns whether there is room for further input.
    fn reading(&mut self) -> bool {
        let reading = !self.calls.halted
            && match &self.phase {
                Phase::Connecting(connecting) => connecting.held.has_room(),
                Phase::Handshake(_) | Phase::Open => self.calls.waiting.has_room(),
            };
        match (reading, self.paused) {
            (false, None) => self.paused = Some(Instant::now()),
            (true, Some(since)) => {
                // The time in which nothing could be heard does not count as silence.
                self.transport.received += since.elapsed();
                self.paused = None;
            }
            _ => {}
        }
        reading
    }

    fn due(&self, reading: bool) -> Instant {
        let config = self.connection.service.config();
        let transport = &self.transport;
        let mut due = self
            .heartbeat
            .due(config, transport.received, transport.sent, reading);
        if let Some(until) = self.phase.deadline() {
            due = due.min(until);
        }
        for until in [
            self.asked,
            self.calls.in_flight.deadline(),
            transport.stalled.map(|since| since + config.timeouts.write),
            // A message that is not read cannot be finished.
            transport
                .unfinished()
                .filter(|_| reading)
                .map(|since| since + config.timeouts.message),
            self.connection.known.lock().due(),
            self.calls.kept.asks_at(),
            self.calls
                .kept
                .ages_at(config.timeouts.ping + config.timeouts.pong),
        ] {
            due = until.map_or(due, |until| due.min(until));
        }
        due
    }

    fn on_time(&mut self, reading: bool) -> Result<(), End> {
        let now = Instant::now();
        let ping = self.transport.look();
        self.heartbeat.look(now, self.transport.received, ping);
        if self.phase.deadline().is_some_and(|until| now >= until) {
            return Err(CloseCode::HandshakeTimeout.into());
        }
        if self.asked.is_some_and(|until| now >= until) {
            return Err(CloseCode::Disconnected.into());
        }
        let config = self.connection.service.config();
        let transport = &self.transport;
        let over = |since: Option<Instant>, limit| since.is_some_and(|since| now >= since + limit);
        let queue = &self.handle.queue;
        if queue.stands_still(transport.stalled, config.timeouts.write, now) {
            return Err(CloseCode::SlowConsumer.into());
        }
        if reading && over(transport.unfinished(), config.timeouts.message) {
            return Err(End::Violation(CloseCode::ProtocolViolation));
        }
        self.check_login(now)?;
        self.calls.expire(now);
        let transport = &self.transport;
        match self
            .heartbeat
            .beat(config, now, transport.received, transport.sent, reading)
        {
            Beat::Nothing => {}
            Beat::Dead => return Err(CloseCode::NoSignOfLife.into()),
            Beat::Ping => {
                if self.ask(now, true) == Asked::Not {
                    self.heartbeat.unask();
                }
            }
        }
        let config = self.connection.service.config();
        self.calls
            .kept
            .age(now, config.timeouts.ping + config.timeouts.pong);
        if self.calls.kept.asks(now) {
            self.ask(now, false);
        }
        Ok(())
    }

    /// Asks the client for a sign of life, which acknowledges the answers that its socket has taken.
    fn ask(&mut self, now: Instant, anyway: bool) -> Asked {
        let queue = &self.handle.queue;
        let frame = match self.handle.mode {
            Mode::Full => system::PING.clone(),
            Mode::Plain => frame::ping(),
        };
        self.calls.kept.ask(now, anyway, || queue.ping(frame))
    }

    /// Asks for a new token in time, and ends the connection when the login has run out.
    fn check_login(&self, now: Instant) -> Result<(), End> {
        let mut known = self.connection.known.lock();
        if known.expires.is_some_and(|until| now >= until) {
            return Err(CloseCode::Unauthorized.into());
        }
        if known.ask.is_some_and(|at| now >= at) {
            known.ask = None;
            if self.handle.mode == Mode::Full && matches!(self.phase, Phase::Open) {
                self.handle.queue.reply_first(system::REFRESH.clone());
            }
        }
        Ok(())
    }

    fn event(&mut self, event: Event) -> Result<(), End> {
        match event {
            Event::Input(Input::Text(text)) => self.text(&text),
            Event::Input(Input::Binary(_)) => Err(End::Violation(CloseCode::Unsupported)),
            Event::Input(Input::Control) => Ok(self.rates.control()?),
            Event::Input(Input::Close(frame)) => Err(End::client(frame)),
            Event::Waits => Ok(()),
            Event::Signal(Signal::Close(close)) => Err(End::Server(close)),
            Event::Signal(Signal::Leave) => self.leave(),
            Event::Signal(Signal::Asked) => {
                let limit = self.connection.service.config().timeouts.close_request;
                self.asked.get_or_insert(Instant::now() + limit);
                Ok(())
            }
        }
    }

    /// Begins nothing more, and where the drain is over ends what runs.
    fn leave(&mut self) -> Result<(), End> {
        self.calls.halted = true;
        if !self.connection.service.is_leaving() {
            return Ok(());
        }
        self.calls.give_up();
        match &self.phase {
            Phase::Connecting(_) => {
                let error = WireError::new(ErrorCode::Unavailable, "the server is going away");
                self.connecting(Step::Connected(Err(error)))
            }
            Phase::Handshake(_) | Phase::Open => Ok(()),
        }
    }

    /// Answers, at once, what was read on this socket.
    pub(super) fn answer(
        &mut self,
        id: Option<RequestId>,
        cmd: &str,
        answer: Result<Option<MessageBuf>, WireError>,
    ) {
        self.calls.answer(id, cmd, true, answer);
    }

    /// Says goodbye to the socket, and has a task of its own live on without it as far as the session
    /// does: that one holds no more than it needs.
    async fn end(mut self, end: End, open: impl Send) {
        *self.handle.version.lock() = None;
        self.connection.known.lock().seat = None;
        let connection = self.connection;
        let limit = connection.service.config().timeouts.close;
        let goodbye = async {
            close::finish(&mut self.transport, &self.handle, &end, limit).await;
            drop(self.transport);
            drop(open);
        };
        if !self.opened {
            connection.service.hub().remove(&self.handle).await;
            goodbye.await;
            return;
        }
        let parts = Box::new(Parts {
            calls: self.calls,
            rates: self.rates,
        });
        let after = AfterLoss::of(&connection, &end, self.asked.is_some());
        detached::spawn(connection, parts, after, end.reason());
        goodbye.await;
    }
}
