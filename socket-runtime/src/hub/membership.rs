//! Entering and leaving: by whom a group is made, and dropped when its last member has left.

use std::sync::Arc;

use socket_protocol::system::{self, Closed, JoinResult, UserInfo, name};
use socket_protocol::{ChannelName, ErrorCode, WireError};
use tokio::runtime;

use super::catch_up::{Since, tell_gap};
use super::group::{Entered, Entry, Group, Limits, Subscribed};
use super::handle::Handle;
use super::roster::Roster;
use super::{EnterError, Hub};
use crate::broker::Address;
use crate::error::ChannelError;
use crate::shown::shown;

impl Entered {
    /// The answer to a join, with at most so many of the members.
    pub(crate) fn join_result(&self, roster: &Roster, members: Option<usize>) -> JoinResult {
        JoinResult {
            members: members.map(|limit| roster.members(None, limit)),
            ..self.recovered.join_result()
        }
    }
}

impl Hub {
    /// Removes a connection from everything it is in, and forgets it.
    pub(crate) async fn remove(&self, handle: &Arc<Handle>) {
        let places: Vec<Address> = {
            let mut memberships = handle.memberships().lock();
            memberships.open = false;
            memberships.places.keys().cloned().collect()
        };
        for address in &places {
            self.leave(handle, address, || {}).await;
        }
        if self
            .shard(&self.handles, &handle.id())
            .lock()
            .remove(&handle.id())
            .is_some()
        {
            *self.ended.lock() += handle.statistics();
        }
    }

    /// Takes a connection out of what every connection of its user is in, and out of what all are in.
    pub(crate) async fn leave_shared(&self, handle: &Handle) {
        let places: Vec<Address> = handle.memberships().lock().places.keys().cloned().collect();
        for address in &places {
            if !matches!(address, Address::Channel(_)) {
                self.leave(handle, address, || {}).await;
            }
        }
    }

    /// Takes a connection out of all of its channels.
    pub(crate) async fn leave_channels(&self, handle: &Handle) {
        for channel in handle.channels() {
            self.leave(handle, &Address::Channel(channel), || {}).await;
        }
    }

    /// Makes the connection a member; `entered` is called in the same step. Returns whether it was
    /// not a member before.
    pub(crate) async fn enter(
        self: &Arc<Self>,
        handle: &Arc<Handle>,
        address: &Address,
        since: Option<system::Position>,
        mut entered: impl FnMut(&Roster, &Entered) + Send,
    ) -> Result<bool, EnterError> {
        {
            // Before the group is made and the broker asked for it.
            let memberships = handle.memberships().lock();
            if memberships.is_full(address) {
                return Err(EnterError::TooMany(memberships.max_channels));
            }
        }
        let since = self.ask(address, since).await?;
        let since = since.as_ref();
        let limits = self.limits(address);
        let mut entered = |roster: &Roster, how: &Entered| {
            if matches!(address, Address::Channel(_)) {
                self.recoveries.count(how.recovered.recovery);
            }
            entered(roster, how);
        };
        loop {
            let group = self.find_or_make(address);
            let entry = match group.enter(handle, false, since, limits, &mut entered) {
                Entry::Empty => {
                    let entered = &mut entered;
                    self.enter_first(handle, &group, since, entered).await?
                }
                entry => entry,
            };
            match entry {
                Entry::Member(changed) => {
                    if changed {
                        self.announce(&group).await;
                    }
                    return Ok(changed);
                }
                Entry::Closed => {
                    self.vacate(&group).await;
                    return Err(EnterError::Closed);
                }
                Entry::Full(limit) => {
                    self.vacate(&group).await;
                    return Err(EnterError::TooMany(limit));
                }
                Entry::Gone | Entry::Empty => {}
            }
        }
    }

    /// The same for a group that the broker may not deliver to yet.
    async fn enter_first(
        self: &Arc<Self>,
        handle: &Arc<Handle>,
        group: &Arc<Group>,
        since: Option<&Since>,
        entered: &mut (dyn FnMut(&Roster, &Entered) + Send),
    ) -> Result<Entry, EnterError> {
        // The caller may be dropped while the broker is asked.
        let abandoned = Abandoned::new(self, group);
        let mut subscribed = group.subscribed.lock().await;
        if *subscribed != Subscribed::Yes && !group.roster.lock().gone {
            *subscribed = Subscribed::Perhaps;
            match self.broker.subscribe(&group.address, group.keep).await {
                Ok(position) => group.roster.lock().stand_at(position),
                Err(error) => {
                    drop(subscribed);
                    self.vacate(group).await;
                    abandoned.disarm();
                    return Err(EnterError::Broker(error));
                }
            }
            *subscribed = Subscribed::Yes;
        }
        let entry = group.enter(handle, true, since, self.limits(&group.address), entered);
        abandoned.disarm();
        Ok(entry)
    }

