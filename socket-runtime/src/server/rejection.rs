//! Refused upgrade requests, as HTTP responses.

use std::net::IpAddr;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use socket_protocol::{ErrorCode, InvalidChannelName, WireError};

use crate::stats::refused::RefusedCounters;

/// How long a client that is refused for now should wait, in seconds.
pub(super) const RETRY_AFTER: &str = "3";

/// An upgrade request was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UpgradeRejection {
    /// Not a GET: 405.
    #[error("a WebSocket upgrade must be a GET request")]
    Method,
    /// Not HTTP/1.1, or a server that cannot hand over its connection: 400.
    #[error("a WebSocket upgrade must use HTTP/1.1")]
    Http,
    /// No `Connection: upgrade` and `Upgrade: websocket`: 426.
    #[error("this address serves WebSocket: the request must ask for an upgrade")]
    NoUpgrade,
    /// Not version 13: 426.
    #[error("this address supports WebSocket version 13")]
    Version,
    /// No usable `Sec-WebSocket-Key`: 400.
    #[error("Sec-WebSocket-Key is missing or not sixteen bytes in base64")]
    Key,
    /// Subprotocols were offered, none of them known: 400.
    #[error("unknown subprotocol: offer socket.v1, or none for plain mode")]
    Subprotocol,
    /// The head of the request is one that RFC 9112 or RFC 6455 forbids: 400.
    #[error("{0}")]
    Malformed(&'static str),
    /// The page's origin may not connect: 403.
    #[error(
        "pages of the origin {origin} may not connect, because the request's Host is {host}. \
         Where the page is the server's own, let the proxy in front pass its Host on; \
         else list the origin with `Service::builder(..).origin(\"{origin}\")`"
    )]
    Origin {
        /// The page's origin.
        origin: String,
        /// The Host that it was held against.
        host: String,
    },
    /// The server is not reached under that name: 403.
    #[error(
        "this server is not reached as {0}. Where it is, list the name with \
         `Service::builder(..).host(\"{0}\")`"
    )]
    Host(String),
    /// The client's address has as many connections as one address may have: 429.
    #[error("{0} has as many connections as one address may have; try again in a moment")]
    Address(IpAddr),
    /// The client's user has as many connections as one user may have (plain mode only): 429.
    #[error("{0}")]
    Crowded(String),
    /// The channel's name is none: 400.
    #[error(transparent)]
    Channel(#[from] InvalidChannelName),
    /// The default channel may not be joined (plain mode only): 403.
    #[error("{0}")]
    Refused(String),
    /// The client was not authenticated (plain mode only): 401.
    #[error("{0}")]
    Unauthorized(String),
    /// The limit of connections is reached: 503.
    #[error("the server is full; try again in a moment")]
    Full,
    /// The server could not authenticate the client: 503.
    #[error("{0}")]
    Unavailable(String),
    /// The server is going away: 503.
    #[error("the server is going away; try again in a moment")]
    Draining,
}

impl UpgradeRejection {
    /// Counts the refusals that are counted.
    pub(super) fn count(&self, counters: &RefusedCounters) {
        match self {
            Self::Full => counters.full.one(),
            Self::Draining => counters.draining.one(),
            Self::Origin { .. } => counters.origins.one(),
            Self::Host(_) => counters.hosts.one(),
            Self::Address(_) => counters.addresses.one(),
            Self::Unauthorized(_) | Self::Refused(_) | Self::Unavailable(_) => {
                counters.logins.one()
            }
            Self::Method
            | Self::Http
            | Self::NoUpgrade
            | Self::Version
            | Self::Key
            | Self::Malformed(_)
            | Self::Subprotocol
            // Counted where its user is.
            | Self::Crowded(_)
            | Self::Channel(_) => {}
        }
    }

    /// Translates the hook's refusal into HTTP.
    pub(super) fn refused(error: WireError) -> Self {
        let is = |code: ErrorCode| error.code == code.as_str();
        if is(ErrorCode::Unauthorized) {
            Self::Unauthorized(error.message)
        } else if is(ErrorCode::Internal) || is(ErrorCode::Unavailable) || is(ErrorCode::Timeout) {
            Self::Unavailable(error.message)
        } else {
            Self::Refused(error.to_string())
        }
    }
}

impl IntoResponse for UpgradeRejection {
    fn into_response(self) -> Response {
        let status = match self {
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::NoUpgrade | Self::Version => StatusCode::UPGRADE_REQUIRED,
            Self::Http | Self::Key | Self::Malformed(_) | Self::Subprotocol | Self::Channel(_) => {
                StatusCode::BAD_REQUEST
            }
            Self::Origin { .. } | Self::Host(_) | Self::Refused(_) => StatusCode::FORBIDDEN,
            Self::Unauthorized(_) => StatusCode::UNAUTHORIZED,
            Self::Address(_) | Self::Crowded(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Full | Self::Draining | Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        };
        let mut response = (status, self.to_string()).into_response();
        let headers = response.headers_mut();
        match self {
            Self::Method => drop(headers.insert(header::ALLOW, HeaderValue::from_static("GET"))),
            Self::NoUpgrade | Self::Version => {
                headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
                headers.insert(
                    header::SEC_WEBSOCKET_VERSION,
                    HeaderValue::from_static("13"),
                );
            }
            Self::Unauthorized(_) => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Self::Full
            | Self::Draining
            | Self::Unavailable(_)
            | Self::Address(_)
            | Self::Crowded(_) => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER));
            }
            _ => {}
        }
        response
    }
}
