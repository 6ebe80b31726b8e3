//! The one task of a connection: it reads, runs handlers in order, writes, and keeps the time.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;

use futures_util::FutureExt as _;
use socket_protocol::envelope::MessageBuf;
use socket_protocol::{CloseCode, ErrorCode, Protocol, RequestId, WireError};
use tokio::io::AsyncRead;
use tokio::time::{Instant, sleep_until};

use super::close::{self, Disconnected, End};
use super::heartbeat::{Beat, Heartbeat};
use super::queue::Signal;
use super::rates::Rates;
use super::reader::{Input, ReadError};
use super::replay::Replay;
use super::transport::{Event, Transport};
use super::waiting::{Done, InFlight, Running, Waiting, Work};
use super::{Connection, Peer, frame, handshake};
use crate::command::{self, membership, reply};
use crate::service::status::Mode;

/// Runs a connection to its end.
pub(crate) async fn run<P, U, S>(connection: Arc<Connection<P, U>>, io: S)
where
    P: Protocol,
    U: Send + Sync + 'static,
    S: AsyncRead + Unpin,
{
    let service = connection.service.clone();
    let peer = connection.peer();
    service.hub().add(&peer);
    tracing::debug!("open");
    let mut task = Task::new(connection.clone(), io);
    // Nothing of ours should panic. If it does, nobody may be left in a channel as a ghost.
    let end = AssertUnwindSafe(task.run()).catch_unwind().await;
    let end = end.unwrap_or_else(|_| {
        tracing::error!("the connection's task panicked");
        CloseCode::GoingAway.into()
    });
    peer.queue.shut();
    tracing::debug!(?end, "end");
    if let Disconnected::Server { code, .. } = end.reason() {
        service.counts().close(code);
    }
    // The handlers' futures end with the connection, before anyone is told.
    task.in_flight = InFlight::default();
    // In a box of its own: every connection holds room for the longest step of its life, and this
    // one comes only at the end.
    Box::pin(async {
        service.hub().remove(&peer).await;
        *peer.version.lock() = None;
        let limit = service.config().close_timeout;
        close::finish(&mut task.transport, &peer, &end, limit).await;
        if task.opened {
            command::hooks::disconnected(&connection, end.reason()).await;
        }
    })
    .await;
}

/// How far a connection has come.
pub(super) enum Phase {
    /// Nothing but `:connect` may come, until then.
    Handshake(Instant),
    /// `:connect` is being answered.
    Connecting,
    Open,
}

/// What the task holds.
pub(super) struct Task<P: Protocol, U, S> {
    pub(super) connection: Arc<Connection<P, U>>,
    /// The connection's half that is this socket's.
    pub(super) peer: Arc<Peer>,
    transport: Transport<S>,
    pub(super) phase: Phase,
    /// Whether the hook for it was begun.
    opened: bool,
    pub(super) in_flight: InFlight,
    pub(super) waiting: Waiting<P::Commands>,
    heartbeat: Heartbeat,
    pub(super) rates: Rates,
    /// When the latest protocol errors came.
    pub(super) errors: VecDeque<Instant>,
    /// Until when the client may close of its own accord.
    asked: Option<Instant>,
    /// Since when nothing is read.
    paused: Option<Instant>,
    /// What it is sent of what it has missed.
    replay: Replay,
    /// The service ends: nothing more is read or begun, and what runs is waited for.
    pub(super) leaving: bool,
}

