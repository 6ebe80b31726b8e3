//! The members of a group in the order in which they came, and what each of them is sent.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::ops::Bound;
use std::sync::Arc;

use socket_protocol::manifest::model::Delivery as Class;
use socket_protocol::system::{self, OnlineUpdate, UserInfo};

use super::handle::Handle;
use crate::broker::{Address, Delivery, Kept, Message, Position};
use crate::outbound::{Queue, share};
use crate::stats::{Cursor, Page};

#[derive(Debug, Default)]
pub(crate) struct Roster {
    /// By order of arrival.
    pub(super) members: BTreeMap<u64, Seat>,
    /// The place of whoever comes next.
    pub(super) next: u64,
    /// This node's position in the history: deliveries come after it.
    pub(super) position: Option<Position>,
    /// The number of each user's connections here.
    users: HashMap<String, usize>,
    /// The group has left the hub; the next member creates a new one.
    pub(super) gone: bool,
    pub(super) announcements: VecDeque<OnlineUpdate>,
}

/// A member, and the user it was counted for, because a connection's user may change.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) handle: Arc<Handle>,
    user: SeatUser,
    /// The events it still has to read; `None` if it is live.
    pub(super) behind: Option<Box<Behind>>,
}

type SeatUser = Option<Arc<UserInfo>>;

/// The events that a member still has to read.
#[derive(Debug)]
pub(super) struct Behind {
    pub(super) epoch: Arc<str>,
    /// The offset of the last event that it has.
    pub(super) after: u64,
    held: VecDeque<Held>,
    /// Nothing goes to it until somebody has decided whether it stays.
    pub(super) paused: bool,
    /// Where it goes on, after a gap that it has to be told of.
    pub(super) gap: Option<Position>,
}

/// An event that history does not keep, in its place among those that it does.
#[derive(Debug)]
struct Held {
    after: u64,
    message: Message,
    class: Class,
    key: Option<Arc<str>>,
    /// What it counts as in the sum of all.
    share: usize,
}

impl Roster {
    pub(crate) fn len(&self) -> usize {
        self.members.len()
    }

    /// The place and seat of a member.
    pub(super) fn seat(
        &mut self,
        address: &Address,
        handle: &Arc<Handle>,
    ) -> Option<(u64, &mut Seat)> {
        let place = *handle.memberships().lock().places.get(address)?;
        let seat = self.members.get_mut(&place)?;
        // If its session was resumed by another socket, that socket has the seat.
        Arc::ptr_eq(&seat.handle, handle).then_some((place, seat))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Handle>> {
        self.members.values().map(|seat| &seat.handle)
    }

    /// At most `limit` members after a place.
    pub(crate) fn page(&self, after: Option<Cursor>, limit: usize) -> Page<Arc<Handle>> {
        self.part(after, limit, |seat| seat.handle.clone())
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
            connection: seat.handle.id(),
            user: seat.user.as_deref().cloned(),
            data: None,
        });
        system::Members {
            count: page.count as u64,
            members: page.items,
            next: page.next.map(|cursor| cursor.to_string()),
        }
    }

    /// Gives a connection the seat at `next`, and says so to the others where they are at most so
    /// many. Its membership has begun: whoever changes its user now finds it here.
    pub(super) fn seat_new(&mut self, handle: &Arc<Handle>, announce: Option<usize>) {
        let user = handle.user();
        let last = self.count_in(&user);
        if announce.is_some_and(|most| self.members.len() < most) {
            self.announcements
                .push_back(update(handle, &user, true, last));
        }
        let seat = Seat {
            handle: handle.clone(),
            user,
            behind: None,
        };
        self.members.insert(self.next, seat);
        self.next += 1;
    }

    /// Takes a seat away, and says so to the others where they are at most so many.
    pub(super) fn unseat(&mut self, place: u64, handle: &Handle, announce: Option<usize>) {
        let before = self.members.len();
        let Some(Seat { user, behind, .. }) = self.members.remove(&place) else {
            return;
        };
        if let Some(mut behind) = behind {
            behind.drop_held(&handle.queue);
        }
        let last = self.count_out(&user);
        if announce.is_some_and(|most| before <= most) {
            self.announcements
                .push_back(update(handle, &user, false, last));
        }
    }

    /// Counts a member for the user that its connection has now.
    pub(super) fn rekey(&mut self, place: u64, handle: &Handle, announce: Option<usize>) {
        let Some(seat) = self.members.get_mut(&place) else {
            return;
        };
        let new = handle.user();
        let old = std::mem::replace(&mut seat.user, new.clone());
        let id = |user: &SeatUser| user.as_ref().map(|user| user.id.clone());
        if id(&old) == id(&new) {
            return;
        }
        let updates = [
            update(handle, &old, false, self.count_out(&old)),
            update(handle, &new, true, self.count_in(&new)),
        ];
        if announce.is_some_and(|most| self.members.len() <= most) {
            self.announcements.extend(updates);
        }
    }

    /// Gives the seat to the socket that resumes its session: that socket receives later
    /// publications, and nobody is told. `false` if it had the seat already.
    pub(super) fn reseat(&mut self, place: u64, handle: &Arc<Handle>) -> bool {
        match self.members.get_mut(&place) {
            Some(seat) if !Arc::ptr_eq(&seat.handle, handle) => {
                // The new socket names a position for the events that the old one missed.
                if let Some(mut behind) = seat.behind.take() {
                    behind.drop_held(&seat.handle.queue);
                }
                seat.handle = handle.clone();
                true
            }
            _ => false,
        }
    }

    /// Returns whether the user had no other connection here before this one.
    fn count_in(&mut self, user: &SeatUser) -> bool {
        let Some(user) = user else { return true };
        let count = self.users.entry(user.id.clone()).or_default();
        *count += 1;
        *count == 1
    }

    /// Returns whether the user has no other connection here after this one.
    fn count_out(&mut self, user: &SeatUser) -> bool {
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

    /// Queues an event for all its receivers. Returns their number.
    pub(super) fn send(&mut self, delivery: &Delivery) -> usize {
        let at = self.position.as_ref().map_or(0, |position| position.at);
        let frame = delivery.message.frame();
        let receivers = self.members.len();
        let mut sent = 0;
        for seat in self.members.values_mut() {
            if delivery.except.is_some_and(|id| id == seat.handle.id()) {
                continue;
            }
            let handle = &seat.handle;
            match &mut seat.behind {
                None => {
                    let key = delivery.key.as_ref();
                    handle.send_as(frame.clone(), delivery.class, key, receivers);
                }
                // It reads the event from history.
                Some(_) if delivery.place.is_some() => continue,
                Some(behind) => behind.hold(at, delivery, handle, receivers),
            }
            sent += 1;
        }
        sent
    }
}

