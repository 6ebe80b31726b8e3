//! A streaming call: its items as they arrive, then its reply.

use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::Stream;
use socket_protocol::definition::Command;
use socket_protocol::{IntPolicy, Protocol};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::client::calls::CallKey;
use crate::client::calls::feed::Feed;
use crate::client::error::CallError;
use crate::client::shared::Shared;

/// The next item, or the error that ends the call; `None` once the call is answered.
type NextItem<I, E> = Option<Result<I, CallError<E>>>;

/// The items of a streaming call, in order, then its reply; from
/// [`Call::items`](crate::client::Call::items). It is a [`Stream`] too.
///
/// If the connection is lost, the stream ends with [`CallError::Disconnected`]: it is not sent
/// again, because it is unknown how many items the server sent. A stream that is read too slowly
/// ends with [`CallError::Unread`].
///
/// # Cancel safety
/// Dropping it cancels the call: the client sends `:cancel`, and the server drops the handler.
#[derive(Debug)]
#[must_use = "dropping the items cancels the call"]
pub struct Items<P: Protocol, C: Command<P::Commands>> {
    shared: Arc<Shared>,
    feed: Arc<Feed>,
    key: Option<CallKey>,
    timeout: Option<Pin<Box<Sleep>>>,
    reply: Option<Result<C::Reply, CallError<C::Error>>>,
    call: PhantomData<fn() -> (P, C)>,
}

impl<P: Protocol, C: Command<P::Commands>> Items<P, C> {
    pub(super) fn new(
        shared: Arc<Shared>,
        feed: Arc<Feed>,
        key: CallKey,
        timeout: Option<Duration>,
    ) -> Self {
        let until = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        Self {
            shared,
            feed,
            key: Some(key),
            timeout: until.map(|until| Box::pin(sleep_until(until))),
            reply: None,
            call: PhantomData,
        }
    }

    /// The next item; `None` once the call is answered, and [`Self::reply`] returns the answer.
    ///
    /// # Errors
    /// The [`CallError`] that ends the call. [`CallError::Reply`] if an item does not fit its type.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Result<C::Item, CallError<C::Error>>> {
        poll_fn(|cx| self.poll(cx)).await
    }

    /// The call's reply. Unread items are dropped as they arrive.
    ///
    /// # Errors
    /// [`CallError`]; [`CallError::Disconnected`] if [`Self::next`] has already returned the error.
    pub async fn reply(mut self) -> Result<C::Reply, CallError<C::Error>> {
        while let Some(item) = self.next().await {
            item?;
        }
        self.reply
            .take()
            .unwrap_or(Err(CallError::Disconnected { sent: true }))
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<NextItem<C::Item, C::Error>> {
        if self.key.is_none() {
            return Poll::Ready(None);
        }
        let taken = self.feed.take().or_else(|| {
            self.feed.wake(cx);
            self.feed.take()
        });
        let int = IntPolicy::of::<P>();
        let outcome = match taken {
            Some(Ok(item)) => {
                let item = int
                    .within(|| C::decode_item(Some(&item)))
                    .map_err(CallError::Reply);
                return Poll::Ready(Some(item));
            }
            Some(Err(outcome)) => outcome.map_err(CallError::from),
            None if self.is_late(cx) => {
                // The server enforces the timeout by itself.
                if let Some(key) = self.key {
                    self.shared.abandon(key, false);
                }
                Err(CallError::Timeout)
            }
            None => return Poll::Pending,
        };
        self.key = None;
        match outcome {
            Ok(param) => {
                let reply = int
                    .within(|| C::decode_reply(param.as_deref()))
                    .map_err(CallError::Reply);
                self.reply = Some(reply);
                Poll::Ready(None)
            }
            Err(error) => Poll::Ready(Some(Err(error.declared::<P, C>()))),
        }
    }

    fn is_late(&mut self, cx: &mut Context<'_>) -> bool {
        self.timeout
            .as_mut()
            .is_some_and(|timeout| timeout.as_mut().poll(cx).is_ready())
    }
}

impl<P: Protocol, C: Command<P::Commands>> Stream for Items<P, C>
where
    C::Reply: Unpin,
    C::Error: Unpin,
{
    type Item = Result<C::Item, CallError<C::Error>>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll(cx)
    }
}

impl<P: Protocol, C: Command<P::Commands>> Drop for Items<P, C> {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.shared.abandon(key, true);
        }
    }
}
