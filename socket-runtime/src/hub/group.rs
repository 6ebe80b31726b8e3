//! The connections at one address: the members of a channel, a user's connections, everyone.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::ops::Bound;
use std::sync::Arc;

use parking_lot::Mutex;
use socket_protocol::Timestamp;
use socket_protocol::system::{self, OnlineUpdate, UserInfo};

use super::history::{Behind, Recovered, Since};
use crate::broker::{Address, HistorySpec, Position};
use crate::connection::Peer;
use crate::stats::counters::GroupCounters;
use crate::stats::{Cursor, Page};

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

#[derive(Debug, Default)]
pub(crate) struct Roster {
    /// By order of arrival.
    pub(super) members: BTreeMap<u64, Seat>,
    next: u64,
    /// Where this node stands in the history: what is delivered lies behind it.
    pub(super) position: Option<Position>,
    /// How many connections each user has here.
    users: HashMap<String, usize>,
    /// The group has left the hub: whoever comes now makes a new one.
    pub(super) gone: bool,
    pub(super) announcements: VecDeque<OnlineUpdate>,
}

/// A member, and whom it was counted for: a connection's user may change.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) peer: Arc<Peer>,
    user: User,
    /// What it has not been sent yet; `None`: it is live.
    pub(super) behind: Option<Box<Behind>>,
}

type User = Option<Arc<UserInfo>>;

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
        self: &Arc<Self>,
        peer: &Arc<Peer>,
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
        let mut memberships = peer.memberships().lock();
        if !memberships.open {
            return Entry::Closed;
        }
        if memberships.is_full(&self.address) {
            return Entry::Full(memberships.max_channels);
        }
        if let Some(place) = memberships.places.get(&self.address).copied() {
            drop(memberships);
            let new = roster.reseat(place, peer);
            let recovered = match new {
                true => roster.begin(self, place, since, limits.replay_events),
                // It has got everything so far, and goes on getting it.
                false => roster.recovered(),
            };
            entered(&roster, &Entered { new, recovered });
            return Entry::Member(false);
        }
        let place = roster.next;
        memberships.places.insert(self.address.clone(), place);
        drop(memberships);
        roster.next += 1;
        // After it has become a member: whoever changes the user now finds it here.
        let user = peer.user();
        let last = roster.count_in(&user);
        let announce = limits.announced_members;
        if announce.is_some_and(|most| roster.members.len() < most) {
            let update = update(peer, &user, true, last);
            roster.announcements.push_back(update);
        }
        let seat = Seat {
            peer: peer.clone(),
            user,
            behind: None,
        };
        roster.members.insert(place, seat);
        let recovered = roster.begin(self, place, since, limits.replay_events);
        let new = true;
        entered(&roster, &Entered { new, recovered });
        Entry::Member(true)
    }

    /// Ends a membership and calls `left` in the same step. `false`: there was none. `None`: the
    /// group has left the hub, and a membership at its address is one of its successor.
    pub(super) fn exit(
        &self,
        peer: &Peer,
        announce: Option<usize>,
        left: &mut dyn FnMut(),
    ) -> Option<bool> {
        let mut roster = self.roster.lock();
        if roster.gone {
            return None;
        }
        let Some(place) = peer.memberships().lock().places.remove(&self.address) else {
            return Some(false);
        };
        let before = roster.members.len();
        if let Some(Seat { user, behind, .. }) = roster.members.remove(&place) {
            if let Some(mut behind) = behind {
                behind.drop_held(&peer.queue);
            }
            let last = roster.count_out(&user);
            if announce.is_some_and(|most| before <= most) {
                let update = update(peer, &user, false, last);
                roster.announcements.push_back(update);
            }
        }
        left();
        Some(true)
    }

    /// Counts a member for the user that its connection has now.
    pub(super) fn rekey(&self, peer: &Peer, announce: Option<usize>) {
        let mut roster = self.roster.lock();
        let place = peer.memberships().lock().places.get(&self.address).copied();
        let Some(seat) = place.and_then(|place| roster.members.get_mut(&place)) else {
            return;
        };
        let new = peer.user();
        let old = std::mem::replace(&mut seat.user, new.clone());
        let id = |user: &User| user.as_ref().map(|user| user.id.clone());
        if id(&old) == id(&new) {
            return;
        }
        let updates = [
            update(peer, &old, false, roster.count_out(&old)),
            update(peer, &new, true, roster.count_in(&new)),
        ];
        if announce.is_some_and(|most| roster.members.len() <= most) {
            roster.announcements.extend(updates);
        }
    }
}

