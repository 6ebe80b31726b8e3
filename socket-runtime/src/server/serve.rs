//! An HTTP server that silent requests cannot hold open, and that shuts down in good order.

use std::any::Any;
use std::fmt::Display;
use std::future::{Future, IntoFuture, pending};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::serve::Listener;
use futures_util::FutureExt as _;
use socket_protocol::Protocol;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};

use super::http::Http;
use super::io::Plaintext;
use super::sockets::{self, Place};
use crate::config::Config;
use crate::outbound::limit_unsent;
use crate::service::Service;
use crate::shown::shown;

/// Serves an axum router over HTTP/1.1, with what `axum::serve` lacks: a request head must come
/// within 10 s and fit into 32 KiB and 64 headers, requests and answers have their time, sockets that
/// are kept alive make room where descriptors run short, and the end waits for WebSockets.
///
/// ```no_run
/// # use socket_runtime::*;
/// # async fn run<P: Protocol>(app: axum::Router, sockets: Service<P>, signal: impl Future<Output = ()> + Send + 'static)
/// # -> std::io::Result<()> {
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
/// serve(listener, app).sockets(&sockets).until(signal).await
/// # }
/// ```
///
/// It accepts every listener that `axum::serve` accepts: TCP, a Unix socket, or your own. If the
/// listener's addresses are IP addresses, handlers can extract `ConnectInfo<SocketAddr>`. For TLS
/// see [`Serve::tls`].
pub fn serve<L>(listener: L, router: Router) -> Serve<L>
where
    L: Listener,
    L::Addr: 'static,
{
    let local = listener.local_addr().ok();
    let local = local.and_then(|local| (&local as &dyn Any).downcast_ref().copied());
    Serve {
        listener,
        local,
        router,
        until: Box::pin(pending()),
        shutdowns: Vec::new(),
        time: None,
        config: Config::default(),
        tls: None,
    }
}

type Ending = Pin<Box<dyn Future<Output = ()> + Send>>;

type Secured = Pin<Box<dyn Future<Output = Result<Box<dyn Plaintext>, String>> + Send>>;

/// A server that has not started; made by [`serve`]. Awaiting it runs it.
#[must_use = "a server does nothing unless you `.await` it"]
pub struct Serve<L: Listener = TcpListener> {
    listener: L,
    local: Option<SocketAddr>,
    router: Router,
    until: Ending,
    shutdowns: Vec<Ending>,
    /// How long the end of the services may take.
    time: Option<Duration>,
    config: Config,
    tls: Option<Arc<dyn Fn(L::Io) -> Secured + Send + Sync>>,
}

impl<L: Listener> std::fmt::Debug for Serve<L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Serve")
            .field("tls", &self.tls.is_some())
            .finish_non_exhaustive()
    }
}

