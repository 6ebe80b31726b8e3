//! The source of a client's credentials.

use std::future::Future;
use std::pin::Pin;

/// Why the client asks for a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenRequest {
    /// True if the server refused the last token or it is about to expire: a cached token is of no
    /// use.
    pub expired: bool,
}

/// The error of a token provider.
pub type TokenError = Box<dyn std::error::Error + Send + Sync>;

type TokenFuture = Pin<Box<dyn Future<Output = Result<Option<String>, TokenError>> + Send>>;

/// The program's provider; absent if the server authenticates by something else.
#[derive(Default)]
pub(crate) struct Tokens(Option<Box<dyn Fn(TokenRequest) -> TokenFuture + Send + Sync>>);

/// The provider's answer.
pub(crate) enum Token {
    /// There is no provider.
    Unused,
    Given(String),
    /// The provider has no token: the client ends.
    Gone,
}

impl Tokens {
    pub(crate) fn new<F, Fut>(provider: F) -> Self
    where
        F: Fn(TokenRequest) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Option<String>, TokenError>> + Send + 'static,
    {
        Self(Some(Box::new(move |ask| Box::pin(provider(ask)))))
    }

    pub(crate) const fn are_used(&self) -> bool {
        self.0.is_some()
    }

    pub(crate) async fn ask(&self, expired: bool) -> Result<Token, TokenError> {
        let Some(provider) = &self.0 else {
            return Ok(Token::Unused);
        };
        Ok(match provider(TokenRequest { expired }).await? {
            Some(token) => Token::Given(token),
            None => Token::Gone,
        })
    }
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Tokens").field(&self.0.is_some()).finish()
    }
}
