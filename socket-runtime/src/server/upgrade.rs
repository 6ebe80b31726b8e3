//! From an HTTP request to a connection.

use std::future::{Future, IntoFuture};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Version, header};
use axum::response::{IntoResponse, Response};
use hyper::upgrade::OnUpgrade;
use socket_protocol::system::SUBPROTOCOL;
use socket_protocol::{ChannelName, ConnectionId, InvalidChannelName, Protocol};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tracing::Instrument;

use super::handshake;
use super::http::Local;
use super::io::Io;
use super::rejection::UpgradeRejection;
use super::sockets::HttpSocket;
use crate::admission::{self, Authority, Foreign, Identity, RequestHead, Visit};
use crate::channel::ToDefaultChannel;
use crate::command::membership;
use crate::connection;
use crate::hub::Handle;
use crate::service::Service;
use crate::service::connection::{Connection, Known, Metadata};
use crate::shown::shown;
use crate::stats::Mode;

/// An upgrade request: the argument of an axum handler that calls [`Service::upgrade`].
#[derive(Debug)]
pub struct SocketUpgrade {
    on_upgrade: OnUpgrade,
    accept: HeaderValue,
    mode: Mode,
    head: RequestHead,
    host: Authority,
    address: Option<SocketAddr>,
    local: Option<SocketAddr>,
    /// Where our own `serve` has accepted it.
    socket: Option<Arc<HttpSocket>>,
}

impl<S: Sync> FromRequestParts<S> for SocketUpgrade {
    type Rejection = UpgradeRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let headers = &parts.headers;
        if parts.method != Method::GET {
            return Err(UpgradeRejection::Method);
        }
        if parts.version != Version::HTTP_11 {
            return Err(UpgradeRejection::Http);
        }
        let host = handshake::check(headers, &parts.uri)?;
        if !lists(headers, header::CONNECTION, "upgrade")
            || !lists(headers, header::UPGRADE, "websocket")
        {
            return Err(UpgradeRejection::NoUpgrade);
        }
        if headers
            .get(header::SEC_WEBSOCKET_VERSION)
            .is_none_or(|version| version != "13")
        {
            return Err(UpgradeRejection::Version);
        }
        let key = headers
            .get(header::SEC_WEBSOCKET_KEY)
            .map(HeaderValue::as_bytes);
        let key = key.filter(|key| handshake::is_key(key));
        let key = key.ok_or(UpgradeRejection::Key)?;
        let accept = HeaderValue::from_str(&derive_accept_key(key));
        let mode = mode(headers)?;
        let address = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|info| info.0);
        Ok(Self {
            accept: accept.map_err(|_| UpgradeRejection::Key)?,
            mode,
            head: RequestHead {
                headers: headers.clone(),
                uri: parts.uri.clone(),
            },
            host,
            address,
            local: parts.extensions.get::<Local>().map(|local| local.0),
            socket: parts.extensions.get::<Arc<HttpSocket>>().cloned(),
            on_upgrade: parts
                .extensions
                .remove::<OnUpgrade>()
                .ok_or(UpgradeRejection::Http)?,
        })
    }
}

/// The mode that the offered subprotocols ask for.
fn mode(headers: &HeaderMap) -> Result<Mode, UpgradeRejection> {
    if !handshake::are_distinct(words(headers, header::SEC_WEBSOCKET_PROTOCOL)) {
        let said = "a subprotocol is offered more than once";
        return Err(UpgradeRejection::Malformed(said));
    }
    let offered = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL);
    // Subprotocols are case-sensitive, unlike the words of HTTP's own lists.
    if words(headers, header::SEC_WEBSOCKET_PROTOCOL).any(|word| word == SUBPROTOCOL) {
        return Ok(Mode::Full);
    }
    match offered.iter().next() {
        None => Ok(Mode::Plain),
        Some(_) => Err(UpgradeRejection::Subprotocol),
    }
}

/// Returns whether a header that is a list contains the word.
fn lists(headers: &HeaderMap, name: header::HeaderName, word: &str) -> bool {
    words(headers, name).any(|part| part.eq_ignore_ascii_case(word))
}

