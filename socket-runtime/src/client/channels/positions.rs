//! The client's position in each channel: where a reconnect continues, which events are duplicates,
//! and where events are missing. It uses no clock and no I/O.

use std::collections::BTreeMap;

use socket_protocol::ChannelName;
use socket_protocol::system::{Join, JoinResult, Position, Recovery};

/// Why events of a channel are missing or may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GapReason {
    /// The channel's history no longer holds all missed events.
    Gap,
    /// The channel keeps no history, and the connection was lost: events published meanwhile did
    /// not arrive.
    NoHistory,
}

/// How an event relates to the last one that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arrival {
    Next,
    /// It arrived before.
    Double,
    /// An event before it is missing.
    AfterGap,
}

#[derive(Debug)]
enum Place {
    /// The last event that arrived, or the position at which the channel was joined.
    At(Position),
    /// The channel keeps no history.
    Unkept,
}

#[derive(Debug, Default)]
pub(crate) struct Positions(BTreeMap<ChannelName, Place>);

impl Positions {
    /// The `:join` parameters for the channel.
    pub(crate) fn join(&self, channel: &ChannelName) -> Join {
        let since = match self.0.get(channel) {
            Some(Place::At(position)) => Some(position.clone()),
            Some(Place::Unkept) | None => None,
        };
        Join {
            since,
            ..Join::default()
        }
    }

    /// Handles the server's position of a channel. `already`: the client was in the channel on this
    /// very connection, so that nothing can be missing.
    pub(crate) fn joined(
        &mut self,
        channel: &ChannelName,
        result: &JoinResult,
        already: bool,
    ) -> Option<GapReason> {
        let stands = result.epoch.clone().zip(result.at);
        let Some((epoch, at)) = stands else {
            let before = self.0.insert(channel.clone(), Place::Unkept);
            // `:user` and `:all` cannot be joined: if they keep nothing, nothing was promised.
            return (before.is_some() && !already && !channel.is_reserved())
                .then_some(GapReason::NoHistory);
        };
        let gap = match (self.0.get(channel), result.recovery) {
            // The events still to come start after the known position.
            (Some(Place::At(known)), _) if already && known.epoch == epoch => return None,
            (Some(Place::At(known)), Some(Recovery::Complete)) if known.epoch == epoch => {
                return None;
            }
            (Some(Place::At(known)), _) if known.epoch == epoch && known.at == at => None,
            (Some(Place::At(_)), _) => Some(GapReason::Gap),
            (Some(Place::Unkept), _) => (!already).then_some(GapReason::NoHistory),
            (None, _) => None,
        };
        self.reached(channel, Position { epoch, at });
        gap
    }

    /// Records that the client has reached this position, whatever came before it.
    pub(crate) fn reached(&mut self, channel: &ChannelName, position: Position) {
        self.0.insert(channel.clone(), Place::At(position));
    }

    /// Handles an event of the channel's history.
    pub(crate) fn event(&mut self, channel: &ChannelName, at: u64, prev: Option<u64>) -> Arrival {
        let Some(Place::At(known)) = self.0.get_mut(channel) else {
            // The server announced no history here, so there is nothing to compare with.
            return Arrival::Next;
        };
        if at <= known.at {
            return Arrival::Double;
        }
        let prev = prev.unwrap_or(at - 1);
        let arrival = if prev > known.at {
            Arrival::AfterGap
        } else {
            Arrival::Next
        };
        known.at = at;
        arrival
    }

    pub(crate) fn forget(&mut self, channel: &ChannelName) {
        self.0.remove(channel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room() -> ChannelName {
        "room".parse().unwrap()
    }

    fn result(recovery: Recovery, at: u64) -> JoinResult {
        JoinResult {
            recovery: Some(recovery),
            epoch: Some("e".to_owned()),
            at: Some(at),
            ..JoinResult::default()
        }
    }

    #[test]
    fn events_are_next_or_double_or_behind_a_gap() {
        let (mut positions, room) = (Positions::default(), room());
        assert_eq!(positions.event(&room, 9, None), Arrival::Next);
        assert_eq!(
            positions.joined(&room, &result(Recovery::Fresh, 3), false),
            None
        );
        for (at, prev, expected) in [
            (4, None, Arrival::Next),
            (4, None, Arrival::Double),
            (2, None, Arrival::Double),
            (9, Some(4), Arrival::Next),
            (11, None, Arrival::AfterGap),
            (12, None, Arrival::Next),
            (20, Some(14), Arrival::AfterGap),
            (21, Some(2), Arrival::Next),
        ] {
            assert_eq!(positions.event(&room, at, prev), expected, "{at} {prev:?}");
        }
        assert_eq!(positions.join(&room).since.unwrap().at, 21);
        positions.forget(&room);
        assert_eq!(positions.join(&room).since, None);
    }

    #[test]
    fn a_verdict_says_whether_something_is_missing() {
        let other = JoinResult {
            epoch: Some("f".to_owned()),
            ..result(Recovery::Gap, 1)
        };
        let none = JoinResult {
            recovery: Some(Recovery::None),
            ..JoinResult::default()
        };
        for (verdict, already, missing, since) in [
            (result(Recovery::Complete, 9), false, None, Some(3)),
            (
                result(Recovery::Gap, 9),
                false,
                Some(GapReason::Gap),
                Some(9),
            ),
            // The server put this connection in without a position.
            (
                result(Recovery::Fresh, 9),
                false,
                Some(GapReason::Gap),
                Some(9),
            ),
            (result(Recovery::Fresh, 3), false, None, Some(3)),
            (result(Recovery::Fresh, 9), true, None, Some(3)),
            (other, false, Some(GapReason::Gap), Some(1)),
            (none.clone(), false, Some(GapReason::NoHistory), None),
            (none, true, None, None),
        ] {
            let (mut positions, room) = (Positions::default(), room());
            positions.joined(&room, &result(Recovery::Fresh, 3), false);
            let found = positions.joined(&room, &verdict, already);
            assert_eq!(found, missing, "{verdict:?} {already}");
            let at = positions.join(&room).since.map(|position| position.at);
            assert_eq!(at, since, "{verdict:?} {already}");
        }
    }

    #[test]
    fn a_channel_without_history_misses_something_at_every_break_but_the_first_join() {
        let (mut positions, room) = (Positions::default(), room());
        let none = JoinResult {
            recovery: Some(Recovery::None),
            ..JoinResult::default()
        };
        assert_eq!(positions.joined(&room, &none, false), None);
        assert_eq!(positions.joined(&room, &none, true), None);
        let missing = Some(GapReason::NoHistory);
        assert_eq!(positions.joined(&room, &none, false), missing);
        let now_kept = result(Recovery::Fresh, 5);
        assert_eq!(positions.joined(&room, &now_kept, false), missing);
        let user = ChannelName::user();
        positions.joined(&user, &none, false);
        assert_eq!(positions.joined(&user, &none, false), None);
    }
}
