//! The ways in which bytes reach the service: the same tests go over each of them.

use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use socket_runtime::serve;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::chat::Sockets;

/// How the tests of this process reach their servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Our own `serve`, which hands over the socket itself.
    Direct,
    /// Our own `serve` behind TLS.
    Tls,
    /// `axum::serve`.
    Foreign,
}

const CHOICE: &str = "SOCKET_TEST_WAY";

impl Way {
    pub fn chosen() -> Self {
        match std::env::var(CHOICE).as_deref() {
            Ok("tls") => Self::Tls,
            Ok("foreign") => Self::Foreign,
            _ => Self::Direct,
        }
    }

    /// Serves until told to stop, which a foreign server never is.
    pub async fn serve(
        self,
        listener: TcpListener,
        app: Router,
        sockets: Sockets,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<()> {
        let served = |listener| {
            serve(listener, app.clone())
                .config(sockets.config())
                .sockets(&sockets)
                .until(stop)
        };
        match self {
            Self::Direct => served(listener).await,
            Self::Tls => {
                let acceptor = certified().0.clone();
                served(listener).tls(move |tcp| acceptor.accept(tcp)).await
            }
            Self::Foreign => axum::serve(listener, app).await,
        }
    }

    /// A stream to a server on this machine.
    pub async fn stream(self, port: u16) -> std::io::Result<Wire> {
        let tcp = TcpStream::connect(("127.0.0.1", port)).await?;
        if self != Self::Tls {
            return Ok(Box::new(tcp));
        }
        let name = ServerName::try_from("localhost").unwrap();
        Ok(Box::new(certified().1.connect(name, tcp).await?))
    }
}

/// What carries a client's bytes.
pub type Wire = Box<dyn Stream>;

pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug> Stream for S {}

/// A certificate of this process's own, and its key, as files hold them.
pub struct Certificate {
    pub chain: String,
    pub key: String,
}

pub fn certificate() -> &'static Certificate {
    static CERTIFICATE: OnceLock<Certificate> = OnceLock::new();
    CERTIFICATE.get_or_init(|| {
        let names = ["localhost", "app.example"].map(str::to_owned);
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        Certificate {
            chain: made.cert.pem(),
            key: made.signing_key.serialize_pem(),
        }
    })
}

/// Both ends of TLS, with a certificate of this process's own.
pub fn certified() -> &'static (TlsAcceptor, TlsConnector) {
    static CERTIFIED: OnceLock<(TlsAcceptor, TlsConnector)> = OnceLock::new();
    CERTIFIED.get_or_init(|| {
        let Certificate { chain, key } = certificate();
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
        let certificate = CertificateDer::from_pem_slice(chain.as_bytes()).unwrap();
        let server = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key)
            .unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(certificate).unwrap();
        let client = ClientConfig::builder()
            .with_root_certificates(roots)
            .with_no_client_auth();
        (Arc::new(server).into(), Arc::new(client).into())
    })
}

/// Longer than all tests of a program take.
const LIMIT: Duration = Duration::from_secs(400);

/// Runs tests of this program again, in a process of their own that goes another way. `wanted` and
/// `not` are parts of their names.
pub fn again(way: &str, wanted: &[&str], not: &[&str], at_least: usize) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .env(CHOICE, way)
        .env("RUST_BACKTRACE", "0")
        .args(wanted);
    for not in [&["other_servers::"], not].concat() {
        command.args(["--skip", not]);
    }
    let (told, output) = std::sync::mpsc::channel();
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    std::thread::spawn(move || {
        let mut text = Vec::new();
        let _ = stdout.read_to_end(&mut text);
        let _ = told.send(text);
    });
    let text = output.recv_timeout(LIMIT);
    if text.is_err() {
        child.kill().unwrap();
    }
    let status = child.wait().unwrap();
    let text = text.or_else(|_| output.recv()).unwrap();
    let text = String::from_utf8_lossy(&text);
    assert!(status.success(), "{text}");
    // A name that has changed must not take its tests along in silence.
    let passed = text.split(" passed").next().and_then(|before| {
        let count = before.rsplit(' ').next()?;
        count.parse::<usize>().ok()
    });
    assert!(passed.is_some_and(|passed| passed >= at_least), "{text}");
}
