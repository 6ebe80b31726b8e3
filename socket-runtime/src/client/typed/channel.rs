//! A channel, from the client's side.

use serde::Serialize;
use serde::de::DeserializeOwned;
use socket_protocol::definition::Command;
use socket_protocol::envelope::encode_command;
use socket_protocol::system::{self, HistoryQuery, JoinResult, Members, MembersQuery, name};
use socket_protocol::{ChannelName, InvalidChannelName, InvalidParam, Protocol};

use super::call::{self, Call};
use super::client::Client;
use crate::channel::ToChannel;
use crate::client::calls::Again;
use crate::client::error::{CallError, JoinError, SendError, Sent};
use crate::client::events::{self, Events, Incoming};
use crate::client::options::SendOptions;

/// A handle to one channel: it sends commands to the channel and receives its events. Made by
/// [`Client::channel`]. It is cheap to clone; creating or dropping it neither joins nor leaves the
/// channel.
#[derive(Debug)]
pub struct Channel<P> {
    client: Client<P>,
    name: ChannelName,
}

impl<P: Protocol> Client<P> {
    /// A handle to one channel.
    ///
    /// # Errors
    /// [`InvalidChannelName`] if the name is invalid.
    pub fn channel<K>(
        &self,
        channel: impl ToChannel<P::Channels, K>,
    ) -> Result<Channel<P>, InvalidChannelName> {
        Ok(Channel::new(self.clone(), channel.to_channel()?))
    }
}

impl<P> Clone for Channel<P> {
    fn clone(&self) -> Self {
        Self {
            client: self.client.clone(),
            name: self.name.clone(),
        }
    }
}

impl<P: Protocol> Channel<P> {
    const fn new(client: Client<P>, name: ChannelName) -> Self {
        Self { client, name }
    }

    /// The channel's name.
    #[must_use]
    pub const fn name(&self) -> &ChannelName {
        &self.name
    }

    /// Joins the channel; see [`Client::join`].
    ///
    /// # Errors
    /// [`JoinError`].
    pub async fn join(&self) -> Result<JoinResult, JoinError> {
        self.client.join(&self.name).await
    }

    /// Leaves the channel; see [`Client::leave`].
    pub fn leave(&self) {
        self.client.handle.shared.leave(&self.name);
    }

    /// Sends a command to the channel without waiting for an answer; see [`Client::send`].
    ///
    /// # Errors
    /// [`SendError`] if the command cannot be sent.
    pub fn send(&self, command: impl Command<P::Commands>) -> Result<Sent, SendError> {
        self.send_with(command, &SendOptions::default())
    }

    /// Sends a command that may be replaced, may expire, or is worth sending only now; see
    /// [`Client::send_with`].
    ///
    /// # Errors
    /// [`SendError`] if the command cannot be sent.
    pub fn send_with(
        &self,
        command: impl Command<P::Commands>,
        options: &SendOptions,
    ) -> Result<Sent, SendError> {
        self.client.send_to(Some(&self.name), command, options)
    }

    /// Sends a command to the channel and waits for its reply; see [`Client::call`].
    pub fn call<C: Command<P::Commands>>(&self, command: C) -> Call<'_, P, C> {
        let channel = Ok(Some(self.name.clone()));
        Call::new(&self.client.handle.shared, channel, command)
    }

    /// The channel's events from now on, and members that come and go.
    #[must_use]
    pub fn events(&self) -> Events<P> {
        let shared = &self.client.handle.shared;
        Events::new(shared.subscribe(Some(self.name.clone())))
    }

    /// Reads one page of the channel's members.
    ///
    /// # Errors
    /// [`CallError`]; only members of the channel may ask.
    pub async fn members(&self, page: &MembersQuery) -> Result<Members, CallError> {
        self.ask(name::MEMBERS, page).await
    }

    /// Reads one page of the channel's history: the newest page if `before` is absent. For the next
    /// older page, set `before` to the offset of this page's first event.
    ///
    /// # Errors
    /// [`CallError`]; only members may ask, and only if the channel keeps history.
    pub async fn history(&self, page: &HistoryQuery) -> Result<History<P::Events>, CallError> {
        let page: system::History = self.ask(name::HISTORY, page).await?;
        let events = page
            .events
            .iter()
            .map(|event| events::kept::<P>(event.get()));
        Ok(History {
            events: events.collect::<Result<_, _>>().map_err(CallError::Reply)?,
            epoch: page.epoch,
            at: page.at,
        })
    }

    /// Calls one of the protocol's own commands, which may run twice.
    async fn ask<T: DeserializeOwned>(
        &self,
        cmd: &str,
        param: &impl Serialize,
    ) -> Result<T, CallError> {
        let shared = &self.client.handle.shared;
        let message = encode_command(cmd, None, Some(self.name.as_str()), param)
            .map_err(CallError::Encode)?;
        let text = String::from_utf8_lossy(message.text()).into_owned();
        let timeout = shared.options.call_timeout;
        let param = call::answer(shared, text, Again::Always, timeout).await?;
        let text = param.as_deref().map_or("{}", |param| param.get());
        serde_json::from_str(text)
            .map_err(|error| CallError::Reply(InvalidParam::new("", error.to_string())))
    }
}

/// A page of a channel's history, from [`Channel::history`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct History<E> {
    /// The events, oldest first. An event that this program's protocol lacks is
    /// [`Incoming::Unknown`].
    pub events: Vec<Incoming<E>>,
    /// The epoch of the history; offsets of another epoch are unrelated.
    pub epoch: String,
    /// The channel's top offset.
    pub at: u64,
}
