//! The send queue: first the protocol's own messages, then calls that a break left unanswered, then
//! queued messages, in order and bounded. When full it refuses the newest, so that an accepted
//! message is never lost silently.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::calls::CallKey;
use super::error::Sent;
use super::options::Options;

/// A message to be sent.
#[derive(Debug)]
pub(super) enum Outgoing {
    /// The whole text.
    Text(String),
    /// A call, which is written once its id is known.
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

/// How a message is treated while it is queued.
#[derive(Debug, Default)]
pub(super) struct Worth {
    /// It replaces the queued message with the same key.
    pub(super) key: Option<String>,
    /// When it expires.
    pub(super) stale_at: Option<Instant>,
    /// It is never queued.
    pub(super) volatile: bool,
}

/// Bytes that may precede a volatile message on an open connection. Messages sent in one go, before
/// the writing task has had its turn, do not count as a queue.
const AT_HAND_BYTES: usize = 64 * 1024;

/// The share of the server's burst that is used. Evenly sent messages may arrive bunched if the
/// network held up the first ones; the rest of the burst is for that.
const USED_BURST: f64 = 0.8;

/// The writer's next step.
#[derive(Debug)]
pub(super) enum NextMessage {
    Send(Outgoing),
    /// Nothing before that moment, unless something new is queued.
    Wait(Instant),
    Idle,
}

#[derive(Debug)]
pub(super) struct Outbox {
    max_messages: usize,
    max_bytes: usize,
    /// Messages ahead of the queue, which may depend on them.
    urgent: VecDeque<Outgoing>,
    /// Calls that are sent again, in the order of their ids. They were accepted once, so the limits
    /// of the queue do not apply again.
    again: VecDeque<CallKey>,
    queue: VecDeque<Queued>,
    bytes: usize,
    open: bool,
    /// True while the queue holds messages from before the connection.
    backlog: bool,
    rate: f64,
    burst: f64,
    /// Messages that may be sent at once; refilled over time.
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

    /// Queues a message of this size; `None` if the queue is full.
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

    /// Drops expired messages, and the queued message with this key.
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

    /// Sends calls again: ahead of the queue, and at the server's rate too.
    pub(super) fn repeat(&mut self, calls: Vec<CallKey>) {
        self.again = calls.into();
    }

    /// Takes back a queued call.
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

    /// Starts sending on a new connection, at the server's rate and burst. A resumed session keeps
    /// what it has used of them.
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

    /// Stops sending, because the connection is lost. The protocol's own messages are void, and the
    /// calls to send again are determined anew.
    pub(super) fn hold(&mut self) {
        self.open = false;
        self.urgent.clear();
        self.again.clear();
    }

    /// Drops everything that is queued.
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
            // Timers resolve milliseconds.
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
        // On an open connection nothing is held back.
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
        // The expired one has made room.
        assert_eq!(outbox.put(text("b"), 1, brief()), Some(Sent::Queued));
        tokio::time::advance(Duration::from_secs(1)).await;
        outbox.open(50, 100, false);
        let now = Instant::now();
        assert_eq!(sent(outbox.next(now)), "other");
        // The names of its fields; the environment is searched for these.
        assert_eq!(outbox.put(text("v"), 1, volatile()), Some(Sent::Dropped));
        assert_eq!(sent(outbox.next(now)), "k2");
        assert!(matches!(outbox.next(now), NextMessage::Idle));
        assert_eq!(outbox.bytes, 0);
        // Several in one go are not a queue.
        assert_eq!(outbox.put(text("v"), 1, volatile()), Some(Sent::Now));
        assert_eq!(outbox.put(text("v"), 1, volatile()), Some(Sent::Queued));
    }
}
