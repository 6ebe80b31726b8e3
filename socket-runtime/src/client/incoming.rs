//! What the server's messages do to the client.

use std::time::Duration;

use serde_json::value::RawValue;
use socket_protocol::envelope::{Batch, Empty, EventEnvelope, ServerMessage};
use socket_protocol::system::{self, Cancel, Connected, JoinOutcome, JoinResult, name};
use socket_protocol::{ChannelName, CloseCode, ErrorCode, RequestId, WireError};
use tokio::time::Instant;

use super::backoff;
use super::calls::{CONNECT_ID, Failure, Outcome, Waiter};
use super::core::{Core, End, Live, Shared, refresh_at};
use super::events::Raw;
use super::memberships::{Ask, Memberships};
use super::positions::{Arrival, GapReason};
use super::state::{Closed, Loss, Opened, State};

impl Shared {
    /// A frame of the server.
    pub(super) fn frame(&self, frame: &str) -> Result<(), End> {
        let taken = match Batch::split(frame) {
            Ok(Batch::One(message)) => self.message(message),
            Ok(Batch::Many(messages)) => messages
                .into_iter()
                .try_for_each(|message| self.message(message.get())),
            Err(error) => {
                tracing::warn!(%error, "the server sent no message");
                Ok(())
            }
        };
        self.outgoing.notify_one();
        taken
    }

    fn message(&self, message: &str) -> Result<(), End> {
        match ServerMessage::decode(message) {
            Ok(ServerMessage::Reply { re, param }) if re.get() == CONNECT_ID => {
                match serde_json::from_str(param.map_or("{}", |param| param.get())) {
                    Ok(connected) => {
                        self.opened(connected);
                        Ok(())
                    }
                    Err(error) => Err(End::Lost(Loss::new(format!("not a welcome: {error}")))),
                }
            }
            Ok(ServerMessage::Error { re, error }) if re.get() == CONNECT_ID => {
                Err(refused(&error))
            }
            Ok(ServerMessage::Reply { re, param }) => {
                let outcome = Ok(param.map(ToOwned::to_owned));
                self.core.lock().answer(re, outcome);
                Ok(())
            }
            Ok(ServerMessage::Error { re, error }) => {
                self.core.lock().answer(re, Err(Failure::Server(error)));
                Ok(())
            }
            Ok(ServerMessage::Item { re, item }) => {
                self.core.lock().item(re, item);
                Ok(())
            }
            Ok(ServerMessage::Event(event)) => self.event(event),
            Err(error) => {
                tracing::warn!(%error, "the server sent no message");
                if let Some(re) = error.id {
                    let unreadable = WireError::new(ErrorCode::InvalidMessage, error.reason);
                    let outcome = Err(Failure::Server(unreadable));
                    self.core.lock().answer(re, outcome);
                }
                Ok(())
            }
        }
    }

    fn opened(&self, connected: Connected) {
        let options = &self.options;
        let mut core = self.core.lock();
        let now = Instant::now();
        core.live = Live {
            since: Some(now),
            silence: Duration::from_millis(connected.ping.saturating_add(connected.timeout)),
            spread: Some(Duration::from_millis(connected.spread)),
            refresh: refresh_at(now, connected.expires, options.refresh_ahead),
            leave: None,
        };
        core.session = connected.session;
        let limits = connected.limits;
        core.max_message = usize::try_from(limits.message).unwrap_or(usize::MAX);
        core.outbox.open(
            limits.rate.unwrap_or(options.rate),
            limits.burst.unwrap_or(options.burst),
            connected.resumed,
        );
        if !connected.resumed {
            core.break_calls(false);
        }
        let again = core.calls.resend(connected.resumed);
        core.outbox.repeat(again);
        let opened = Opened {
            connection: connected.connection,
            user: connected.user,
            resumed: connected.resumed,
        };
        core.tell(Raw::Opened(opened.clone()));
        for (channel, outcome) in connected.channels {
            let kept = self.kept.iter().find(|kept| kept.as_str() == channel);
            let Some(channel) = kept.cloned().or_else(|| channel.parse().ok()) else {
                continue;
            };
            match outcome {
                JoinOutcome::Joined(result) => core.joined(channel, result, Memberships::put_in),
                JoinOutcome::Refused { error } => {
                    core.memberships.refused(&channel, &error);
                    core.closed(channel, error);
                }
            }
        }
        for ask in core.memberships.opened() {
            core.ask_for(Some(ask));
        }
        drop(core);
        self.timers.notify_one();
        self.refresh.notify_one();
        self.set_state(State::Open(opened));
    }

    fn event(&self, event: EventEnvelope<'_>) -> Result<(), End> {
        fn param<T: serde::de::DeserializeOwned>(event: &EventEnvelope<'_>) -> Option<T> {
            let text = event.param.map_or("{}", |param| param.get());
            serde_json::from_str(text)
                .inspect_err(|error| tracing::warn!(cmd = %event.cmd, %error, "not understood"))
                .ok()
        }
        let mut core = self.core.lock();
        match &*event.cmd {
            name::PING => core.say(name::PONG, None, &Empty),
            name::PONG => {}
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
        Ok(())
    }
}

impl Core {
    fn answer(&mut self, re: RequestId, outcome: Outcome) {
        match self.calls.answered(re) {
            Some(Waiter::Caller(caller)) => {
                // Who called may have gone.
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
            None => tracing::debug!(%re, "an answer that nobody waits for"),
        }
    }

    fn item(&mut self, re: RequestId, item: &RawValue) {
        match self.calls.reader(re) {
            None => tracing::debug!(%re, "an item that nobody waits for"),
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

    /// `how` it came to be a member: asked for, or the server's doing.
    fn joined(
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

    fn closed(&mut self, channel: ChannelName, reason: WireError) {
        self.positions.forget(&channel);
        self.tell(Raw::Closed(channel, reason));
    }
}

/// A refused handshake. The close that follows says the same, and is not waited for.
fn refused(error: &WireError) -> End {
    let is = |code: ErrorCode| error.code == code.as_str();
    let loss = |code: CloseCode| Loss::closed(code.number(), &error.to_string());
    if is(ErrorCode::Unauthorized) {
        End::Lost(loss(CloseCode::Unauthorized))
    } else if is(ErrorCode::UpgradeRequired) {
        let data = error.data.as_deref().map(|data| data.get());
        End::Closed(Closed::UpgradeRequired {
            loss: loss(CloseCode::UpgradeRequired),
            server: data.and_then(|data| serde_json::from_str(data).ok()),
        })
    } else {
        End::Lost(loss(CloseCode::BadHandshake))
    }
}
