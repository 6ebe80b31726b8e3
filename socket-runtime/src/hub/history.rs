//! Where a group stands in its history, and which of its members are behind.
//!
//! A member that is behind gets nothing of what is delivered: it reads the history, page by page,
//! until it has reached where its node stands, and is live from that very step on. So nothing has to
//! be merged, and nothing is queued but what is just being read. Events that history does not keep
//! are held back meanwhile, each behind the kept event that was accepted before it.

use std::collections::VecDeque;
use std::sync::Arc;

use socket_protocol::envelope::{EventHead, OpenMessage};
use socket_protocol::manifest::model::Delivery as Class;
use socket_protocol::system::{self, Recovery, name};

use super::group::{Group, Roster, Seat};
use crate::broker::{Address, Delivery, Kept, Message, Missed, Place, Position};
use crate::connection::Peer;
use crate::connection::queue::Queue;
use crate::frame;
use crate::stats::Mode;

/// What a member has not been sent yet.
#[derive(Debug)]
pub(super) struct Behind {
    pub(super) epoch: Arc<str>,
    /// The offset of the last event that it has.
    pub(super) after: u64,
    held: VecDeque<Held>,
}

/// An event that history does not keep, in its place among those that it does.
#[derive(Debug)]
struct Held {
    after: u64,
    message: Message,
    class: Class,
    key: Option<Arc<str>>,
}

/// The position that a connection goes on from, and what its broker says of it.
#[derive(Debug)]
pub(crate) struct Since {
    pub(crate) epoch: String,
    pub(crate) at: u64,
    pub(crate) missed: Missed,
}

/// What became of the events that a connection has missed.
#[derive(Debug, Clone)]
pub(crate) struct Recovered {
    pub(crate) recovery: Recovery,
    /// Where the channel stands; `None` where it keeps no history.
    pub(crate) position: Option<Position>,
}

impl Behind {
    pub(super) const fn new(epoch: Arc<str>, after: u64) -> Self {
        Self {
            epoch,
            after,
            held: VecDeque::new(),
        }
    }

    /// Holds an event back that was accepted behind the kept one at `after`.
    fn hold(&mut self, after: u64, delivery: &Delivery, peer: &Peer) {
        let queue = &peer.queue;
        if delivery.class == Class::Volatile {
            queue.count(|losses| losses.dropped += 1);
            return;
        }
        if let Some(key) = &delivery.key {
            let older = |held: &Held| held.key.as_ref() == Some(key);
            if let Some(older) = self.held.iter().position(older)
                && let Some(older) = self.held.remove(older)
            {
                queue.unhold(older.message.frame().len());
                queue.count(|losses| losses.replaced += 1);
            }
        }
        if queue.hold(delivery.message.frame().len()) {
            self.held.push_back(Held {
                after,
                message: delivery.message.clone(),
                class: delivery.class,
                key: delivery.key.clone(),
            });
        }
    }

    /// Queues what was held back behind the events up to that one.
    fn let_go(&mut self, up_to: u64, peer: &Arc<Peer>) {
        while let Some(held) = self.held.pop_front_if(|held| held.after <= up_to) {
            let frame = held.message.frame().clone();
            peer.queue.unhold(frame.len());
            peer.send_as(frame, held.class, held.key.as_ref());
        }
    }

    /// Gives up what was held back: the member is none any more.
    pub(super) fn drop_held(&mut self, queue: &Queue) {
        for held in self.held.drain(..) {
            queue.unhold(held.message.frame().len());
        }
    }

    /// Queues a page of what was missed. `false`: some of it is kept no more.
    pub(super) fn replay(&mut self, page: &[Kept], peer: &Arc<Peer>) -> bool {
        if page.first().is_none_or(|first| first.prev > self.after) {
            return false;
        }
        for kept in page {
            self.let_go(kept.prev, peer);
            peer.send(kept.message.frame().clone());
            self.after = kept.at;
        }
        peer.queue
            .count(|losses| losses.replayed += page.len() as u64);
        true
    }
}

impl Seat {
    /// Makes the member live: what is delivered from now on is queued for it.
    pub(super) fn go_live(&mut self) {
        if let Some(mut behind) = self.behind.take() {
            behind.let_go(u64::MAX, &self.peer);
        }
    }

    /// Tells the member that it cannot get all that it misses, and goes on from there.
    pub(super) fn skip_to(&mut self, address: &Address, position: &Position) {
        tell_gap(&self.peer, address, position);
        self.go_live();
    }
}

impl Roster {
    /// What is delivered from now on lies behind this position.
    pub(super) fn stand_at(&mut self, position: Option<Position>) {
        let Some(position) = position else { return };
        match &mut self.position {
            Some(stood) if stood.epoch == position.epoch => stood.at = stood.at.max(position.at),
            stood => *stood = Some(position),
        }
    }

