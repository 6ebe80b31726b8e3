//! A service behind TLS: `cargo run -p socket-runtime --example tls -- cert.pem key.pem`, or
//! without files, with a self-signed certificate made for this run.

use std::error::Error;
use std::io::Write as _;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use socket_runtime::prelude::*;
use socket_runtime::{serve, shutdown_signal};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// The commands of a client.
#[derive(Commands)]
enum EchoCommand {
    /// Posts a text to everybody.
    Say { text: String },
}

/// The events that the server sends.
#[derive(Events)]
enum EchoEvent {
    /// A text was posted.
    Said { text: String },
}

/// The channels.
#[derive(Channels)]
enum EchoChannel {
    /// Unused in this example.
    #[channel("hall")]
    Hall,
}

/// The protocol.
#[derive(Protocol)]
#[protocol(name = "echo", commands = EchoCommand, events = EchoEvent, channels = EchoChannel)]
struct Echo;

struct Server;

impl EchoCommandHandler<Context<Echo>> for Server {
    async fn say(&self, cx: Context<Echo>, say: echo_command::Say) -> Result<(), Reject> {
        cx.send(EchoEvent::Said { text: say.text }).await
    }
}

impl EchoChannelPolicy<Context<Echo>> for Server {
    async fn may_join_hall(&self, _: &Context<Echo>) -> Result<(), Reject> {
        Ok(())
    }
}

async fn socket(upgrade: SocketUpgrade, State(sockets): State<Service<Echo>>) -> Response {
    sockets.upgrade(upgrade).await
}

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// The certificate chain and its key.
fn identity(arguments: &[String]) -> Result<Identity, Box<dyn Error>> {
    match arguments {
        [] => {
            let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
            let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
            Ok((vec![made.cert.der().clone()], key.into()))
        }
        [certificate, key] => {
            let chain = CertificateDer::pem_file_iter(certificate)?.collect::<Result<_, _>>()?;
            Ok((chain, PrivateKeyDer::from_pem_file(key)?))
        }
        _ => Err("usage: tls [CERTIFICATE.pem KEY.pem]".into()),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (chain, key) = identity(&arguments)?;
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    let acceptor = TlsAcceptor::from(Arc::new(config));

    let sockets: Service<Echo> = Service::builder(Server).build();
    let app = Router::new()
        .route("/socket", get(socket))
        .route("/health", sockets.health())
        .with_state(sockets.clone());
    let listener = TcpListener::bind("127.0.0.1:8443").await?;
    writeln!(
        std::io::stdout(),
        "listening on https://localhost:8443; try: curl -k https://localhost:8443/health"
    )?;
    serve(listener, app)
        .tls(move |tcp| acceptor.accept(tcp))
        .sockets(&sockets)
        .until(shutdown_signal())
        .await?;
    Ok(())
}
