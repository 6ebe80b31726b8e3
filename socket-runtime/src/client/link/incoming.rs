//! The effect of each server message on the client.

use std::sync::atomic::Ordering::Relaxed;

use serde_json::value::RawValue;
use socket_protocol::envelope::{Empty, EventEnvelope, ServerMessage};
use socket_protocol::system::{self, Cancel, JoinResult, name};
use socket_protocol::{ChannelName, ErrorCode, RequestId, WireError};
use tokio::time::Instant;

use super::backoff;
use super::handshake::refused;
use crate::client::calls::outcome::{Failure, Outcome};
use crate::client::calls::{CONNECT_ID, Waiter};
use crate::client::channels::memberships::{Ask, Memberships};
use crate::client::channels::positions::{Arrival, GapReason};
use crate::client::events::Raw;
use crate::client::shared::{Core, End, Shared};
use crate::client::state::{Closed, Loss};

/// The longest that a large message is waited for, in milliseconds: a day.
const MAX_WITHIN: u64 = 24 * 60 * 60 * 1000;

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum Taken {
    /// A task that awaits it was woken.
    Awaited,
    /// It waits to be read, behind all others.
    Queued,
}

impl Shared {
    /// Handles a message from the server, and says whether somebody may have been waiting for it.
    pub(super) fn message(&self, message: &str) -> Result<Taken, End> {
        match ServerMessage::decode(message) {
            Ok(ServerMessage::Reply { re, param }) if re.get() == CONNECT_ID => {
                match serde_json::from_str(param.map_or("{}", |param| param.get())) {
                    Ok(connected) => self.opened(connected),
                    Err(error) => {
                        return Err(End::Lost(Loss::new(format!(
                            "the server's reply to :connect is invalid: {error}"
                        ))));
                    }
                }
                return Ok(Taken::Awaited);
            }
            Ok(ServerMessage::Error { re, error }) if re.get() == CONNECT_ID => {
                return Err(refused(&error));
            }
            Ok(ServerMessage::Reply { re, param }) => {
                let outcome = Ok(param.map(ToOwned::to_owned));
                self.core.lock().answer(re, outcome);
            }
            Ok(ServerMessage::Error { re, error }) => {
                self.core.lock().answer(re, Err(Failure::Server(error)));
            }
            Ok(ServerMessage::Item { re, item }) => self.core.lock().item(re, item),
            Ok(ServerMessage::Event(event)) => {
                self.event(event)?;
                return Ok(Taken::Queued);
            }
            Err(error) => {
                tracing::warn!(%error, "the server sent an invalid message");
                if let Some(re) = error.id {
                    let unreadable = WireError::new(ErrorCode::InvalidMessage, error.reason);
                    let outcome = Err(Failure::Server(unreadable));
                    self.core.lock().answer(re, outcome);
                }
            }
        }
        self.patience.store(1, Relaxed);
        Ok(Taken::Awaited)
    }