impl Roster {
    pub(crate) fn len(&self) -> usize {
        self.members.len()
    }

    /// The place and seat of a member.
    pub(super) fn seat(&mut self, group: &Group, peer: &Arc<Peer>) -> Option<(u64, &mut Seat)> {
        let place = *peer.memberships().lock().places.get(&group.address)?;
        let seat = self.members.get_mut(&place)?;
        // Where its session goes on with another socket, that one has the seat.
        Arc::ptr_eq(&seat.peer, peer).then_some((place, seat))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Peer>> {
        self.members.values().map(|seat| &seat.peer)
    }

    /// At most `limit` members after a place.
    pub(crate) fn page(&self, after: Option<Cursor>, limit: usize) -> Page<Arc<Peer>> {
        self.part(after, limit, |seat| seat.peer.clone())
    }

    fn part<T>(&self, after: Option<Cursor>, limit: usize, item: impl Fn(&Seat) -> T) -> Page<T> {
        let from = after.map_or(Bound::Unbounded, |Cursor(place)| Bound::Excluded(place));
        let mut rest = self.members.range((from, Bound::Unbounded));
        let mut last = None;
        let items = rest
            .by_ref()
            .take(limit)
            .map(|(place, seat)| {
                last = Some(Cursor(*place));
                item(seat)
            })
            .collect();
        Page {
            items,
            count: self.members.len(),
            next: last.filter(|_| rest.next().is_some()),
        }
    }

    /// A page as the wire has it.
    pub(crate) fn members(&self, after: Option<Cursor>, limit: usize) -> system::Members {
        let page = self.part(after, limit, |seat| system::Member {
            connection: seat.peer.id(),
            user: seat.user.as_deref().cloned(),
            data: None,
        });
        system::Members {
            count: page.count as u64,
            members: page.items,
            next: page.next.map(|cursor| cursor.to_string()),
        }
    }

    /// Gives the seat to the socket with which its session goes on: that one gets what is published
    /// from now on, and nobody is told. `false`: it had the seat.
    fn reseat(&mut self, place: u64, peer: &Arc<Peer>) -> bool {
        match self.members.get_mut(&place) {
            Some(seat) if !Arc::ptr_eq(&seat.peer, peer) => {
                // What the old socket has missed, the new one names a position for.
                if let Some(mut behind) = seat.behind.take() {
                    behind.drop_held(&seat.peer.queue);
                }
                seat.peer = peer.clone();
                true
            }
            _ => false,
        }
    }

    /// Whether the user had no other connection here before this one.
    fn count_in(&mut self, user: &User) -> bool {
        let Some(user) = user else { return true };
        let count = self.users.entry(user.id.clone()).or_default();
        *count += 1;
        *count == 1
    }

    /// Whether the user has no other connection here after this one.
    fn count_out(&mut self, user: &User) -> bool {
        let Some(user) = user else { return true };
        let Some(count) = self.users.get_mut(&user.id) else {
            return true;
        };
        *count -= 1;
        let last = *count == 0;
        if last {
            self.users.remove(&user.id);
        }
        last
    }
}

fn update(peer: &Peer, user: &User, connected: bool, last: bool) -> OnlineUpdate {
    OnlineUpdate {
        user_id: user
            .as_ref()
            .map_or_else(String::new, |user| user.id.clone()),
        connection: peer.id(),
        name: user.as_ref().map(|user| user.name.clone()),
        connected,
        last,
    }
}
