//! The way to the server.

use std::future::Future;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// Opens WebSockets for a client: [`Tcp`], or one of the program's own, over a tunnel, a Unix
/// socket, or a stream in memory.
pub trait Transport: Send + Sync + 'static {
    /// What carries the bytes.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// Opens a connection and upgrades it by this request. `tokio_tungstenite::client_async_with_config`
    /// does the second half over any stream.
    ///
    /// # Errors
    /// What went wrong; the client tries again with backoff.
    fn open(
        &self,
        request: Request,
        config: WebSocketConfig,
    ) -> impl Future<Output = Result<WebSocketStream<Self::Stream>, Error>> + Send;
}

/// TCP. Addresses that begin with `wss://` need one of tokio-tungstenite's TLS features, which the
/// program chooses: `tokio-tungstenite = { version = "0.30", features = ["rustls-tls-webpki-roots"] }`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tcp;

impl Transport for Tcp {
    type Stream = MaybeTlsStream<TcpStream>;

    async fn open(
        &self,
        request: Request,
        config: WebSocketConfig,
    ) -> Result<WebSocketStream<Self::Stream>, Error> {
        // Without the delay in which the kernel gathers small messages.
        let opened = tokio_tungstenite::connect_async_with_config(request, Some(config), true);
        opened.await.map(|(socket, _)| socket)
    }
}
