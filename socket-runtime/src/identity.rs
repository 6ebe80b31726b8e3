//! Who a connection belongs to.

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

/// The user as others see it.
pub(crate) fn info(user: &impl Identity) -> UserInfo {
    UserInfo {
        id: user.id().to_owned(),
        name: user.name().to_owned(),
    }
}