    /// Takes note of an event of history. `false`: it came before.
    pub(super) fn arrive(&mut self, group: &Arc<Group>, place: &Place) -> bool {
        if let Some(stood) = &self.position {
            let same = stood.epoch == place.epoch;
            if same && place.at <= stood.at {
                return false;
            }
            if !same || place.prev > stood.at {
                let (epoch, at) = (place.epoch.clone(), place.prev);
                self.jump(group, Position { epoch, at });
            }
        }
        let (epoch, at) = (place.epoch.clone(), place.at);
        self.position = Some(Position { epoch, at });
        true
    }

    /// What was published up to there was not delivered: the members read it, or are told.
    pub(super) fn jump(&mut self, group: &Arc<Group>, position: Position) {
        match self.position.take() {
            Some(stood) if stood.epoch == position.epoch => {
                if position.at <= stood.at {
                    self.position = Some(stood);
                    return;
                }
                for seat in self.members.values_mut() {
                    if seat.behind.is_none() {
                        let behind = Behind::new(stood.epoch.clone(), stood.at);
                        seat.behind = Some(Box::new(behind));
                        seat.peer.replays.add(group.clone());
                    }
                }
            }
            Some(_) => {
                for seat in self.members.values_mut() {
                    seat.skip_to(&group.address, &position);
                }
            }
            None => {}
        }
        self.position = Some(position);
    }

    /// Queues an event for everyone whom it is for. Returns for how many.
    pub(super) fn send(&mut self, delivery: &Delivery) -> usize {
        let at = self.position.as_ref().map_or(0, |position| position.at);
        let frame = delivery.message.frame();
        let mut sent = 0;
        for seat in self.members.values_mut() {
            if delivery.except.is_some_and(|id| id == seat.peer.id()) {
                continue;
            }
            let peer = &seat.peer;
            match &mut seat.behind {
                None => peer.send_as(frame.clone(), delivery.class, delivery.key.as_ref()),
                // It reads the event from history.
                Some(_) if delivery.place.is_some() => continue,
                Some(behind) => behind.hold(at, delivery, peer),
            }
            sent += 1;
        }
        sent
    }

    /// Where a connection begins that names no position.
    pub(super) fn recovered(&self) -> Recovered {
        match &self.position {
            Some(position) => Recovered::at(Recovery::Fresh, position.clone()),
            None => Recovered {
                recovery: Recovery::None,
                position: None,
            },
        }
    }

    /// Decides where the member at that place begins, which had come as far as `since`: it is live,
    /// or reads what it has missed.
    pub(super) fn begin(
        &mut self,
        group: &Arc<Group>,
        place: u64,
        since: Option<&Since>,
        most: u64,
    ) -> Recovered {
        let (Some(since), Some(mut position)) = (since, self.position.clone()) else {
            return self.recovered();
        };
        let known =
            *since.epoch == *position.epoch && since.missed.position.epoch == position.epoch;
        if known && position.at < since.at && since.at <= since.missed.position.at {
            // The broker has events that it has not delivered here yet, and the connection has them
            // from another node.
            position.at = since.at;
            self.jump(group, position.clone());
        }
        if !known || since.missed.events.is_none_or(|events| events > most) {
            return Recovered::at(Recovery::Gap, position);
        }
        if since.at == position.at {
            if let Some(seat) = self.members.get_mut(&place) {
                seat.go_live();
            }
            return Recovered::at(Recovery::Complete, position);
        }
        if let Some(seat) = self.members.get_mut(&place) {
            let behind = Behind::new(position.epoch.clone(), since.at);
            seat.behind = Some(Box::new(behind));
            seat.peer.replays.add(group.clone());
        }
        Recovered::at(Recovery::Complete, position)
    }
}

impl Recovered {
    const fn at(recovery: Recovery, position: Position) -> Self {
        Self {
            recovery,
            position: Some(position),
        }
    }

    /// As the wire has it.
    pub(crate) fn join_result(&self) -> system::JoinResult {
        let position = self.position.as_ref();
        system::JoinResult {
            recovery: Some(self.recovery),
            epoch: position.map(|position| position.epoch.to_string()),
            at: position.map(|position| position.at),
            ..system::JoinResult::default()
        }
    }
}

/// Says that something was lost, where the client knows such an event.
pub(super) fn tell_gap(peer: &Arc<Peer>, address: &Address, position: &Position) {
    if peer.mode == Mode::Plain {
        return;
    }
    let channel = address.channel();
    let head = EventHead {
        channel: Some(channel.as_str()),
        from: None,
    };
    match OpenMessage::event(name::GAP, head, &system::Position::from(position)) {
        Ok(message) => peer.send(frame::text(message.close())),
        Err(error) => tracing::error!(%error, "a gap was not told"),
    }
}
