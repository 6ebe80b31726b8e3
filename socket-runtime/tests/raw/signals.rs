//! A server in a process of its own that is told to end.

use std::io::Write;
use std::process::ExitStatus;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use socket_runtime::{Config, serve, shutdown_signal};
use tokio::net::TcpListener;

use crate::chat::sockets;
use crate::descriptors::Server;
use crate::servers::{Way, Wire};
use crate::support::{Client, request, router};

/// The server, which this program is when it is started again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the other half of the tests below"]
async fn server() {
    let sockets = sockets(Config::default());
    let (app, _dropped) = router(&sockets);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    writeln!(std::io::stdout(), "\nport {port}").unwrap();
    let server = serve(listener, app).sockets(&sockets);
    server.until(shutdown_signal()).await.unwrap();
}

fn start() -> Server {
    Server::of("signals::server", "")
}

async fn join(server: &Server) -> Client<Wire> {
    let stream = Way::Direct.stream(server.port).await.unwrap();
    let request = request(&server.url(), Some("socket.v1"));
    let mut client = Client::over(request, stream).await;
    client.connect(json!({})).await;
    client
}

async fn ended(mut server: Server) -> ExitStatus {
    let ended = tokio::task::spawn_blocking(move || server.child.wait().unwrap());
    let ended = tokio::time::timeout(Duration::from_secs(15), ended);
    ended.await.expect("it goes on").unwrap()
}

#[tokio::test]
async fn a_signal_ends_the_server_in_good_order() {
    for signal in [Signal::TERM, Signal::INT] {
        let server = start();
        let mut client = join(&server).await;
        kill_process(Pid::from_child(&server.child), signal).unwrap();
        client.event(":drain").await;
        // Who is told to go elsewhere goes, and then nobody is waited for.
        client.leave().await;
        drop(client);
        assert!(ended(server).await.success());
    }
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once_even_where_a_thread_is_kept() {
    let server = start();
    let mut stays = join(&server).await;
    let mut blocks = join(&server).await;
    kill_process(Pid::from_child(&server.child), Signal::TERM).unwrap();
    stays.event(":drain").await;
    for client in [&mut stays, &mut blocks] {
        let block = json!({"cmd": "block", "param": {"millis": 60_000}});
        client.send(block).await;
    }
    kill_process(Pid::from_child(&server.child), Signal::INT).unwrap();
    assert_eq!(ended(server).await.code(), Some(130));
}
