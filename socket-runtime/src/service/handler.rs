//! The program's handler, behind one pointer, so that a service's type does not name it.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use socket_protocol::definition::{Commands, Decide, Handle};
use socket_protocol::envelope::MessageBuf;
use socket_protocol::{Caller, Protocol, WireError};
use tracing::{Instrument as _, Span};

use super::context::Context;
use crate::error::internal;
use crate::watchdog::Watch;

pub(crate) type AnswerFuture<T> = Pin<Box<dyn Future<Output = Result<T, WireError>> + Send>>;

pub(crate) trait Runner<P: Protocol, U>: Send + Sync {
    /// Runs a command's method.
    fn handle(
        self: Arc<Self>,
        command: P::Commands,
        cx: Context<P, U>,
        caller: Caller,
        span: Span,
    ) -> AnswerFuture<Option<MessageBuf>>;

    /// Asks the policy whether the connection may join the channel.
    fn may_join(self: Arc<Self>, channel: P::Channels, cx: Context<P, U>) -> AnswerFuture<()>;
}

pub(crate) struct Erased<H>(pub(crate) H);

impl<P, U, H> Runner<P, U> for Erased<H>
where
    P: Protocol,
    P::Commands: Handle<H, Context<P, U>>,
    P::Channels: Decide<H, Context<P, U>>,
    U: Send + Sync + 'static,
    H: Send + Sync + 'static,
{
    fn handle(
        self: Arc<Self>,
        command: P::Commands,
        cx: Context<P, U>,
        caller: Caller,
        span: Span,
    ) -> AnswerFuture<Option<MessageBuf>> {
        let cmd = P::Commands::COMMANDS[command.index()].name;
        let answer = async move {
            let code = pin!(command.handle(&self.0, cx, caller));
            guarded(cmd, code).await?
        };
        Box::pin(answer.instrument(span))
    }

    fn may_join(self: Arc<Self>, channel: P::Channels, cx: Context<P, U>) -> AnswerFuture<()> {
        Box::pin(async move {
            let code = pin!(channel.may_join(&self.0, &cx));
            guarded("a join decision", code).await?
        })
    }
}

/// The same for code that does not wait: the program's own decoding and parsing.
pub(crate) fn guard<T>(code: impl FnOnce() -> T) -> Result<T, WireError> {
    let _watch = Watch::begin();
    catch_unwind(AssertUnwindSafe(code))
        .map_err(|panic| internal(&format_args!("panicked: {}", text_of(&*panic))))
}

/// The time after which code that blocks its thread is logged: everything else on that thread stood
/// still meanwhile.
const BLOCKED: Duration = Duration::from_millis(100);

/// Runs the program's code: a panic becomes `internal`, and blocking the thread for long is logged.
/// The caller pins the future: a future that was handed another one would hold it twice.
pub(crate) async fn guarded<T>(
    what: &'static str,
    mut code: Pin<&mut impl Future<Output = T>>,
) -> Result<T, WireError> {
    let watched = poll_fn(move |cx| {
        let begun = Instant::now();
        let watch = Watch::begin();
        let polled = code.as_mut().poll(cx);
        drop(watch);
        let took = begun.elapsed();
        if took >= BLOCKED {
            tracing::warn!(
                what,
                ?took,
                "a handler blocked its thread: move blocking code to tokio::task::spawn_blocking"
            );
        }
        polled
    });
    // State that a panic leaves half done belongs to the program; it shares nothing with ours.
    AssertUnwindSafe(watched)
        .catch_unwind()
        .await
        .map_err(|panic| internal(&format_args!("panicked: {}", text_of(&*panic))))
}

fn text_of(panic: &(dyn Any + Send)) -> &str {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (_, Some(text)) => text,
        _ => "without a text message",
    }
}
