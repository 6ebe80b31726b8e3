//! Sending from anywhere in the program.

use socket_protocol::definition::{Channels, Events, HistorySpec};
use socket_protocol::envelope::{EventHead, OpenMessage};
use socket_protocol::manifest::model::Delivery as Class;
use socket_protocol::{ChannelName, ConnectionId, IntPolicy, Protocol};

use super::Service;
use crate::broker::{Address, Publication};
use crate::error::{ChannelError, SendError};
use crate::frame;
use crate::outbound::pace;

/// The bytes of a `:history` answer around an event: every event that is kept fits into one.
const HISTORY_ANSWER: usize = 256;

/// The receivers of an event; made by [`Service::to_channel`] and its siblings.
#[must_use = "nothing is sent unless you `.send(event).await`"]
pub struct Target<'a, P: Protocol, U> {
    service: &'a Service<P, U>,
    to: Result<To, ChannelError>,
    except: Option<ConnectionId>,
    from: Option<ConnectionId>,
}

pub(super) enum To {
    Connection(ConnectionId),
    Group(Address),
}

impl<P: Protocol, U> std::fmt::Debug for Target<'_, P, U> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Target")
            .field("except", &self.except)
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}

impl<'a, P: Protocol, U> Target<'a, P, U> {
    pub(super) const fn new(service: &'a Service<P, U>, to: Result<To, ChannelError>) -> Self {
        Self {
            service,
            to,
            except: None,
            from: None,
        }
    }

    /// Excludes one connection.
    pub const fn except(mut self, connection: ConnectionId) -> Self {
        self.except = Some(connection);
        self
    }

    /// Sets the connection that caused the event: receivers see it as `from`.
    pub const fn from(mut self, connection: ConnectionId) -> Self {
        self.from = Some(connection);
        self
    }

    /// Sends the event: it is queued for every receiver, without waiting for any of them. From time
    /// to time it yields to other tasks of its thread, so that queued messages can be written.
    /// Success says no more than that; sending to a user or channel without connections succeeds
    /// too.
    ///
    /// # Errors
    /// - [`SendError::NotCarried`]: the channel's definition does not list the event.
    /// - [`SendError::ExceptInHistory`]: history keeps the event, so nobody can be excluded.
    /// - [`SendError::Channel`]: the channel name is invalid, or the protocol declares no such
    ///   channel.
    /// - [`SendError::NoConnection`]: that connection has ended.
    /// - [`SendError::TooLarge`], [`SendError::Encode`]: the event is too large, or cannot be
    ///   encoded.
    /// - [`SendError::Unavailable`]: the broker cannot be reached.
    pub async fn send(self, event: P::Events) -> Result<(), SendError> {
        pace::yield_if_due().await;
        let channel = match self.to? {
            To::Connection(id) => {
                if self.except == Some(id) {
                    return Ok(());
                }
                let handle = self.service.handle(id);
                let handle = handle.map_err(|_| SendError::NoConnection(id))?;
                let head = EventHead {
                    channel: handle.mode.no_channel(),
                    from: self.from,
                };
                let message = IntPolicy::of::<P>().within(|| event.encode(head))?.close();
                check_size(
                    message.text().len(),
                    self.service.config().limits.outbound_bytes,
                )?;
                let frame = frame::text(message);
                pace::charge(1, frame.len());
                handle.send(frame);
                return Ok(());
            }
            To::Group(address) => address,
        };
        let keep = match &channel {
            Address::Channel(name) => carries::<P>(name, &event)?,
            Address::User(_) => P::USER_HISTORY,
            Address::All => P::ALL_HISTORY,
        };
        let name = channel.channel();
        let head = EventHead {
            channel: Some(name.as_str()),
            from: self.from,
        };
        let spec = &P::Events::EVENTS[event.index()];
        let keep = keep.filter(|_| spec.delivery == Class::Reliable);
        if keep.is_some() && self.except.is_some() {
            return Err(SendError::ExceptInHistory { channel: name });
        }
        let key = event.key();
        let key = key.map(|key| format!("{channel} {} {key}", spec.name).into());
        let message = IntPolicy::of::<P>().within(|| event.encode(head))?;
        let end = keep.map_or(1, |_| OpenMessage::MAX_END + HISTORY_ANSWER);
        let bytes = message.text().len() + end;
        check_size(bytes, self.service.config().limits.outbound_bytes)?;
        let publication = Publication {
            address: channel,
            message,
            keep,
            class: spec.delivery,
            key,
            except: self.except,
        };
        self.service.hub().broker().publish(publication).await?;
        Ok(())
    }
}

/// The history of the channel, if it carries the event.
fn carries<P: Protocol>(
    name: &ChannelName,
    event: &P::Events,
) -> Result<Option<HistorySpec>, SendError> {
    let channel = P::Channels::parse(name).ok_or_else(|| ChannelError::Unknown(name.clone()))?;
    let event = &P::Events::EVENTS[event.index()];
    let channel = &P::Channels::CHANNELS[channel.index()];
    if channel.carries(event) {
        return Ok(channel.history);
    }
    Err(SendError::NotCarried {
        channel: name.clone(),
        event: event.name,
    })
}

const fn check_size(bytes: usize, limit: usize) -> Result<(), SendError> {
    if bytes > limit {
        return Err(SendError::TooLarge { bytes, limit });
    }
    Ok(())
}
