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
/// a member's answer is queued in the same step in which it becomes a member.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) address: Address,
    /// The history of the address.
    pub(crate) keep: Option<HistorySpec>,
    pub(crate) since: Timestamp,
    /// Tells whether the broker delivers publications here. Held while that changes.
    pub(super) subscribed: tokio::sync::Mutex<Subscribed>,
    /// Held while changes are announced, so that announcements keep the order of the changes.
    pub(super) announcing: tokio::sync::Mutex<()>,
    pub(crate) roster: Mutex<Roster>,
    pub(super) counters: GroupCounters,
}

/// Tells whether the broker delivers the publications of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subscribed {
    No,
    /// The broker was asked to, and the asker did not wait for its answer.
    Perhaps,
    Yes,
}

/// The result of entering a group.
#[derive(Debug)]
pub(crate) struct Entered {
    /// True if publications start to reach its socket now.
    pub(crate) new: bool,
    pub(crate) recovered: Recovered,
}

/// The hub's limits, as one of its groups needs them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// The number of members up to which changes are announced; `None`: never.
    pub(super) announced_members: Option<usize>,
    /// The most events that are replayed.
    pub(super) replay_events: u64,
}

/// The outcome of an attempt to enter.
pub(super) enum Entry {
    /// The connection is a member; `true` if it was not one before.
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

    /// Makes the connection a member and calls `entered` in the same step; its argument tells
    /// whether publications start to reach this socket now. Whoever holds `subscribed` may be the
    /// first.
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
            // It has received everything so far, and continues to.
            roster.recovered()
        };
        entered(&roster, &Entered { new, recovered });
        Entry::Member(known.is_none())
    }

    /// Ends a membership and calls `left` in the same step. `false` if there was none. `None` if
    /// the group has left the hub; a membership at its address then belongs to its successor.
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

    /// Lets nothing pass to a member until [`Self::resume`].
    pub(super) fn pause(&self, handle: &Arc<Handle>) {
        let mut roster = self.roster.lock();
        let position = roster.position.clone();
        if let Some((_, seat)) = roster.seat(&self.address, handle) {
            seat.pause(position.as_ref());
        }
    }

    /// Lets pass what a member was not sent meanwhile.
    pub(super) fn resume(&self, handle: &Arc<Handle>) {
        let mut roster = self.roster.lock();
        let position = roster.position.clone();
        if let Some((_, seat)) = roster.seat(&self.address, handle)
            && seat.resume(&self.address, position.as_ref())
        {
            handle.replays.add(self.address.clone());
        }
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

    /// Handles publications up to this position that were not delivered here.
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