fn words(headers: &HeaderMap, name: header::HeaderName) -> impl Iterator<Item = &str> {
    let values = headers.get_all(name).into_iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}

/// Holds the request's page and host against what the service lists.
fn may_come<P: Protocol, U>(
    service: &Service<P, U>,
    head: &RequestHead,
    host: &Authority,
    local: Option<SocketAddr>,
) -> Result<(), UpgradeRejection> {
    let headers = &head.headers;
    let origin = headers.get(header::ORIGIN);
    // What is not text is not an origin either.
    let origin = origin.map(|origin| handshake::text(origin).unwrap_or_default());
    let visit = Visit {
        origin,
        host,
        local,
        cookies: headers.contains_key(header::COOKIE),
    };
    let Err(foreign) = service.pages().check(&visit) else {
        return Ok(());
    };
    let host = shown(host).to_string();
    Err(match foreign {
        Foreign::Host => {
            tracing::warn!(
                host,
                "refused: the server is not reached under this name. Where it is, list it by `.host(…)`"
            );
            UpgradeRejection::Host(host)
        }
        Foreign::Origin => {
            let origin = headers.get(header::ORIGIN);
            let origin = origin.map(|origin| String::from_utf8_lossy(origin.as_bytes()));
            let origin = shown(&origin.unwrap_or_default()).to_string();
            tracing::warn!(
                origin,
                host,
                "refused: pages of this origin may not connect, because the request's Host is another. \
                 Let the proxy pass the page's Host on, or list the origin by `.origin(…)`"
            );
            UpgradeRejection::Origin { origin, host }
        }
    })
}

impl<P: Protocol, U> Service<P, U> {
    /// Answers an upgrade request: `sockets.upgrade(upgrade).await` is the handler's response, and
    /// the connection runs in a task of its own.
    ///
    /// ```
    /// # use socket_runtime::*;
    /// use axum::extract::{Query, State};
    /// use axum::response::Response;
    /// # #[derive(Commands)] enum ChatCommand { Ping }
    /// # #[derive(Events)] enum ChatEvent { Pong }
    /// # #[derive(Channels)] enum ChatChannel { #[channel("lobby")] Lobby }
    /// # #[derive(Protocol)]
    /// # #[protocol(name = "chat", commands = ChatCommand, events = ChatEvent, channels = ChatChannel)]
    /// # struct Chat;
    /// # #[derive(serde::Deserialize)] struct Params { ch: Option<String> }
    ///
    /// async fn socket(
    ///     upgrade: SocketUpgrade,
    ///     State(sockets): State<Service<Chat>>,
    ///     Query(params): Query<Params>,
    /// ) -> Response {
    ///     sockets.upgrade(upgrade).channel(params.ch).user(User::new("u1", "ann")).await
    /// }
    /// # fn main() {}
    /// ```
    pub fn upgrade(&self, request: SocketUpgrade) -> Upgrade<P, U> {
        Upgrade {
            service: self.clone(),
            request,
            channel: Ok(None),
            user: None,
            metadata: Metadata::default(),
        }
    }
}

/// An upgrade that is being configured; awaiting it gives the response.
#[must_use = "an upgrade does nothing unless you `.await` it"]
pub struct Upgrade<P: Protocol, U> {
    service: Service<P, U>,
    request: SocketUpgrade,
    channel: Result<Option<ChannelName>, InvalidChannelName>,
    user: Option<U>,
    metadata: Metadata,
}

impl<P: Protocol, U> std::fmt::Debug for Upgrade<P, U> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upgrade")
            .field("request", &self.request)
            .field("channel", &self.channel)
            .finish_non_exhaustive()
    }
}

impl<P: Protocol, U> Upgrade<P, U> {
    /// The default channel: the connection is in it from the start, and its commands go there
    /// unless they name another. `None` or an empty text: no channel. An invalid name is answered
    /// with HTTP 400. A channel that the client may not join is answered with HTTP 403 in plain
    /// mode, and with an error in the handshake in full mode.
    pub fn channel<K>(mut self, channel: impl ToDefaultChannel<P::Channels, K>) -> Self {
        self.channel = channel.to_default_channel();
        self
    }