impl Seat {
    /// Makes the member live: later deliveries are queued for it.
    pub(super) fn go_live(&mut self) {
        if let Some(mut behind) = self.behind.take() {
            behind.let_go(u64::MAX, &self.handle);
        }
    }
}

impl Behind {
    pub(super) const fn new(epoch: Arc<str>, after: u64) -> Self {
        Self {
            epoch,
            after,
            held: VecDeque::new(),
            paused: false,
            gap: None,
        }
    }

    /// Holds back an event that was accepted after the kept one at `after`.
    fn hold(&mut self, after: u64, delivery: &Delivery, handle: &Handle, receivers: usize) {
        let queue = &handle.queue;
        if delivery.class == Class::Volatile {
            queue.count(|losses| losses.dropped += 1);
            return;
        }
        if let Some(key) = &delivery.key {
            let older = |held: &Held| held.key.as_ref() == Some(key);
            if let Some(older) = self.held.iter().position(older)
                && let Some(older) = self.held.remove(older)
            {
                queue.unhold(older.message.frame().len(), older.share);
                queue.count(|losses| losses.replaced += 1);
            }
        }
        let bytes = delivery.message.frame().len();
        let share = share(bytes, receivers);
        if queue.hold(bytes, share) {
            self.held.push_back(Held {
                after,
                message: delivery.message.clone(),
                class: delivery.class,
                key: delivery.key.clone(),
                share,
            });
        }
    }

    /// Queues the events that were held back behind the events up to that one.
    fn let_go(&mut self, up_to: u64, handle: &Arc<Handle>) {
        while let Some(held) = self.held.pop_front_if(|held| held.after <= up_to) {
            let frame = held.message.frame().clone();
            handle.queue.unhold(frame.len(), held.share);
            // As many as share it.
            let receivers = frame.len() / held.share.max(1);
            handle.send_as(frame, held.class, held.key.as_ref(), receivers);
        }
    }

    /// Drops the events that were held back, because the member has left.
    pub(super) fn drop_held(&mut self, queue: &Queue) {
        for held in self.held.drain(..) {
            queue.unhold(held.message.frame().len(), held.share);
        }
    }

    /// Queues a page of missed events. `false` if some of them are no longer kept.
    pub(super) fn replay(&mut self, page: &[Kept], handle: &Arc<Handle>) -> bool {
        if page.first().is_none_or(|first| first.prev > self.after) {
            return false;
        }
        for kept in page {
            self.let_go(kept.prev, handle);
            handle.send(kept.message.frame().clone());
            self.after = kept.at;
        }
        handle
            .queue
            .count(|losses| losses.replayed += page.len() as u64);
        true
    }
}

fn update(handle: &Handle, user: &SeatUser, connected: bool, last: bool) -> OnlineUpdate {
    OnlineUpdate {
        user_id: user
            .as_ref()
            .map_or_else(String::new, |user| user.id.clone()),
        connection: handle.id(),
        name: user.as_ref().map(|user| user.name.clone()),
        connected,
        last,
    }
}
