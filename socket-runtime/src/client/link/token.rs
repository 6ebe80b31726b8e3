//! Where a client's credentials come from.

use std::future::Future;
use std::pin::Pin;

/// Why a token is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenRequest {
    /// The server refused the last one, or it is about to run out: one from a cache will not do.
    pub expired: bool,
}

/// What a provider of tokens may fail with.
pub type TokenError = Box<dyn std::error::Error + Send + Sync>;

type TokenFuture = Pin<Box<dyn Future<Output = Result<Option<String>, TokenError>> + Send>>;

/// The program's provider; absent: the server goes by something else.
#[derive(Default)]
pub(crate) struct Tokens(Option<Box<dyn Fn(TokenRequest) -> TokenFuture + Send + Sync>>);

/// What became of asking.
pub(crate) enum Token {
    /// There is no provider.
    Unused,
    Given(String),
    /// There is none: the client stops.
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
