//! Reading for those who are behind, one page at a time.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::task::AtomicWaker;
use parking_lot::Mutex;

use super::Hub;
use super::group::Group;
use super::history::tell_gap;
use crate::broker::{BrokerError, PageSize, Range};
use crate::connection::Peer;

/// How long a replay waits when the broker is out of reach.
const RETRY: Duration = Duration::from_secs(1);

/// The groups in which a connection is behind, in the order in which they are read for it.
#[derive(Debug, Default)]
pub(crate) struct Replays {
    groups: Mutex<VecDeque<Arc<Group>>>,
    waker: AtomicWaker,
}

impl Replays {
    pub(super) fn add(&self, group: Arc<Group>) {
        self.groups.lock().push_back(group);
        self.waker.wake();
    }

    fn next(&self) -> Option<Arc<Group>> {
        let mut groups = self.groups.lock();
        let group = groups.pop_front();
        if groups.is_empty() {
            // A connection that is behind nowhere keeps no room for it.
            *groups = VecDeque::new();
        }
        group
    }

    /// Ready when there is something to read.
    pub(crate) fn poll_any(&self, cx: &Context<'_>) -> Poll<()> {
        self.waker.register(cx.waker());
        match self.groups.lock().is_empty() {
            true => Poll::Pending,
            false => Poll::Ready(()),
        }
    }
}

impl Hub {
    /// Reads for a connection until it is behind nowhere. Each page waits until the connection has
    /// taken enough of what is queued for it, and each channel has its turn.
    ///
    /// # Cancel safety
    /// Where the future is dropped the connection stays behind in what it has not read.
    pub(crate) async fn replay(&self, peer: &Arc<Peer>) {
        while let Some(group) = peer.replays.next() {
            let bytes = peer.queue.room(self.replay_bytes).await;
            match self.replay_page(peer, &group, bytes).await {
                Ok(true) => peer.replays.add(group),
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(%error, address = %group.address, "a replay waits");
                    peer.replays.add(group);
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
    }

    /// Reads one page. `false`: the connection is not behind any more.
    async fn replay_page(
        &self,
        peer: &Arc<Peer>,
        group: &Arc<Group>,
        bytes: usize,
    ) -> Result<bool, BrokerError> {
        let Some(keep) = group.keep else {
            return Ok(false);
        };
        let (place, epoch, after, to) = {
            let mut roster = group.roster.lock();
            let to = roster.position.as_ref().map_or(0, |position| position.at);
            let Some((place, seat)) = roster.seat(group, peer) else {
                return Ok(false);
            };
            let Some(behind) = &seat.behind else {
                return Ok(false);
            };
            let (epoch, after) = (behind.epoch.clone(), behind.after);
            if after >= to {
                seat.go_live();
                return Ok(false);
            }
            (place, epoch, after, to)
        };
        let range = Range::After { at: after, to };
        let size = PageSize {
            events: usize::try_from(keep.events).unwrap_or(usize::MAX),
            bytes,
        };
        let page = self
            .broker
            .history(&group.address, keep, range, size)
            .await?;
        let mut roster = group.roster.lock();
        let Some(position) = roster.position.clone() else {
            return Ok(false);
        };
        let Some((same_place, seat)) = roster.seat(group, peer) else {
            return Ok(false);
        };
        let Some(behind) = &mut seat.behind else {
            return Ok(false);
        };
        if (same_place, &behind.epoch, behind.after) != (place, &epoch, after) {
            // It left and came back meanwhile, or was set back: that is another replay.
            return Ok(true);
        }
        if page.position.epoch != epoch || !behind.replay(&page.events, peer) {
            tell_gap(peer, &group.address, &position);
            self.recoveries.lost.one();
            seat.go_live();
            return Ok(false);
        }
        if behind.after >= position.at {
            seat.go_live();
            return Ok(false);
        }
        Ok(true)
    }
}
