//! Why a request does not become a connection, as HTTP says it.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use socket_protocol::{ErrorCode, InvalidChannelName, WireError};

use crate::stats::refused::RefusedCounters;

/// How long who is refused for now waits, in seconds.
pub(super) const RETRY_AFTER: &str = "3";

/// Why a request does not become a connection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UpgradeRejection {
    /// Not a GET: 405.
    #[error("a WebSocket is opened by GET")]
    Method,
    /// Not HTTP/1.1, or a server that cannot hand over its connection: 400.
    #[error("a WebSocket is opened over HTTP/1.1")]
    Http,
    /// No `Connection: upgrade` and `Upgrade: websocket`: 426.
    #[error("this address speaks WebSocket: the request must ask to upgrade")]
    NoUpgrade,
    /// Not version 13: 426.
    #[error("this address speaks WebSocket version 13")]
    Version,
    /// No usable `Sec-WebSocket-Key`: 400.
    #[error("Sec-WebSocket-Key is missing or not sixteen bytes in base64")]
    Key,
    /// Subprotocols were offered, none of them known: 400.
    #[error("none of the offered subprotocols is known; this server speaks socket.v1, or none")]
    Subprotocol,
    /// The page's origin may not connect: 403.
    #[error(
        "pages of the origin {0} may not connect; the server lets them in with `Service::builder(..).origin({0:?})`"
    )]
    Origin(String),
    /// The channel's name is none: 400.
    #[error(transparent)]
    Channel(#[from] InvalidChannelName),
    /// The channel may not be joined (plain mode only): 403.
    #[error("{0}")]
    Refused(String),
    /// The client was not let in (plain mode only): 401.
    #[error("{0}")]
    Unauthorized(String),
    /// There are as many connections as there may be: 503.
    #[error("the server is full; try again in a moment")]
    Full,
    /// The server could not look at the client: 503.
    #[error("{0}")]
    Unavailable(String),
    /// The server is going away: 503.
    #[error("the server is going away; try again in a moment")]
    Draining,
}

impl UpgradeRejection {
    /// Counts it, where it is one of those that are counted.
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

    /// What the hook's refusal is in HTTP.
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
