//! How often the runtime allocates for a delivery and for a command. The allocator that counts is
//! the whole process's, so this is a process of its own, with one test.
#![allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "tests"
)]

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::any;
use socket_runtime::prelude::*;
use socket_runtime::{Config, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

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
    #[channel("room")]
    Room,
}

#[derive(Protocol)]
#[protocol(name = "count", commands = Ask, events = Tell, channels = Place)]
pub struct Count;

type Cx = Context<Count>;

struct Server;

impl AskHandler<Cx> for Server {
    async fn echo(&self, _: Cx, item: Item) -> Result<Item, Reject> {
        Ok(item)
    }
}

impl PlacePolicy<Cx> for Server {
    async fn may_join_room(&self, _: &Cx) -> Result<(), Reject> {
        Ok(())
    }
}

async fn socket(upgrade: SocketUpgrade, State(sockets): State<Service<Count>>) -> Response {
    sockets.upgrade(upgrade).channel(Place::Room).await
}

/// A plain client in the room.
struct Member(TcpStream);

impl Member {
    async fn open(port: u16) -> Self {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let head = "GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
                    sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(stream.read_u8().await.unwrap());
        }
        let mut member = Self(stream);
        // A member by the time that this is answered.
        member.echo().await;
        member
    }

    async fn echo(&mut self) {
        const CALL: &[u8] = br#"{"cmd":"echo","id":1,"channel":"","param":{"text":"hello"}}"#;
        let mut frame = [0; 6 + CALL.len()];
        // Masked by zeros.
        frame[..2].copy_from_slice(&[0x81, 0x80 | CALL.len() as u8]);
        frame[6..].copy_from_slice(CALL);
        self.0.write_all(&frame).await.unwrap();
        assert!(self.frame().await.starts_with(br#"{"re":1,"#));
    }

    /// The payload of the next frame, in room that costs no allocation.
    async fn frame(&mut self) -> [u8; 125] {
        let mut payload = [0; 125];
        assert_eq!(self.0.read_u8().await.unwrap(), 0x81);
        let len = usize::from(self.0.read_u8().await.unwrap());
        self.0.read_exact(&mut payload[..len]).await.unwrap();
        payload
    }
}

struct Room {
    sockets: Service<Count>,
    port: u16,
    members: Vec<Member>,
}

impl Room {
    async fn grow_to(&mut self, count: usize) {
        while self.members.len() < count {
            self.members.push(Member::open(self.port).await);
        }
        // The first burst makes the room that a queue then keeps.
        self.publish(1, 100).await;
    }

    /// Publishes so many bursts of so many, each heard by everyone; returns the allocations.
    async fn publish(&mut self, bursts: u64, burst: u64) -> u64 {
        // Made before, because they are the program's own.
        let mut events: Vec<_> = (0..bursts * burst)
            .map(|_| {
                Tell::Said(Item {
                    text: "hello".to_owned(),
                })
            })
            .collect();
        let before = dhat::HeapStats::get().total_blocks;
        for _ in 0..bursts {
            for event in events.drain(..burst as usize) {
                let room = self.sockets.to_channel(Place::Room);
                room.send(event).await.unwrap();
            }
            for member in &mut self.members {
                for _ in 0..burst {
                    member.frame().await;
                }
            }
        }
        dhat::HeapStats::get().total_blocks - before
    }
}

#[tokio::test]
async fn a_receiver_costs_no_allocation_and_a_command_few() {
    let _counts = dhat::Profiler::builder().testing().build();
    let config = Config::default().with(|config| {
        config.rates.rate = 0;
        config.members.online = 0;
    });
    let sockets: Service<Count> = Service::builder(Server).config(config).build();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let app = Router::new()
        .route("/", any(socket))
        .with_state(sockets.clone());
    tokio::spawn(serve(listener, app).into_future());
    let mut room = Room {
        sockets,
        port,
        members: Vec::new(),
    };

    room.grow_to(20).await;
    let few = [room.publish(50, 1).await, room.publish(2, 100).await];
    room.grow_to(200).await;
    let many = [room.publish(50, 1).await, room.publish(2, 100).await];
    for (few, many) in few.into_iter().zip(many) {
        // 180 members more, and 9,000 and 36,000 deliveries.
        assert!(many <= few + 20, "{many} allocations instead of {few}");
    }
    assert!(
        many[0] <= 50 * 8,
        "{} allocations for 50 publications",
        many[0]
    );

    let before = dhat::HeapStats::get().total_blocks;
    for _ in 0..100 {
        room.members[0].echo().await;
    }
    let blocks = dhat::HeapStats::get().total_blocks - before;
    assert!(blocks <= 100 * 8, "{blocks} allocations for 100 commands");
}
