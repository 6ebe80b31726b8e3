//! Handlers that keep their thread.

use std::net::TcpStream;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::{Value, json};
use socket_runtime::{Config, Identity};
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::{Message, WebSocket, client};

use crate::chat::{Server, Sockets, said};
use crate::log::Log;
use crate::servers::{Way, Wire};
use crate::support::{Bystanders, Client, TestServer, request, router};

#[tokio::test]
async fn a_handler_that_keeps_its_thread_is_told_of_in_the_log() {
    let log = Log::default();
    let warnings = log.warnings.clone();
    let _guard = tracing::subscriber::set_default(log);
    let server = TestServer::start().await;
    let mut bystanders = Bystanders::meet(&server).await;
    let mut client = server.connected("?ch=lobby").await;
    // One that waits keeps nobody.
    client
        .call(json!({"cmd": "late", "param": {"text": "x", "millis": 200}}))
        .await;
    assert!(warnings.lock().is_empty(), "{:?}", warnings.lock());
    client
        .call(json!({"cmd": "block", "param": {"millis": 120}}))
        .await;
    let told = warnings.lock().clone();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains("what=\"block\"") && told[0].contains("spawn_blocking"),
        "{told:?}"
    );
    bystanders.talk().await;
}

/// A client that needs no thread of the server's runtime.
struct Apart(WebSocket<TcpStream>);

impl Apart {
    fn open(port: u16, request: Request) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        Self(client(request, stream).unwrap().0)
    }

    fn send(&mut self, message: &Value) {
        self.0.send(Message::text(message.to_string())).unwrap();
    }

    /// The next message that is no `:ping`; those are answered.
    fn next(&mut self) -> Result<Value, Message> {
        loop {
            let message: Value = match self.0.read().unwrap() {
                Message::Text(text) => serde_json::from_str(&text).unwrap(),
                other => return Err(other),
            };
            if message["cmd"] != ":ping" {
                return Ok(message);
            }
            self.send(&json!({"cmd": ":pong"}));
        }
    }
}

/// Tells when the thread is kept, and is told when to let it go.
struct Keeper(Sender<()>, Receiver<()>);

#[tokio::test]
async fn a_thread_that_was_kept_costs_nobody_its_connection() {
    const LIMIT: Duration = Duration::from_millis(600);
    let (kept, is_kept) = channel();
    let (go, may_go) = channel();
    let keeper = Arc::new(Mutex::new(Keeper(kept, may_go)));
    let sockets = Sockets::builder(Server)
        .config(Config::default().with(|config| {
            config.timeouts.ping = LIMIT;
            config.timeouts.pong = LIMIT;
            config.timeouts.handshake = LIMIT;
        }))
        .on_connected(move |cx| {
            let keeps = cx.user().is_some_and(|user| user.name() == "keeper");
            let keeper = keeper.clone();
            async move {
                if keeps {
                    let keeper = keeper.lock();
                    keeper.0.send(()).unwrap();
                    keeper.1.recv().unwrap();
                    // Longer than any of the limits.
                    thread::sleep(LIMIT * 5 / 2);
                }
            }
        });
    let server = TestServer::with(sockets.build()).await;
    let (listens, speaks) = (
        server.request("", Some("socket.v1")),
        server.request("", Some("socket.v1")),
    );
    let port = server.port;
    let (ready, is_ready) = tokio::sync::oneshot::channel();
    let apart = tokio::task::spawn_blocking(move || {
        let mut listens = Apart::open(port, listens);
        listens.send(&json!({"cmd": ":connect", "id": 1}));
        assert_eq!(listens.next().unwrap()["re"], 1);
        let mut speaks = Apart::open(port, speaks);
        ready.send(()).unwrap();
        is_kept.recv().unwrap();
        // In time, but nobody is there to read it.
        speaks.send(&json!({"cmd": ":connect", "id": 1}));
        go.send(()).unwrap();
        assert_eq!(speaks.next().unwrap()["re"], 1);
        // This one was not asked for a sign of life in time.
        listens.send(&json!({"cmd": "ping", "id": 2}));
        assert_eq!(listens.next().unwrap()["re"], 2);
    });
    is_ready.await.unwrap();
    let _keeper = server.connected("?user=keeper").await;
    apart.await.unwrap();
}

