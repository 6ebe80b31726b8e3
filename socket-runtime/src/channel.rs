//! The ways to name a channel.

use socket_protocol::{ChannelName, Channels, InvalidChannelName};

/// Names a channel: a value of the protocol's enum of channels, a [`ChannelName`], or text.
///
/// The second parameter only tells the implementations apart; nobody needs to write it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name a channel of this protocol",
    note = "pass a value of its enum of channels, a `ChannelName`, or text"
)]
pub trait ToChannel<C, Kind> {
    /// The channel's name.
    ///
    /// # Errors
    /// [`InvalidChannelName`] when it is none.
    fn to_channel(self) -> Result<ChannelName, InvalidChannelName>;
}

/// A [`ToChannel`] that is typed.
#[derive(Debug)]
pub enum Typed {}

/// A [`ToChannel`] by name.
#[derive(Debug)]
pub enum Named {}

impl<C: Channels> ToChannel<C, Typed> for C {
    fn to_channel(self) -> Result<ChannelName, InvalidChannelName> {
        self.name()
    }
}

impl<C: Channels> ToChannel<C, Typed> for &C {
    fn to_channel(self) -> Result<ChannelName, InvalidChannelName> {
        self.name()
    }
}

impl<C> ToChannel<C, Named> for ChannelName {
    fn to_channel(self) -> Result<ChannelName, InvalidChannelName> {
        Ok(self)
    }
}

impl<C> ToChannel<C, Named> for &ChannelName {
    fn to_channel(self) -> Result<ChannelName, InvalidChannelName> {
        Ok(self.clone())
    }
}

impl<C> ToChannel<C, Named> for &str {
    fn to_channel(self) -> Result<ChannelName, InvalidChannelName> {
        ChannelName::new(self)
    }
}

impl<C> ToChannel<C, Named> for &String {
    fn to_channel(self) -> Result<ChannelName, InvalidChannelName> {
        ChannelName::new(self)
    }
}

impl<C> ToChannel<C, Named> for String {
    fn to_channel(self) -> Result<ChannelName, InvalidChannelName> {
        ChannelName::new(&self)
    }
}

/// Names the channel that a connection is in from the start, or none: whatever names a channel, or
/// an `Option` of it. Empty text names none.
pub trait ToDefaultChannel<C, Kind> {
    /// The channel's name.
    ///
    /// # Errors
    /// [`InvalidChannelName`] when it is none.
    fn to_default_channel(self) -> Result<Option<ChannelName>, InvalidChannelName>;
}

/// A [`ToDefaultChannel`] that is there.
#[derive(Debug)]
pub struct Given<Kind>(std::marker::PhantomData<Kind>);

/// A [`ToDefaultChannel`] that may be absent.
#[derive(Debug)]
pub struct Maybe<Kind>(std::marker::PhantomData<Kind>);

impl<C, Kind, T: ToChannel<C, Kind>> ToDefaultChannel<C, Given<Kind>> for T {
    fn to_default_channel(self) -> Result<Option<ChannelName>, InvalidChannelName> {
        or_none(self.to_channel())
    }
}

impl<C, Kind, T: ToChannel<C, Kind>> ToDefaultChannel<C, Maybe<Kind>> for Option<T> {
    fn to_default_channel(self) -> Result<Option<ChannelName>, InvalidChannelName> {
        self.map_or(Ok(None), |channel| or_none(channel.to_channel()))
    }
}

/// A query such as `?ch=` names no channel.
fn or_none(
    name: Result<ChannelName, InvalidChannelName>,
) -> Result<Option<ChannelName>, InvalidChannelName> {
    match name {
        Err(InvalidChannelName::Empty) => Ok(None),
        name => name.map(Some),
    }
}
