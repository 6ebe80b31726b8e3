//! The connections at one address: the members of a channel, a user's connections, everyone.

use std::sync::Arc;

use parking_lot::Mutex;
use socket_protocol::Timestamp;

use super::catch_up::{Recovered, Since};
use super::handle::Handle;
use super::roster::Roster;
use crate::broker::{Address, Delivery, HistorySpec, Position};
use crate::stats::counters::GroupCounters;

/// One address and who is there.
///
/// The roster's lock makes the order: what is accepted first is queued first for every member, and
/// a member's answer is queued in the same step in which it becomes one.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) address: Address,
    /// How much history the address keeps.
    pub(crate) keep: Option<HistorySpec>,
    pub(crate) since: Timestamp,
    /// Whether the broker delivers what is published here. Held while that changes.
    pub(super) subscribed: tokio::sync::Mutex<Subscribed>,
    /// Held while what changed is announced, so that announcements keep the order of the changes.
    pub(super) announcing: tokio::sync::Mutex<()>,
    pub(crate) roster: Mutex<Roster>,
    pub(super) counters: GroupCounters,
}

/// Whether the broker delivers what is published to a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subscribed {
    No,
    /// It was asked to, and whoever asked did not wait for its answer.
    Perhaps,
    Yes,
}

/// How a connection has entered.
#[derive(Debug)]
pub(crate) struct Entered {
    /// What is published begins to reach its socket.
    pub(crate) new: bool,
    pub(crate) recovered: Recovered,
}

/// What the hub allows, as one of its groups needs it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Up to how many members changes are announced; `None`: they never are.
    pub(super) announced_members: Option<usize>,
    /// How many events are replayed at most.
    pub(super) replay_events: u64,
}

/// What became of an attempt to enter.
pub(super) enum Entry {
    /// The connection is a member; `true`: it was none before.
    Member(bool),
    /// The connection is not open.
    Closed,
    /// It is in as many channels as it may be in.
    Full(usize),
    /// Nobody is here yet: the group may not be subscribed.
    Empty,
    /// The group has left the hub.
    Gone,
}

impl Group {
    pub(super) fn new(address: Address, keep: Option<HistorySpec>) -> Self {
        Self {
            address,
            keep,
            since: Timestamp::now(),
            subscribed: tokio::sync::Mutex::new(Subscribed::No),
            announcing: tokio::sync::Mutex::new(()),
            roster: Mutex::default(),
            counters: GroupCounters::default(),
        }
    }

    /// Makes the connection a member and calls `entered` in the same step, with whether what is
    /// published begins to reach this socket. Whoever holds
    /// `subscribed` may be the first.
    pub(super) fn enter(
        &self,
        handle: &Arc<Handle>,
        first: bool,
        since: Option<&Since>,
        limits: Limits,
        entered: &mut dyn FnMut(&Roster, &Entered),
    ) -> Entry {
        let mut roster = self.roster.lock();
        if roster.gone {
            return Entry::Gone;
        }
        if roster.members.is_empty() && !first {
            return Entry::Empty;
        }
        let mut memberships = handle.memberships().lock();
        if !memberships.open {
            return Entry::Closed;
        }
        if memberships.is_full(&self.address) {
            return Entry::Full(memberships.max_channels);
        }
        let known = memberships.places.get(&self.address).copied();
        let place = known.unwrap_or(roster.next);
        memberships.places.insert(self.address.clone(), place);
        drop(memberships);
        let new = match known {
            Some(place) => roster.reseat(place, handle),
            None => {
                roster.seat_new(handle, limits.announced_members);
                true
            }
        };
        let recovered = if new {
            let (recovered, behind) =
                roster.begin(&self.address, place, since, limits.replay_events);
            self.replay_for(&behind);
            recovered
        } else {
            // It has got everything so far, and goes on getting it.
            roster.recovered()
        };
        entered(&roster, &Entered { new, recovered });
        Entry::Member(known.is_none())
    }

    /// Ends a membership and calls `left` in the same step. `false`: there was none. `None`: the
    /// group has left the hub, and a membership at its address is one of its successor.
    pub(super) fn exit(
        &self,
        handle: &Handle,
        announce: Option<usize>,
        left: &mut dyn FnMut(),
    ) -> Option<bool> {
        let mut roster = self.roster.lock();
        if roster.gone {
            return None;
        }
        let Some(place) = handle.memberships().lock().places.remove(&self.address) else {
            return Some(false);
        };
        roster.unseat(place, handle, announce);
        left();
        Some(true)
    }

    /// Counts a member for the user that its connection has now.
    pub(super) fn rekey(&self, handle: &Handle, announce: Option<usize>) {
        let mut roster = self.roster.lock();
        let place = handle
            .memberships()
            .lock()
            .places
            .get(&self.address)
            .copied();
        if let Some(place) = place {
            roster.rekey(place, handle, announce);
        }
    }

    /// Queues what was published for everyone whom it is for. Returns for how many; `None`: it came
    /// before.
    pub(super) fn deliver(&self, delivery: &Delivery) -> Option<usize> {
        let mut roster = self.roster.lock();
        if let Some(place) = &delivery.place {
            let behind = roster.arrive(&self.address, place)?;
            self.replay_for(&behind);
        }
        let receivers = roster.send(delivery);
        self.counters.published.messages.one();
        let bytes = delivery.message.frame().len();
        self.counters.published.bytes.add(bytes);
        self.counters.delivered.add(receivers);
        Some(receivers)
    }

    /// What was published up to there was not delivered here.
    pub(super) fn lost(&self, position: Position) {
        let mut roster = self.roster.lock();
        let behind = roster.jump(&self.address, position);
        self.replay_for(&behind);
    }

    /// Has those read that fell behind. The roster is locked meanwhile, so that they find it as they
    /// left it.
    fn replay_for(&self, behind: &[Arc<Handle>]) {
        for handle in behind {
            handle.replays.add(self.address.clone());
        }
    }
}
