//! A server with few descriptors, in a process of its own, and clients that want all of them.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::json;
use socket_runtime::Config;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::servers::{Way, Wire};
use crate::support::{Client, TestServer, request};

const DESCRIPTORS: u16 = 200;

/// The server, which this program is when it is started again.
#[tokio::test]
#[ignore = "the other half of the test below"]
async fn server() {
    let server = TestServer::configured(Config::default()).await;
    writeln!(std::io::stdout(), "\nport {}", server.port).unwrap();
    // Ends with whoever started it.
    let ended = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    ended.await.unwrap().unwrap();
}

/// A server in a process of its own.
pub struct Server {
    pub child: Child,
    pub port: u16,
    _output: BufReader<ChildStdout>,
}

impl Server {
    fn start() -> Self {
        Self::of("descriptors::server", &format!("ulimit -n {DESCRIPTORS}; "))
    }

    /// The one that a test of this program is, after what a shell does first.
    pub fn of(test: &str, first: &str) -> Self {
        let limited = format!("{first}exec \"$0\" \"$@\"");
        let program = std::env::current_exe().unwrap();
        let mut child = Command::new("sh")
            .args(["-c", &limited])
            .arg(program)
            .args([test, "--exact", "--ignored", "--nocapture"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        let port = loop {
            line.clear();
            assert_ne!(output.read_line(&mut line).unwrap(), 0, "no port");
            if let Some(port) = line.trim().strip_prefix("port ") {
                break port.parse().unwrap();
            }
        };
        Self {
            child,
            port,
            _output: output,
        }
    }

    pub fn url(&self) -> String {
        format!("ws://127.0.0.1:{}/socket?ch=lobby", self.port)
    }

    /// A client, or the head that refuses it.
    async fn open(&self) -> Result<TcpStream, String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let head = "GET /socket HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
                    sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(stream.read_u8().await.unwrap());
        }
        if answer.starts_with(b"HTTP/1.1 101") {
            return Ok(stream);
        }
        Err(String::from_utf8(answer).unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn talk(pair: &mut [Client<Wire>; 2]) {
    pair[0]
        .send(json!({"cmd": "chat", "param": {"text": "hi"}}))
        .await;
    for client in pair {
        client.event("chat").await;
    }
}

#[tokio::test]
async fn a_process_without_descriptors_serves_those_that_it_has() {
    let server = Server::start();
    let join = async || {
        let stream = Way::Direct.stream(server.port).await.unwrap();
        Client::over(request(&server.url(), None), stream).await
    };
    let mut pair = [join().await, join().await];
    talk(&mut pair).await;
    // Nine tenths of the descriptors are for WebSockets, those of the pair among them.
    let mut open = Vec::new();
    let refused = loop {
        match server.open().await {
            Ok(stream) => open.push(stream),
            Err(head) => break head,
        }
    };
    assert_eq!(open.len() + 2, usize::from(DESCRIPTORS) / 10 * 9);
    assert!(refused.starts_with("HTTP/1.1 503"), "{refused}");
    assert!(refused.contains("retry-after: 3"), "{refused}");
    talk(&mut pair).await;
    // Who says nothing takes the rest, and those behind wait in the kernel's queue.
    let mut silent = Vec::new();
    for _ in 0..40 {
        let stream = TcpStream::connect(("127.0.0.1", server.port)).await;
        silent.push(stream.unwrap());
        talk(&mut pair).await;
    }
    drop(silent);
    // Accepting goes on, and with room so do connections.
    assert!(server.open().await.is_err());
    drop(open);
    while server.open().await.is_err() {}
    talk(&mut pair).await;
}

/// Asks for a page that is not there, and reads the answer; `false`: the socket is closed.
async fn get(stream: &mut TcpStream) -> bool {
    let head = b"GET /nowhere HTTP/1.1\r\nhost: a\r\n\r\n";
    if stream.write_all(head).await.is_err() {
        return false;
    }
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => answer.push(byte),
            Err(_) => return false,
        }
    }
    answer.starts_with(b"HTTP/1.1 404")
}

#[tokio::test]
async fn sockets_that_are_kept_alive_keep_no_new_client_out() {
    let server = Server::start();
    let mut open = Vec::new();
    for _ in 0..3 {
        // Twice as many as there are descriptors, and each asks again and again.
        let mut kept = Vec::new();
        for _ in 0..DESCRIPTORS * 2 {
            let mut stream = TcpStream::connect(("127.0.0.1", server.port))
                .await
                .unwrap();
            if get(&mut stream).await {
                kept.push(stream);
            }
        }
        let mut asked = 0;
        for stream in &mut kept {
            asked += usize::from(get(stream).await);
        }
        // Those that were not in the way are still there.
        assert!(asked > 0);
        open.push(server.open().await.unwrap());
    }
}

#[tokio::test]
async fn sockets_that_say_nothing_keep_no_new_client_out() {
    let server = Server::start();
    let mut silent = Vec::new();
    for _ in 0..DESCRIPTORS * 2 {
        silent.push(
            TcpStream::connect(("127.0.0.1", server.port))
                .await
                .unwrap(),
        );
    }
    server.open().await.unwrap();
}
