//! What can be seen of this node from outside.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use socket_protocol::system::Recovery;

use super::Hub;
use crate::broker::Address;
use crate::connection::count;
use crate::service::status::{ChannelInfo, Recoveries, Statistics, Traffic};

/// How often which recovery was told.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    fresh: AtomicU64,
    complete: AtomicU64,
    gap: AtomicU64,
    none: AtomicU64,
    pub(super) lost: AtomicU64,
}

impl Tally {
    pub(super) fn count(&self, recovery: Recovery) {
        let counter = match recovery {
            Recovery::Fresh => &self.fresh,
            Recovery::Complete => &self.complete,
            Recovery::Gap => &self.gap,
            Recovery::None => &self.none,
        };
        count(counter, 1);
    }

    pub(crate) fn read(&self) -> Recoveries {
        Recoveries {
            fresh: self.fresh.load(Relaxed),
            complete: self.complete.load(Relaxed),
            gap: self.gap.load(Relaxed),
            none: self.none.load(Relaxed),
            lost: self.lost.load(Relaxed),
        }
    }
}

impl Hub {
    /// How many channels and users there are.
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
                    published: Traffic {
                        messages: group.published_messages.load(Relaxed),
                        bytes: group.published_bytes.load(Relaxed),
                    },
                    delivered: group.delivered.load(Relaxed),
                })
            })
            .collect();
        channels.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        channels
    }

    /// All traffic, of connections that have ended too.
    pub(crate) fn statistics(&self) -> Statistics {
        let mut all = *self.ended.lock();
        for peer in self.peers() {
            all += peer.statistics();
        }
        all
    }
}
