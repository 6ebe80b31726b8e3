//! The way out: what the protocol itself has to say first, then the calls that a break left without an
//! answer, then what waits, in order and bounded. It refuses the newest, so that what it accepted is
//! never lost in silence.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::calls::CallKey;
use super::error::Sent;
use super::options::Options;

/// A message on its way.
#[derive(Debug)]
pub(super) enum Outgoing {
    /// The whole text.
    Text(String),
    /// A call, which is written when its id is known.
    Call(CallKey),
}

#[derive(Debug)]
struct Queued {
    message: Outgoing,
    bytes: usize,
    key: Option<String>,
    stale_at: Option<Instant>,
}

impl Queued {
    fn is_stale(&self, now: Instant) -> bool {
        self.stale_at.is_some_and(|at| at <= now)
    }
}

/// What a message is worth while it waits.
#[derive(Debug, Default)]
pub(super) struct Worth {
    /// It takes the place of what waits under the same key.
    pub(super) key: Option<String>,
    /// From then on it is worth nothing.
    pub(super) stale_at: Option<Instant>,
    /// Nothing at all.
    pub(super) volatile: bool,
}

/// How much may lie before a volatile message on an open connection, in bytes: what is sent in one
/// go, before the task that writes has had its turn, does not count as waiting.
const AT_HAND_BYTES: usize = 64 * 1024;

/// How much of the burst that a server takes is used. What goes out evenly may arrive bunched, where
/// the network held up what went first; the rest of the burst is for that.
const USED_BURST: f64 = 0.8;

/// What the writer does next.
#[derive(Debug)]
pub(super) enum NextMessage {
    Send(Outgoing),
    /// Nothing before that moment, if nothing new comes.
    Wait(Instant),
    Idle,
}

#[derive(Debug)]
pub(super) struct Outbox {
    max_messages: usize,
    max_bytes: usize,
    /// Goes ahead of the queue, which may depend on it.
    urgent: VecDeque<Outgoing>,
    /// Calls that go out again, in the order of their ids. They were let in once, so the bounds of the
    /// queue are not asked again.
    again: VecDeque<CallKey>,
    queue: VecDeque<Queued>,
    bytes: usize,
    open: bool,
    /// Whether the queue holds what gathered while there was no connection.
    backlog: bool,
    rate: f64,
    burst: f64,
    /// What may go out at once, refilled as time passes.
    tokens: f64,
    refilled: Instant,
}