    /// Ends a membership; `left` is called in the same step. `false` if there was none.
    pub(crate) async fn leave(
        &self,
        handle: &Handle,
        address: &Address,
        mut left: impl FnMut() + Send,
    ) -> bool {
        while let Some(group) = self.find(address) {
            match group.exit(handle, self.announces(address), &mut left) {
                Some(true) => {
                    self.announce(&group).await;
                    self.vacate(&group).await;
                    return true;
                }
                Some(false) => return false,
                None => {}
            }
        }
        false
    }

    /// Changes the connection's user: it receives what is sent to the new one, has left the channels
    /// that refuse that one, and is counted for it wherever else it is a member. An error has changed
    /// nothing.
    pub(crate) async fn rekey(
        self: &Arc<Self>,
        handle: &Arc<Handle>,
        user: Option<Arc<UserInfo>>,
        refused: Vec<(ChannelName, WireError)>,
    ) -> Result<(), EnterError> {
        let address = |user: &UserInfo| Address::User(user.id.as_str().into());
        let old = handle.user().as_deref().map(address);
        let new = user.as_deref().map(address);
        if old != new
            && let Some(new) = &new
        {
            self.enter(handle, new, None, |_, entered| {
                // Another user's history begins for it.
                if let Some(position) = &entered.recovered.position {
                    tell_gap(handle, new, position);
                }
            })
            .await?;
        }
        for (channel, reason) in refused {
            self.take_out(handle, &channel, reason).await;
        }
        *handle.user.lock() = user;
        if old != new
            && let Some(old) = &old
        {
            self.leave(handle, old, || {}).await;
        }
        let places: Vec<Address> = handle.memberships().lock().places.keys().cloned().collect();
        for address in &places {
            if let Some(group) = self.find(address) {
                group.rekey(handle, self.announces(address));
                self.announce(&group).await;
            }
        }
        Ok(())
    }

    /// Puts a connection into a channel because the program wants it there, and tells the client,
    /// before the channel's first event. `false`: it was there already.
    pub(crate) async fn put(
        self: &Arc<Self>,
        handle: &Arc<Handle>,
        channel: &ChannelName,
    ) -> Result<bool, ChannelError> {
        let address = Address::Channel(channel.clone());
        self.enter(handle, &address, None, |roster, entered| {
            if entered.new {
                handle.tell(channel, name::JOINED, &entered.join_result(roster, None));
            }
        })
        .await
        .map_err(|error| match error {
            EnterError::Closed => ChannelError::NoConnection(handle.id()),
            EnterError::TooMany(limit) => ChannelError::TooMany { limit },
            EnterError::Broker(error) => error.into(),
        })
    }

    /// Takes a connection out of a channel, and tells the client why. `false`: it was not there.
    pub(crate) async fn take_out(
        &self,
        handle: &Arc<Handle>,
        channel: &ChannelName,
        reason: WireError,
    ) -> bool {
        let address = Address::Channel(channel.clone());
        let closed = Closed { reason };
        self.leave(handle, &address, || {
            handle.tell(channel, name::CLOSED, &closed)
        })
        .await
    }

    /// The same without a reason of the program's.
    pub(crate) async fn put_out(&self, handle: &Arc<Handle>, channel: &ChannelName) -> bool {
        let reason = WireError::new(ErrorCode::NotJoined, "the server took the connection out");
        self.take_out(handle, channel, reason).await
    }

    fn limits(&self, address: &Address) -> Limits {
        Limits {
            announced_members: self.announces(address),
            replay_events: self.replay_events,
        }
    }

    fn announces(&self, address: &Address) -> Option<usize> {
        matches!(address, Address::Channel(_)).then_some(self.announced_members)
    }

    /// Drops a group that nobody is in.
    async fn vacate(&self, group: &Arc<Group>) {
        if group.roster.lock().len() > 0 {
            return;
        }
        let mut subscribed = group.subscribed.lock().await;
        {
            let roster = group.roster.lock();
            if roster.len() > 0 || roster.gone {
                return;
            }
        }
        // Nobody can have entered since: the first one to enter waits for `subscribed`.
        if *subscribed != Subscribed::No {
            if let Err(error) = self.broker.unsubscribe(&group.address).await {
                tracing::warn!(%error, address = %shown(&group.address), "unsubscribing failed");
            }
            *subscribed = Subscribed::No;
        }
        group.roster.lock().gone = true;
        self.shard(&self.groups, &group.address)
            .lock()
            .remove(&group.address);
    }
}

/// Vacates a group if the task of its first member is dropped on the way.
struct Abandoned {
    hub: Arc<Hub>,
    group: Option<Arc<Group>>,
}

impl Abandoned {
    fn new(hub: &Arc<Hub>, group: &Arc<Group>) -> Self {
        Self {
            hub: hub.clone(),
            group: Some(group.clone()),
        }
    }

    fn disarm(mut self) {
        self.group = None;
    }
}

impl Drop for Abandoned {
    fn drop(&mut self) {
        // Without a runtime the process is ending, and the group with it.
        if let (Some(group), Ok(runtime)) = (self.group.take(), runtime::Handle::try_current()) {
            let hub = self.hub.clone();
            runtime.spawn(async move { hub.vacate(&group).await });
        }
    }
}
