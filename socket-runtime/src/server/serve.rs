//! A server that cannot be held open by silent requests, and that ends in good order.

use std::future::{Future, IntoFuture, pending};
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use socket_protocol::Protocol;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::config::Config;
use crate::service::Service;

/// The least that hyper reads a head with, in bytes; less would be a panic.
const MIN_HEAD: usize = 8 * 1024;
/// How long requests that are being answered at the end may take.
const LAST_REQUESTS: Duration = Duration::from_secs(10);
/// How long accepting rests when the process has no more descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves an axum router over HTTP/1.1, with what `axum::serve` lacks: a request head must come
/// within 10 s and fit into 32 KiB and 64 headers, and the end waits for WebSockets.
///
/// ```no_run
/// # use socket_runtime::*;
/// # async fn run<P: Protocol>(app: axum::Router, sockets: Service<P>, signal: impl Future<Output = ()> + Send + 'static)
/// # -> std::io::Result<()> {
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
/// serve(listener, app).sockets(&sockets).until(signal).await
/// # }
/// ```
pub fn serve(listener: TcpListener, router: Router) -> Serve {
    Serve {
        listener,
        router,
        until: Box::pin(pending()),
        shutdowns: Vec::new(),
        config: Config::default(),
    }
}

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A server that has not begun; from [`serve`]. Awaiting it runs it.
#[must_use = "a server runs by `.await`"]
pub struct Serve {
    listener: TcpListener,
    router: Router,
    until: Task,
    shutdowns: Vec<Task>,
    config: Config,
}

impl std::fmt::Debug for Serve {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Serve")
            .field("listener", &self.listener)
            .finish_non_exhaustive()
    }
}

impl Serve {
    /// Ends when the future does: accepts nothing more, answers the requests that are under way,
    /// and shuts down the services named by [`Self::sockets`]. Default: never.
    pub fn until(mut self, signal: impl Future<Output = ()> + Send + 'static) -> Self {
        self.until = Box::pin(signal);
        self
    }

    /// Takes the limits of heads (`head_…`) from there. Default: [`Config::default`].
    pub fn config(mut self, config: &Config) -> Self {
        self.config = config.clone();
        self
    }

    /// Shuts down this service too at the end, as [`Service::shutdown`] says. May be called once
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

    async fn run(mut self) -> io::Result<()> {
        let end = watch::Sender::new(());
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = &mut self.until => break,
            };
            match accepted {
                Ok((stream, address)) => self.connection(stream, address, end.subscribe()),
                Err(error) if is_connections_own(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "cannot accept");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
        drop(self.listener);
        let shutdowns: Vec<_> = self.shutdowns.into_iter().map(tokio::spawn).collect();
        for shutdown in shutdowns {
            if let Err(error) = shutdown.await {
                tracing::error!(%error, "a service did not shut down");
            }
        }
        end.send_replace(());
        if timeout(LAST_REQUESTS, end.closed()).await.is_err() {
            tracing::warn!("requests left at the end");
        }
        Ok(())
    }

    fn connection(&self, stream: TcpStream, address: SocketAddr, mut end: watch::Receiver<()>) {
        // Without it the kernel holds small messages back.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "no TCP_NODELAY");
        }
        let router = self.router.clone();
        let service = tower_service(router, address);
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.config.head_timeout)
            .max_buf_size(self.config.head_bytes.max(MIN_HEAD))
            .max_headers(self.config.head_fields)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        tokio::spawn(async move {
            let mut connection = pin!(connection);
            let served = tokio::select! {
                served = connection.as_mut() => served,
                _ = end.changed() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = served {
                tracing::debug!(%error, "request not served");
            }
        });
    }
}

/// The router as hyper calls it, told where the request comes from.
fn tower_service(
    router: Router,
    address: SocketAddr,
) -> impl hyper::service::Service<
    hyper::Request<Incoming>,
    Response = axum::response::Response,
    Error = std::convert::Infallible,
    Future: Send,
> {
    let service = TowerToHyperService::new(router);
    hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(address));
        hyper::service::Service::call(&service, request.map(Body::new))
    })
}

/// Errors that end one connection and say nothing of the listener.
fn is_connections_own(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}

impl IntoFuture for Serve {
    type Output = io::Result<()>;
    type IntoFuture = Pin<Box<dyn Future<Output = io::Result<()>> + Send>>;

    /// # Errors
    /// None yet: what goes wrong with one connection is logged, and accepting goes on.
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}
