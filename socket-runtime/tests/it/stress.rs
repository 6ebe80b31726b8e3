//! Many threads at once: publishers, flushers, readers of every pace, and ends in between. Whatever
//! meets whatever, each socket carries whole frames, in order, and nothing behind its close.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use socket_runtime::Config;
use tokio::net::TcpSocket;
use tokio::task::JoinHandle;

use crate::bursts::Member;
use crate::chat::{Sockets, said};
use crate::support::TestServer;

const TEXT: u8 = 0x81;
const PONG: u8 = 0x8A;
const CLOSE: u8 = 0x88;

const PUBLISHERS: usize = 4;

/// A member whose socket holds as little as the system allows, so that frames are cut everywhere.
async fn narrow(server: &TestServer) -> Member {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(1024).unwrap();
    let address = ([127, 0, 0, 1], server.port).into();
    Member::over(Box::new(socket.connect(address).await.unwrap())).await
}

/// What came to a member until its close, or until nothing more can come.
struct Heard {
    events: Vec<(usize, usize)>,
    answers: usize,
    close: Option<u16>,
}

impl Heard {
    /// Each publisher's events from the first on, none missing and none twice.
    fn check(&self) {
        let mut next = [0; PUBLISHERS];
        for (publisher, n) in &self.events {
            assert_eq!(*n, next[*publisher], "of publisher {publisher}");
            next[*publisher] += 1;
        }
    }
}

/// Reads until so many events have come, or a close. Now and then it pings, and looks for the answer.
fn reads(mut member: Member, most: usize, pings: bool, pauses: bool) -> JoinHandle<Heard> {
    tokio::spawn(async move {
        let (mut asked, mut heard) = (
            0,
            Heard {
                events: Vec::new(),
                answers: 0,
                close: None,
            },
        );
        while heard.events.len() < most || heard.answers < asked {
            if pings && heard.events.len() / 100 > asked && heard.close.is_none() {
                // Whoever was closed meanwhile is told so by what it reads.
                let ping = asked.to_string();
                asked += usize::from(member.send(0x89, ping.as_bytes()).await.is_ok());
            }
            let Some((first, payload)) = member.frame().await else {
                break;
            };
            assert_eq!(heard.close, None, "something behind the close");
            match first {
                TEXT => {
                    let text = String::from_utf8(payload).unwrap();
                    if let Some((_, text)) = text.split_once(r#""text":""#) {
                        let (publisher, n) = text.split_once('/').unwrap();
                        let n = n.split_once('"').unwrap().0;
                        let event = (publisher.parse().unwrap(), n.parse().unwrap());
                        heard.events.push(event);
                    }
                }
                PONG => {
                    assert_eq!(payload, heard.answers.to_string().as_bytes());
                    heard.answers += 1;
                }
                CLOSE => {
                    heard.close = Some(u16::from_be_bytes([payload[0], payload[1]]));
                    let _ = member.send(CLOSE, &payload[..2]).await;
                }
                // On a busy machine it takes long enough to be asked for a sign of life.
                0x89 => drop(member.send(PONG, &payload).await),
                other => panic!("{other:x}"),
            }
            if pauses {
                tokio::task::yield_now().await;
            }
        }
        heard
    })
}

/// Publishes so many events, or until told to stop.
fn publishes(
    sockets: &Sockets,
    publisher: usize,
    count: usize,
    stop: &Arc<AtomicBool>,
) -> JoinHandle<()> {
    let (sockets, stop) = (sockets.clone(), stop.clone());
    tokio::spawn(async move {
        for n in 0..count {
            let event = said("", &format!("{publisher}/{n}"));
            sockets.to_channel("lobby").send(event).await.unwrap();
            if stop.load(Relaxed) {
                break;
            }
            if n % 20 == 19 {
                // Bursts, which the machine has time for.
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    })
}

async fn server() -> TestServer {
    TestServer::configured(Config::default().with(|config| {
        config.members.online = 0;
        config.rates.control_rate = 0;
        config.timeouts.drain = Duration::from_millis(300);
        // However slow the machine is at the moment.
        config.timeouts.ping = Duration::from_secs(600);
        config.timeouts.close = Duration::from_secs(60);
    }))
    .await
}

/// Of each kind so many: plain members, and narrow ones where there is time for them.
async fn members(server: &TestServer, each: usize, too: bool) -> Vec<(Member, bool, bool)> {
    let mut members = Vec::new();
    for (pings, pauses) in [(false, false), (false, true), (true, false), (true, true)] {
        for _ in 0..each {
            let wide = Member::over(server.stream().await).await;
            members.push((wide, pings, pauses));
            if too {
                members.push((narrow(server).await, pings, pauses));
            }
        }
    }
    let count = members.len();
    while server.sockets.member_count("lobby").unwrap() < count {
        tokio::task::yield_now().await;
    }
    members
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn all_see_one_order_however_they_read() {
    // Together less than a queue holds: nobody is slow.
    const EVENTS: usize = 1000;
    let server = server().await;
    let mut reading = Vec::new();
    for (member, pings, pauses) in members(&server, 4, true).await {
        reading.push(reads(member, PUBLISHERS * EVENTS, pings, pauses));
    }
    let stop = Arc::default();
    let publishing: Vec<_> = (0..PUBLISHERS)
        .map(|publisher| publishes(&server.sockets, publisher, EVENTS, &stop))
        .collect();
    for publishing in publishing {
        publishing.await.unwrap();
    }
    let mut orders = Vec::new();
    for reading in reading {
        let heard = reading.await.unwrap();
        heard.check();
        assert_eq!(heard.close, None);
        orders.push(heard.events);
    }
    assert!(orders.iter().all(|order| *order == orders[0]));
    let statistics = server.sockets.status().statistics;
    assert_eq!(statistics.slow, Default::default());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn connections_end_in_the_middle_of_their_deliveries() {
    let server = server().await;
    let mut reading = Vec::new();
    let mut gone = Vec::new();
    for (i, (member, pings, pauses)) in members(&server, 5, false).await.into_iter().enumerate() {
        // Every fourth goes without a word, half-way.
        match i % 4 {
            3 => gone.push(reads(member, 200 + i, pings, pauses)),
            _ => reading.push(reads(member, usize::MAX, pings, pauses)),
        }
    }
    let stop = Arc::default();
    let publishing: Vec<_> = (0..PUBLISHERS)
        .map(|publisher| publishes(&server.sockets, publisher, usize::MAX, &stop))
        .collect();
    for gone in gone {
        gone.await.unwrap().check();
    }
    // Some are put out, one after another; the others stay to the end of the service.
    for info in server.sockets.connections().iter().step_by(3) {
        let _ = server.sockets.disconnect(info.id, "enough").await;
        tokio::task::yield_now().await;
    }
    let ending = server.sockets.clone();
    ending.shutdown().await;
    stop.store(true, Relaxed);
    for publishing in publishing {
        publishing.await.unwrap();
    }
    let mut closes = Vec::new();
    for reading in reading {
        let heard = reading.await.unwrap();
        heard.check();
        closes.push(heard.close);
    }
    // A plain client has a second to go by itself, and one that cannot keep up is slow.
    let known = [Some(1001), Some(4503), Some(4404)];
    assert!(
        closes.iter().all(|close| known.contains(close)),
        "{closes:?}"
    );
    assert!(
        closes.contains(&Some(1001)) && closes.contains(&Some(4503)),
        "{closes:?}"
    );
    assert_eq!(server.sockets.status().connections, 0);
}
