//! The guide's files for proxies, as they stand there but for ports and paths, in Debian's packages.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use socket_runtime::{Config, serve};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_rustls::rustls::pki_types::ServerName;

use crate::chat::{Sockets, sockets};
use crate::servers::{Certificate, Wire, certificate};
use crate::support::{Client, request, router};

const GUIDE: &str = include_str!("../../src/guide/proxy.md");

/// The file of that page.
fn file(page: &str) -> String {
    let from = GUIDE.split(&format!("# {page}\n\n```text\n")).nth(1);
    from.unwrap().split("```").next().unwrap().to_owned()
}

/// A folder for one proxy's files.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("socket-runtime-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

struct Proxy {
    child: Child,
    port: u16,
    _folder: Folder,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // nginx and haproxy end their workers only where they are asked.
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        let _ = self.child.wait();
    }
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn run(program: &str, arguments: &[&str], home: &Path) -> Child {
    let paths = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin";
    let started = Command::new(program)
        .env("PATH", paths)
        .args(arguments)
        .env("HOME", home)
        .env("XDG_DATA_HOME", home)
        .env("XDG_CONFIG_HOME", home)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    started.unwrap_or_else(|error| panic!("{program}: {error}; `.ci/test` installs it"))
}

/// Runs the proxy in front of that port; `edit` changes the guide's file.
async fn start(name: &str, server: u16, edit: impl Fn(String) -> String) -> Proxy {
    let folder = Folder::new(name);
    let port = free_port();
    let Certificate { chain, key } = certificate();
    let pem = folder.write("app.example.pem", chain);
    let key_file = folder.write("app.example.key", key);
    let here = |text: String| {
        text.replace("127.0.0.1:8080", &format!("127.0.0.1:{server}"))
            .replace("/etc/ssl/app.example.key", &key_file)
            .replace("/etc/ssl/app.example.pem", &pem)
    };
    let home = folder.0.clone();
    let home_text = home.to_str().unwrap();
    let child = match name {
        "nginx" => {
            let text = here(edit(file("nginx")));
            let text = text.replace("listen 443 ssl", &format!("listen 127.0.0.1:{port} ssl"));
            let own = format!(
                "daemon off; pid {home_text}/pid; error_log {home_text}/log; events {{}}\n\
                 http {{ access_log off; client_body_temp_path {home_text}/body; \
                 proxy_temp_path {home_text}/proxy; fastcgi_temp_path {home_text}/fcgi; \
                 uwsgi_temp_path {home_text}/uwsgi; scgi_temp_path {home_text}/scgi;\n{text}}}\n"
            );
            let config = folder.write("nginx.conf", &own);
            run("nginx", &["-p", home_text, "-c", &config], &home)
        }
        "caddy" => {
            let text = here(edit(file("Caddy")));
            let own = "{\n\tadmin off\n\tauto_https disable_redirects\n}\n";
            let site = format!("https://app.example:{port} {{\n\tbind 127.0.0.1");
            let text = own.to_owned() + &text.replace("app.example {", &site);
            let config = folder.write("Caddyfile", &text);
            let arguments = ["run", "--adapter", "caddyfile", "--config", &config];
            run("caddy", &arguments, &home)
        }
        _ => {
            let text = here(edit(file("haproxy")));
            let text = text.replace("0.0.0.0:443", &format!("127.0.0.1:{port}"));
            // It wants the key beside its certificate.
            std::fs::write(&pem, chain.to_owned() + key).unwrap();
            let config = folder.write("haproxy.cfg", &text);
            run("haproxy", &["-W", "-f", &config], &home)
        }
    };
    let proxy = Proxy {
        child,
        port,
        _folder: folder,
    };
    let reached = async {
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let reached = tokio::time::timeout(Duration::from_secs(20), reached).await;
    reached.unwrap_or_else(|_| panic!("{name} does not listen"));
    proxy
}

async fn serve_chat(config: Config) -> (Sockets, u16) {
    let sockets = sockets(config);
    let (app, dropped) = router(&sockets);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = sockets.clone();
    tokio::spawn(async move {
        let _dropped = dropped;
        serve(listener, app).sockets(&served).await
    });
    (sockets, port)
}

/// A page's client, from 127.0.0.2, which claims to come from elsewhere; or the status that refuses it.
async fn open(proxy: &Proxy) -> Result<Client<Wire>, u16> {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let address = format!("127.0.0.1:{}", proxy.port).parse().unwrap();
    let tcp = socket.connect(address).await.unwrap();
    let name = ServerName::try_from("app.example").unwrap();
    let tls = certificate_connector().connect(name, tcp).await.unwrap();
    let origin = format!("https://app.example:{}", proxy.port);
    let mut asks = request(
        &format!("wss://app.example:{}/chat/socket?ch=lobby", proxy.port),
        Some("socket.v1"),
    );
    let headers = asks.headers_mut();
    headers.insert("origin", origin.parse().unwrap());
    headers.insert("x-forwarded-for", "6.6.6.6".parse().unwrap());
    let tls: Wire = Box::new(tls);
    match tokio_tungstenite::client_async(asks, tls).await {
        Ok((socket, _)) => {
            let mut client = Client::from(socket);
            client.connect(json!({})).await;
            Ok(client)
        }
        Err(tokio_tungstenite::tungstenite::Error::Http(response)) => {
            Err(response.status().as_u16())
        }
        Err(error) => panic!("{error}"),
    }
}

fn certificate_connector() -> &'static tokio_rustls::TlsConnector {
    &crate::servers::certified().1
}

