//! The transport to the server.

use std::future::Future;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::http::Uri;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use super::address::is_secure;
use crate::client::error::BuildError;

/// Opens WebSockets for a client: [`Tcp`], or your own over a tunnel, a Unix socket or a stream in
/// memory.
pub trait Transport: Send + Sync + 'static {
    /// The byte stream.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// Opens a connection and upgrades it with this request.
    /// `tokio_tungstenite::client_async_with_config` performs the upgrade over any stream.
    ///
    /// # Errors
    /// Any failure; the client tries again with backoff.
    fn open(
        &self,
        request: Request,
        config: WebSocketConfig,
    ) -> impl Future<Output = Result<WebSocketStream<Self::Stream>, Error>> + Send;

    /// Checks the address before the first attempt.
    ///
    /// # Errors
    /// A mistake that no further attempt can fix; the client is then not created. Default: no
    /// check.
    fn check(&self, address: &Uri) -> Result<(), BuildError> {
        let _ = address;
        Ok(())
    }
}

/// TCP, and with the feature `tls` also `wss://…`: TLS by rustls, which trusts the machine's
/// certificates. Use [`Tcp::tls`] for other certificates.
#[derive(Debug, Clone, Default)]
pub struct Tcp {
    #[cfg(feature = "tls")]
    tls: super::tls::Tls,
}

impl Tcp {
    /// TCP, and TLS with your own configuration, for example for a private authority or a client
    /// certificate.
    ///
    /// ```
    /// # use socket_runtime::client::{Client, Tcp, rustls};
    /// # fn client<P: socket_runtime::Protocol>(authority: rustls::pki_types::CertificateDer<'static>)
    /// # -> Result<Client<P>, Box<dyn std::error::Error>> {
    /// let mut roots = rustls::RootCertStore::empty();
    /// roots.add(authority)?;
    /// let config = rustls::ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
    ///     .with_safe_default_protocol_versions()?
    ///     .with_root_certificates(roots)
    ///     .with_no_client_auth();
    /// Ok(Client::builder("wss://service.internal/socket").transport(Tcp::tls(config)).connect()?)
    /// # }
    /// ```
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(config: impl Into<std::sync::Arc<tokio_rustls::rustls::ClientConfig>>) -> Self {
        Self {
            tls: super::tls::Tls::Own(config.into()),
        }
    }
}

impl Transport for Tcp {
    type Stream = MaybeTlsStream<TcpStream>;

    async fn open(
        &self,
        request: Request,
        config: WebSocketConfig,
    ) -> Result<WebSocketStream<Self::Stream>, Error> {
        // Disables the delay in which the kernel gathers small messages.
        const NO_DELAY: bool = true;
        #[cfg(feature = "tls")]
        let opened = {
            let tls = self.tls.connector(request.uri()).await?;
            tokio_tungstenite::connect_async_tls_with_config(request, Some(config), NO_DELAY, tls)
        };
        #[cfg(not(feature = "tls"))]
        let opened = tokio_tungstenite::connect_async_with_config(request, Some(config), NO_DELAY);
        opened.await.map(|(socket, _)| socket)
    }

    fn check(&self, address: &Uri) -> Result<(), BuildError> {
        reachable(address, cfg!(feature = "tls"))
    }
}

/// Checks that the address needs nothing that this build lacks.
fn reachable(address: &Uri, tls: bool) -> Result<(), BuildError> {
    if is_secure(address) && !tls {
        return Err(BuildError::NoTls);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls_that_is_not_there_is_told_before_the_first_attempt() {
        for (address, tls, refused) in [
            ("ws://a.example", false, false),
            ("wss://a.example", false, true),
            ("WSS://a.example", false, true),
            ("wss://a.example", true, false),
        ] {
            let found = reachable(&address.parse().unwrap(), tls);
            assert_eq!(found.is_err(), refused, "{address}");
            if let Err(error) = found {
                assert!(error.to_string().contains("\"tls\""), "{error}");
            }
        }
    }
}