    /// The connection's user. Default: an anonymous connection.
    pub fn user(mut self, user: impl Into<Option<U>>) -> Self {
        self.user = user.into();
        self
    }

    /// Attaches a value of your own, which handlers read by its type with
    /// [`Context::metadata`](crate::Context::metadata); one value per type.
    pub fn metadata<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        self.metadata.insert(value);
        self
    }
}

impl<P, U> IntoFuture for Upgrade<P, U>
where
    P: Protocol,
    U: Identity + Send + Sync + 'static,
{
    type Output = Response;
    type IntoFuture = Pin<Box<dyn Future<Output = Response> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let service = self.service.clone();
            self.respond().await.unwrap_or_else(|rejection| {
                rejection.count(service.refused());
                rejection.into_response()
            })
        })
    }
}

impl<P, U> Upgrade<P, U>
where
    P: Protocol,
    U: Identity + Send + Sync + 'static,
{
    async fn respond(self) -> Result<Response, UpgradeRejection> {
        let SocketUpgrade {
            on_upgrade,
            accept,
            mode,
            head,
            host,
            address,
            local,
            socket,
        } = self.request;
        let service = self.service;
        if service.is_draining() {
            return Err(UpgradeRejection::Draining);
        }
        let config = service.config();
        may_come(&service, &head, &host, local)?;
        // What our own server accepts has an address, or is a Unix socket.
        let unix = socket.is_some() && address.is_none();
        let channel = self.channel?;
        let address = service.proxies().client(address, unix, &head.headers);
        let one = service.count_address(address).map_err(|()| {
            let address = address.map(|address| address.ip());
            UpgradeRejection::Address(address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)))
        })?;
        let own = || socket.as_ref().and_then(|socket| socket.take_descriptor());
        let open = service.count_open(own, one).ok_or(UpgradeRejection::Full)?;
        let user = self
            .user
            .as_ref()
            .map(|user| Arc::new(admission::info(user)));
        // Kept until the hook has seen it, which in full mode happens in the handshake.
        let head = service.authenticator().map(|_| Box::new(head));
        let handle = Handle::new(
            ConnectionId::random(),
            mode,
            user,
            address,
            config,
            service.hub().buffered(),
        );
        let known = Known::new(self.user.map(Arc::new), head);
        let connection = Connection::new(service.clone(), handle, known, channel, self.metadata);
        let connection = Arc::new(connection);
        if mode == Mode::Plain {
            connection::authenticate(&connection, None, None)
                .await
                .map_err(UpgradeRejection::refused)?;
        }
        if mode == Mode::Plain {
            let seat = service.count_user(connection.handle().user().as_deref());
            let seat = seat.map_err(|error| UpgradeRejection::Crowded(error.message))?;
            connection.known.lock().seat = seat;
        }
        if let (Mode::Plain, Some(channel)) = (mode, &connection.default_channel) {
            membership::decide(&connection, channel)
                .await
                .map_err(|error| UpgradeRejection::Refused(error.to_string()))?;
        }
        if service.is_draining() {
            // The shutdown may have begun while the program was asked.
            return Err(UpgradeRejection::Draining);
        }
        let handle = connection.handle();
        let user = handle.user();
        let user = user
            .as_ref()
            .map(|user| tracing::field::display(shown(&user.id)));
        let span = tracing::info_span!("connection", id = %handle.id(), user);
        let task = async move {
            let (io, half) = match on_upgrade.await {
                Ok(io) => Io::split(io),
                Err(error) => return tracing::debug!(%error, "the upgrade failed"),
            };
            let shard = connection.service.flushers().assign();
            connection.handle().attach(half, Some(shard));
            connection::run(connection, io, open).await;
        };
        service.spawn(&tokio::runtime::Handle::current(), task.instrument(span));
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
        if mode == Mode::Full {
            headers.insert(
                header::SEC_WEBSOCKET_PROTOCOL,
                HeaderValue::from_static(SUBPROTOCOL),
            );
        }
        Ok(response)
    }
}