fn trusting() -> Config {
    Config::default().with(|config| {
        config.http.trusted_proxies = vec!["127.0.0.1".to_owned()];
        config.limits.connections_per_address = 2;
    })
}

#[tokio::test]
async fn the_guides_files_serve_a_page_of_the_servers_own_origin() {
    for name in ["nginx", "caddy", "haproxy"] {
        let (sockets, port) = serve_chat(trusting()).await;
        let proxy = start(name, port, |file| file).await;
        let mut pair = [open(&proxy).await.unwrap(), open(&proxy).await.unwrap()];
        pair[0]
            .send(json!({"cmd": "chat", "param": {"text": "hi"}}))
            .await;
        for client in &mut pair {
            client.event("chat").await;
        }
        for connection in sockets.connections() {
            let address = connection.address.unwrap().ip().to_string();
            assert_eq!(address, "127.0.0.2", "{name}");
        }
        // As many as one address may have; the proxy is not taken for it.
        assert_eq!(open(&proxy).await.err(), Some(429), "{name}");
        assert_eq!(sockets.status().refused.addresses, 1, "{name}");
    }
}

#[tokio::test]
async fn nginx_may_drop_the_port_and_is_told_apart_where_it_drops_the_host() {
    let (_, port) = serve_chat(Config::default()).await;
    let without_port = start("nginx", port, |file| file.replace("$http_host", "$host")).await;
    open(&without_port).await.unwrap();
    drop(without_port);
    let line = "        proxy_set_header Host $http_host;\n";
    let without_host = start("nginx", port, |file| file.replace(line, "")).await;
    assert_eq!(open(&without_host).await.err(), Some(403));
}

#[tokio::test]
async fn a_quiet_connection_outlives_a_proxys_time_limit() {
    for name in ["nginx", "haproxy"] {
        let config =
            Config::default().with(|config| config.timeouts.ping = Duration::from_millis(400));
        let (_, port) = serve_chat(config).await;
        let proxy = start(name, port, |file| file.replace("75s", "1s")).await;
        let mut client = open(&proxy).await.unwrap();
        // Longer than that limit.
        for _ in 0..5 {
            client.event(":ping").await;
            client.send(json!({"cmd": ":pong"})).await;
        }
        client.settle().await;
    }
}

#[tokio::test]
async fn a_reload_leaves_connections_with_their_old_process() {
    for (name, signal) in [("nginx", Signal::HUP), ("haproxy", Signal::USR2)] {
        let (_, port) = serve_chat(Config::default()).await;
        let proxy = start(name, port, |file| file).await;
        let mut before = open(&proxy).await.unwrap();
        kill_process(Pid::from_child(&proxy.child), signal).unwrap();
        let mut after = open(&proxy).await.unwrap();
        for client in [&mut before, &mut after] {
            client.settle().await;
        }
    }
}