impl Outbox {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            max_messages: options.queue_messages,
            max_bytes: options.queue_bytes,
            urgent: VecDeque::new(),
            again: VecDeque::new(),
            queue: VecDeque::new(),
            bytes: 0,
            open: false,
            backlog: false,
            rate: 1.0,
            burst: 1.0,
            tokens: 0.0,
            refilled: Instant::now(),
        }
    }

    /// Takes a message of so many bytes; `None`: it is full.
    pub(super) fn put(&mut self, message: Outgoing, bytes: usize, worth: Worth) -> Option<Sent> {
        let goes = self.open && !self.backlog && self.bytes <= AT_HAND_BYTES;
        if worth.volatile && !goes {
            return Some(Sent::Dropped);
        }
        if !self.queue.is_empty() {
            self.forget(worth.key.as_deref());
        }
        if self.queue.len() >= self.max_messages || self.bytes + bytes > self.max_bytes {
            return None;
        }
        let sent = if self.open && self.queue.is_empty() && self.again.is_empty() {
            Sent::Now
        } else {
            Sent::Queued
        };
        self.bytes += bytes;
        self.queue.push_back(Queued {
            message,
            bytes,
            key: worth.key,
            stale_at: worth.stale_at,
        });
        Some(sent)
    }

    /// Drops what has waited too long, and what waits under that key.
    fn forget(&mut self, key: Option<&str>) {
        let now = Instant::now();
        let bytes = &mut self.bytes;
        self.queue.retain(|waiting| {
            let replaced = key.is_some() && waiting.key.as_deref() == key;
            let kept = !replaced && !waiting.is_stale(now);
            if !kept {
                *bytes -= waiting.bytes;
            }
            kept
        });
    }

    pub(super) fn put_first(&mut self, message: Outgoing) {
        self.urgent.push_back(message);
    }

    /// Sends calls again: before everything that waits, and at the server's pace like that.
    pub(super) fn repeat(&mut self, calls: Vec<CallKey>) {
        self.again = calls.into();
    }

    /// Takes back a call that still waits.
    pub(super) fn remove(&mut self, key: CallKey) {
        self.again.retain(|other| *other != key);
        let is_it = |message: &Outgoing| matches!(message, Outgoing::Call(other) if *other == key);
        self.urgent.retain(|message| !is_it(message));
        if let Some(at) = self
            .queue
            .iter()
            .position(|waiting| is_it(&waiting.message))
            && let Some(removed) = self.queue.remove(at)
        {
            self.bytes -= removed.bytes;
        }
    }

    /// A connection is there, which takes that many messages per second, and at once. A session that
    /// was resumed keeps what it has used of them.
    pub(super) fn open(&mut self, rate: u64, burst: u64, resumed: bool) {
        self.open = true;
        self.backlog = true;
        #[allow(
            clippy::cast_precision_loss,
            reason = "a rate beyond 2^52 per second is as good as none"
        )]
        {
            self.rate = rate.max(1) as f64;
            self.burst = (burst as f64 * USED_BURST).max(1.0);
        }
        if !resumed {
            self.tokens = self.burst;
            self.refilled = Instant::now();
        }
    }

    /// There is no connection: everything waits. What the protocol itself had to say is void, and what
    /// was to go out again is asked for anew.
    pub(super) fn hold(&mut self) {
        self.open = false;
        self.urgent.clear();
        self.again.clear();
    }

    /// Drops all that waits.
    pub(super) fn clear(&mut self) {
        self.urgent.clear();
        self.again.clear();
        self.queue.clear();
        self.bytes = 0;
    }

    pub(super) fn next(&mut self, now: Instant) -> NextMessage {
        if !self.open {
            return NextMessage::Idle;
        }
        let since = now.saturating_duration_since(self.refilled);
        self.tokens = (self.tokens + since.as_secs_f64() * self.rate).min(self.burst);
        self.refilled = now;
        if let Some(message) = self.urgent.pop_front() {
            self.tokens = (self.tokens - 1.0).max(0.0);
            return NextMessage::Send(message);
        }
        while self.queue.front().is_some_and(|next| next.is_stale(now)) {
            if let Some(stale) = self.queue.pop_front() {
                self.bytes -= stale.bytes;
            }
        }
        if self.queue.is_empty() && self.again.is_empty() {
            self.backlog = false;
            return NextMessage::Idle;
        }
        if self.backlog && self.tokens < 1.0 {
            // A millisecond is what timers can tell apart.
            let missing = Duration::from_secs_f64((1.0 - self.tokens) / self.rate);
            return NextMessage::Wait(now + missing.max(Duration::from_millis(1)));
        }
        self.tokens = (self.tokens - 1.0).max(0.0);
        if let Some(key) = self.again.pop_front() {
            return NextMessage::Send(Outgoing::Call(key));
        }
        self.queue.pop_front().map_or(NextMessage::Idle, |waiting| {
            self.bytes -= waiting.bytes;
            NextMessage::Send(waiting.message)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outbox() -> Outbox {
        Outbox::new(&Options {
            queue_messages: 3,
            queue_bytes: 10,
            ..Options::default()
        })
    }

    fn text(text: &str) -> Outgoing {
        Outgoing::Text(text.to_owned())
    }

    fn put(outbox: &mut Outbox, message: &str) -> Option<Sent> {
        outbox.put(text(message), message.len(), Worth::default())
    }

    fn sent(next: NextMessage) -> String {
        match next {
            NextMessage::Send(Outgoing::Text(text)) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_newest_is_refused_and_the_order_kept() {
        let mut outbox = outbox();
        for message in ["a", "b", "c"] {
            assert_eq!(put(&mut outbox, message), Some(Sent::Queued));
        }
        assert_eq!(put(&mut outbox, "d"), None);
        assert!(matches!(outbox.next(Instant::now()), NextMessage::Idle));
        outbox.open(50, 100, false);
        outbox.put_first(text("first"));
        let now = Instant::now();
        for expected in ["first", "a", "b", "c"] {
            assert_eq!(sent(outbox.next(now)), expected);
        }
        assert_eq!(put(&mut outbox, "0123456789"), Some(Sent::Now));
        assert_eq!(put(&mut outbox, "x"), None);
    }

    #[test]
    fn what_gathered_goes_out_at_the_servers_pace() {
        let mut outbox = outbox();
        for message in ["a", "b"] {
            put(&mut outbox, message);
        }
        outbox.open(10, 1, false);
        let now = Instant::now();
        assert_eq!(sent(outbox.next(now)), "a");
        let NextMessage::Wait(until) = outbox.next(now) else {
            panic!("not paced");
        };
        let wait = until - now;
        assert!((95..=100).contains(&wait.as_millis()), "{wait:?}");
        assert_eq!(sent(outbox.next(now + Duration::from_millis(101))), "b");
        assert!(matches!(outbox.next(now), NextMessage::Idle));
        // What is sent on an open connection is not held back.
        put(&mut outbox, "c");
        assert_eq!(sent(outbox.next(now)), "c");
    }

    #[test]
    fn a_resumed_session_keeps_what_it_has_used_of_its_rate() {
        let mut outbox = outbox();
        put(&mut outbox, "a");
        outbox.open(10, 1, false);
        let now = Instant::now();
        assert_eq!(sent(outbox.next(now)), "a");
        outbox.hold();
        put(&mut outbox, "b");
        outbox.open(10, 1, true);
        assert!(matches!(outbox.next(now), NextMessage::Wait(_)));
        outbox.open(10, 1, false);
        assert_eq!(sent(outbox.next(now)), "b");
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_worth_less_gives_way() {
        let mut outbox = outbox();
        let keyed = |key: &str| Worth {
            key: Some(key.to_owned()),
            ..Worth::default()
        };
        let brief = || Worth {
            stale_at: Some(Instant::now() + Duration::from_secs(1)),
            ..Worth::default()
        };
        let volatile = || Worth {
            volatile: true,
            ..Worth::default()
        };
        assert_eq!(outbox.put(text("v"), 1, volatile()), Some(Sent::Dropped));
        for (message, worth) in [
            ("k1", keyed("k")),
            ("other", keyed("o")),
            ("k2", keyed("k")),
        ] {
            let sent = outbox.put(text(message), message.len(), worth);
            assert_eq!(sent, Some(Sent::Queued));
        }
        assert_eq!(outbox.put(text("b"), 1, brief()), Some(Sent::Queued));
        assert_eq!(put(&mut outbox, "x"), None);
        tokio::time::advance(Duration::from_secs(1)).await;
        // The one that is worth nothing any more has made room.
        assert_eq!(outbox.put(text("b"), 1, brief()), Some(Sent::Queued));
        tokio::time::advance(Duration::from_secs(1)).await;
        outbox.open(50, 100, false);
        let now = Instant::now();
        assert_eq!(sent(outbox.next(now)), "other");
        // What gathered before goes first.
        assert_eq!(outbox.put(text("v"), 1, volatile()), Some(Sent::Dropped));
        assert_eq!(sent(outbox.next(now)), "k2");
        assert!(matches!(outbox.next(now), NextMessage::Idle));
        assert_eq!(outbox.bytes, 0);
        // Several in one go are no queue.
        assert_eq!(outbox.put(text("v"), 1, volatile()), Some(Sent::Now));
        assert_eq!(outbox.put(text("v"), 1, volatile()), Some(Sent::Queued));
    }
}
