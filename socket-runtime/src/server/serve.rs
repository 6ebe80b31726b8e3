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
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::serve::Listener;
use futures_util::FutureExt as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use socket_protocol::Protocol;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::config::Config;
use crate::outbound::limit_unsent;
use crate::service::Service;
use crate::shown::shown;

/// How long a client may take to read the answer that it was too slow.
const LAST_WORD: Duration = Duration::from_secs(1);
/// How long requests may take that are still being answered at the end.
const LAST_REQUESTS: Duration = Duration::from_secs(10);

/// Serves an axum router over HTTP/1.1, and adds what `axum::serve` lacks: a request head must
/// arrive within 10 s and fit into 32 KiB and 64 headers, and the shutdown waits for WebSockets.
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
    Serve {
        listener,
        router,
        until: Box::pin(pending()),
        shutdowns: Vec::new(),
        config: Config::default(),
        tls: None,
    }
}

type Ending = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A byte stream of any kind.
trait Plaintext: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Plaintext for S {}

type Secured = Pin<Box<dyn Future<Output = Result<Box<dyn Plaintext>, String>> + Send>>;

/// A server that has not started; made by [`serve`]. Awaiting it runs it.
#[must_use = "a server does nothing unless you `.await` it"]
pub struct Serve<L: Listener = TcpListener> {
    listener: L,
    router: Router,
    until: Ending,
    shutdowns: Vec<Ending>,
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
    /// Stops when the future is ready. The services named by [`Self::sockets`] are shut down first.
    /// Meanwhile other requests are still answered, so that [`Service::health`] can inform load
    /// balancers, and upgrade requests get HTTP 503. Then the server accepts nothing more, and the
    /// requests under way are answered within 10 s. Default: runs forever.
    pub fn until(mut self, signal: impl Future<Output = ()> + Send + 'static) -> Self {
        self.until = Box::pin(signal);
        self
    }

    /// Takes the limits of request heads, [`HttpLimits`](crate::config::HttpLimits), from this
    /// config. Default: [`Config::default`].
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
        let mut shutdowns = JoinSet::new();
        let mut going = false;
        loop {
            tokio::select! {
                (io, address) = self.listener.accept() => {
                    self.connection(io, &address, end.subscribe());
                }
                () = &mut self.until, if !going => {
                    going = true;
                    for shutdown in self.shutdowns.drain(..) {
                        shutdowns.spawn(shutdown);
                    }
                }
                shut = shutdowns.join_next(), if going => match shut {
                    None => break,
                    Some(Ok(())) => {}
                    Some(Err(error)) => tracing::error!(%error, "the shutdown of a service failed"),
                }
            }
        }
        drop(self.listener);
        end.send_replace(());
        if timeout(LAST_REQUESTS, end.closed()).await.is_err() {
            tracing::warn!("requests still open at the end");
        }
        Ok(())
    }

    fn connection(&self, mut io: L::Io, address: &L::Addr, mut end: watch::Receiver<()>) {
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
            config: self.config.clone(),
        };
        let Some(tls) = &self.tls else {
            tokio::spawn(http.serve(io, end));
            return;
        };
        let secured = timeout(self.config.http.head_timeout, tls(io));
        tokio::spawn(async move {
            tokio::select! {
                secured = secured => match secured {
                    Ok(Ok(stream)) => http.serve(stream, end).await,
                    Ok(Err(error)) => tracing::debug!(error = %shown(error), "the TLS handshake failed"),
                    Err(_) => tracing::debug!("the TLS handshake timed out"),
                },
                _ = end.changed() => {}
            }
        });
    }
}

/// Answers the requests of one connection.
struct Http {
    router: Router,
    address: Option<SocketAddr>,
    config: Config,
}

impl Http {
    async fn serve<S>(self, io: S, mut end: watch::Receiver<()>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let config = &self.config;
        let mut connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(config.http.head_timeout)
            .max_buf_size(config.http.head_bytes)
            .max_headers(config.http.head_fields)
            .serve_connection(
                TokioIo::new(io),
                tower_service(self.router.clone(), self.address),
            )
            .with_upgrades();
        let served = tokio::select! {
            served = &mut connection => served,
            _ = end.changed() => {
                Pin::new(&mut connection).graceful_shutdown();
                (&mut connection).await
            }
        };
        if let Err(error) = served {
            tracing::debug!(error = %shown(&error), "a request failed");
            if error.is_timeout()
                && let Some(parts) = connection.into_parts()
            {
                // A client that does not read this either is not waited for.
                let _ = timeout(LAST_WORD, too_late(parts.io.into_inner())).await;
            }
        }
    }
}

/// Tells a client that its request head did not arrive in time.
async fn too_late(mut io: impl AsyncWrite + Unpin) -> io::Result<()> {
    io.write_all(b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
        .await?;
    io.shutdown().await
}

/// The router as hyper calls it, with the client's address.
fn tower_service(
    router: Router,
    address: Option<SocketAddr>,
) -> impl hyper::service::Service<
    hyper::Request<Incoming>,
    Response = axum::response::Response,
    Error = std::convert::Infallible,
    Future: Send,
> {
    let service = TowerToHyperService::new(router);
    hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        if let Some(address) = address {
            request.extensions_mut().insert(ConnectInfo(address));
        }
        hyper::service::Service::call(&service, request.map(Body::new))
    })
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
