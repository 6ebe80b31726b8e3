//! Random lives of a client, against a list of everything that was published.

use proptest::prelude::*;
use serde_json::json;
use socket_runtime::Config;
use socket_runtime::broker::{Address, Broker, HistorySpec};
use socket_runtime::test::broker::{Trouble, TroubledBroker};

use crate::chat::{Server, Sockets, said};
use crate::reader::Reader;
use crate::support::TestServer;

#[derive(Debug, Clone)]
enum Step {
    Publish {
        room: usize,
        count: u64,
    },
    /// The connection ends without a word, and another begins.
    Reconnect,
    Join {
        room: usize,
    },
    Leave {
        room: usize,
    },
    /// The program takes it out, or puts it in.
    TakeOut {
        room: usize,
    },
    PutIn {
        room: usize,
    },
    /// The broker delivers nothing until it comes back.
    Cut,
    ComeBack,
}

fn step() -> impl Strategy<Value = Step> {
    let room = 0..2_usize;
    prop_oneof![
        4 => (room.clone(), 1..9_u64).prop_map(|(room, count)| Step::Publish { room, count }),
        2 => Just(Step::Reconnect),
        3 => room.clone().prop_map(|room| Step::Join { room }),
        2 => room.clone().prop_map(|room| Step::Leave { room }),
        1 => room.clone().prop_map(|room| Step::TakeOut { room }),
        1 => room.prop_map(|room| Step::PutIn { room }),
        1 => Just(Step::Cut),
        1 => Just(Step::ComeBack),
    ]
}

/// What keeps how much.
const ROOMS: [(&str, usize); 2] = [("room:1", 300), ("short:1", 5)];

/// For reading what is there, whatever the room keeps.
const KEEP: HistorySpec = HistorySpec::new(300, 600);

async fn live(steps: Vec<Step>) {
    let broker = TroubledBroker::default();
    let config = Config::default().with(|config| config.rates.rate = 0);
    let sockets = Sockets::builder(Server).config(config);
    let server = TestServer::with(sockets.broker(broker.clone()).build()).await;
    let sockets = &server.sockets;
    // By room, the offset of each event; its text is its place here.
    let mut published: [Vec<u64>; 2] = Default::default();
    let mut reader = Reader::default();
    let mut client = server.connected("").await;
    let mut id = 1000;
    let mut cut = false;
    for step in steps {
        id += 1;
        match step {
            Step::Publish { room, count } => {
                for _ in 0..count {
                    let text = published[room].len().to_string();
                    let name = ROOMS[room].0;
                    sockets.to_channel(name).send(said(text)).await.unwrap();
                    published[room].push(top(&broker, name).await);
                }
            }
            Step::Reconnect => {
                drop(client);
                reader.disconnected();
                client = server.connected("").await;
            }
            Step::Join { room } => {
                let (name, keeps) = ROOMS[room];
                let known = reader.rooms.get(name).cloned().unwrap_or_default();
                let verdict = reader.join(&mut client, name, id).await;
                // A gap exactly when something may be missing.
                let expected = match &known.at {
                    _ if known.member => "fresh",
                    None => "fresh",
                    Some(at) => {
                        let missed = published[room].iter().filter(|other| *other > at);
                        match missed.count() <= keeps {
                            true => "complete",
                            false => "gap",
                        }
                    }
                };
                assert_eq!(verdict, expected, "{name} {known:?} {published:?}");
            }
            Step::Leave { room } => reader.leave(&mut client, ROOMS[room].0, id).await,
            Step::TakeOut { room } => {
                sockets
                    .leave(client.id.unwrap(), ROOMS[room].0)
                    .await
                    .unwrap();
            }
            Step::PutIn { room } => {
                sockets
                    .join(client.id.unwrap(), ROOMS[room].0)
                    .await
                    .unwrap();
            }
            Step::Cut => {
                cut = true;
                broker.set(Trouble {
                    delivery: true,
                    ..Trouble::default()
                });
            }
            Step::ComeBack => {
                cut = false;
                broker.set(Trouble::default());
                broker.come_back(KEEP).await.unwrap();
            }
        }
        settle(&mut reader, &mut client, id + 500_000).await;
    }
    if cut {
        broker.set(Trouble::default());
        broker.come_back(KEEP).await.unwrap();
    }
    // In the end it has come as far as the rooms have, and has what lies between its gaps.
    for (room, (name, _)) in ROOMS.into_iter().enumerate() {
        id += 1;
        reader.join(&mut client, name, id).await;
        let top = top(&broker, name).await;
        while reader.rooms[name].at != Some(top) {
            let message = client.next().await;
            reader.event(&message);
        }
        let known = &reader.rooms[name];
        for (at, text) in &known.seen {
            assert_eq!(published[room][text.parse::<usize>().unwrap()], *at);
        }
        // Where it was never told of a gap, and never began anew, it has each of them.
        if known.jumps == 0 {
            let all: Vec<u64> = known.seen.iter().map(|(at, _)| *at).collect();
            let first = known.first.unwrap();
            let expected = published[room].iter().filter(|at| **at > first);
            assert_eq!(all, expected.copied().collect::<Vec<_>>(), "{name}");
        }
    }
}

async fn top(broker: &TroubledBroker, name: &str) -> u64 {
    let address = Address::Channel(name.parse().unwrap());
    broker.top(&address, KEEP).await.unwrap().at
}

async fn settle(
    reader: &mut Reader,
    client: &mut crate::support::Client<crate::servers::Wire>,
    id: u64,
) {
    client
        .send(json!({"cmd": "ping", "channel": "", "id": id}))
        .await;
    reader.answer(client, id).await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_doubled_or_moved_and_a_gap_is_told_where_there_is_one(
        steps in proptest::collection::vec(step(), 1..60)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(live(steps));
    }
}
