//! One call, from the moment it is awaited until its answer.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde_json::value::RawValue;
use socket_protocol::definition::{Command, Commands};
use socket_protocol::envelope::EncodeError;
use socket_protocol::{ChannelName, IntPolicy, InvalidChannelName, Protocol};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use super::items::Items;
use crate::client::calls::feed::Feed;
use crate::client::calls::{Again, CallKey, NewCall, Waiter};
use crate::client::error::CallError;
use crate::client::shared::Shared;

/// A command that is answered, not sent yet; from [`Client::call`](crate::client::Client::call) and
/// [`Channel::call`](crate::client::Channel::call). Awaiting it sends it and gives the reply.
///
/// # Cancel safety
/// Dropping the future cancels the call. A call that is still queued is not sent; for a call that
/// was sent, the client sends `:cancel` and the server drops the handler.
#[must_use = "a call does nothing unless you `.await` it"]
#[derive(Debug)]
pub struct Call<'c, P, C> {
    shared: &'c Arc<Shared>,
    channel: Result<Option<ChannelName>, InvalidChannelName>,
    command: C,
    timeout: Option<Duration>,
    protocol: std::marker::PhantomData<fn() -> P>,
}

impl<'c, P, C> Call<'c, P, C> {
    pub(super) const fn new(
        shared: &'c Arc<Shared>,
        channel: Result<Option<ChannelName>, InvalidChannelName>,
        command: C,
    ) -> Self {
        Self {
            timeout: None,
            shared,
            channel,
            command,
            protocol: std::marker::PhantomData,
        }
    }

    /// How long to wait for the answer, time in the queue included. The server is told, and drops
    /// its handler then. Default: [`Options::call_timeout`](crate::client::Options::call_timeout); none for
    /// [`items`](Self::items).
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }
}

impl<P: Protocol, C: Command<P::Commands>> Call<'_, P, C> {
    /// Sends the command and returns the items that come before its reply. For commands that
    /// declare `stream = Type`.
    ///
    /// ```no_run
    /// # use socket_runtime::client::{CallError, Client};
    /// # use socket_runtime::prelude::*;
    /// # #[payload] pub struct LogLine { text: String }
    /// # #[derive(Debug, Events)] pub enum LogEvent { Rotated }
    /// # #[derive(Channels)] pub enum LogChannel { #[channel("logs")] Logs }
    /// # #[derive(Protocol)]
    /// # #[protocol(name = "log", commands = LogCommand, events = LogEvent, channels = LogChannel)]
    /// # pub struct Log;
    /// #[derive(Commands)]
    /// pub enum LogCommand {
    ///     /// Every line of a log, then how many there were.
    ///     #[command(stream = LogLine, reply = u32)]
    ///     Tail { file: String },
    /// }
    ///
    /// # async fn run(client: Client<Log>) -> Result<(), CallError> {
    /// let mut lines = client.call(log_command::Tail { file: "a".to_owned() }).items()?;
    /// while let Some(line) = lines.next().await {
    ///     println!("{}", line?.text);
    /// }
    /// println!("{} lines", lines.reply().await?);
    /// # Ok(())
    /// # }
    /// # fn main() {}
    /// ```
    ///
    /// # Errors
    /// [`CallError`] if the command cannot be sent. A later error ends the items.
    pub fn items(self) -> Result<Items<P, C>, CallError<C::Error>> {
        let (shared, timeout) = (self.shared.clone(), self.timeout);
        let (text, _) = self.prepare()?;
        let feed = Feed::new(shared.options.item_queue);
        let key = shared
            .call(NewCall {
                text,
                // It is unknown how many items the server sent before the break.
                again: Again::Never,
                until: timeout.and_then(|timeout| Instant::now().checked_add(timeout)),
                waiter: Waiter::Reader(feed.clone()),
            })
            .map_err(|error| CallError::from(error).declared::<P, C>())?;
        Ok(Items::new(shared, feed, key, timeout))
    }

    /// The message as text, and the breaks after which it may be sent again.
    fn prepare(self) -> Result<(String, Again), CallError<C::Error>> {
        let channel = self.channel.map_err(CallError::Channel)?;
        let command = self.command.into_command();
        let again = if P::Commands::COMMANDS[command.index()].idempotent {
            Again::Always
        } else {
            Again::Resumed
        };
        let text = encode::<P>(command, channel.as_ref()).map_err(CallError::Encode)?;
        Ok((text, again))
    }
}

impl<'c, P, C> IntoFuture for Call<'c, P, C>
where
    P: Protocol,
    C: Command<P::Commands>,
    C::Reply: Send,
    C::Error: Send,
{
    type Output = Result<C::Reply, CallError<C::Error>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'c>>;

    /// # Errors
    /// [`CallError`]; each variant says what the caller can do.
    fn into_future(self) -> Self::IntoFuture {
        let shared = self.shared;
        let timeout = self.timeout.unwrap_or(shared.options.call_timeout);
        let prepared = self.prepare();
        Box::pin(async move {
            let (text, again) = prepared?;
            let param = answer(shared, text, again, timeout)
                .await
                .map_err(CallError::declared::<P, C>)?;
            IntPolicy::of::<P>()
                .within(|| C::decode_reply(param.as_deref()))
                .map_err(CallError::Reply)
        })
    }
}

/// Makes the call and waits for its answer.
pub(super) async fn answer(
    shared: &Shared,
    text: String,
    again: Again,
    timeout: Duration,
) -> Result<Option<Box<RawValue>>, CallError> {
    let until = Instant::now() + timeout;
    let (tx, rx) = oneshot::channel();
    let key = shared
        .call(NewCall {
            text,
            again,
            until: Some(until),
            waiter: Waiter::Caller(tx),
        })
        .map_err(CallError::from)?;
    let mut waited = Waited {
        shared,
        key: Some(key),
    };
    let outcome = timeout_at(until, rx).await;
    waited.key = None;
    match outcome {
        Ok(Ok(Ok(param))) => Ok(param),
        Ok(Ok(Err(failure))) => Err(failure.into()),
        // The task ended with its runtime.
        Ok(Err(_)) => Err(CallError::Disconnected { sent: true }),
        Err(_) => {
            // The server enforces the timeout by itself.
            shared.abandon(key, false);
            Err(CallError::Timeout)
        }
    }
}

/// Cancels the call if it is dropped before its answer.
struct Waited<'c> {
    shared: &'c Shared,
    key: Option<CallKey>,
}

impl Drop for Waited<'_> {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.shared.abandon(key, true);
        }
    }
}

/// A command as text, without the fields that are known only when it is sent.
pub(super) fn encode<P: Protocol>(
    command: P::Commands,
    channel: Option<&ChannelName>,
) -> Result<String, EncodeError> {
    let message = IntPolicy::of::<P>().within(|| command.encode(None, channel))?;
    Ok(String::from_utf8_lossy(message.text()).into_owned())
}