    fn event(&self, event: EventEnvelope<'_>) -> Result<(), End> {
        fn param<T: serde::de::DeserializeOwned>(event: &EventEnvelope<'_>) -> Option<T> {
            let text = event.param.map_or("{}", |param| param.get());
            serde_json::from_str(text)
                .inspect_err(|error| tracing::warn!(cmd = %event.cmd, %error, "the server sent an invalid event"))
                .ok()
        }
        let mut core = self.core.lock();
        match &*event.cmd {
            name::PING => {
                core.say(name::PONG, None, &Empty);
                return Ok(());
            }
            name::PONG => return Ok(()),
            name::LARGE => {
                if let Some(large) = param::<system::Large>(&event) {
                    // No line is supposed that takes longer than a day.
                    self.large.store(large.within.min(MAX_WITHIN), Relaxed);
                }
                return Ok(());
            }
            name::REFRESH => {
                core.live.refresh = Some(Instant::now());
                self.refresh.notify_one();
            }
            name::ERROR => {
                if let Some(error) = param(&event) {
                    core.tell(Raw::Error(error));
                }
            }
            name::JOINED => {
                if let (Some(channel), Some(result)) = (event.channel.clone(), param(&event)) {
                    core.joined(channel, result, Memberships::put_in);
                }
            }
            name::CLOSED => {
                if let (Some(channel), Some(closed)) =
                    (event.channel.clone(), param::<system::Closed>(&event))
                {
                    core.memberships.taken_out(&channel, &closed.reason);
                    core.closed(channel, closed.reason);
                }
            }
            name::GAP => {
                if let (Some(channel), Some(position)) = (event.channel.clone(), param(&event)) {
                    core.positions.reached(&channel, position);
                    core.tell(Raw::Gap(channel, GapReason::Gap));
                }
            }
            name::DRAIN => {
                if let Some(drain) = param::<system::Drain>(&event) {
                    let wait = backoff::within(&mut core.rng, drain.after);
                    core.live.leave = Some(Instant::now() + wait);
                    self.timers.notify_one();
                }
            }
            name::CLOSE_CONNECTION => return Err(End::Closed(Closed::Asked)),
            _ => core.published(event),
        }
        self.patience.store(1, Relaxed);
        Ok(())
    }
}

impl Core {
    fn answer(&mut self, re: RequestId, outcome: Outcome) {
        match self.calls.answered(re) {
            Some(Waiter::Caller(caller)) => {
                // The caller may be gone.
                let _ = caller.send(outcome);
            }
            Some(Waiter::Reader(feed)) => feed.end(outcome),
            Some(Waiter::Join(channel)) => match outcome {
                Ok(param) => {
                    let param = param.as_deref().map_or("{}", |param| param.get());
                    let result = serde_json::from_str(param).unwrap_or_default();
                    self.joined(channel, result, Memberships::joined);
                }
                Err(Failure::Server(error)) => {
                    if self.memberships.refused(&channel, &error).is_some() {
                        self.closed(channel, error);
                    }
                }
                Err(Failure::Disconnected { .. } | Failure::Unread { .. }) => {}
            },
            Some(Waiter::Leave(channel)) => {
                let ask = self.memberships.left(&channel);
                self.ask_for(ask);
            }
            None => tracing::debug!(%re, "the server answered a call that is not in flight"),
        }
    }

    fn item(&mut self, re: RequestId, item: &RawValue) {
        match self.calls.reader(re) {
            None => tracing::debug!(%re, "the server sent an item of a call that is not in flight"),
            Some(feed) if feed.push(item) => {}
            Some(_) => {
                self.calls.answered(re);
                self.say(name::CANCEL, None, &Cancel { id: re });
            }
        }
    }

    fn published(&mut self, event: EventEnvelope<'_>) {
        if let (Some(channel), Some(at)) = (&event.channel, event.at) {
            match self.positions.event(channel, at, event.prev) {
                Arrival::Next => {}
                Arrival::Double => return,
                Arrival::AfterGap => self.tell(Raw::Gap(channel.clone(), GapReason::Gap)),
            }
        }
        self.tell(event.into());
    }

    /// `how` tells whether this connection asked for it or the server did it.
    pub(super) fn joined(
        &mut self,
        channel: ChannelName,
        result: JoinResult,
        how: fn(&mut Memberships, &ChannelName, &JoinResult) -> Option<Ask>,
    ) {
        let already = self.memberships.is_in(&channel);
        let gap = self.positions.joined(&channel, &result, already);
        let ask = how(&mut self.memberships, &channel, &result);
        self.ask_for(ask);
        self.tell(Raw::Joined(channel.clone(), result));
        if let Some(reason) = gap {
            self.tell(Raw::Gap(channel, reason));
        }
    }

    pub(super) fn closed(&mut self, channel: ChannelName, reason: WireError) {
        self.positions.forget(&channel);
        self.tell(Raw::Closed(channel, reason));
    }
}
