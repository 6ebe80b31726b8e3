//! A client in a test: what it expects arrives, or the test fails and shows what arrived instead.

use std::collections::VecDeque;
use std::fmt::Debug;
use std::ops::Deref;
use std::time::Duration;

use socket_protocol::{ChannelName, Protocol, WireError};
use tokio::time::{Instant, timeout_at};

use super::faults::Faults;
use crate::client::{Client, Closed, Event, Events, GapReason, Incoming, Loss, Opened, State};

/// A [`Client`] of a [`Kit`](super::Kit), with a stream of everything it has received since its
/// start, and a network that fails on demand. It closes when it is dropped.
#[derive(Debug)]
pub struct TestClient<P> {
    client: Client<P>,
    events: Events<P>,
    faults: Faults,
    patience: Duration,
}

impl<P> Deref for TestClient<P> {
    type Target = Client<P>;

    fn deref(&self) -> &Client<P> {
        &self.client
    }
}

impl<P> TestClient<P>
where
    P: Protocol,
    P::Events: Debug,
{
    pub(super) const fn new(
        client: Client<P>,
        events: Events<P>,
        faults: Faults,
        patience: Duration,
    ) -> Self {
        Self {
            client,
            events,
            faults,
            patience,
        }
    }

    /// Its network.
    #[must_use]
    pub const fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Waits for the first item for which `pick` returns a value. Earlier items are skipped.
    ///
    /// # Panics
    /// If none arrives within the client's patience; the message shows what arrived instead.
    pub async fn expect<T>(
        &mut self,
        what: &str,
        mut pick: impl FnMut(&Incoming<P::Events>) -> Option<T>,
    ) -> T {
        let deadline = Instant::now() + self.patience;
        let mut passed = Passed::default();
        loop {
            match timeout_at(deadline, self.events.next()).await {
                Ok(Some(incoming)) => match pick(&incoming) {
                    Some(picked) => return picked,
                    None => passed.push(&incoming),
                },
                Ok(None) => panic!("{what} did not come before the end, but {passed}"),
                Err(_) => panic!(
                    "{what} did not come within {:?}, but {passed}; the client is {:?}",
                    self.patience,
                    self.client.state()
                ),
            }
        }
    }

    /// Waits for the next event of the protocol. It skips members that come and go, joined
    /// channels, lost connections, and what a lost connection means for a channel without history.
    ///
    /// # Panics
    /// If none arrives within the client's patience, or if the server refused something, took the
    /// client out of a channel, lost part of a history, or sent an event that the protocol lacks.
    pub async fn expect_event(&mut self) -> Event<P::Events> {
        let deadline = Instant::now() + self.patience;
        loop {
            match timeout_at(deadline, self.events.next()).await {
                Ok(Some(Incoming::Event(event))) => return event,
                Ok(Some(
                    Incoming::Online { .. }
                    | Incoming::Joined { .. }
                    | Incoming::Opened(_)
                    | Incoming::Lost(_)
                    | Incoming::Gap {
                        reason: GapReason::NoHistory,
                        ..
                    },
                )) => {}
                Ok(other) => panic!("no event, but {other:?}"),
                Err(_) => panic!(
                    "no event within {:?}; the client is {:?}",
                    self.patience,
                    self.client.state()
                ),
            }
        }
    }

    /// Waits for the next report that events of a channel are missing or may be.
    ///
    /// # Panics
    /// If none arrives within the client's patience.
    pub async fn expect_gap(&mut self) -> (ChannelName, GapReason) {
        self.expect("a gap", |incoming| match incoming {
            Incoming::Gap { channel, reason } => Some((channel.clone(), *reason)),
            _ => None,
        })
        .await
    }

    /// Waits for the next refusal of a command that expects no answer.
    ///
    /// # Panics
    /// If none arrives within the client's patience.
    pub async fn expect_error(&mut self) -> WireError {
        self.expect("a refusal", |incoming| match incoming {
            Incoming::Error(error) => Some(error.clone()),
            _ => None,
        })
        .await
    }

    /// Waits for the next lost connection, and returns the cause that the client reports.
    ///
    /// # Panics
    /// If none arrives within the client's patience.
    pub async fn expect_loss(&mut self) -> Loss {
        self.expect("a break", |incoming| match incoming {
            Incoming::Lost(loss) => Some(loss.clone()),
            _ => None,
        })
        .await
    }

    /// Waits until the server accepts the client, for the first time or after a break.
    ///
    /// # Panics
    /// If that does not happen within the client's patience.
    pub async fn expect_opened(&mut self) -> Opened {
        self.expect("a connection", |incoming| match incoming {
            Incoming::Opened(opened) => Some(opened.clone()),
            _ => None,
        })
        .await
    }

    /// Waits until the client has ended for good, and returns the reason.
    ///
    /// # Panics
    /// If that does not happen within the client's patience.
    pub async fn expect_closed(&mut self) -> Closed {
        let deadline = Instant::now() + self.patience;
        let mut states = self.client.states();
        let closed = timeout_at(
            deadline,
            states.wait_for(|state| matches!(state, State::Closed(_))),
        );
        match closed.await.ok().and_then(Result::ok).as_deref() {
            Some(State::Closed(closed)) => closed.clone(),
            _ => panic!(
                "not closed within {:?}, but {:?}",
                self.patience,
                self.client.state()
            ),
        }
    }

    /// Waits for this time and checks that no event of the protocol arrives.
    ///
    /// # Panics
    /// If one does.
    pub async fn expect_silence(&mut self, time: Duration) {
        let deadline = Instant::now() + time;
        while let Ok(Some(incoming)) = timeout_at(deadline, self.events.next()).await {
            assert!(
                !matches!(incoming, Incoming::Event(_)),
                "silence was expected, {incoming:?} came"
            );
        }
    }
}

/// The items that arrived instead: their number, and the last one.
#[derive(Default)]
struct Passed {
    count: usize,
    last: VecDeque<String>,
}

impl Passed {
    const SHOWN: usize = 10;

    fn push(&mut self, incoming: &impl Debug) {
        self.count += 1;
        self.last.push_back(format!("{incoming:?}"));
        if self.last.len() > Self::SHOWN {
            self.last.pop_front();
        }
    }
}

impl std::fmt::Display for Passed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let hidden = self.count - self.last.len();
        if hidden > 0 {
            write!(f, "{hidden} others and ")?;
        }
        let last: Vec<&str> = self.last.iter().map(String::as_str).collect();
        write!(f, "[{}]", last.join(", "))
    }
}
