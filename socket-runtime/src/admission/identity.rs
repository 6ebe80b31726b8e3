//! Users.

use std::sync::Arc;
use std::time::Duration;

use socket_protocol::system::UserInfo;

/// A user: any type with an id and a display name.
///
/// ```
/// use socket_runtime::Identity;
///
/// struct Account { id: String, email: String, admin: bool }
///
/// impl Identity for Account {
///     fn id(&self) -> &str { &self.id }
///     fn name(&self) -> &str { &self.email }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a user type",
    note = "implement `Identity` for it (an id and a display name), or use `User`"
)]
pub trait Identity {
    /// Identifies the user; all connections with the same id belong to the same user.
    fn id(&self) -> &str;
    /// The display name that others see.
    fn name(&self) -> &str;
}

/// An anonymous connection has an empty id and name, as in `online-update`.
impl<I: Identity> Identity for Option<&I> {
    fn id(&self) -> &str {
        self.map_or("", Identity::id)
    }

    fn name(&self) -> &str {
        self.map_or("", Identity::name)
    }
}

/// A user with just an id and a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    id: String,
    name: String,
}

impl User {
    /// Creates a user.
    pub fn new(id: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
        }
    }
}

impl Identity for User {
    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> &str {
        &self.name
    }
}

/// Accepts a client, as this user and for this long: the answer of an
/// [`Authenticate`](crate::Authenticate) hook.
#[must_use = "return it from the authentication hook"]
pub struct Login<U> {
    pub(crate) user: Option<Arc<U>>,
    pub(crate) info: Option<Arc<UserInfo>>,
    pub(crate) expires: Option<Duration>,
    pub(crate) channels: Option<usize>,
}

impl<U> std::fmt::Debug for Login<U> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login")
            .field("user", &self.info)
            .field("expires", &self.expires)
            .field("channels", &self.channels)
            .finish()
    }
}

impl<U> Login<U> {
    /// Accepts the client as this user.
    pub fn user(user: U) -> Self
    where
        U: Identity,
    {
        Self {
            info: Some(Arc::new(info(&user))),
            user: Some(Arc::new(user)),
            ..Self::nobody()
        }
    }

    /// Accepts the client as an anonymous connection.
    pub const fn nobody() -> Self {
        Self {
            user: None,
            info: None,
            expires: None,
            channels: None,
        }
    }

    /// How long this login is valid. The client is asked for a new token before then; without one
    /// the connection is closed with 4401. Default: no end.
    pub const fn expires_in(mut self, time: Duration) -> Self {
        self.expires = Some(time);
        self
    }

    /// The number of channels that the connection may be in. Default:
    /// [`Limits::channels`](crate::config::Limits::channels).
    pub const fn channels(mut self, most: usize) -> Self {
        self.channels = Some(most);
        self
    }
}

/// The user as others see it.
pub(crate) fn info(user: &impl Identity) -> UserInfo {
    UserInfo {
        id: user.id().to_owned(),
        name: user.name().to_owned(),
    }
}