impl<P, U, S> Task<P, U, S>
where
    P: Protocol,
    U: Send + Sync + 'static,
    S: AsyncRead + Unpin,
{
    fn new(connection: Arc<Connection<P, U>>, io: S) -> Self {
        let config = connection.service.config();
        let peer = connection.peer();
        Self {
            transport: Transport::new(peer.clone(), io, config.message_bytes),
            phase: Phase::Handshake(Instant::now() + config.handshake_timeout),
            opened: false,
            in_flight: InFlight::default(),
            waiting: Waiting::new(config.waiting_messages, config.waiting_bytes),
            heartbeat: Heartbeat::new(config.ping, config.timeout),
            rates: Rates::new(config),
            errors: VecDeque::new(),
            asked: None,
            paused: None,
            leaving: false,
            peer,
            replay: Replay::default(),
            connection,
        }
    }

    async fn run(&mut self) -> End {
        if self.peer.mode == Mode::Plain
            && let Err(end) = Box::pin(self.open_plain()).await
        {
            return end;
        }
        let mut timer = pin!(sleep_until(self.due(true)));
        loop {
            if self.leaving && self.in_flight.is_empty() {
                return CloseCode::GoingAway.into();
            }
            self.start_next();
            let reading = self.reading();
            // A deadline that moved away is found again when the timer fires, so that a message
            // does not cost a turn of the timer.
            let due = self.due(reading);
            if due < timer.deadline() {
                timer.as_mut().reset(due);
            }
            let open = matches!(self.phase, Phase::Open);
            let step = tokio::select! {
                biased;
                (running, done) = poll_fn(|cx| self.in_flight.poll(cx)) => self.done(&running, done),
                // Before the input, which a client may never let pause.
                () = &mut timer => {
                    let step = self.on_time(reading);
                    timer.as_mut().reset(self.due(reading));
                    step
                }
                () = poll_fn(|cx| self.replay.poll(cx, self.connection.service.hub(), &self.peer)), if open => Ok(()),
                event = self.transport.next(reading) => match event {
                    Ok(event) => self.event(event),
                    Err(ReadError::Lost) => Err(End::Lost),
                    Err(ReadError::Violation(code)) => Err(End::Violation(code)),
                },
            };
            if let Err(end) = step {
                return end;
            }
            // A client that never pauses must not keep the others from this thread.
            tokio::task::coop::consume_budget().await;
        }
    }

    /// Whether there is room for what would be read.
    fn reading(&mut self) -> bool {
        let reading = self.waiting.has_room() && !self.leaving;
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
        let transport = &self.transport;
        let mut due = self
            .heartbeat
            .due(transport.received, transport.sent, reading);
        if let Phase::Handshake(until) = self.phase {
            due = due.min(until);
        }
        let config = self.connection.service.config();
        for until in [
            self.asked,
            self.in_flight.deadline(),
            transport.stalled.map(|since| since + config.write_timeout),
            // What is not read cannot be finished.
            transport
                .unfinished()
                .filter(|_| reading)
                .map(|since| since + config.message_timeout),
            self.connection.known.lock().due(),
        ] {
            due = until.map_or(due, |until| due.min(until));
        }
        due
    }

    fn on_time(&mut self, reading: bool) -> Result<(), End> {
        let now = Instant::now();
        self.transport.look();
        if matches!(self.phase, Phase::Handshake(until) if now >= until) {
            return Err(CloseCode::HandshakeTimeout.into());
        }
        if self.asked.is_some_and(|until| now >= until) {
            return Err(CloseCode::Disconnected.into());
        }
        let config = self.connection.service.config();
        let transport = &self.transport;
        let over = |since: Option<Instant>, limit| since.is_some_and(|since| now >= since + limit);
        if over(transport.stalled, config.write_timeout) {
            return Err(CloseCode::SlowConsumer.into());
        }
        if reading && over(transport.unfinished(), config.message_timeout) {
            return Err(End::Violation(CloseCode::ProtocolViolation));
        }
        self.check_login(now)?;
        self.in_flight.extend_streams(config.handler_timeout);
        while let Some(running) = self.in_flight.take_if(|running| now >= running.deadline) {
            if matches!(self.phase, Phase::Connecting) {
                return Err(CloseCode::HandshakeTimeout.into());
            }
            if running.cmd.is_empty() {
                tracing::warn!("the hook for a new connection took too long");
            } else {
                let error = WireError::new(ErrorCode::Timeout, "it took too long");
                self.answer(running.id, &running.cmd, Err(error));
            }
        }
        let transport = &self.transport;
        match self
            .heartbeat
            .beat(now, transport.received, transport.sent, reading)
        {
            Beat::Nothing => {}
            Beat::Dead => return Err(CloseCode::NoSignOfLife.into()),
            Beat::Ping => self.peer.queue.reply(match self.peer.mode {
                Mode::Full => reply::PING.clone(),
                Mode::Plain => frame::ping(),
            }),
        }
        Ok(())
    }

    /// Asks for a new token in time, and ends the connection when the login has run out.
    fn check_login(&self, now: Instant) -> Result<(), End> {
        let mut known = self.connection.known.lock();
        if known.expires.is_some_and(|until| now >= until) {
            return Err(CloseCode::Unauthorized.into());
        }
        if known.ask.is_some_and(|at| now >= at) {
            known.ask = None;
            if self.peer.mode == Mode::Full && matches!(self.phase, Phase::Open) {
                self.peer.queue.reply(reply::REFRESH.clone());
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
            Event::Signal(Signal::Leave) => {
                self.leaving = true;
                Ok(())
            }
            Event::Signal(Signal::Asked) => {
                let limit = self.connection.service.config().close_request_timeout;
                self.asked.get_or_insert(Instant::now() + limit);
                Ok(())
            }
        }
    }

    pub(super) fn start(
        &mut self,
        id: Option<RequestId>,
        cmd: Cow<'static, str>,
        until: Option<Instant>,
        work: Work,
    ) {
        self.in_flight.in_turn = Some(self.running(id, cmd, until, work));
    }

    pub(super) fn running(
        &self,
        id: Option<RequestId>,
        cmd: Cow<'static, str>,
        until: Option<Instant>,
        work: Work,
    ) -> Running {
        let limit = Instant::now() + self.connection.service.config().handler_timeout;
        Running {
            id,
            cmd,
            deadline: until.map_or(limit, |until| until.min(limit)),
            until,
            stream: None,
            work,
        }
    }

    fn done(&mut self, running: &Running, done: Done) -> Result<(), End> {
        match done {
            Done::Hook => {}
            Done::Answer(answer) => self.answer(running.id, &running.cmd, answer),
            Done::Connected(Ok(reply)) => {
                self.peer.queue.uncork(reply.map(frame::text));
                self.open();
            }
            Done::Connected(Err(error)) => {
                self.connection.service.counts().logins.add();
                let code = handshake::close_code(&error);
                let refused = reply::error(self.peer.mode, running.id, &running.cmd, error);
                self.peer.queue.uncork(refused.map(frame::text));
                return Err(code.into());
            }
        }
        Ok(())
    }

    /// Enters what a plain client is in from the start. Its policy has been asked already.
    async fn open_plain(&mut self) -> Result<(), End> {
        let connection = &self.connection;
        let entered = async {
            handshake::enter(connection, &BTreeMap::new()).await?;
            match &connection.default_channel {
                Some(channel) => membership::enter_silently(connection, channel).await,
                None => Ok(()),
            }
        };
        if let Err(error) = entered.await {
            tracing::warn!(?error, "not opened");
            return Err(CloseCode::GoingAway.into());
        }
        self.open();
        Ok(())
    }

    fn open(&mut self) {
        self.phase = Phase::Open;
        self.opened = true;
        // Too late to be told of the drain.
        self.leaving |= self.connection.service.is_draining();
        if let Some(hook) = command::hooks::connected(&self.connection) {
            self.start(
                None,
                "".into(),
                None,
                Box::pin(async move {
                    hook.await;
                    Done::Hook
                }),
            );
        }
    }

    pub(super) fn answer(
        &self,
        id: Option<RequestId>,
        cmd: &str,
        answer: Result<Option<MessageBuf>, WireError>,
    ) {
        let connection = &self.connection;
        let limit = connection.service.config().outbound_bytes;
        if let Some(message) = reply::answer(self.peer.mode, limit, id, cmd, answer) {
            self.peer.queue.reply(frame::text(message));
        }
    }
}
