//! Reads what the connection has missed, as its socket takes it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use crate::hub::Handle;
use crate::hub::Hub;

/// A replay that is going on, where one is: a connection that missed nothing holds none.
#[derive(Default)]
pub(super) struct Replay(Option<Pin<Box<dyn Future<Output = ()> + Send>>>);

impl Replay {
    /// Goes on; it never ends, since more can be missed at any time.
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        hub: &Arc<Hub>,
        handle: &Arc<Handle>,
    ) -> Poll<()> {
        loop {
            if self.0.is_none() {
                ready!(handle.replays.poll_any(cx));
            }
            let (hub, handle) = (hub.clone(), handle.clone());
            let replay = self
                .0
                .get_or_insert_with(|| Box::pin(async move { hub.replay(&handle).await }));
            ready!(replay.as_mut().poll(cx));
            self.0 = None;
        }
    }
}
