//! The builder of a service.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use socket_protocol::definition::{Channels, Decide, Handle, HistorySpec};
use socket_protocol::manifest::Manifest;
use socket_protocol::{Protocol, Timestamp};
use tokio::sync::watch;

use super::context::Context;
use super::crowds::Crowds;
use super::handler::{Erased, Runner, guard};
use super::hooks::{Disconnected, Hooks};
use super::sessions::Sessions;
use super::shutdown::Stage;
use super::tasks::Tasks;
use super::{Inner, Service};
use crate::admission::{
    Authenticate, Authenticator, Pages, Proxies, VersionGate, Versions, authenticator,
};
use crate::broker::{Address, Broker, MemoryBroker, MemoryLimits, Node};
use crate::config::Config;
use crate::error::BuildError;
use crate::hub::Hub;
use crate::outbound::Flushers;
use crate::stats::refused::RefusedCounters;
use crate::stats::versions::VersionCounts;

/// Configures and creates a [`Service`]; made by [`Service::builder`].
#[must_use = "a builder does nothing unless you call `.build()`"]
pub struct Builder<P: Protocol, U> {
    runner: Arc<dyn Runner<P, U>>,
    config: Config,
    hooks: Hooks<P, U>,
    authenticator: Option<Authenticator<U>>,
    broker: Option<Arc<dyn Broker>>,
    fingerprint: Option<String>,
    versions: Versions,
}

impl<P: Protocol, U> std::fmt::Debug for Builder<P, U> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder")
            .field("config", &self.config)
            .field("fingerprint", &self.fingerprint)
            .finish_non_exhaustive()
    }
}

