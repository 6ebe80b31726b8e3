//! Who a connection belongs to.

use std::sync::Arc;
use std::time::Duration;

use socket_protocol::system::UserInfo;

/// A user: any type with an id and a name.
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
    message = "`{Self}` is no user",
    note = "implement `Identity` for it (an id and a name), or use the ready `User`"
)]
pub trait Identity {
    /// What tells users apart; all connections with the same id are one user's.
    fn id(&self) -> &str;
    /// The name that others see.
    fn name(&self) -> &str;
}

/// Nobody has the empty id and the empty name, as in `online-update`.
impl<I: Identity> Identity for Option<&I> {
    fn id(&self) -> &str {
        self.map_or("", Identity::id)
    }

    fn name(&self) -> &str {
        self.map_or("", Identity::name)
    }
}

/// A user with an id and a name and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    id: String,
    name: String,
}

impl User {
    /// The user of that id and name.
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

/// Who was let in, and for how long: what an [`Authenticate`](crate::Authenticate) hook answers.
#[must_use = "a hook answers with it"]
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
    /// Lets in that user.
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

    /// Lets in somebody who is not known.
    pub const fn nobody() -> Self {
        Self {
            user: None,
            info: None,
            expires: None,
            channels: None,
        }
    }

    /// Holds for so long: the client is asked for a new token before, and a connection that brings
    /// none is closed with 4401. Default: for ever.
    pub const fn expires_in(mut self, time: Duration) -> Self {
        self.expires = Some(time);
        self
    }

    /// How many channels the connection may be in. Default:
    /// [`Config::channels`](crate::Config::channels).
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
