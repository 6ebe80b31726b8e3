//! The channels that this client wants to be in, and what the server says of it. Wishes outlive
//! connections: each `:connect` names them all.

use std::collections::BTreeMap;

use socket_protocol::system::{Join, JoinResult};
use socket_protocol::{ChannelName, WireError};
use tokio::sync::oneshot;

use super::error::JoinError;
use super::positions::Positions;

pub(super) type JoinWaiter = oneshot::Sender<Result<JoinResult, JoinError>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Out,
    Asked,
    In,
}

#[derive(Debug)]
struct Member {
    /// The program wants it, or the server put this connection in, which counts as much.
    wanted: bool,
    status: Status,
    result: JoinResult,
    waiters: Vec<JoinWaiter>,
}

/// What the server is asked.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ask {
    Join(ChannelName),
    Leave(ChannelName),
}

#[derive(Debug, Default)]
pub(super) struct Memberships {
    all: BTreeMap<ChannelName, Member>,
    open: bool,
}

impl Memberships {
    pub(super) fn join(&mut self, channel: &ChannelName, waiter: JoinWaiter) -> Option<Ask> {
        let member = self.get(channel);
        member.wanted = true;
        if member.status == Status::In {
            let _ = waiter.send(Ok(member.result.clone()));
            return None;
        }
        member.waiters.push(waiter);
        self.reconcile(channel)
    }

    pub(super) fn leave(&mut self, channel: &ChannelName) -> Option<Ask> {
        let member = self.all.get_mut(channel)?;
        member.wanted = false;
        tell(member, &Err(JoinError::Left));
        self.reconcile(channel)
    }

    /// What `:connect` says of channels.
    pub(super) fn request(&mut self, positions: &Positions) -> BTreeMap<String, Join> {
        let wanted = self.all.iter_mut().filter(|(_, member)| member.wanted);
        wanted
            .map(|(channel, member)| {
                member.status = Status::Asked;
                (channel.to_string(), positions.join(channel))
            })
            .collect()
    }

    /// The server has let the client in, and has spoken of what it was asked.
    pub(super) fn opened(&mut self) -> Vec<Ask> {
        self.open = true;
        let channels: Vec<_> = self.all.keys().cloned().collect();
        let asks = channels.iter().filter_map(|channel| {
            if let Some(member) = self.all.get_mut(channel)
                && member.status == Status::Asked
            {
                // Not spoken of.
                member.status = Status::Out;
            }
            self.reconcile(channel)
        });
        asks.collect()
    }

    /// The server says that this connection is in.
    pub(super) fn joined(&mut self, channel: &ChannelName, result: &JoinResult) -> Option<Ask> {
        // These two are everybody's, and nobody joins or leaves them.
        if channel.is_reserved() {
            return None;
        }
        let member = self.get(channel);
        if member.status == Status::Out {
            member.wanted = true;
        }
        member.status = Status::In;
        member.result = result.clone();
        tell(member, &Ok(result.clone()));
        self.reconcile(channel)
    }

    /// The server says that this connection is not in, and why.
    pub(super) fn closed(&mut self, channel: &ChannelName, reason: &WireError) {
        if let Some(mut member) = self.all.remove(channel) {
            let refused = JoinError::Refused(Box::new(reason.clone()));
            tell(&mut member, &Err(refused));
        }
    }

    /// Whether the server has said on this connection that it is in.
    pub(super) fn is_in(&self, channel: &ChannelName) -> bool {
        self.all
            .get(channel)
            .is_some_and(|member| member.status == Status::In)
    }

    /// Whether an answer to `:join` is still waited for: the channel may have been lost or left, or
    /// the connection with it.
    pub(super) fn is_asked(&self, channel: &ChannelName) -> bool {
        self.all
            .get(channel)
            .is_some_and(|member| member.status == Status::Asked)
    }

    /// The connection is gone; the wishes stay.
    pub(super) fn broken(&mut self) {
        self.open = false;
        self.all.retain(|_, member| member.wanted);
        for member in self.all.values_mut() {
            member.status = Status::Out;
        }
    }

    /// No connection will come: what is waited for will not happen.
    pub(super) fn end(&mut self) {
        for member in self.all.values_mut() {
            tell(member, &Err(JoinError::Disconnected));
        }
        self.all.clear();
    }

    fn get(&mut self, channel: &ChannelName) -> &mut Member {
        self.all.entry(channel.clone()).or_insert_with(|| Member {
            wanted: false,
            status: Status::Out,
            result: JoinResult::default(),
            waiters: Vec::new(),
        })
    }

    /// What to ask for where wish and fact differ. An answer that is still to come is waited for.
    fn reconcile(&mut self, channel: &ChannelName) -> Option<Ask> {
        let member = self.all.get_mut(channel)?;
        match (member.wanted, member.status) {
            (_, Status::Asked) | (true, Status::In) => None,
            (true, Status::Out) if self.open => {
                member.status = Status::Asked;
                Some(Ask::Join(channel.clone()))
            }
            (true, Status::Out) => None,
            (false, status) => {
                self.all.remove(channel);
                (self.open && status == Status::In).then(|| Ask::Leave(channel.clone()))
            }
        }
    }
}

fn tell(member: &mut Member, outcome: &Result<JoinResult, JoinError>) {
    for waiter in member.waiters.drain(..) {
        // Who asked may have gone.
        let _ = waiter.send(outcome.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_outlive_connections_and_cross_with_answers() {
        let room: ChannelName = "room".parse().unwrap();
        let ask = || oneshot::channel().0;
        let mut all = Memberships::default();
        assert_eq!(all.join(&room, ask()), None);
        assert!(all.request(&Positions::default()).contains_key("room"));
        // Asked for between `:connect` and its reply: sent after it.
        let late: ChannelName = "late".parse().unwrap();
        assert_eq!(all.join(&late, ask()), None);
        all.joined(&room, &JoinResult::default());
        assert_eq!(all.opened(), [Ask::Join(late.clone())]);
        // Left before the answer: left again once it is there, and not before.
        assert_eq!(all.leave(&late), None);
        let left = all.joined(&late, &JoinResult::default());
        assert_eq!(left, Some(Ask::Leave(late)));
        // Asked and the connection breaks: a new wish is a wish for the next.
        all.broken();
        assert_eq!(all.request(&Positions::default()).len(), 1);
        // What the server did counts like a wish.
        all.joined(&"other".parse().unwrap(), &JoinResult::default());
        all.broken();
        assert_eq!(all.request(&Positions::default()).len(), 2);
        all.closed(
            &room,
            &WireError::new(socket_protocol::ErrorCode::NotJoined, ""),
        );
        all.broken();
        assert_eq!(all.request(&Positions::default()).len(), 1);
    }
}
