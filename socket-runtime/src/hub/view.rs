//! The view of this node from outside.

use super::Hub;
use crate::broker::Address;
use crate::stats::{ChannelInfo, Statistics};

impl Hub {
    /// The numbers of channels and users.
    pub(crate) fn count_groups(&self) -> (usize, usize) {
        let (mut channels, mut users) = (0, 0);
        for shard in &self.groups {
            let shard = shard.lock();
            channels += shard
                .keys()
                .filter(|at| matches!(at, Address::Channel(_)))
                .count();
            users += shard
                .keys()
                .filter(|at| matches!(at, Address::User(_)))
                .count();
        }
        (channels, users)
    }

    /// Every channel that has members, by name.
    pub(crate) fn channels(&self) -> Vec<ChannelInfo> {
        let groups: Vec<_> = self
            .groups
            .iter()
            .flat_map(|shard| shard.lock().values().cloned().collect::<Vec<_>>())
            .collect();
        let mut channels: Vec<_> = groups
            .iter()
            .filter_map(|group| {
                let Address::Channel(name) = &group.address else {
                    return None;
                };
                let members = group.roster.lock().len();
                (members > 0).then(|| ChannelInfo {
                    name: name.clone(),
                    members,
                    since: group.since,
                    published: group.counters.published.read(),
                    delivered: group.counters.delivered.read(),
                })
            })
            .collect();
        channels.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        channels
    }

    /// All traffic, including connections that have ended.
    pub(crate) fn statistics(&self) -> Statistics {
        let mut all = *self.ended.lock();
        for handle in self.handles() {
            all += handle.statistics();
        }
        all
    }
}
