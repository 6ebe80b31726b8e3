//! The state that the handles and the task of one client share. It knows names and no types, does
//! no I/O, and its lock is never held across an await.

use std::sync::atomic::{AtomicU32, AtomicU64};
use std::sync::{Arc, Weak};
use std::time::Duration;

use fastrand::Rng;
use parking_lot::Mutex;
use socket_protocol::envelope::{Empty, encode_command};
use socket_protocol::system::{Cancel, name};
use socket_protocol::{ChannelName, RequestId};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use super::calls::outcome::Failure;
use super::calls::{Again, CallKey, Calls, NewCall, Waiter};
use super::channels::memberships::{Ask, JoinWaiter, Memberships};
use super::channels::positions::Positions;
use super::error::{JoinError, SendError, Sent};
use super::events::{Raw, Subscriber};
use super::options::Options;
use super::outbox::{NextMessage, Outbox, Outgoing, Worth};
use super::state::{Closed, Loss, State};

/// How a connection ends, judged by the messages on it.
#[derive(Debug)]
pub(super) enum End {
    /// Come back, with backoff.
    Lost(Loss),
    /// Stay away.
    Closed(Closed),
}

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) options: Options,
    /// Those of `:user` and `:all` that keep history. Every connection belongs to both, and names
    /// them only for their position.
    pub(super) kept: Vec<ChannelName>,
    pub(super) core: Mutex<Core>,
    state: watch::Sender<State>,
    /// Notifies the writer that there is something to write.
    pub(super) outgoing: Notify,
    /// Notifies that a deadline has changed.
    pub(super) timers: Notify,
    /// Notifies that the time for a new token has changed.
    pub(super) refresh: Notify,
    pub(super) closing: watch::Sender<bool>,
    /// How many times the usual silence is allowed: more after a connection was lost in silence,
    /// until something new arrives.
    pub(super) patience: AtomicU32,
    /// How much longer the next frame may take, in milliseconds, because it is large.
    pub(super) large: AtomicU64,
}

#[derive(Debug)]
pub(super) struct Core {
    pub(super) outbox: Outbox,
    pub(super) calls: Calls,
    pub(super) memberships: Memberships,
    pub(super) positions: Positions,
    pub(super) subscribers: Vec<Weak<Subscriber>>,
    pub(super) ended: bool,
    pub(super) session: Option<String>,
    /// The largest message that the server accepts, in bytes.
    pub(super) max_message: usize,
    pub(super) rng: Rng,
    pub(super) live: Live,
}

/// The state of the present connection.
#[derive(Debug, Clone, Default)]
pub(super) struct Live {
    /// When the server accepted the connection.
    pub(super) since: Option<Instant>,
    /// How long the server may be silent.
    pub(super) silence: Duration,
    pub(super) spread: Option<Duration>,
    /// When to send a new token.
    pub(super) refresh: Option<Instant>,
    /// When to reconnect, because the server is shutting down.
    pub(super) leave: Option<Instant>,
}

impl Shared {
    pub(super) fn new(options: Options, kept: Vec<ChannelName>, rng: Rng) -> Self {
        Self {
            core: Mutex::new(Core {
                outbox: Outbox::new(&options),
                calls: Calls::default(),
                memberships: Memberships::default(),
                positions: Positions::default(),
                subscribers: Vec::new(),
                ended: false,
                session: None,
                max_message: usize::MAX,
                rng,
                live: Live::default(),
            }),
            state: watch::Sender::new(State::Connecting { attempt: 0 }),
            outgoing: Notify::new(),
            timers: Notify::new(),
            refresh: Notify::new(),
            closing: watch::Sender::new(false),
            patience: AtomicU32::new(1),
            large: AtomicU64::new(0),
            kept,
            options,
        }
    }

    pub(super) fn states(&self) -> watch::Receiver<State> {
        self.state.subscribe()
    }

    pub(super) fn set_state(&self, state: State) {
        self.state.send_replace(state);
    }

