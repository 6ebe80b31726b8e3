//! The health route.

use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, get};
use socket_protocol::Protocol;

use super::rejection::RETRY_AFTER;
use crate::service::Service;

impl<P: Protocol, U> Service<P, U>
where
    U: Send + Sync + 'static,
{
    /// A route that tells load balancers whether to send clients here: HTTP 200 and `ok`, or 503
    /// and `draining` once [`Self::shutdown`] has begun. A full service is healthy: it refuses only
    /// new connections.
    ///
    /// ```
    /// # use socket_runtime::*;
    /// # fn app<P: Protocol>(sockets: Service<P>) -> axum::Router {
    /// axum::Router::new().route("/health", sockets.health())
    /// # }
    /// ```
    pub fn health<S>(&self) -> MethodRouter<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        let service = self.clone();
        get(move || {
            let draining = service.is_draining();
            async move {
                // Whoever asks wants to know how it is now.
                let fresh = [(header::CACHE_CONTROL, "no-store")];
                if draining {
                    let later = [(header::RETRY_AFTER, RETRY_AFTER)];
                    (StatusCode::SERVICE_UNAVAILABLE, fresh, later, "draining").into_response()
                } else {
                    (fresh, "ok").into_response()
                }
            }
        })
    }
}
