//! Refused upgrade requests, as HTTP responses.

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
    /// The page's origin may not connect: 403.
    #[error(
        "the origin {0} may not connect; the server can allow it with `Service::builder(..).origin({0:?})`"
    )]
    Origin(String),
    /// The channel name is invalid: 400.
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
            Self::Origin(_) => counters.origins.one(),
            Self::Unauthorized(_) | Self::Refused(_) | Self::Unavailable(_) => {
                counters.logins.one()
            }
            Self::Method
            | Self::Http
            | Self::NoUpgrade
            | Self::Version
            | Self::Key
            | Self::Subprotocol
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
            Self::Http | Self::Key | Self::Subprotocol | Self::Channel(_) => {
                StatusCode::BAD_REQUEST
            }
            Self::Origin(_) | Self::Refused(_) => StatusCode::FORBIDDEN,
            Self::Unauthorized(_) => StatusCode::UNAUTHORIZED,
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
            Self::Full | Self::Draining | Self::Unavailable(_) => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER));
            }
            _ => {}
        }
        response
    }
}