impl<L> Serve<L>
where
    L: Listener,
    L::Addr: 'static,
{
    /// Ends when the future does; [`shutdown_signal`](crate::shutdown_signal) is one. The services
    /// named by [`Self::sockets`] are shut down; meanwhile other requests are still answered, so that
    /// [`Service::health`] can tell whoever sends clients here, and those for a WebSocket get HTTP
    /// 503. Then nothing more is accepted, and the requests under way are answered.
    ///
    /// All of it takes [`Timeouts::shutdown`](crate::config::Timeouts::shutdown) at most, the longest of the
    /// services' or, where there is none, that of [`Self::config`]. Requests that are left then are
    /// dropped, and with them all that this server holds. Default: never.
    pub fn until(mut self, signal: impl Future<Output = ()> + Send + 'static) -> Self {
        self.until = Box::pin(signal);
        self
    }

    /// Takes the limits of HTTP, [`HttpLimits`](crate::config::HttpLimits), from this config. Default:
    /// [`Config::default`].
    ///
    /// # Panics
    /// If a limit lies outside of its range, as [`Builder::build`](crate::Builder::build) does.
    #[track_caller]
    pub fn config(mut self, config: &Config) -> Self {
        self.config = config.clone().checked();
        self
    }

    /// Shuts down this service too at the end, as [`Service::shutdown`] does. May be called once
    /// for each service.
    pub fn sockets<P, U>(mut self, sockets: &Service<P, U>) -> Self
    where
        P: Protocol,
        U: Send + Sync + 'static,
    {
        let sockets = sockets.clone();
        let time = sockets.config().timeouts.shutdown;
        self.time = Some(self.time.map_or(time, |longest| longest.max(time)));
        self.shutdowns
            .push(Box::pin(async move { sockets.shutdown().await }));
        self
    }

    /// Runs TLS on every accepted connection, using the program's own library: `accept` turns an
    /// accepted stream into a stream of plain bytes. It runs in the connection's own task, so that
    /// a slow client delays no other, and may take
    /// [`HttpLimits::head_timeout`](crate::config::HttpLimits::head_timeout). If it fails, the connection is
    /// dropped and the failure logged at the level `debug`.
    ///
    /// ```
    /// # async fn run(listener: tokio::net::TcpListener, app: axum::Router, config: tokio_rustls::rustls::ServerConfig)
    /// # -> std::io::Result<()> {
    /// let acceptor = tokio_rustls::TlsAcceptor::from(std::sync::Arc::new(config));
    /// socket_runtime::serve(listener, app).tls(move |tcp| acceptor.accept(tcp)).await
    /// # }
    /// ```
    ///
    /// `cargo run -p socket-runtime --example tls` is a complete program. If TLS negotiates the
    /// protocol (ALPN), offer only `http/1.1`.
    pub fn tls<F, Fut, S, E>(mut self, accept: F) -> Self
    where
        F: Fn(L::Io) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<S, E>> + Send + 'static,
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        E: Display,
    {
        self.tls = Some(Arc::new(move |io| {
            let accepted = accept(io).map(|accepted| match accepted {
                Ok(stream) => Ok(Box::new(stream) as Box<dyn Plaintext>),
                Err(error) => Err(error.to_string()),
            });
            Box::pin(accepted)
        }));
        self
    }

    async fn run(mut self) -> io::Result<()> {
        let end = watch::Sender::new(());
        let (mut requests, mut shutdowns) = (JoinSet::new(), JoinSet::new());
        let mut since = None;
        loop {
            tokio::select! {
                (io, address) = accept(&mut self.listener) => {
                    self.connection(io, &address, end.subscribe(), &mut requests);
                }
                () = &mut self.until, if since.is_none() => {
                    since = Some(Instant::now());
                    for shutdown in self.shutdowns.drain(..) {
                        shutdowns.spawn(shutdown);
                    }
                }
                Some(_) = requests.join_next() => {}
                shut = shutdowns.join_next(), if since.is_some() => match shut {
                    None => break,
                    Some(Ok(())) => {}
                    Some(Err(error)) => tracing::error!(%error, "the shutdown of a service failed"),
                }
            }
        }
        drop(self.listener);
        end.send_replace(());
        let time = self.time.unwrap_or(self.config.timeouts.shutdown);
        let since = since.unwrap_or_else(Instant::now);
        // The last of it is for what is dropped to be gone.
        let late = since + time / 20 * 19;
        let left = async { while requests.join_next().await.is_some() {} };
        if timeout_at(late, left).await.is_err() {
            tracing::warn!(left = requests.len(), "requests at the end are cut off");
            let _ = timeout_at(since + time, requests.shutdown()).await;
        }
        Ok(())
    }

    fn connection(
        &self,
        mut io: L::Io,
        address: &L::Addr,
        mut end: watch::Receiver<()>,
        requests: &mut JoinSet<()>,
    ) {
        // Without it the kernel holds small messages back.
        if let Some(tcp) = (&mut io as &mut dyn Any).downcast_mut::<TcpStream>() {
            if let Err(error) = tcp.set_nodelay(true) {
                tracing::debug!(%error, "TCP_NODELAY could not be set");
            }
            if self.tls.is_some() {
                // Behind TLS nobody finds the socket later.
                limit_unsent(tcp);
            }
        }
        let address = (address as &dyn Any).downcast_ref::<SocketAddr>().copied();
        let http = Http {
            router: self.router.clone(),
            address,
            local: self.local,
            config: self.config.clone(),
            place: Place::new(),
        };
        let Some(tls) = &self.tls else {
            requests.spawn(http.serve(io, end));
            return;
        };
        let secured = timeout(self.config.http.head_timeout, tls(io));
        requests.spawn(async move {
            let socket = http.place.0.clone();
            let secured = tokio::select! {
                secured = secured => secured,
                _ = end.changed() => return,
                () = socket.evicted() => return,
            };
            match secured {
                Ok(Ok(stream)) => http.serve(stream, end).await,
                Ok(Err(error)) => {
                    tracing::debug!(error = %shown(error), "the TLS handshake failed")
                }
                Err(_) => tracing::debug!("the TLS handshake timed out"),
            }
        });
    }
}

/// The next socket, once there is room for it.
async fn accept<L: Listener>(listener: &mut L) -> (L::Io, L::Addr) {
    sockets::room().await;
    listener.accept().await
}

impl<L> IntoFuture for Serve<L>
where
    L: Listener,
    L::Addr: 'static,
{
    type Output = io::Result<()>;
    type IntoFuture = Pin<Box<dyn Future<Output = io::Result<()>> + Send>>;

    /// # Errors
    /// Infallible today: a failed connection is logged, and accepting continues.
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}