impl<P, U> Builder<P, U>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    pub(super) fn new<H>(handler: H) -> Self
    where
        H: Send + Sync + 'static,
        P::Commands: Handle<H, Context<P, U>>,
        P::Channels: Decide<H, Context<P, U>>,
    {
        Self {
            runner: Arc::new(Erased(handler)),
            config: Config::default(),
            hooks: Hooks::default(),
            authenticator: None,
            broker: None,
            fingerprint: None,
            versions: Versions::default(),
        }
    }

    /// Sets every limit at once.
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// Sets [`Timeouts::ping`](crate::config::Timeouts::ping) and
    /// [`Timeouts::pong`](crate::config::Timeouts::pong).
    pub const fn heartbeat(mut self, ping: Duration, timeout: Duration) -> Self {
        self.config.timeouts.ping = ping;
        self.config.timeouts.pong = timeout;
        self
    }

    /// Adds an origin to [`HttpLimits::origins`](crate::config::HttpLimits::origins): its pages may connect, beside those of the server's
    /// own, which are the ones whose origin is the request's `Host`. Spellings that are one origin
    /// as URLs are compared are one here. `*` lets in every page: where cookies say who a user is,
    /// every page then acts in the user's name, and the log says so once.
    pub fn origin(mut self, origin: impl Into<String>) -> Self {
        self.config.http.origins.push(origin.into());
        self
    }

    /// Adds to [`HttpLimits::hosts`](crate::config::HttpLimits::hosts): the server is reached under that name, and under no other that is
    /// not listed. With a port, the port counts too, where the request says one. Default: any name;
    /// but a server that listens on a loopback address is not reached under a foreign name with the
    /// server's own port, because that is what a browser sends that was led here by a name which
    /// its owner has pointed at this machine (DNS rebinding).
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.config.http.hosts.push(host.into());
        self
    }

    /// Sets the hook that decides who may connect, before anything else is handled: by the request
    /// and, in full mode, by the token of the first message. Without a hook every client is
    /// accepted, as the user given to [`Upgrade::user`](crate::Upgrade::user).
    pub fn authenticate(mut self, hook: impl Authenticate<U>) -> Self {
        self.authenticator = Some(authenticator(hook));
        self
    }

    /// Sets the hook that is called once per connection when it opens, in full mode after its
    /// handshake. The connection's first command waits for it.
    pub fn on_connected<F, Fut>(mut self, hook: F) -> Self
    where
        F: Fn(Context<P, U>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.hooks.connected = Some(Box::new(move |cx| Box::pin(hook(cx))));
        self
    }

    /// Sets the hook that is called each time a client resumes its session, when the new connection
    /// is open. It has the id and the metadata of the previous one. Commands do not wait for this
    /// hook.
    pub fn on_resumed<F, Fut>(mut self, hook: F) -> Self
    where
        F: Fn(Context<P, U>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.hooks.resumed = Some(Box::new(move |cx| Box::pin(hook(cx))));
        self
    }

    /// Sets the hook that is called when a client has brought another user's token with `:refresh`. Its
    /// second argument is the user that the connection had before; [`Context::user`] is the new one.
    /// Every membership has been decided anew by then. Commands do not wait for this hook.
    pub fn on_user_changed<F, Fut>(mut self, hook: F) -> Self
    where
        F: Fn(Context<P, U>, Option<Arc<U>>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.hooks.user_changed = Some(Box::new(move |cx, before| Box::pin(hook(cx, before))));
        self
    }

    /// Sets the hook that is called once per connection when its session is over and has left its
    /// channels: at once if the client said goodbye, after
    /// [`SessionLimits::reload_grace`](crate::config::SessionLimits::reload_grace) if it went away
    /// (1001), otherwise when it has not come back within
    /// [`SessionLimits::resume_window`](crate::config::SessionLimits::resume_window). It is called for
    /// exactly those connections for which `on_connected` is called. Handlers may still be running.
    pub fn on_disconnected<F, Fut>(mut self, hook: F) -> Self
    where
        F: Fn(Context<P, U>, Disconnected) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.hooks.disconnected = Some(Box::new(move |cx, reason| Box::pin(hook(cx, reason))));
        self
    }

    /// Sets the broker. Default: [`MemoryBroker`], for one process, with the limits `bytes`, `channels`
    /// and `remember` of [`HistoryLimits`](crate::config::HistoryLimits).
    pub fn broker(mut self, broker: impl Broker) -> Self {
        self.broker = Some(Arc::new(broker));
        self
    }

    /// Announces the fingerprint of the protocol's manifest to clients (`chat.manifest.json` beside
    /// the generated client). Without it the handshake omits the fingerprint.
    ///
    /// # Errors
    /// [`BuildError`] if the text is not a manifest, or describes another protocol.
    pub fn manifest(self, manifest: &str) -> Result<Self, BuildError> {
        let manifest: Manifest = serde_json::from_str(manifest).map_err(BuildError::Manifest)?;
        if manifest.protocol != P::NAME {
            return Err(BuildError::OtherProtocol {
                found: manifest.protocol,
                expected: P::NAME,
            });
        }
        self.same_version(manifest.fingerprint)
    }

    /// Sets the versions of the protocol whose clients are accepted. Default: all.
    /// [`Status::versions`](crate::Status::versions) counts the clients of each.
    ///
    /// # Errors
    /// [`BuildError`] if the versions belong to another protocol, or to another manifest than the
    /// one given to [`Builder::manifest`].
    pub fn versions(mut self, versions: Versions) -> Result<Self, BuildError> {
        if let Some((protocol, fingerprint)) = versions.of() {
            if protocol != P::NAME {
                return Err(BuildError::OtherProtocol {
                    found: protocol.to_owned(),
                    expected: P::NAME,
                });
            }
            let fingerprint = fingerprint.to_owned();
            self = self.same_version(fingerprint)?;
        }
        self.versions = versions;
        Ok(self)
    }

    /// Records the fingerprint, which must agree with one recorded before.
    fn same_version(mut self, fingerprint: String) -> Result<Self, BuildError> {
        match &self.fingerprint {
            Some(known) if *known != fingerprint => Err(BuildError::OtherVersion {
                one: known.clone(),
                other: fingerprint,
            }),
            _ => {
                self.fingerprint = Some(fingerprint);
                Ok(self)
            }
        }
    }

    /// Creates the service.
    ///
    /// # Panics
    /// Where [`Builder::try_build`] gives an error: a mistake in the program's own settings, which the
    /// message names.
    #[track_caller]
    pub fn build(self) -> Service<P, U> {
        match self.try_build() {
            Ok(service) => service,
            Err(error) => panic!("{error}"),
        }
    }

    /// Creates the service from settings that do not come from the program itself.
    ///
    /// # Errors
    /// [`BuildError::Limit`] names a limit that lies outside of its range; [`BuildError::Origin`],
    /// [`BuildError::Host`] and [`BuildError::Proxy`] name the entry of `origins`, `hosts` or
    /// `trusted_proxies` in [`HttpLimits`](crate::config::HttpLimits) that is not one.
    pub fn try_build(self) -> Result<Service<P, U>, BuildError> {
        self.config.check()?;
        let config = self.config.checked();
        let pages = Pages::new(&config.http.origins, &config.http.hosts)?;
        let proxies = Proxies::new(&config.http.trusted_proxies, &config.http.forwarded_header)?;
        let broker = self.broker.unwrap_or_else(|| {
            Arc::new(MemoryBroker::new(MemoryLimits {
                bytes: config.history.bytes,
                channels: config.history.channels,
                remember: config.history.remember,
            }))
        });
        let hub = Hub::new(broker.clone(), &config, Box::new(keeps::<P>));
        let hub = Arc::new(hub);
        hub.relieve_when_over();
        let node: Arc<dyn Node> = hub.clone();
        broker.attach(Arc::downgrade(&node));
        Ok(Service {
            inner: Arc::new(Inner {
                hub,
                sessions: Sessions::new(&config),
                runner: self.runner,
                version_gate: VersionGate::new(self.versions, self.fingerprint),
                version_counts: VersionCounts::new(config.limits.versions),
                config,
                hooks: self.hooks,
                authenticator: self.authenticator,
                flushers: Flushers::default(),
                since: Timestamp::now(),
                open: watch::Sender::new(0),
                tasks: Tasks::default(),
                stage: watch::Sender::new(Stage::Open),
                ended: watch::Sender::new(false),
                refused: RefusedCounters::default(),
                pages,
                proxies,
                addresses: Crowds::default(),
                users: Crowds::default(),
            }),
        })
    }
}

/// The history of an address, as the protocol declares it.
fn keeps<P: Protocol>(address: &Address) -> Option<HistorySpec> {
    match address {
        Address::Channel(name) => {
            let channel = guard(|| P::Channels::parse(name)).ok().flatten()?;
            P::Channels::CHANNELS[channel.index()].history
        }
        Address::User(_) => P::USER_HISTORY,
        Address::All => P::ALL_HISTORY,
    }
}