    pub(super) fn live(&self) -> Live {
        self.core.lock().live.clone()
    }

    pub(super) fn begin_close(&self) {
        self.closing.send_replace(true);
    }

    pub(super) fn subscribe(&self, only: Option<ChannelName>) -> Arc<Subscriber> {
        let subscriber = Subscriber::new(only, self.options.event_queue);
        let mut core = self.core.lock();
        if core.ended {
            subscriber.end();
        }
        core.subscribers.retain(|other| other.strong_count() > 0);
        core.subscribers.push(Arc::downgrade(&subscriber));
        subscriber
    }

    /// Queues a command without an answer.
    pub(super) fn send(&self, text: String, worth: Worth) -> Result<Sent, SendError> {
        let mut core = self.core.lock();
        if core.ended || *self.closing.borrow() {
            return Err(SendError::Disconnected);
        }
        let (bytes, limit) = (text.len(), core.max_message);
        if bytes > limit {
            return Err(SendError::TooLarge { limit });
        }
        let sent = core.outbox.put(Outgoing::Text(text), bytes, worth);
        self.outgoing.notify_one();
        sent.ok_or(SendError::QueueFull)
    }

    /// Queues a call.
    pub(super) fn call(&self, call: NewCall) -> Result<CallKey, SendError> {
        let mut core = self.core.lock();
        if core.ended || *self.closing.borrow() {
            return Err(SendError::Disconnected);
        }
        let (bytes, limit) = (call.text.len(), core.max_message);
        if bytes > limit {
            return Err(SendError::TooLarge { limit });
        }
        let key = core.calls.make(call);
        let put = core
            .outbox
            .put(Outgoing::Call(key), bytes, Worth::default());
        if put.is_none() {
            core.calls.abandon(key);
            return Err(SendError::QueueFull);
        }
        self.outgoing.notify_one();
        Ok(key)
    }

    /// Sends a call ahead of the queue, on the open connection.
    pub(super) fn call_now(&self, call: NewCall) {
        let mut core = self.core.lock();
        core.ask(call);
        self.outgoing.notify_one();
    }

    /// Forgets a call whose caller no longer waits; `cancel` tells the server, if it may still be
    /// working on it.
    pub(super) fn abandon(&self, key: CallKey, cancel: bool) {
        let mut core = self.core.lock();
        core.outbox.remove(key);
        if let Some(id) = core.calls.abandon(key)
            && cancel
            && core.live.since.is_some()
        {
            core.say(name::CANCEL, None, &Cancel { id });
            self.outgoing.notify_one();
        }
    }

    pub(super) fn join(&self, channel: &ChannelName, waiter: JoinWaiter) {
        let mut core = self.core.lock();
        if core.ended || *self.closing.borrow() {
            let _ = waiter.send(Err(JoinError::Disconnected));
            return;
        }
        let ask = core.memberships.join(channel, waiter);
        core.ask_for(ask);
        self.outgoing.notify_one();
    }

    pub(super) fn leave(&self, channel: &ChannelName) {
        let mut core = self.core.lock();
        core.positions.forget(channel);
        let ask = core.memberships.leave(channel);
        core.ask_for(ask);
        self.outgoing.notify_one();
    }

    /// The writer's next step.
    pub(super) fn next(&self) -> NextMessage {
        let mut core = self.core.lock();
        let now = Instant::now();
        loop {
            return match core.outbox.next(now) {
                NextMessage::Send(Outgoing::Call(key)) => match core.calls.stamp(key, now) {
                    Some(text) => NextMessage::Send(Outgoing::Text(text)),
                    None => continue,
                },
                next => next,
            };
        }
    }

    /// Records that a token was accepted, and when it expires; `None`: never.
    pub(super) fn refreshed(&self, expires: Option<u64>) {
        let at = refresh_at(Instant::now(), expires, self.options.refresh_ahead);
        self.core.lock().live.refresh = at;
    }

