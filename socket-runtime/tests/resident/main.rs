//! What ten thousand connections hold. Memory is the whole process's, so this is a process of its
//! own, in which one test comes after the other, and the clients live in another.
#![cfg(target_os = "linux")]
#![allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "tests"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::any;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use socket_runtime::prelude::*;
use socket_runtime::{Config, serve};
use tokio::net::TcpListener;

/// The most that a connection may hold which was used and is idle, in bytes of resident memory.
const LIMIT: usize = 4096;

const CONNECTIONS: usize = 10_000;

#[payload]
pub struct Item {
    text: String,
}

#[derive(Commands)]
pub enum Ask {
    #[command(reply = Item)]
    Echo(Item),
}

#[derive(Events)]
pub enum Tell {
    Said(Item),
}

#[derive(Channels)]
pub enum Place {
    #[channel("room:{name}")]
    Room { name: String },
}

#[derive(Protocol)]
#[protocol(name = "weigh", commands = Ask, events = Tell, channels = Place)]
pub struct Weigh;

type Cx = Context<Weigh>;

struct Server;

impl AskHandler<Cx> for Server {
    async fn echo(&self, _: Cx, item: Item) -> Result<Item, Reject> {
        Ok(item)
    }
}

impl PlacePolicy<Cx> for Server {
    async fn may_join_room(&self, _: &Cx, _: &place::Room) -> Result<(), Reject> {
        Ok(())
    }
}

async fn socket(upgrade: SocketUpgrade, State(sockets): State<Service<Weigh>>) -> Response {
    sockets.upgrade(upgrade).channel("room:1").await
}

/// Allows as many descriptors as the system lets the process have; how many that is.
fn raise_descriptors() -> usize {
    let maximum = getrlimit(Resource::Nofile).maximum;
    let raised = Rlimit {
        current: maximum,
        maximum,
    };
    setrlimit(Resource::Nofile, raised).unwrap();
    maximum.map_or(usize::MAX, |maximum| maximum as usize)
}

/// The resident memory of this process, in bytes.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line.unwrap().split_whitespace().nth(1).unwrap();
    kilobytes.parse::<usize>().unwrap() * 1024
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_connection_that_was_used_holds_four_kilobytes() {
    // To be seen with `--no-capture`: whoever changes what a connection holds wants the number.
    println!("{} B each", weigh("plain").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_connection_in_full_mode_holds_four_kilobytes() {
    println!("{} B each", weigh("full").await);
}

/// How many bytes each of so many connections holds.
async fn weigh(mode: &'static str) -> usize {
    static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let _alone = ALONE.lock().await;
    // A tenth stays free, as the runtime wants it.
    let count = CONNECTIONS.min(raise_descriptors() / 10 * 8);
    assert!(count >= 800, "too few descriptors to weigh anything");
    let config = Config::default().with(|config| config.limits.connections = count + 1);
    let sockets: Service<Weigh> = Service::builder(Server).config(config).build();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let app = Router::new()
        .route("/", any(socket))
        .with_state(sockets.clone());
    tokio::spawn(serve(listener, app).into_future());
    let before = resident();
    let clients = tokio::task::spawn_blocking(move || {
        let mut clients = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "clients", "--ignored", "--nocapture"])
            .env("WEIGH_PORT", port.to_string())
            .env("WEIGH_COUNT", count.to_string())
            .env("WEIGH_MODE", mode)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(clients.stdout.as_mut().unwrap()).lines();
        let ready = lines.map_while(Result::ok).any(|line| line == "ready");
        assert!(ready, "the clients failed");
        clients
    });
    let mut clients = clients.await.unwrap();
    let status = sockets.status();
    assert_eq!(status.connections, count);
    let messages = if mode == "full" { 2 } else { 1 };
    assert_eq!(status.statistics.received.messages, messages * count as u64);
    let each = (resident() - before) / count;
    clients.kill().unwrap();
    clients.wait().unwrap();
    assert!(each <= LIMIT, "{each} B each for {count} connections");
    each
}

/// The other process: opens the connections, uses each once, and keeps them.
#[test]
#[ignore = "started by the test above"]
fn clients() {
    let number = |name| std::env::var(name).ok()?.parse::<usize>().ok();
    let (Some(port), Some(count)) = (number("WEIGH_PORT"), number("WEIGH_COUNT")) else {
        return;
    };
    raise_descriptors();
    let full = std::env::var("WEIGH_MODE").is_ok_and(|mode| mode == "full");
    let offer = match full {
        true => "sec-websocket-protocol: socket.v1\r\n",
        false => "",
    };
    let open = |_| {
        let mut stream = TcpStream::connect(("127.0.0.1", port as u16)).unwrap();
        let head = format!(
            "GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n{offer}\
             sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = Vec::new();
        let mut byte = [0];
        while !answer.ends_with(b"\r\n\r\n") {
            stream.read_exact(&mut byte).unwrap();
            answer.push(byte[0]);
        }
        if full {
            ask(&mut stream, r#"{"cmd":":connect","id":1}"#, r#"{"re":1,"#);
        }
        let call = r#"{"cmd":"echo","id":2,"param":{"text":"hello"}}"#;
        ask(&mut stream, call, r#"{"re":2,"#);
        stream
    };
    let streams: Vec<_> = (0..count).map(open).collect();
    println!("\nready");
    std::io::stdout().flush().unwrap();
    // Until the other process ends this one, or ends itself.
    let _ = std::io::stdin().read(&mut [0]);
    drop(streams);
}

/// Sends a message and reads the answer.
fn ask(stream: &mut TcpStream, message: &str, answer: &str) {
    // Masked by zeros.
    let mut frame = vec![0x81, 0x80 | message.len() as u8, 0, 0, 0, 0];
    frame.extend(message.as_bytes());
    stream.write_all(&frame).unwrap();
    let mut header = [0; 2];
    stream.read_exact(&mut header).unwrap();
    let mut len = usize::from(header[1]);
    if len == 126 {
        stream.read_exact(&mut header).unwrap();
        len = usize::from(u16::from_be_bytes(header));
    }
    let mut reply = vec![0; len];
    stream.read_exact(&mut reply).unwrap();
    assert!(reply.starts_with(answer.as_bytes()), "{reply:?}");
}
