//! Replays: reads history for members that are behind, one page at a time.

use std::sync::Arc;
use std::time::Duration;

use super::Hub;
use super::catch_up::tell_gap;
use super::group::Group;
use super::handle::Handle;
use crate::broker::{BrokerError, PageSize, Range};
use crate::shown::shown;

/// How long a replay waits if the broker cannot be reached.
const RETRY: Duration = Duration::from_secs(1);

impl Hub {
    /// Reads for a connection until it is behind nowhere. Each page waits until the connection has
    /// taken enough of what is queued for it, and each channel has its turn.
    ///
    /// # Cancel safety
    /// If the future is dropped, the connection stays behind in what it has not read.
    pub(crate) async fn replay(&self, handle: &Arc<Handle>) {
        while let Some(address) = handle.replays.next() {
            let bytes = handle.queue.room(self.replay_bytes).await;
            let Some(group) = self.find(&address) else {
                // The connection was its last member, and has left.
                continue;
            };
            match self.replay_page(handle, &group, bytes).await {
                Ok(true) => handle.replays.add(address),
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(%error, address = %shown(&address), "a replay waits until the broker can be reached");
                    handle.replays.add(address);
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
    }

    /// Reads one page. `false` if the connection is no longer behind.
    async fn replay_page(
        &self,
        handle: &Arc<Handle>,
        group: &Group,
        bytes: usize,
    ) -> Result<bool, BrokerError> {
        let Some(keep) = group.keep else {
            return Ok(false);
        };
        let (place, epoch, after, to) = {
            let mut roster = group.roster.lock();
            let to = roster.position.as_ref().map_or(0, |position| position.at);
            let Some((place, seat)) = roster.seat(&group.address, handle) else {
                return Ok(false);
            };
            let Some(behind) = seat.behind.as_ref().filter(|behind| !behind.paused) else {
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
        let Some((same_place, seat)) = roster.seat(&group.address, handle) else {
            return Ok(false);
        };
        let Some(behind) = seat.behind.as_mut().filter(|behind| !behind.paused) else {
            return Ok(false);
        };
        if (same_place, &behind.epoch, behind.after) != (place, &epoch, after) {
            // It left and came back meanwhile, or was set back: that is another replay.
            return Ok(true);
        }
        if page.position.epoch != epoch || !behind.replay(&page.events, handle) {
            tell_gap(handle, &group.address, &position);
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
