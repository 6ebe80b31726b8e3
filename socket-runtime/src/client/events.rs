//! What the server tells, as streams.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::Stream;
use futures_util::task::AtomicWaker;
use parking_lot::Mutex;
use serde_json::value::RawValue;
use socket_protocol::definition::Events as _;
use socket_protocol::envelope::{EventEnvelope, ServerMessage};
use socket_protocol::system::{JoinResult, OnlineUpdate, name};
use socket_protocol::{ChannelName, ConnectionId, IntPolicy, InvalidParam, Protocol, WireError};

use super::channels::positions::GapReason;
use super::state::{Loss, Opened};

/// An event of the protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event<E> {
    /// What is told.
    pub event: E,
    /// Where it was published; `:user` and `:all` for what was sent to the user or to everybody.
    /// `None`: sent to this connection alone.
    pub channel: Option<ChannelName>,
    /// The connection that caused it, where one did.
    pub from: Option<ConnectionId>,
    /// Its offset in the channel's history, where one is kept.
    pub at: Option<u64>,
}

/// One item of [`Events`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Incoming<E> {
    /// An event of the protocol.
    Event(Event<E>),
    /// A member came or went.
    Online {
        /// The channel.
        channel: Option<ChannelName>,
        /// Who.
        update: OnlineUpdate,
    },
    /// This connection is in the channel: it asked, the server put it in, or it was brought back
    /// after a break. `recovery` says whether something was missed meanwhile.
    Joined {
        /// The channel.
        channel: ChannelName,
        /// What the server says of it.
        result: JoinResult,
    },
    /// This connection is not in the channel, or not any more, and the client does not ask again.
    Closed {
        /// The channel.
        channel: ChannelName,
        /// Why.
        reason: WireError,
    },
    /// Events of this channel are missing, or may be: read anew what the program shows of it. What
    /// follows is whole again.
    Gap {
        /// The channel.
        channel: ChannelName,
        /// Why.
        reason: GapReason,
    },
    /// A command that waits for no answer was refused; `data.cmd` names it.
    Error(WireError),
    /// An event that this program's protocol does not have: the server is newer.
    Unknown {
        /// Its wire name.
        cmd: String,
        /// Where it was published.
        channel: Option<ChannelName>,
        /// The connection that caused it.
        from: Option<ConnectionId>,
        /// Its parameters.
        param: Option<Box<RawValue>>,
    },
    /// An event whose parameters do not fit its type: the server speaks another version.
    Invalid {
        /// Its wire name.
        cmd: String,
        /// What does not fit.
        error: InvalidParam,
    },
    /// The server has let the client in. What follows was told on this connection.
    Opened(Opened),
    /// The connection, or an attempt at one, ended; the client comes back.
    Lost(Loss),
    /// So many items were dropped here, because this stream was not read in time.
    Missed(u64),
}

/// What came, before anybody's types are known.
#[derive(Debug)]
pub(super) enum Raw {
    Event {
        cmd: String,
        channel: Option<ChannelName>,
        from: Option<ConnectionId>,
        param: Option<Box<RawValue>>,
        at: Option<u64>,
    },
    Joined(ChannelName, JoinResult),
    Closed(ChannelName, WireError),
    Gap(ChannelName, GapReason),
    Error(WireError),
    Opened(Opened),
    Lost(Loss),
}

impl From<EventEnvelope<'_>> for Raw {
    fn from(event: EventEnvelope<'_>) -> Self {
        Self::Event {
            cmd: event.cmd.into_owned(),
            channel: event.channel,
            from: event.from,
            param: event.param.map(ToOwned::to_owned),
            at: event.at,
        }
    }
}

impl Raw {
    const fn channel(&self) -> Option<&ChannelName> {
        match self {
            Self::Event { channel, .. } => channel.as_ref(),
            Self::Joined(channel, _) | Self::Closed(channel, _) | Self::Gap(channel, _) => {
                Some(channel)
            }
            Self::Error(_) | Self::Opened(_) | Self::Lost(_) => None,
        }
    }
}

#[derive(Debug, Default)]
struct Queue {
    items: VecDeque<Told>,
    /// Dropped since the last item.
    missed: u64,
    ended: bool,
}

#[derive(Debug)]
enum Told {
    Raw(Arc<Raw>),
    Missed(u64),
}

/// The client's end of a stream.
#[derive(Debug)]
pub(super) struct Subscriber {
    /// Only what concerns this channel.
    only: Option<ChannelName>,
    bound: usize,
    queue: Mutex<Queue>,
    waker: AtomicWaker,
}

impl Subscriber {
    pub(super) fn new(only: Option<ChannelName>, bound: usize) -> Arc<Self> {
        Arc::new(Self {
            only,
            bound,
            queue: Mutex::default(),
            waker: AtomicWaker::new(),
        })
    }