/// The users whose hook keeps a thread, until they are told to let it go.
struct Keepers {
    kept: tokio::sync::mpsc::UnboundedReceiver<()>,
    go: Vec<Sender<()>>,
}

/// A server with threads of its own, and the hook that keeps them: `says` lets it publish before.
fn served(
    threads: usize,
    way: Way,
    keepers: usize,
    says: bool,
) -> (tokio::runtime::Runtime, u16, Keepers) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()
        .unwrap();
    let (tell, kept) = tokio::sync::mpsc::unbounded_channel();
    let (go, wait): (Vec<_>, Vec<_>) = (0..keepers).map(|_| channel::<()>()).unzip();
    let wait = Arc::new(Mutex::new(wait));
    let sockets = Sockets::builder(Server).on_connected(move |cx| {
        let keeps = cx.user().is_some_and(|user| user.name() == "keeper");
        let (tell, wait) = (tell.clone(), wait.clone());
        async move {
            if keeps {
                if says {
                    let lobby = cx.service().to_channel("lobby");
                    lobby.send(said("keeper", "kept")).await.unwrap();
                }
                let go = wait.lock().pop().unwrap();
                tell.send(()).unwrap();
                let _ = go.recv();
            }
        }
    });
    let sockets = sockets.build();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    runtime.spawn(async move {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        let (app, _dropped) = router(&sockets);
        let served = way.serve(listener, app, sockets, std::future::pending());
        served.await
    });
    (runtime, port, Keepers { kept, go })
}

async fn open(way: Way, port: u16, query: &str) -> Client<Wire> {
    let url = format!("ws://127.0.0.1:{port}/socket{query}");
    let stream = way.stream(port).await.unwrap();
    Client::over(request(&url, None), stream).await
}

#[tokio::test]
async fn a_handler_that_keeps_its_thread_holds_up_nobody_else() {
    // From when on an answer is late, even on a machine that is busy with other tests.
    const LATE: Duration = Duration::from_millis(500);
    for (threads, keepers, way) in [
        (2, 1, Way::Direct),
        (4, 3, Way::Direct),
        (8, 1, Way::Direct),
        (2, 1, Way::Foreign),
        (4, 1, Way::Tls),
    ] {
        let (runtime, port, mut keeping) = served(threads, way, keepers, false);
        let mut bystanders = Vec::new();
        for _ in 0..40 {
            let mut client = open(way, port, "?ch=lobby").await;
            client.call(json!({"cmd": "ping"})).await;
            bystanders.push(client);
        }
        for _ in 0..keepers {
            // Another keeper's connection is accepted although threads are kept.
            let _keeper = open(way, port, "?user=keeper").await;
            keeping.kept.recv().await.unwrap();
        }
        let mut late = 0;
        for client in &mut bystanders {
            let begun = std::time::Instant::now();
            client.call(json!({"cmd": "ping"})).await;
            late += usize::from(begun.elapsed() > LATE);
        }
        assert_eq!(late, 0, "{threads} threads, {keepers} kept, {way:?}");
        // Those who talk to each other are heard, too.
        let said = json!({"cmd": "chat", "param": {"text": "hi"}});
        bystanders[0].send(said).await;
        for client in &mut bystanders {
            client.event("chat").await;
        }
        for go in keeping.go {
            go.send(()).unwrap();
        }
        runtime.shutdown_background();
    }
}

#[tokio::test]
async fn what_a_handler_published_before_it_kept_its_thread_is_delivered() {
    // Behind TLS the connection that is told last has its task on the kept thread (PROMISES.md).
    for way in [Way::Direct, Way::Foreign] {
        let (runtime, port, mut keeping) = served(2, way, 1, true);
        let mut members = Vec::new();
        for _ in 0..100 {
            let mut client = open(way, port, "?ch=lobby").await;
            client.call(json!({"cmd": "ping"})).await;
            members.push(client);
        }
        let _keeper = open(way, port, "?user=keeper").await;
        keeping.kept.recv().await.unwrap();
        for client in &mut members {
            assert_eq!(client.event("chat").await["param"]["text"], "kept");
        }
        for go in keeping.go {
            go.send(()).unwrap();
        }
        runtime.shutdown_background();
    }
}
