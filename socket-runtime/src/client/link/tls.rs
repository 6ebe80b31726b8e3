//! Trusted certificates, for addresses that start with `wss://`.

use std::io;
use std::sync::{Arc, OnceLock};

use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tokio_tungstenite::Connector;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::http::Uri;

use super::address::is_secure;

#[derive(Debug, Clone, Default)]
pub(crate) enum Tls {
    /// The certificates that the machine trusts.
    #[default]
    Machine,
    /// The program's own configuration.
    Own(Arc<ClientConfig>),
}

impl Tls {
    /// The TLS connector for this address; `None` if the address needs no TLS.
    pub(crate) async fn connector(&self, address: &Uri) -> Result<Option<Connector>, Error> {
        if !is_secure(address) {
            return Ok(None);
        }
        let config = match self {
            Self::Own(config) => config.clone(),
            Self::Machine => machine().await?,
        };
        Ok(Some(Connector::Rustls(config)))
    }
}

/// The machine's configuration, read once per process.
async fn machine() -> io::Result<Arc<ClientConfig>> {
    static MACHINE: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    if let Some(config) = MACHINE.get() {
        return Ok(config.clone());
    }
    let config = tokio::task::spawn_blocking(load)
        .await
        .map_err(io::Error::other)??;
    Ok(MACHINE.get_or_init(|| Arc::new(config)).clone())
}

fn load() -> io::Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        let errors = found.errors;
        return Err(io::Error::other(format!(
            "this machine trusts no certificate authority (on Debian, install ca-certificates): {errors:?}"
        )));
    }
    // The process may have installed a cryptography provider; rustls panics if it has to guess.
    let provider = CryptoProvider::get_default()
        .cloned()
        .unwrap_or_else(|| Arc::new(ring::default_provider()));
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}
