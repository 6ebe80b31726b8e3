//! The channels that this client wants to be in, and the server's answers. The wishes outlive
//! connections: each `:connect` names them all.

use std::collections::BTreeMap;

use socket_protocol::system::{Join, JoinResult};
use socket_protocol::{ChannelName, WireError};
use tokio::sync::oneshot;

use super::positions::Positions;
use crate::client::error::JoinError;

pub(crate) type JoinWaiter = oneshot::Sender<Result<JoinResult, JoinError>>;

#[derive(Debug, Default)]
struct Member {
    /// The program wants to be in, or the server put this connection in, which counts the same.
    wanted: bool,
    /// The server's last word: replies, `:joined` and `:closed` arrive in the order in which things
    /// happened there.
    inside: bool,
    /// A request to the server is unanswered; the client sends no other for this channel meanwhile.
    asked: bool,
    result: JoinResult,
    waiters: Vec<JoinWaiter>,
}

/// A request to the server.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    Join(ChannelName),
    Leave(ChannelName),
}

#[derive(Debug, Default)]
pub(crate) struct Memberships {
    all: BTreeMap<ChannelName, Member>,
    open: bool,
}

impl Memberships {
    pub(crate) fn join(&mut self, channel: &ChannelName, waiter: JoinWaiter) -> Option<Ask> {
        let member = self.all.entry(channel.clone()).or_default();
        member.wanted = true;
        if member.inside && !member.asked {
            let _ = waiter.send(Ok(member.result.clone()));
            return None;
        }
        member.waiters.push(waiter);
        self.reconcile(channel)
    }

    pub(crate) fn leave(&mut self, channel: &ChannelName) -> Option<Ask> {
        let member = self.all.get_mut(channel)?;
        member.wanted = false;
        tell(member, &Err(JoinError::Left));
        self.reconcile(channel)
    }

    /// The channels part of `:connect`.
    pub(crate) fn request(&mut self, positions: &Positions) -> BTreeMap<String, Join> {
        let wanted = self.all.iter_mut().filter(|(_, member)| member.wanted);
        wanted
            .map(|(channel, member)| {
                member.asked = true;
                (channel.to_string(), positions.join(channel))
            })
            .collect()
    }

    /// Handles an accepted handshake, whose reply answers everything that was asked.
    pub(crate) fn opened(&mut self) -> Vec<Ask> {
        self.open = true;
        let channels: Vec<_> = self.all.keys().cloned().collect();
        let asks = channels.iter().filter_map(|channel| {
            if let Some(member) = self.all.get_mut(channel) {
                // Answered or not.
                member.asked = false;
            }
            self.reconcile(channel)
        });
        asks.collect()
    }

    /// Handles a reply: this connection is in.
    pub(crate) fn joined(&mut self, channel: &ChannelName, result: &JoinResult) -> Option<Ask> {
        if let Some(member) = self.all.get_mut(channel) {
            member.asked = false;
        }
        self.entered(channel, result)
    }

    /// Handles a membership that the server made on its own.
    pub(crate) fn put_in(&mut self, channel: &ChannelName, result: &JoinResult) -> Option<Ask> {
        // Everybody is in these two; they cannot be joined or left.
        if channel.is_reserved() {
            return None;
        }
        let member = self.all.entry(channel.clone()).or_default();
        if !member.asked {
            member.wanted = true;
        }
        self.entered(channel, result)
    }

    fn entered(&mut self, channel: &ChannelName, result: &JoinResult) -> Option<Ask> {
        let member = self.all.get_mut(channel)?;
        member.inside = true;
        member.result = result.clone();
        if member.wanted {
            tell(member, &Ok(result.clone()));
        }
        self.reconcile(channel)
    }

    /// Handles a refusal and its reason. `None` if the connection is in nevertheless.
    pub(crate) fn refused(&mut self, channel: &ChannelName, reason: &WireError) -> Option<()> {
        let member = self.all.get_mut(channel)?;
        member.asked = false;
        if member.inside {
            return None;
        }
        self.forget(channel, reason);
        Some(())
    }

    /// Handles the end of a membership that the server ended on its own, and its reason.
    pub(crate) fn taken_out(&mut self, channel: &ChannelName, reason: &WireError) {
        match self.all.get_mut(channel) {
            // The answer comes after this, and counts.
            Some(member) if member.asked => member.inside = false,
            _ => self.forget(channel, reason),
        }
    }

    /// Handles a reply: this connection has left.
    pub(crate) fn left(&mut self, channel: &ChannelName) -> Option<Ask> {
        let member = self.all.get_mut(channel)?;
        member.asked = false;
        member.inside = false;
        self.reconcile(channel)
    }

