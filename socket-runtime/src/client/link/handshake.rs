//! The first message of each connection, and the handling of its answer.

use std::time::Duration;

use socket_protocol::system::{self, Connect, Connected, JoinOutcome, ProtocolId, name};
use socket_protocol::{CloseCode, ErrorCode, RequestId, WireError};
use tokio::time::Instant;

use crate::client::calls::CONNECT_ID;
use crate::client::channels::memberships::Memberships;
use crate::client::events::Raw;
use crate::client::shared::{Core, End, Live, Shared, refresh_at, text};
use crate::client::state::{Closed, Loss, Opened, State};

impl Shared {
    /// The first message of a connection.
    pub(super) fn hello(&self, protocol: &ProtocolId, token: Option<String>) -> String {
        let mut core = self.core.lock();
        let Core {
            memberships,
            positions,
            ..
        } = &mut *core;
        let mut channels = memberships.request(positions);
        for channel in &self.kept {
            channels.insert(channel.to_string(), positions.join(channel));
        }
        let connect = Connect {
            token,
            session: core.session.clone(),
            protocol: Some(protocol.clone()),
            channels,
            knows: vec![name::LARGE.to_owned()],
            client: Some(system::ClientInfo {
                name: "socket-rs".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
        };
        text(name::CONNECT, RequestId::new(CONNECT_ID), None, &connect)
    }

    /// The server has accepted the client.
    pub(super) fn opened(&self, connected: Connected) {
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
}

/// A refused handshake. The close that follows says the same, so the client does not wait for it.
pub(super) fn refused(error: &WireError) -> End {
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
