//! The builder of a client.

use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;

use fastrand::Rng;
use socket_protocol::manifest::Manifest;
use socket_protocol::system::ProtocolId;
use socket_protocol::{ChannelName, Protocol};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};

use super::client::{Client, CloseOnDrop};
use crate::client::error::BuildError;
use crate::client::events::Events;
use crate::client::link::Link;
use crate::client::link::token::{TokenError, TokenRequest, Tokens};
use crate::client::link::transport::{Tcp, Transport};
use crate::client::options::Options;
use crate::client::shared::Shared;

/// Configures and creates a [`Client`]; made by [`Client::builder`].
#[must_use = "a client builder does nothing unless you call `.connect()`"]
#[derive(Debug)]
pub struct Builder<P, T = Tcp> {
    request: Result<Request, BuildError>,
    options: Options,
    tokens: Tokens,
    transport: T,
    rng: Rng,
    fingerprint: Option<String>,
    protocol: PhantomData<fn() -> P>,
}

impl<P: Protocol> Client<P> {
    /// Creates a client of the server at `ws://…` or (feature `tls`) `wss://…`, with the default
    /// options. It connects in a task of its own, and queues what is sent meanwhile.
    ///
    /// # Errors
    /// [`BuildError`] if the address is invalid, or needs TLS and the feature `tls` is off.
    ///
    /// # Panics
    /// If called outside a tokio runtime.
    pub fn connect(url: &str) -> Result<Self, BuildError> {
        Self::builder(url).connect()
    }

    /// Starts configuring a client of the server at this address.
    pub fn builder(url: &str) -> Builder<P> {
        Builder::new(url)
    }
}

impl<P: Protocol> Builder<P> {
    fn new(url: &str) -> Self {
        let request = url.into_client_request();
        Self {
            request: request.map_err(|error| BuildError::Url(error.to_string())),
            options: Options::default(),
            tokens: Tokens::default(),
            transport: Tcp::default(),
            rng: Rng::new(),
            fingerprint: None,
            protocol: PhantomData,
        }
    }
}

impl<P: Protocol, T: Transport> Builder<P, T> {
    /// Sets all options at once.
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Sends this token with every handshake. Default: no token, for servers that authenticate by a
    /// header.
    pub fn token(self, token: impl Into<String>) -> Self {
        let token = token.into();
        self.token_from(move |_| std::future::ready(Ok(Some(token.clone()))))
    }

    /// Asks for the token at every attempt, before it runs out, and when the server wants a new one.
    /// `Ok(None)` ends the client: [`Closed::Unauthorized`](crate::client::Closed::Unauthorized). An error
    /// counts as a break: the client comes back with backoff.
    pub fn token_from<F, Fut>(mut self, provider: F) -> Self
    where
        F: Fn(TokenRequest) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Option<String>, TokenError>> + Send + 'static,
    {
        self.tokens = Tokens::new(provider);
        self
    }

    /// Adds a header to the upgrade request, such as `Authorization` or `Cookie`.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        if let Ok(request) = &mut self.request {
            request.headers_mut().append(name, value);
        }
        self
    }

    /// Connects by another transport than plain TCP, for example by [`Tcp::tls`] with your own
    /// configuration.
    pub fn transport<Other: Transport>(self, transport: Other) -> Builder<P, Other> {
        Builder {
            request: self.request,
            options: self.options,
            tokens: self.tokens,
            transport,
            rng: self.rng,
            fingerprint: self.fingerprint,
            protocol: PhantomData,
        }
    }

    /// Tells the server the fingerprint of this manifest (`chat.manifest.json` beside the generated
    /// client), so that the server can refuse versions that it no longer supports:
    /// [`Closed::UpgradeRequired`](crate::client::Closed::UpgradeRequired). By default the client
    /// sends no fingerprint, and the server accepts it unchecked.
    ///
    /// # Errors
    /// [`BuildError`] if the text is not a manifest, or describes another protocol.
    pub fn manifest(mut self, manifest: &str) -> Result<Self, BuildError> {
        let manifest: Manifest = serde_json::from_str(manifest).map_err(BuildError::Manifest)?;
        if manifest.protocol != P::NAME {
            return Err(BuildError::OtherProtocol {
                found: manifest.protocol,
                expected: P::NAME,
            });
        }
        self.fingerprint = Some(manifest.fingerprint);
        Ok(self)
    }

    /// Seeds the random delays, so that tests are reproducible.
    pub fn seed(mut self, seed: u64) -> Self {
        self.rng = Rng::with_seed(seed);
        self
    }

    /// Creates the client. It connects in a task of its own, and queues what is sent meanwhile.
    /// [`Client::opened`] waits until the server has accepted it.
    ///
    /// # Errors
    /// [`BuildError`] if the address is invalid, or needs TLS and the feature `tls` is off.
    ///
    /// # Panics
    /// If called outside a tokio runtime.
    pub fn connect(self) -> Result<Client<P>, BuildError> {
        self.start().map(|(client, _)| client)
    }

    /// The same, with a stream that receives every item from the start.
    pub(crate) fn start(mut self) -> Result<(Client<P>, Events<P>), BuildError> {
        let request = self.request?;
        self.transport.check(request.uri())?;
        let kept = [
            P::USER_HISTORY.map(|_| ChannelName::user()),
            P::ALL_HISTORY.map(|_| ChannelName::all()),
        ];
        let kept = kept.into_iter().flatten().collect();
        let shared = Arc::new(Shared::new(self.options, kept, self.rng.fork()));
        let link = Link {
            shared: shared.clone(),
            transport: self.transport,
            tokens: self.tokens,
            request,
            protocol: ProtocolId {
                name: P::NAME.to_owned(),
                fingerprint: self.fingerprint,
            },
            rng: self.rng,
        };
        let client = Client {
            handle: Arc::new(CloseOnDrop { shared }),
            protocol: PhantomData,
        };
        let events = client.events();
        tokio::spawn(link.run());
        Ok((client, events))
    }
}