    /// Records that the refresh that was due is under way.
    pub(super) fn refreshing(&self) {
        self.core.lock().live.refresh = None;
    }

    /// Resets the state after a lost connection, and returns what was known of it.
    pub(super) fn broken(&self) -> Live {
        let mut core = self.core.lock();
        core.outbox.hold();
        let kept = core.session.is_some();
        core.break_calls(kept);
        core.memberships.broken();
        std::mem::take(&mut core.live)
    }

    /// Announces the loss; the client will come back.
    pub(super) fn lost(&self, loss: &Loss) {
        self.core.lock().tell(Raw::Lost(loss.clone()));
    }

    /// Ends the client.
    pub(super) fn end(&self, closed: Closed) {
        let mut core = self.core.lock();
        core.ended = true;
        core.session = None;
        core.outbox.clear();
        for (waiter, sent) in core.calls.end() {
            tell_broken(waiter, sent);
        }
        core.memberships.end();
        let subscribers = std::mem::take(&mut core.subscribers);
        drop(core);
        self.set_state(State::Closed(closed));
        for subscriber in subscribers.iter().filter_map(Weak::upgrade) {
            subscriber.end();
        }
    }
}

impl Core {
    /// Sends one of the protocol's own messages.
    pub(super) fn say(
        &mut self,
        cmd: &str,
        channel: Option<&ChannelName>,
        param: &impl serde::Serialize,
    ) {
        self.outbox
            .put_first(Outgoing::Text(text(cmd, None, channel, param)));
    }

    pub(super) fn ask(&mut self, call: NewCall) {
        let key = self.calls.make(call);
        self.outbox.put_first(Outgoing::Call(key));
    }

    pub(super) fn ask_for(&mut self, ask: Option<Ask>) {
        let (text, waiter) = match ask {
            None => return,
            Some(Ask::Join(channel)) => {
                let join = self.positions.join(&channel);
                let text = text(name::JOIN, None, Some(&channel), &join);
                (text, Waiter::Join(channel))
            }
            Some(Ask::Leave(channel)) => {
                let text = text(name::LEAVE, None, Some(&channel), &Empty);
                (text, Waiter::Leave(channel))
            }
        };
        self.ask(NewCall {
            text,
            again: Again::Never,
            until: None,
            waiter,
        });
    }

    pub(super) fn break_calls(&mut self, kept: bool) {
        for waiter in self.calls.broken(kept) {
            tell_broken(waiter, true);
        }
    }

    pub(super) fn tell(&mut self, raw: Raw) {
        let raw = Arc::new(raw);
        self.subscribers.retain(|subscriber| {
            let subscriber = subscriber.upgrade();
            subscriber
                .inspect(|subscriber| subscriber.push(&raw))
                .is_some()
        });
    }
}

fn tell_broken(waiter: Waiter, sent: bool) {
    let broken = Err(Failure::Disconnected { sent });
    match waiter {
        Waiter::Caller(caller) => {
            // The caller may be gone.
            let _ = caller.send(broken);
        }
        Waiter::Reader(feed) => feed.end(broken),
        Waiter::Join(_) | Waiter::Leave(_) => {}
    }
}

/// When to send the next token. A short-lived token is renewed at half its life.
pub(super) fn refresh_at(now: Instant, expires: Option<u64>, ahead: Duration) -> Option<Instant> {
    let life = Duration::from_millis(expires?);
    now.checked_add(life.saturating_sub(ahead).max(life / 2))
}

/// One of the protocol's own messages. Its parameters are ours and always valid JSON.
pub(super) fn text(
    cmd: &str,
    id: Option<RequestId>,
    channel: Option<&ChannelName>,
    param: &impl serde::Serialize,
) -> String {
    encode_command(cmd, id, channel.map(ChannelName::as_str), param)
        .map(|message| String::from_utf8_lossy(message.text()).into_owned())
        .unwrap_or_default()
}
