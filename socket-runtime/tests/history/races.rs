//! Joins, leaves, publications and ends that race: in the end everyone agrees.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use socket_runtime::Config;

use crate::chat::said;
use crate::reader::Reader;
use crate::support::TestServer;

const CONNECTIONS: u64 = 20;
const ROUNDS: u64 = 500;
/// Every so many rounds a connection ends, and its client comes back with another.
const LIFE: u64 = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_races_leave_members_history_and_deliveries_agreeing() {
    let config = Config::default().with(|config| {
        config.rates.rate = 0;
        config.rates.control_rate = 0;
        config.sessions.grace = Duration::ZERO;
    });
    let server = Arc::new(TestServer::configured(config).await);
    let rooms = ["room:0", "room:1", "room:2"];
    let mut tasks = Vec::new();
    for me in 0..CONNECTIONS {
        let server = server.clone();
        tasks.push(tokio::spawn(async move {
            let sockets = &server.sockets;
            let mut reader = Reader::default();
            let mut client = server.connected("").await;
            for round in 0..ROUNDS {
                let room = rooms[((me + round) % 3) as usize];
                let id = 1000 + round * 10;
                let connection = client.id.unwrap();
                let say = sockets.to_channel(room).send(said(format!("{me}-{round}")));
                match (me + round * 7) % 4 {
                    // The client and the program join and leave at once.
                    0 => {
                        let param = reader.since(room);
                        client
                            .send(
                                json!({"cmd": ":join", "channel": room, "param": param, "id": id}),
                            )
                            .await;
                        let (left, said) = tokio::join!(sockets.leave(connection, room), say);
                        left.unwrap();
                        said.unwrap();
                        // The answer says `fresh` to one that was in already.
                        loop {
                            let message = client.next().await;
                            if message["re"] == id {
                                reader.joined(room, &param, &message["param"]);
                                break;
                            }
                            reader.event(&message);
                        }
                    }
                    1 => {
                        let (_, said) = tokio::join!(reader.join(&mut client, room, id), say);
                        said.unwrap();
                    }
                    2 => {
                        let (_, said) = tokio::join!(reader.leave(&mut client, room, id), say);
                        said.unwrap();
                    }
                    _ => {
                        let (joined, said) = tokio::join!(sockets.join(connection, room), say);
                        joined.unwrap();
                        said.unwrap();
                    }
                }
                if round % LIFE == LIFE - 1 {
                    // In the middle of whatever is on its way.
                    client
                        .send(json!({"cmd": ":join", "channel": room, "param": reader.since(room)}))
                        .await;
                    client = server.connected("").await;
                    reader.disconnected();
                }
            }
            for (n, room) in rooms.iter().enumerate() {
                reader.join(&mut client, room, 900_000 + n as u64).await;
            }
            (reader, client)
        }));
    }
    let mut ended = Vec::new();
    for task in tasks {
        ended.push(task.await.unwrap());
    }
    let sockets = &server.sockets;
    while sockets.status().connections > ended.len() {
        tokio::task::yield_now().await;
    }
    let mut published = 0;
    for room in rooms {
        // A connection that ended leaves its rooms a moment after it is counted no more.
        let gone = async {
            while sockets.member_count(room).unwrap() > ended.len() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), gone)
            .await
            .expect("a connection that ended stays a member");
        assert_eq!(sockets.member_count(room).unwrap(), ended.len());
        let mut tops = HashSet::new();
        let mut histories = HashSet::new();
        for (reader, client) in &mut ended {
            let request = json!({"cmd": ":history", "channel": room, "param": {"limit": 300}});
            client
                .send({
                    let mut request = request.clone();
                    request["id"] = json!(999_000);
                    request
                })
                .await;
            let answer = reader.answer(client, 999_000).await;
            let events = answer["param"]["events"].as_array().unwrap();
            assert_eq!(events.len(), 300);
            let known = &reader.rooms[room];
            assert_eq!(known.at, answer["param"]["at"].as_u64());
            // What was delivered is what is kept.
            let kept: Vec<(u64, String)> = events
                .iter()
                .map(|event| {
                    let text = event["param"]["text"].as_str().unwrap();
                    (event["at"].as_u64().unwrap(), text.to_owned())
                })
                .collect();
            let from = kept[0].0;
            for seen in known.seen.iter().filter(|(at, _)| *at >= from) {
                assert_eq!(&kept[(seen.0 - from) as usize], seen);
            }
            tops.insert(known.at.unwrap());
            histories.insert(format!("{kept:?}"));
        }
        assert_eq!((tops.len(), histories.len()), (1, 1), "{room}");
        published += tops.into_iter().next().unwrap();
    }
    assert_eq!(published, CONNECTIONS * ROUNDS);
}
