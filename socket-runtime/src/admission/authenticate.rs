//! Authentication: a client's credentials, and the program's hook that checks them.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use http::{HeaderMap, Uri, header};
use socket_protocol::{Reject, WireError};

use super::identity::Login;

/// Decides who a client is, for [`Builder::authenticate`](crate::Builder::authenticate).
///
/// Implemented by every `async fn(Credentials<U>) -> Result<Login<U>, Reject>`:
///
/// ```
/// # use socket_runtime::prelude::*;
/// use std::time::Duration;
/// use socket_runtime::{Credentials, Login};
///
/// async fn who(shown: Credentials<User>) -> Result<Login<User>, Reject> {
///     match shown.token().or(shown.cookie("session")) {
///         Some("open sesame") => {
///             let user = User::new("u1", "ann");
///             Ok(Login::user(user).expires_in(Duration::from_secs(3600)))
///         }
///         _ => Err(Reject::unauthorized("no token, or an old one")),
///     }
/// }
/// ```
///
/// An error keeps the client out: in plain mode with HTTP 401 (403 for a code other than
/// `unauthorized`), in full mode with an error in answer to `:connect` and close 4401. The hook may
/// take [`Timeouts::handler`](crate::config::Timeouts::handler).
pub trait Authenticate<U>: Send + Sync + 'static {
    /// Checks the credentials.
    fn authenticate(
        &self,
        shown: Credentials<U>,
    ) -> impl Future<Output = Result<Login<U>, Reject>> + Send;
}

impl<U, F, Fut> Authenticate<U> for F
where
    F: Fn(Credentials<U>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Login<U>, Reject>> + Send,
{
    fn authenticate(
        &self,
        shown: Credentials<U>,
    ) -> impl Future<Output = Result<Login<U>, Reject>> + Send {
        self(shown)
    }
}

type LoginFuture<U> = Pin<Box<dyn Future<Output = Result<Login<U>, WireError>> + Send>>;

/// The hook behind one pointer.
pub(crate) type Authenticator<U> = Box<dyn Fn(Credentials<U>) -> LoginFuture<U> + Send + Sync>;

pub(crate) fn authenticator<U, A: Authenticate<U>>(hook: A) -> Authenticator<U>
where
    U: Send + Sync + 'static,
{
    let hook = Arc::new(hook);
    Box::new(move |shown| {
        let hook = hook.clone();
        Box::pin(async move { hook.authenticate(shown).await.map_err(WireError::from) })
    })
}

/// The parts of a request that a hook may read.
#[derive(Debug, Clone, Default)]
pub(crate) struct RequestHead {
    pub(crate) headers: HeaderMap,
    pub(crate) uri: Uri,
}

/// A client's credentials.
///
/// In plain mode and in the handshake of full mode they include the request that opened the
/// connection; in full mode also the token of the first message. A `:refresh` brings only a token.
pub struct Credentials<U> {
    pub(crate) head: RequestHead,
    pub(crate) address: Option<SocketAddr>,
    pub(crate) token: Option<String>,
    pub(crate) user: Option<Arc<U>>,
    pub(crate) session_user: Option<Arc<U>>,
}

impl<U> std::fmt::Debug for Credentials<U> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Credentials stay out of logs.
        f.debug_struct("Credentials")
            .field("address", &self.address)
            .field("has_token", &self.token.is_some())
            .finish_non_exhaustive()
    }
}

impl<U> Credentials<U> {
    /// The token of `:connect` or `:refresh`.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The token of the header `Authorization: Bearer …`.
    #[must_use]
    pub fn bearer(&self) -> Option<&str> {
        let value = self
            .head
            .headers
            .get(header::AUTHORIZATION)?
            .to_str()
            .ok()?;
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }

    /// A cookie's value, as it stands in the header.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let values = self.head.headers.get_all(header::COOKIE).iter();
        values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    }

    /// The request's headers; none for a `:refresh`.
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// The request's path and query; `/` for a `:refresh`.
    #[must_use]
    pub const fn uri(&self) -> &Uri {
        &self.head.uri
    }

    /// The client's address, as [`Context::address`](crate::Context::address).
    #[must_use]
    pub const fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// The user of the session that the client wants to resume, if it presented that session's
    /// token. If your program invents users, such as guests, answer with this one, so that a guest
    /// stays the same after a break: a session is resumed only by its own user. It does not prove a
    /// login, because the token may be presented long after the user's login has expired.
    #[must_use]
    pub fn session_user(&self) -> Option<&U> {
        self.session_user.as_deref()
    }

    /// The user so far: for a `:refresh` the one who is logged in, otherwise the user given to
    /// [`Upgrade::user`](crate::Upgrade::user).
    #[must_use]
    pub fn user(&self) -> Option<&U> {
        self.user.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn cookies_and_bearers_are_found() {
        let mut head = RequestHead::default();
        let value = HeaderValue::from_static;
        head.headers
            .insert(header::COOKIE, value("a=1; session=x=y;b=2"));
        head.headers.append(header::COOKIE, value("c=3"));
        head.headers
            .insert(header::AUTHORIZATION, value("bearer  abc"));
        let shown = Credentials::<()> {
            head,
            address: None,
            token: None,
            user: None,
            session_user: None,
        };
        for (name, expected) in [
            ("a", Some("1")),
            ("session", Some("x=y")),
            ("c", Some("3")),
            ("d", None),
        ] {
            assert_eq!(shown.cookie(name), expected, "{name}");
        }
        assert_eq!(shown.bearer(), Some("abc"));
    }
}
