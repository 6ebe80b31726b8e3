//! What the server holds for clients that are away, busy or do not read, in bytes of its heap. The
//! allocator that counts is the whole process's, so this is a process of its own, in which one test
//! comes after the other. The clients' sockets are the system's own and hold nothing there.
#![allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "tests"
)]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::any;
use serde_json::{Value, json};
use socket_runtime::prelude::*;
use socket_runtime::{Config, serve};
use tokio::net::TcpListener;

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

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
    #[channel("room:{name}", history(events = 300, keep = "10m"))]
    Room { name: String },
}

#[derive(Protocol)]
#[protocol(name = "held", commands = Ask, events = Tell, channels = Place)]
pub struct Held;

type Cx = Context<Held>;

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

async fn socket(upgrade: SocketUpgrade, State(sockets): State<Service<Held>>) -> Response {
    sockets.upgrade(upgrade).channel("room:1").await
}

/// A service on a port of its own.
async fn served(config: Config) -> (Service<Held>, u16) {
    let sockets: Service<Held> = Service::builder(Server).config(config).build();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let app = Router::new()
        .route("/", any(socket))
        .with_state(sockets.clone());
    tokio::spawn(serve(listener, app).into_future());
    (sockets, port)
}

/// A client in full mode.
struct Client(TcpStream);

impl Client {
    fn open(port: u16) -> Self {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let head = "GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
                    sec-websocket-protocol: socket.v1\r\nsec-websocket-version: 13\r\n\
                    sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = Vec::new();
        let mut byte = [0];
        while !answer.ends_with(b"\r\n\r\n") {
            stream.read_exact(&mut byte).unwrap();
            answer.push(byte[0]);
        }
        let mut client = Self(stream);
        client.send(&json!({"cmd": ":connect", "id": 1}));
        client.answer(1);
        client
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        // Masked by zeros.
        let mut frame = match text.len() {
            len if len < 126 => vec![0x81, 0x80 | len as u8],
            len => [&[0x81, 0xfe][..], &(len as u16).to_be_bytes()].concat(),
        };
        frame.extend([0; 4]);
        frame.extend(text.as_bytes());
        self.0.write_all(&frame).unwrap();
    }

    fn next(&mut self) -> Value {
        let mut header = [0; 2];
        self.0.read_exact(&mut header).unwrap();
        let mut len = usize::from(header[1]);
        if len == 126 {
            self.0.read_exact(&mut header).unwrap();
            len = usize::from(u16::from_be_bytes(header));
        }
        let mut text = vec![0; len];
        self.0.read_exact(&mut text).unwrap();
        serde_json::from_slice(&text).unwrap()
    }

    /// Reads up to that answer, and answers what the server asks meanwhile; how often it did.
    fn answer(&mut self, id: u64) -> usize {
        let mut asked = 0;
        loop {
            let message = self.next();
            if message["re"] == id {
                return asked;
            }
            if message["cmd"] == ":ping" {
                asked += 1;
                self.send(&json!({"cmd": ":pong"}));
            }
        }
    }

    fn echo(&mut self, id: u64, bytes: usize) -> usize {
        let text = "x".repeat(bytes);
        self.send(&json!({"cmd": "echo", "id": id, "param": {"text": text}}));
        self.answer(id)
    }
}

fn heap() -> usize {
    dhat::HeapStats::get().curr_bytes
}

async fn until(is: impl Fn() -> bool) {
    while !is() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_waits_costs_at_most_a_kilobyte_more_than_its_connection() {
    const COUNT: usize = 300;
    let _alone = ALONE.lock().await;
    let _counts = dhat::Profiler::builder().testing().build();
    let (sockets, port) = served(Config::default()).await;
    // What is made once is there before.
    let mut first = Client::open(port);
    first.echo(2, 5);
    let before = heap();
    let clients: Vec<_> = (0..COUNT)
        .map(|_| {
            let mut client = Client::open(port);
            client.echo(2, 5);
            client
        })
        .collect();
    let open = (heap() - before) / COUNT;
    drop(clients);
    until(|| sockets.status().sessions == COUNT).await;
    let waiting = (heap() - before) / COUNT;
    println!("{open} B open, {waiting} B waiting");
    assert!(waiting <= open + 1000, "{waiting} B instead of {open} B");
    drop(first);
}

// P 6.9
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_that_have_arrived_are_not_held_for_a_busy_client() {
    let _alone = ALONE.lock().await;
    let _counts = dhat::Profiler::builder().testing().build();
    let config = Config::default().with(|config| config.rates.rate = 0);
    let (_sockets, port) = served(config).await;
    let mut client = Client::open(port);
    client.echo(2, 5);
    let before = heap();
    let (mut id, mut asked) = (2, 0);
    while id < 258 {
        id += 1;
        asked += client.echo(id, 4096);
    }
    // Once a second at most it is asked, and here the last time.
    let of_all = asked;
    while asked == of_all {
        id += 1;
        asked += client.echo(id, 5);
    }
    id += 1;
    client.echo(id, 5);
    let held = heap().saturating_sub(before);
    println!("{held} B after 256 answers of 4 KiB");
    assert!(held <= 40_000, "{held} B");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_who_do_not_read_hold_one_answer_each_and_no_more_than_the_bound_together() {
    const COUNT: usize = 100;
    let _alone = ALONE.lock().await;
    let _counts = dhat::Profiler::builder().testing().build();
    for (bound, most) in [(256 << 20, 70 << 20), (16 << 20, 24 << 20)] {
        let config = Config::default().with(|config| config.queue.buffered_bytes = bound);
        let (sockets, port) = served(config).await;
        for n in 0..300 {
            let text = format!("{n} {}", "x".repeat(2000));
            let room = sockets.to_channel("room:1");
            room.send(Tell::Said(Item { text })).await.unwrap();
        }
        let before = heap();
        let strangers: Vec<_> = (0..COUNT)
            .map(|_| {
                let mut client = Client::open(port);
                for id in 2..8 {
                    // 35 KiB in all, as much as a stranger may send in a moment.
                    let filler = "x".repeat(5900);
                    client.send(&json!({"cmd": ":history", "id": id, "filler": filler}));
                }
                client
            })
            .collect();
        // Each has its first answer, or gave way.
        until(|| {
            let status = sockets.status();
            let held = sockets.connections();
            let held = held.iter().filter(|held| held.queue.bytes > 0).count();
            let gone = status.statistics.slow.buffered as usize;
            held + gone >= COUNT && status.buffered <= bound
        })
        .await;
        let all = heap() - before;
        println!("{} B for each of {COUNT}, {all} B together", all / COUNT);
        assert!(all <= most, "{all} B together");
        drop(strangers);
        until(|| sockets.status().buffered == 0).await;
    }
}
