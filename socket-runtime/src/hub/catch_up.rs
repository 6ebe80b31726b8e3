//! Where a group stands in its history, and where its members begin in it.
//!
//! A member that is behind receives no deliveries: it reads the history page by page until it has
//! reached its node's position, and is live from that very step on. So nothing has to be merged,
//! and only the page being read is queued. Events that history does not keep are held back
//! meanwhile, each behind the kept event that was accepted before it.

use std::sync::Arc;

use socket_protocol::system::{self, Recovery, name};

use super::handle::Handle;
use super::roster::{Behind, Roster, Seat};
use crate::broker::{Address, Missed, Place, Position};

/// The position from which a connection continues, and the broker's answer about it.
#[derive(Debug)]
pub(crate) struct Since {
    pub(crate) epoch: String,
    pub(crate) at: u64,
    pub(crate) missed: Missed,
}

/// The answer about events that a connection has missed.
#[derive(Debug, Clone)]
pub(crate) struct Recovered {
    pub(crate) recovery: Recovery,
    /// The channel's position; `None` if it keeps no history.
    pub(crate) position: Option<Position>,
}

/// Those that fell behind: the group has them read what they miss.
pub(super) type FellBehind = Vec<Arc<Handle>>;

impl Seat {
    /// Tells the member of a gap, and continues after it.
    fn skip_to(&mut self, address: &Address, position: &Position) {
        if let Some(behind) = self.behind.as_mut().filter(|behind| behind.paused) {
            behind.gap = Some(position.clone());
            return;
        }
        tell_gap(&self.handle, address, position);
        self.go_live();
    }

    /// Lets nothing pass to the member until [`Self::resume`].
    pub(super) fn pause(&mut self, position: Option<&Position>) {
        let behind = self.behind.get_or_insert_with(|| {
            let (epoch, at) = position.map_or_else(
                || (Arc::from(""), 0),
                |position| (position.epoch.clone(), position.at),
            );
            Box::new(Behind::new(epoch, at))
        });
        behind.paused = true;
    }

    /// Goes on where it was paused. `true`: the member has to read what it has missed.
    pub(super) fn resume(&mut self, address: &Address, position: Option<&Position>) -> bool {
        let Some(behind) = self.behind.as_mut().filter(|behind| behind.paused) else {
            return false;
        };
        behind.paused = false;
        if let Some(gap) = behind.gap.take() {
            self.skip_to(address, &gap);
            return false;
        }
        let after = behind.after;
        let reads = position.is_some_and(|position| after < position.at);
        if !reads {
            self.go_live();
        }
        reads
    }

    /// Lets the member read what follows that position.
    fn fall_behind(&mut self, epoch: Arc<str>, after: u64) -> Arc<Handle> {
        self.behind = Some(Box::new(Behind::new(epoch, after)));
        self.handle.clone()
    }
}

impl Roster {
    /// Later deliveries come after this position.
    pub(super) fn stand_at(&mut self, position: Option<Position>) {
        let Some(position) = position else { return };
        match &mut self.position {
            Some(stood) if stood.epoch == position.epoch => stood.at = stood.at.max(position.at),
            stood => *stood = Some(position),
        }
    }

    /// Takes note of an event of history. `None`: it came before.
    pub(super) fn arrive(&mut self, address: &Address, place: &Place) -> Option<FellBehind> {
        let mut behind = FellBehind::new();
        if let Some(stood) = &self.position {
            let same = stood.epoch == place.epoch;
            if same && place.at <= stood.at {
                return None;
            }
            if !same || place.prev > stood.at {
                let (epoch, at) = (place.epoch.clone(), place.prev);
                behind = self.jump(address, Position { epoch, at });
            }
        }
        let (epoch, at) = (place.epoch.clone(), place.at);
        self.position = Some(Position { epoch, at });
        Some(behind)
    }

    /// Handles publications up to this position that were not delivered: the members read them, or
    /// are told of a gap.
    pub(super) fn jump(&mut self, address: &Address, position: Position) -> FellBehind {
        let mut behind = FellBehind::new();
        match self.position.take() {
            Some(stood) if stood.epoch == position.epoch => {
                if position.at <= stood.at {
                    self.position = Some(stood);
                    return behind;
                }
                for seat in self.members.values_mut() {
                    if seat.behind.is_none() {
                        behind.push(seat.fall_behind(stood.epoch.clone(), stood.at));
                    }
                }
            }
            Some(_) => {
                for seat in self.members.values_mut() {
                    seat.skip_to(address, &position);
                }
            }
            None => {}
        }
        self.position = Some(position);
        behind
    }

    /// The start of a connection that names no position.
    pub(super) fn recovered(&self) -> Recovered {
        match &self.position {
            Some(position) => Recovered::at(Recovery::Fresh, position.clone()),
            None => Recovered {
                recovery: Recovery::None,
                position: None,
            },
        }
    }

    /// Decides where the member that had come as far as `since` starts: it is live, or reads what
    /// it missed.
    pub(super) fn begin(
        &mut self,
        address: &Address,
        place: u64,
        since: Option<&Since>,
        most: u64,
    ) -> (Recovered, FellBehind) {
        let mut behind = FellBehind::new();
        let (Some(since), Some(mut position)) = (since, self.position.clone()) else {
            return (self.recovered(), behind);
        };
        let known =
            *since.epoch == *position.epoch && since.missed.position.epoch == position.epoch;
        if known && position.at < since.at && since.at <= since.missed.position.at {
            // The broker has events that it has not delivered here yet, and the connection has them
            // from another node.
            position.at = since.at;
            behind = self.jump(address, position.clone());
        }
        if !known || since.missed.events.is_none_or(|events| events > most) {
            return (Recovered::at(Recovery::Gap, position), behind);
        }
        if let Some(seat) = self.members.get_mut(&place) {
            if since.at == position.at {
                seat.go_live();
            } else {
                behind.push(seat.fall_behind(position.epoch.clone(), since.at));
            }
        }
        (Recovered::at(Recovery::Complete, position), behind)
    }
}

impl Recovered {
    const fn at(recovery: Recovery, position: Position) -> Self {
        Self {
            recovery,
            position: Some(position),
        }
    }

    /// The same as a join result of the wire.
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

/// Sends `:gap`, if the client's mode knows that event.
pub(super) fn tell_gap(handle: &Arc<Handle>, address: &Address, position: &Position) {
    let position = system::Position::from(position);
    handle.tell(&address.channel(), name::GAP, &position);
}
