//! The ways to name a channel.

use socket_protocol::{ChannelName, Channels, InvalidChannelName};

/// Names a channel: a value of the protocol's channel enum, a [`ChannelName`], or text.
///
/// The second parameter only tells the implementations apart; it is always inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name a channel of this protocol",
    note = "pass a value of its channel enum, a `ChannelName`, or a string"
)]
pub trait ToChannel<C, Kind> {
    /// The channel's name.
    ///
    /// # Errors
    /// [`InvalidChannelName`] if the name is invalid.
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

/// Names the default channel of a connection, or none: a value of [`ToChannel`], or an `Option` of
/// one. An empty text names no channel.
pub trait ToDefaultChannel<C, Kind> {
    /// The channel's name.
    ///
    /// # Errors
    /// [`InvalidChannelName`] if the name is invalid.
    fn to_default_channel(self) -> Result<Option<ChannelName>, InvalidChannelName>;
}

/// A [`ToDefaultChannel`] that is present.
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
