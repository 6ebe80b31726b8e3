//! Matches answers to calls, and decides what happens to a call when the connection is lost.

pub(crate) mod feed;
pub(crate) mod outcome;

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::sync::Arc;

use socket_protocol::{ChannelName, RequestId};
use tokio::sync::oneshot;
use tokio::time::Instant;

use feed::Feed;
use outcome::Outcome;

/// `:connect` uses the first id of each connection; calls start after it.
pub(crate) const CONNECT_ID: u64 = 1;

/// Identifies a call within one client, also before it has an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct CallKey(u64);

/// The receiver of an answer.
#[derive(Debug)]
pub(crate) enum Waiter {
    Caller(oneshot::Sender<Outcome>),
    /// The reader of a streaming call's items.
    Reader(Arc<Feed>),
    /// The memberships, which asked to join a channel.
    Join(ChannelName),
    /// The memberships, which asked to leave a channel.
    Leave(ChannelName),
}

/// When a call may be sent again after a break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Again {
    /// Never: for the protocol's own commands, because `:connect` states what still holds.
    Never,
    /// On a resumed session, where the server knows whether the call ran.
    Resumed,
    /// Always, because running it twice is harmless.
    Always,
}

#[derive(Debug)]
pub(crate) struct NewCall {
    /// The message without the fields that are known only when it is sent.
    pub(crate) text: String,
    pub(crate) again: Again,
    /// When the caller stops waiting for the answer.
    pub(crate) until: Option<Instant>,
    pub(crate) waiter: Waiter,
}

#[derive(Debug)]
struct Made {
    call: NewCall,
    /// The id under which it was last sent.
    id: Option<u64>,
    /// It is sent again as a new call, because the session is lost.
    renew: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Calls {
    made: HashMap<CallKey, Made>,
    /// Calls that were sent and are unanswered, in the order in which they were sent.
    in_flight: BTreeMap<u64, CallKey>,
    keys: u64,
    last_id: u64,
}

impl Calls {
    pub(crate) fn make(&mut self, call: NewCall) -> CallKey {
        self.keys += 1;
        let key = CallKey(self.keys);
        let made = Made {
            call,
            id: None,
            renew: false,
        };
        self.made.insert(key, made);
        key
    }

    /// The text to send now; the call then counts as sent. `None` if the caller gave it up.
    pub(crate) fn stamp(&mut self, key: CallKey, now: Instant) -> Option<String> {
        let made = self.made.get_mut(&key)?;
        let id = match made.id {
            Some(id) if !made.renew => id,
            old => {
                if let Some(old) = old {
                    self.in_flight.remove(&old);
                }
                self.last_id = self.last_id.max(CONNECT_ID) + 1;
                self.last_id
            }
        };
        made.id = Some(id);
        made.renew = false;
        self.in_flight.insert(id, key);
        let mut text = made.call.text.clone();
        // The text is an object with at least one field, so more fields can be appended.
        text.pop();
        let _ = write!(text, ",\"id\":{id}");
        if let Some(until) = made.call.until {
            let left = until.saturating_duration_since(now).as_millis().max(1);
            let _ = write!(text, ",\"timeout\":{left}");
        }
        text.push('}');
        Some(text)
    }

    /// Forgets a call whose caller no longer waits. Returns its id if the server may still be
    /// working on it.
    pub(crate) fn abandon(&mut self, key: CallKey) -> Option<RequestId> {
        let id = self.made.remove(&key)?.id?;
        self.in_flight.remove(&id);
        RequestId::new(id)
    }

    /// The receiver of an item.
    pub(crate) fn reader(&self, re: RequestId) -> Option<&Arc<Feed>> {
        let key = self.in_flight.get(&re.get())?;
        match &self.made.get(key)?.call.waiter {
            Waiter::Reader(feed) => Some(feed),
            Waiter::Caller(_) | Waiter::Join(_) | Waiter::Leave(_) => None,
        }
    }

    /// Takes out the receiver of an answer.
    pub(crate) fn answered(&mut self, re: RequestId) -> Option<Waiter> {
        let key = self.in_flight.remove(&re.get())?;
        self.made.remove(&key).map(|made| made.call.waiter)
    }

    /// Handles a lost connection and returns the calls that cannot be sent again. `kept`: the
    /// session may be resumed.
    pub(crate) fn broken(&mut self, kept: bool) -> Vec<Waiter> {
        let goes_on = |again| match again {
            Again::Never => false,
            Again::Resumed => kept,
            Again::Always => true,
        };
        let mut ended = Vec::new();
        self.in_flight.retain(|_, key| {
            let made = self.made.get(key);
            let stays = made.is_some_and(|made| goes_on(made.call.again));
            if !stays {
                ended.push(*key);
            }
            stays
        });
        ended
            .into_iter()
            .filter_map(|key| self.made.remove(&key).map(|made| made.call.waiter))
            .collect()
    }

    /// The calls to send again on a new connection; on a resumed session under the same id, so that
    /// the server runs each once.
    pub(crate) fn resend(&mut self, resumed: bool) -> Vec<CallKey> {
        let keys: Vec<_> = self.in_flight.values().copied().collect();
        if !resumed {
            for key in &keys {
                if let Some(made) = self.made.get_mut(key) {
                    made.renew = true;
                }
            }
        }
        keys
    }

    /// Takes out every call, in flight or not, and whether it was sent.
    pub(crate) fn end(&mut self) -> Vec<(Waiter, bool)> {
        self.in_flight.clear();
        self.made
            .drain()
            .map(|(_, made)| (made.call.waiter, made.id.is_some()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(calls: &mut Calls, again: Again) -> CallKey {
        calls.make(NewCall {
            text: r#"{"cmd":"ping","param":{}}"#.to_owned(),
            again,
            until: None,
            waiter: Waiter::Leave("room".parse().unwrap()),
        })
    }

    #[test]
    fn ids_begin_behind_the_handshake_and_a_resumed_session_keeps_them() {
        let (mut calls, now) = (Calls::default(), Instant::now());
        let [one, two] = [(); 2].map(|()| call(&mut calls, Again::Resumed));
        let first = r#"{"cmd":"ping","param":{},"id":2}"#;
        assert_eq!(calls.stamp(one, now).unwrap(), first);
        assert!(calls.broken(true).is_empty());
        assert_eq!(calls.resend(true), [one]);
        assert_eq!(calls.stamp(one, now).unwrap(), first);
        assert!(calls.stamp(two, now).unwrap().contains("\"id\":3"));
    }

    #[test]
    fn without_the_session_only_what_may_run_twice_is_sent_again() {
        let (mut calls, now) = (Calls::default(), Instant::now());
        let kinds = [Again::Never, Again::Resumed, Again::Always];
        let keys = kinds.map(|again| call(&mut calls, again));
        for key in keys {
            calls.stamp(key, now).unwrap();
        }
        assert_eq!(calls.broken(false).len(), 2);
        assert_eq!(calls.resend(false), [keys[2]]);
        // A break before it was sent again loses nothing.
        assert!(calls.broken(false).is_empty());
        assert_eq!(calls.resend(false), [keys[2]]);
        assert!(calls.stamp(keys[2], now).unwrap().contains("\"id\":5"));
        assert!(calls.answered(RequestId::new(4).unwrap()).is_none());
        assert!(calls.answered(RequestId::new(5).unwrap()).is_some());
        assert!(calls.end().is_empty());
    }
}
