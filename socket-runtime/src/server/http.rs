//! One socket that speaks HTTP: heads, requests and answers have their time, and no more.

use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use super::sockets::{Answer, HttpSocket, Place, Tracked};
use crate::config::Config;
use crate::shown::shown;
use crate::watchdog::Watch;

/// How long a client may take to the answer that it was too slow.
const LAST_WORD: Duration = Duration::from_secs(1);

/// Where the server listens, as a request's handler finds it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Local(pub(super) SocketAddr);

/// What one socket's requests are answered by.
pub(super) struct Http {
    pub(super) router: Router,
    pub(super) address: Option<SocketAddr>,
    pub(super) local: Option<SocketAddr>,
    pub(super) config: Config,
    pub(super) place: Place,
}

impl Http {
    pub(super) async fn serve<S>(self, io: S, mut end: watch::Receiver<()>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let config = &self.config;
        let socket = &self.place.0;
        let mut connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(config.http.head_timeout)
            .max_buf_size(config.http.head_bytes)
            .max_headers(config.http.head_fields)
            .serve_connection(
                TokioIo::new(Tracked::new(io, socket.clone())),
                self.answerer(),
            )
            .with_upgrades();
        let mut ending = false;
        let mut timer = pin!(sleep(config.http.response_timeout));
        let served = loop {
            tokio::select! {
                served = &mut connection => break served,
                _ = end.changed(), if !ending => {
                    ending = true;
                    Pin::new(&mut connection).graceful_shutdown();
                }
                () = socket.evicted() => {
                    return tracing::debug!("a silent socket makes room for others");
                }
                () = &mut timer => {
                    let now = Instant::now();
                    let since = socket.answers_since().unwrap_or(now);
                    if now >= since + config.http.response_timeout {
                        return tracing::debug!("an answer was not taken in time");
                    }
                    timer.as_mut().reset(since + config.http.response_timeout);
                }
            }
        };
        if let Err(error) = served {
            tracing::debug!(error = %shown(&error), "a request failed");
            if error.is_timeout()
                && let Some(parts) = connection.into_parts()
            {
                // Whoever does not take this either is not waited for.
                let _ = timeout(LAST_WORD, too_late(parts.io.into_inner())).await;
            }
        }
    }

    /// The router as hyper calls it, told where the request comes from.
    fn answerer(
        &self,
    ) -> impl hyper::service::Service<
        hyper::Request<Incoming>,
        Response = Response<Answer>,
        Error = Infallible,
        Future: Send,
    > + use<> {
        let service = TowerToHyperService::new(self.router.clone());
        let (address, local, limit) = (self.address, self.local, self.config.http.request_timeout);
        let socket = self.place.0.clone();
        hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
            socket.asks();
            let extensions = request.extensions_mut();
            if let Some(address) = address {
                extensions.insert(ConnectInfo(address));
            }
            if let Some(local) = local {
                extensions.insert(Local(local));
            }
            extensions.insert(socket.clone());
            let answer = hyper::service::Service::call(&service, request.map(Body::new));
            let socket = socket.clone();
            async move {
                let answer = timeout(limit, watched(answer)).await;
                let late = answer.is_err();
                let response = answer.unwrap_or_else(|_| {
                    let said = "the request timed out";
                    Ok((StatusCode::REQUEST_TIMEOUT, said).into_response())
                });
                response.map(|response| answered(response, &socket, late))
            }
        })
    }
}

/// The same, with the watchdog looking on: a router's handlers are the program's own code.
async fn watched<T>(code: impl Future<Output = T>) -> T {
    let mut code = pin!(code);
    poll_fn(|cx| {
        let _watch = Watch::begin();
        code.as_mut().poll(cx)
    })
    .await
}

/// Ends keep-alive where it is the last answer, and follows the body to its end.
fn answered(mut response: Response, socket: &Arc<HttpSocket>, late: bool) -> Response<Answer> {
    let last = socket.answers() || late;
    if last && response.status() != StatusCode::SWITCHING_PROTOCOLS {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response.map(|body| Answer::new(body, socket.clone()))
}

/// Tells a client that its head did not come in time.
async fn too_late(mut io: impl AsyncWrite + Unpin) -> io::Result<()> {
    io.write_all(b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
        .await?;
    io.shutdown().await
}
