//! A channel as a client sees it.

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

/// One channel of a client: what is sent to it and told in it. From [`Client::channel`]; cheap to
/// clone, and nothing is joined or left by making or dropping it.
#[derive(Debug)]
pub struct Channel<P> {
    client: Client<P>,
    name: ChannelName,
}

impl<P: Protocol> Client<P> {
    /// One of its channels.
    ///
    /// # Errors
    /// [`InvalidChannelName`] when the name is none.
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

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &ChannelName {
        &self.name
    }

    /// Joins it; see [`Client::join`].
    ///
    /// # Errors
    /// [`JoinError`].
    pub async fn join(&self) -> Result<JoinResult, JoinError> {
        self.client.join(&self.name).await
    }

    /// Leaves it; see [`Client::leave`].
    pub fn leave(&self) {
        self.client.handle.shared.leave(&self.name);
    }

    /// Sends a command to it that waits for no answer; see [`Client::send`].
    ///
    /// # Errors
    /// [`SendError`], where it will not be sent.
    pub fn send(&self, command: impl Command<P::Commands>) -> Result<Sent, SendError> {
        self.send_with(command, &SendOptions::default())
    }

    /// The same for one that need not be sent in every case; see [`Client::send_with`].
    ///
    /// # Errors
    /// [`SendError`], where it will not be sent.
    pub fn send_with(
        &self,
        command: impl Command<P::Commands>,
        options: &SendOptions,
    ) -> Result<Sent, SendError> {
        self.client.send_to(Some(&self.name), command, options)
    }

    /// Sends a command to it that is answered; see [`Client::call`].
    pub fn call<C: Command<P::Commands>>(&self, command: C) -> Call<'_, P, C> {
        let channel = Ok(Some(self.name.clone()));
        Call::new(&self.client.handle.shared, channel, command)
    }

    /// What is told in it from now on, and who comes and goes.
    #[must_use]
    pub fn events(&self) -> Events<P> {
        let shared = &self.client.handle.shared;
        Events::new(shared.subscribe(Some(self.name.clone())))
    }

    /// Who is in it: one page of its members.
    ///
    /// # Errors
    /// [`CallError`]; only members may ask.
    pub async fn members(&self, page: &MembersQuery) -> Result<Members, CallError> {
        self.ask(name::MEMBERS, page).await
    }

    /// What was said in it: one page of its history, the newest one where `before` is absent. The
    /// next older page lies before the offset of this one's first event.
    ///
    /// # Errors
    /// [`CallError`]; only members may ask, and only where the channel keeps history.
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

    /// Asks something of the protocol's own, which may be asked twice.
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

/// A page of what was said in a channel, from [`Channel::history`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct History<E> {
    /// The oldest first. One that this program's protocol does not have is [`Incoming::Unknown`].
    pub events: Vec<Incoming<E>>,
    /// Which history: offsets of another one mean something else.
    pub epoch: String,
    /// Where the channel stands now.
    pub at: u64,
}
