//! One call, from the moment it is awaited to its answer.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use serde_json::value::RawValue;
use socket_protocol::definition::{Command, Commands};
use socket_protocol::{ChannelName, ErrorCode, InvalidChannelName, Protocol, WireError};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use super::calls::{Again, Call as Made, CallKey, Failure, Waiter};
use super::core::Shared;
use super::encode;
use super::error::{CallError, SendError};

/// A command that is answered, not sent yet; from [`Client::call`](super::Client::call) and
/// [`Channel::call`](super::Channel::call). Awaiting it sends it and gives the reply.
///
/// # Cancel safety
/// Dropping the future gives the call up: one that waits is not sent, and of one that was sent the
/// server is told by `:cancel`, so that its handler is dropped.
#[must_use = "a call is made by `.await`"]
#[derive(Debug)]
pub struct Call<'c, P, C> {
    shared: &'c Shared,
    channel: Result<Option<ChannelName>, InvalidChannelName>,
    command: C,
    timeout: Duration,
    protocol: std::marker::PhantomData<fn() -> P>,
}

impl<'c, P, C> Call<'c, P, C> {
    pub(super) const fn new(
        shared: &'c Shared,
        channel: Result<Option<ChannelName>, InvalidChannelName>,
        command: C,
    ) -> Self {
        Self {
            timeout: shared.options.call_timeout,
            shared,
            channel,
            command,
            protocol: std::marker::PhantomData,
        }
    }

    /// How long to wait for the answer, time in the queue included. The server is told, and drops
    /// its handler then. Default: [`Options::call_timeout`](super::Options::call_timeout).
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
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
    /// [`CallError`], whose variants say what to do.
    fn into_future(self) -> Self::IntoFuture {
        let Self {
            shared,
            channel,
            command,
            timeout,
            ..
        } = self;
        let prepared = channel.map_err(CallError::Channel).and_then(|channel| {
            let command = command.into_command();
            let again = if P::Commands::COMMANDS[command.index()].idempotent {
                Again::Always
            } else {
                Again::Resumed
            };
            let text = encode(command, channel.as_ref()).map_err(CallError::Encode)?;
            Ok((text, again))
        });
        Box::pin(async move {
            let (text, again) = prepared?;
            let param = answer(shared, text, again, timeout)
                .await
                .map_err(declared::<P, C>)?;
            C::decode_reply(param.as_deref()).map_err(CallError::Reply)
        })
    }
}

/// Gives an error of the server its type, where the command declares it.
fn declared<P: Protocol, C: Command<P::Commands>>(error: CallError) -> CallError<C::Error> {
    let error = match error {
        CallError::Server(error) => *error,
        CallError::Refused { error, .. } => match error {},
        CallError::Timeout => return CallError::Timeout,
        CallError::Disconnected { sent } => return CallError::Disconnected { sent },
        CallError::QueueFull => return CallError::QueueFull,
        CallError::TooLarge { limit } => return CallError::TooLarge { limit },
        CallError::Channel(error) => return CallError::Channel(error),
        CallError::Encode(error) => return CallError::Encode(error),
        CallError::Reply(error) => return CallError::Reply(error),
    };
    if error.code == ErrorCode::Timeout.as_str() {
        return CallError::Timeout;
    }
    let message = error.message.clone();
    match C::decode_error(error) {
        Ok(error) => CallError::Refused { error, message },
        Err(error) => CallError::Server(Box::new(error)),
    }
}

/// Makes the call and waits for what answers it.
pub(super) async fn answer(
    shared: &Shared,
    text: String,
    again: Again,
    timeout: Duration,
) -> Result<Option<Box<RawValue>>, CallError> {
    let until = Instant::now() + timeout;
    let (tx, rx) = oneshot::channel();
    let key = shared
        .call(Made {
            text,
            again,
            until: Some(until),
            waiter: Waiter::Caller(tx),
        })
        .map_err(|error| match error {
            SendError::QueueFull => CallError::QueueFull,
            SendError::TooLarge { limit } => CallError::TooLarge { limit },
            SendError::Channel(error) => CallError::Channel(error),
            SendError::Encode(error) => CallError::Encode(error),
            SendError::Disconnected => CallError::Disconnected { sent: false },
        })?;
    let mut waited = Waited {
        shared,
        key: Some(key),
    };
    let outcome = timeout_at(until, rx).await;
    waited.key = None;
    match outcome {
        Ok(Ok(Ok(param))) => Ok(param),
        Ok(Ok(Err(Failure::Server(error)))) => Err(CallError::Server(Box::<WireError>::new(error))),
        Ok(Ok(Err(Failure::Disconnected { sent }))) => Err(CallError::Disconnected { sent }),
        // The task ended with its runtime.
        Ok(Err(_)) => Err(CallError::Disconnected { sent: true }),
        Err(_) => {
            // The server counts the time by itself.
            shared.abandon(key, false);
            Err(CallError::Timeout)
        }
    }
}

/// Gives the call up where it is dropped before its answer.
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