    pub(super) fn push(&self, raw: &Arc<Raw>) {
        // Breaks concern every channel.
        let breaks = matches!(**raw, Raw::Opened(_) | Raw::Lost(_));
        if !breaks && self.only.is_some() && self.only.as_ref() != raw.channel() {
            return;
        }
        let mut queue = self.queue.lock();
        if queue.items.len() >= self.bound {
            queue.missed += 1;
            return;
        }
        let missed = std::mem::take(&mut queue.missed);
        if missed > 0 {
            queue.items.push_back(Told::Missed(missed));
        }
        queue.items.push_back(Told::Raw(raw.clone()));
        drop(queue);
        self.waker.wake();
    }

    pub(super) fn end(&self) {
        self.queue.lock().ended = true;
        self.waker.wake();
    }

    fn take(&self) -> Poll<Option<Told>> {
        let mut queue = self.queue.lock();
        if let Some(item) = queue.items.pop_front() {
            return Poll::Ready(Some(item));
        }
        match std::mem::take(&mut queue.missed) {
            0 if queue.ended => Poll::Ready(None),
            0 => Poll::Pending,
            missed => Poll::Ready(Some(Told::Missed(missed))),
        }
    }
}

/// What the server tells from the moment at which it was made; from
/// [`Client::events`](super::Client::events) and [`Channel::events`](super::Channel::events). It
/// ends when the client is closed.
///
/// It is a [`Stream`] too.
#[derive(Debug)]
pub struct Events<P> {
    subscriber: Arc<Subscriber>,
    protocol: PhantomData<fn() -> P>,
}

impl<P: Protocol> Events<P> {
    pub(super) const fn new(subscriber: Arc<Subscriber>) -> Self {
        Self {
            subscriber,
            protocol: PhantomData,
        }
    }

    /// The next item; `None` when the client was closed.
    ///
    /// # Cancel safety
    /// Nothing is lost when the future is dropped.
    pub async fn next(&mut self) -> Option<Incoming<P::Events>> {
        poll_fn(|cx| self.poll(cx)).await
    }

    /// The next item where one is there already.
    pub fn try_next(&mut self) -> Option<Incoming<P::Events>> {
        match self.subscriber.take() {
            Poll::Ready(item) => item.map(typed::<P>),
            Poll::Pending => None,
        }
    }

    fn poll(&self, cx: &Context<'_>) -> Poll<Option<Incoming<P::Events>>> {
        let taken = self.subscriber.take();
        let taken = if taken.is_pending() {
            self.subscriber.waker.register(cx.waker());
            self.subscriber.take()
        } else {
            taken
        };
        taken.map(|item| item.map(typed::<P>))
    }
}

impl<P: Protocol> Stream for Events<P> {
    type Item = Incoming<P::Events>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(cx)
    }
}

/// An event of a channel's history, whole.
pub(super) fn kept<P: Protocol>(text: &str) -> Result<Incoming<P::Events>, InvalidParam> {
    match ServerMessage::decode(text) {
        Ok(ServerMessage::Event(event)) => Ok(typed::<P>(Told::Raw(Arc::new(event.into())))),
        Ok(_) => Err(InvalidParam::new("events", "not an event")),
        Err(error) => Err(InvalidParam::new("events", error.reason)),
    }
}

/// Gives what came its type. Each reader does it for itself, so that events need not be `Clone`.
fn typed<P: Protocol>(item: Told) -> Incoming<P::Events> {
    let raw = match item {
        Told::Missed(count) => return Incoming::Missed(count),
        Told::Raw(raw) => raw,
    };
    let (cmd, channel, from, param, at) = match &*raw {
        Raw::Joined(channel, result) => {
            return Incoming::Joined {
                channel: channel.clone(),
                result: result.clone(),
            };
        }
        Raw::Closed(channel, reason) => {
            return Incoming::Closed {
                channel: channel.clone(),
                reason: reason.clone(),
            };
        }
        Raw::Gap(channel, reason) => {
            return Incoming::Gap {
                channel: channel.clone(),
                reason: *reason,
            };
        }
        Raw::Error(error) => return Incoming::Error(error.clone()),
        Raw::Opened(opened) => return Incoming::Opened(opened.clone()),
        Raw::Lost(loss) => return Incoming::Lost(loss.clone()),
        Raw::Event {
            cmd,
            channel,
            from,
            param,
            at,
        } => (cmd, channel.clone(), *from, param.as_deref(), *at),
    };
    let invalid = |error| Incoming::Invalid {
        cmd: cmd.clone(),
        error,
    };
    if cmd == name::ONLINE_UPDATE {
        return match serde_json::from_str(param.map_or("{}", RawValue::get)) {
            Ok(update) => Incoming::Online { channel, update },
            Err(error) => invalid(InvalidParam::new("", error)),
        };
    }
    match IntPolicy::of::<P>().within(|| P::Events::decode(cmd, param)) {
        Some(Ok(event)) => Incoming::Event(Event {
            event,
            channel,
            from,
            at,
        }),
        Some(Err(error)) => invalid(error),
        None => Incoming::Unknown {
            cmd: cmd.clone(),
            channel,
            from,
            param: param.map(ToOwned::to_owned),
        },
    }
}
