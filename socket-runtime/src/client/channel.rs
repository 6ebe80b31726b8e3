//! A channel as a client sees it.

use socket_protocol::definition::Command;
use socket_protocol::envelope::encode_command;
use socket_protocol::system::{JoinResult, Members, MembersQuery, name};
use socket_protocol::{ChannelName, Protocol};

use super::calls::Again;
use super::error::{CallError, JoinError, SendError, Sent};
use super::{Call, Client, Events, call};

/// One channel of a client: what is sent to it and told in it. From [`Client::channel`]; cheap to
/// clone, and nothing is joined or left by making or dropping it.
#[derive(Debug)]
pub struct Channel<P> {
    client: Client<P>,
    name: ChannelName,
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
    pub(super) const fn new(client: Client<P>, name: ChannelName) -> Self {
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
        self.client.send_to(Some(&self.name), command)
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
        let shared = &self.client.handle.shared;
        let message = encode_command(name::MEMBERS, None, Some(self.name.as_str()), page)
            .map_err(CallError::Encode)?;
        let text = String::from_utf8_lossy(message.text()).into_owned();
        let timeout = shared.options.call_timeout;
        let param = call::answer(shared, text, Again::Always, timeout).await?;
        let text = param.as_deref().map_or("{}", |param| param.get());
        serde_json::from_str(text).map_err(|error| {
            CallError::Reply(socket_protocol::InvalidParam::new("", error.to_string()))
        })
    }
}
