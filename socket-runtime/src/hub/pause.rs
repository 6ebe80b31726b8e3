//! The memberships of a connection while it is decided whose they are: nothing of them passes.

use std::sync::Arc;

use socket_protocol::ChannelName;

use super::Hub;
use super::handle::Handle;
use crate::broker::Address;

/// What passes to a connection stands still; when this is dropped it goes on, wherever the connection
/// is still a member.
pub(crate) struct Paused {
    hub: Arc<Hub>,
    handle: Arc<Handle>,
    places: Vec<Address>,
}

impl Hub {
    /// Pauses what passes to a connection.
    pub(crate) fn pause(self: &Arc<Self>, handle: &Arc<Handle>) -> Paused {
        Paused {
            hub: self.clone(),
            handle: handle.clone(),
            places: Vec::new(),
        }
    }
}

impl Paused {
    /// Pauses what the connection has come into since the last call, and says which channels that are.
    pub(crate) fn more(&mut self) -> Vec<ChannelName> {
        let places: Vec<Address> = {
            let memberships = self.handle.memberships().lock();
            let new = |place: &&Address| **place != Address::All && !self.places.contains(place);
            memberships.places.keys().filter(new).cloned().collect()
        };
        let mut channels = Vec::new();
        for place in places {
            if let Some(group) = self.hub.find(&place) {
                group.pause(&self.handle);
            }
            if let Address::Channel(channel) = &place {
                channels.push(channel.clone());
            }
            self.places.push(place);
        }
        channels
    }
}

impl Drop for Paused {
    fn drop(&mut self) {
        for place in &self.places {
            if let Some(group) = self.hub.find(place) {
                group.resume(&self.handle);
            }
        }
    }
}
