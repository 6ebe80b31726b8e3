//! Events from the server, as streams.

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
    /// The event itself.
    pub event: E,
    /// The channel it was published to; `:user` or `:all` if it was sent to the user or to
    /// everybody. `None` if it was sent to this connection alone.
    pub channel: Option<ChannelName>,
    /// The connection that caused it, if one did.
    pub from: Option<ConnectionId>,
    /// Its offset in the channel's history, if history keeps it.
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
        /// The member, and whether it came or went.
        update: OnlineUpdate,
    },
    /// This connection is in the channel: the program joined it, the server put it in, or it was
    /// restored after a break. `recovery` says whether events were missed meanwhile.
    Joined {
        /// The channel.
        channel: ChannelName,
        /// The server's join result.
        result: JoinResult,
    },
    /// This connection is not or no longer in the channel, and the client does not ask again.
    Closed {
        /// The channel.
        channel: ChannelName,
        /// Why.
        reason: WireError,
    },
    /// Events of this channel are missing or may be: load again what the program shows of it. The
    /// events that follow are complete.
    Gap {
        /// The channel.
        channel: ChannelName,
        /// Why.
        reason: GapReason,
    },
    /// The server refused a command that expects no answer; `data.cmd` names it.
    Error(WireError),
    /// An event that this program's protocol lacks, because the server is newer.
    Unknown {
        /// Its wire name.
        cmd: String,
        /// The channel it was published to.
        channel: Option<ChannelName>,
        /// The connection that caused it.
        from: Option<ConnectionId>,
        /// Its parameters.
        param: Option<Box<RawValue>>,
    },
    /// An event whose parameters do not fit its type, because the server speaks another version.
    Invalid {
        /// Its wire name.
        cmd: String,
        /// The mismatch.
        error: InvalidParam,
    },
    /// The server has accepted the client. The items that follow came on this connection.
    Opened(Opened),
    /// A connection or an attempt to connect ended; the client comes back.
    Lost(Loss),
    /// This many items were dropped because the program did not read this stream in time.
    Missed(u64),
}

/// An incoming message, before it is typed.
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
    /// Items dropped since the last one.
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
    /// Restricts the stream to this channel.
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
        // A break concerns every channel.
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

/// A stream of what the server sends, from the moment of its creation; made by
/// [`Client::events`](super::Client::events) and [`Channel::events`](super::Channel::events). It
/// ends when the client is closed.
///
/// It implements [`Stream`] too.
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

    /// The next item; `None` once the client is closed.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Incoming<P::Events>> {
        poll_fn(|cx| self.poll(cx)).await
    }

    /// The next item, if one has arrived already.
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

/// A whole event from a channel's history.
pub(super) fn kept<P: Protocol>(text: &str) -> Result<Incoming<P::Events>, InvalidParam> {
    match ServerMessage::decode(text) {
        Ok(ServerMessage::Event(event)) => Ok(typed::<P>(Told::Raw(Arc::new(event.into())))),
        Ok(_) => Err(InvalidParam::new("events", "not an event")),
        Err(error) => Err(InvalidParam::new("events", error.reason)),
    }
}

/// Gives an incoming message its type. Each reader does this for itself, so that events need not be
/// `Clone`.
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
