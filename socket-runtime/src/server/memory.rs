//! Connections over a stream in memory, used by the clients of the test kit.

use std::convert::Infallible;
use std::future::Future;

pub(crate) use axum::Router;

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use socket_protocol::{ChannelName, Protocol};
use tokio::io::DuplexStream;

use super::SocketUpgrade;
use crate::admission::Identity;
use crate::service::Service;
use crate::shown::shown;

/// Serves one connection by a router.
pub(crate) async fn route(router: Router, io: DuplexStream) {
    let router = TowerToHyperService::new(router);
    serve(io, move |request| {
        hyper::service::Service::call(&router, request.map(Body::new))
    })
    .await;
}

/// Upgrades one connection for that user, into that channel.
pub(crate) async fn upgrade<P, U>(
    service: Service<P, U>,
    user: Option<U>,
    channel: Option<ChannelName>,
    io: DuplexStream,
) where
    P: Protocol,
    U: Identity + Clone + Send + Sync + 'static,
{
    serve(io, move |request| {
        let (service, user, channel) = (service.clone(), user.clone(), channel.clone());
        async move {
            let (mut parts, _) = request.into_parts();
            let response = match SocketUpgrade::from_request_parts(&mut parts, &()).await {
                Ok(request) => service.upgrade(request).channel(channel).user(user).await,
                Err(rejection) => rejection.into_response(),
            };
            Ok(response)
        }
    })
    .await;
}

async fn serve<F, Fut>(io: DuplexStream, respond: F)
where
    F: Fn(hyper::Request<Incoming>) -> Fut,
    Fut: Future<Output = Result<Response, Infallible>>,
{
    let served = http1::Builder::new()
        .serve_connection(TokioIo::new(io), service_fn(respond))
        .with_upgrades()
        .await;
    if let Err(error) = served {
        tracing::debug!(error = %shown(&error), "a request failed");
    }
}