    fn forget(&mut self, channel: &ChannelName, reason: &WireError) {
        if let Some(mut member) = self.all.remove(channel) {
            let refused = JoinError::Refused(Box::new(reason.clone()));
            tell(&mut member, &Err(refused));
        }
    }

    /// Returns whether the server has said on this connection that it is in.
    pub(crate) fn is_in(&self, channel: &ChannelName) -> bool {
        self.all.get(channel).is_some_and(|member| member.inside)
    }

    /// Handles a lost connection; the wishes stay.
    pub(crate) fn broken(&mut self) {
        self.open = false;
        self.all.retain(|_, member| member.wanted);
        for member in self.all.values_mut() {
            member.inside = false;
            member.asked = false;
        }
    }

    /// Ends everything that is awaited, because no further connection will come.
    pub(crate) fn end(&mut self) {
        for member in self.all.values_mut() {
            tell(member, &Err(JoinError::Disconnected));
        }
        self.all.clear();
    }

    /// The request that brings the server in line with the wish; `None` while an answer is
    /// outstanding.
    fn reconcile(&mut self, channel: &ChannelName) -> Option<Ask> {
        let open = self.open;
        let member = self.all.get_mut(channel)?;
        if member.asked {
            return None;
        }
        match (member.wanted, member.inside) {
            (true, true) => None,
            (false, false) => {
                self.all.remove(channel);
                None
            }
            (true, false) if open => {
                member.asked = true;
                Some(Ask::Join(channel.clone()))
            }
            (false, true) if open => {
                member.asked = true;
                Some(Ask::Leave(channel.clone()))
            }
            _ => None,
        }
    }
}

fn tell(member: &mut Member, outcome: &Result<JoinResult, JoinError>) {
    for waiter in member.waiters.drain(..) {
        // The asker may be gone.
        let _ = waiter.send(outcome.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error() -> WireError {
        WireError::new(socket_protocol::ErrorCode::NotJoined, "")
    }

    #[test]
    fn wishes_outlive_connections_and_cross_with_answers() {
        let room: ChannelName = "room".parse().unwrap();
        let ask = || oneshot::channel().0;
        let (result, positions) = (JoinResult::default(), Positions::default());
        let mut all = Memberships::default();
        assert_eq!(all.join(&room, ask()), None);
        assert!(all.request(&positions).contains_key("room"));
        // Asked for between `:connect` and its reply: sent after it.
        let late: ChannelName = "late".parse().unwrap();
        assert_eq!(all.join(&late, ask()), None);
        all.joined(&room, &result);
        assert_eq!(all.opened(), [Ask::Join(late.clone())]);
        // Left before the answer: left again once it is there, and not before.
        assert_eq!(all.leave(&late), None);
        let left = all.joined(&late, &result);
        assert_eq!(left, Some(Ask::Leave(late.clone())));
        // Wanted again before it was left: joined again once it is.
        assert_eq!(all.join(&late, ask()), None);
        assert_eq!(all.left(&late), Some(Ask::Join(late.clone())));
        all.leave(&late);
        // After a lost connection, a new wish counts for the next one.
        all.broken();
        assert_eq!(all.request(&positions).len(), 1);
        // A membership made by the server counts like a wish.
        all.put_in(&"other".parse().unwrap(), &result);
        all.broken();
        assert_eq!(all.request(&positions).len(), 2);
        all.broken();
        all.taken_out(&room, &error());
        assert_eq!(all.request(&positions).len(), 1);
    }

    #[test]
    fn the_last_word_of_the_server_counts() {
        let room: ChannelName = "room".parse().unwrap();
        let result = JoinResult::default();
        let open = || {
            let mut all = Memberships::default();
            all.opened();
            all
        };
        // Put in and taken out while its own wish is on the way: the answer to that comes last.
        let mut all = open();
        assert_eq!(
            all.join(&room, oneshot::channel().0),
            Some(Ask::Join(room.clone()))
        );
        all.put_in(&room, &result);
        all.taken_out(&room, &error());
        assert!(!all.is_in(&room));
        assert_eq!(all.joined(&room, &result), None);
        assert!(all.is_in(&room));
        // Refused where the server had put it in already: it is in.
        let mut all = open();
        all.join(&room, oneshot::channel().0);
        all.put_in(&room, &result);
        assert_eq!(all.refused(&room, &error()), None);
        assert!(all.is_in(&room));
        // Put in again before the server heard that it left: it has left.
        let mut all = open();
        all.put_in(&room, &result);
        assert_eq!(all.leave(&room), Some(Ask::Leave(room.clone())));
        all.put_in(&room, &result);
        assert_eq!(all.left(&room), None);
        assert!(!all.is_in(&room));
    }
}
