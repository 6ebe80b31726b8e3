//! The connections at one address: the members of a channel, a user's connections, everyone.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use parking_lot::Mutex;
use socket_protocol::Timestamp;
use socket_protocol::system::{self, OnlineUpdate};

use crate::broker::Address;
use crate::connection::Peer;
use crate::service::status::{Cursor, Page};

/// One address and who is there.
///
/// The roster's lock makes the order: what is accepted first is queued first for every member, and
/// a member's answer is queued in the same step in which it becomes one.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) address: Address,
    pub(crate) since: Timestamp,
    /// Whether the broker delivers what is published here. Held while that changes.
    pub(super) subscribed: tokio::sync::Mutex<Subscribed>,
    /// Held while what changed is announced, so that announcements keep the order of the changes.
    pub(super) announcing: tokio::sync::Mutex<()>,
    pub(crate) roster: Mutex<Roster>,
    pub(super) published_messages: AtomicU64,
    pub(super) published_bytes: AtomicU64,
    pub(super) delivered: AtomicU64,
}

#[derive(Debug, Default)]
pub(crate) struct Roster {
    /// By order of arrival.
    members: BTreeMap<u64, Arc<Peer>>,
    next: u64,
    /// How many connections each user has here.
    users: HashMap<String, usize>,
    /// The group has left the hub: whoever comes now makes a new one.
    pub(super) gone: bool,
    pub(super) announcements: VecDeque<OnlineUpdate>,
}

/// Whether the broker delivers what is published to a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subscribed {
    No,
    /// It was asked to, and whoever asked did not wait for its answer.
    Perhaps,
    Yes,
}

/// What became of an attempt to enter.
pub(super) enum Entry {
    /// The connection is a member; `true`: it was none before.
    Member(bool),
    /// The connection is not open.
    Closed,
    /// Nobody is here yet: the group may not be subscribed.
    Empty,
    /// The group has left the hub.
    Gone,
}

impl Group {
    pub(super) fn new(address: Address) -> Self {
        Self {
            address,
            since: Timestamp::now(),
            subscribed: tokio::sync::Mutex::new(Subscribed::No),
            announcing: tokio::sync::Mutex::new(()),
            roster: Mutex::default(),
            published_messages: AtomicU64::new(0),
            published_bytes: AtomicU64::new(0),
            delivered: AtomicU64::new(0),
        }
    }

    /// Makes the connection a member and calls `entered` in the same step. Whoever holds
    /// `subscribed` may be the first.
    pub(super) fn enter(
        &self,
        peer: &Arc<Peer>,
        first: bool,
        announce: Option<usize>,
        entered: &mut dyn FnMut(&Roster, bool),
    ) -> Entry {
        let mut roster = self.roster.lock();
        if roster.gone {
            return Entry::Gone;
        }
        if roster.members.is_empty() && !first {
            return Entry::Empty;
        }
        let mut memberships = peer.memberships.lock();
        if !memberships.open {
            return Entry::Closed;
        }
        let place = roster.next;
        let changed = !memberships.places.contains_key(&self.address);
        if changed {
            memberships.places.insert(self.address.clone(), place);
        }
        drop(memberships);
        if changed {
            roster.next += 1;
            roster.members.insert(place, peer.clone());
            let last = roster.count_in(peer);
            if announce.is_some_and(|most| roster.members.len() <= most) {
                roster.announcements.push_back(update(peer, true, last));
            }
        }
        entered(&roster, changed);
        Entry::Member(changed)
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
        let Some(place) = peer.memberships.lock().places.remove(&self.address) else {
            return Some(false);
        };
        let before = roster.members.len();
        roster.members.remove(&place);
        let last = roster.count_out(peer);
        if announce.is_some_and(|most| before <= most) {
            roster.announcements.push_back(update(peer, false, last));
        }
        left();
        Some(true)
    }
}

impl Roster {
    pub(crate) fn len(&self) -> usize {
        self.members.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Peer>> {
        self.members.values()
    }

    /// At most `limit` members after a place.
    pub(crate) fn page(&self, after: Option<Cursor>, limit: usize) -> Page<Arc<Peer>> {
        let from = after.map_or(Bound::Unbounded, |Cursor(place)| Bound::Excluded(place));
        let mut rest = self.members.range((from, Bound::Unbounded));
        let mut last = None;
        let items = rest
            .by_ref()
            .take(limit)
            .map(|(place, peer)| {
                last = Some(Cursor(*place));
                peer.clone()
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
        let page = self.page(after, limit);
        let member = |peer: &Arc<Peer>| system::Member {
            connection: peer.id,
            user: peer.user.clone(),
            data: None,
        };
        system::Members {
            count: page.count as u64,
            members: page.items.iter().map(member).collect(),
            next: page.next.map(|cursor| cursor.to_string()),
        }
    }

    /// Whether the user had no other connection here before this one.
    fn count_in(&mut self, peer: &Peer) -> bool {
        let Some(user) = &peer.user else { return true };
        let count = self.users.entry(user.id.clone()).or_default();
        *count += 1;
        *count == 1
    }

    /// Whether the user has no other connection here after this one.
    fn count_out(&mut self, peer: &Peer) -> bool {
        let Some(user) = &peer.user else { return true };
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

fn update(peer: &Peer, connected: bool, last: bool) -> OnlineUpdate {
    OnlineUpdate {
        user_id: peer
            .user
            .as_ref()
            .map_or_else(String::new, |user| user.id.clone()),
        connection: peer.id,
        name: peer.user.as_ref().map(|user| user.name.clone()),
        connected,
        last,
    }
}
