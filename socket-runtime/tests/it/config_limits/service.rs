//! What the service holds for its clients, and tells them.

use serde_json::{Value, json};
use socket_runtime::Config;

use super::{beside, code, millis, seen};
use crate::chat::said;
use crate::servers::Wire;
use crate::support::{Client, TestServer};

pub async fn channels() {
    let config = Config::default().with(|config| config.limits.channels = 1);
    beside(config, async |server| {
        let mut client = server.connected("?ch=lobby").await;
        let join = json!({"cmd": ":join", "channel": "room:bystanders"});
        assert_eq!(client.refusal(join).await, "too-many");
    })
    .await;
}

pub async fn connections() {
    let config = Config::default().with(|config| config.limits.connections = 3);
    beside(config, async |server| {
        let _third = server.connected("").await;
        for subprotocol in [Some("socket.v1"), None] {
            assert_eq!(server.refused(server.request("", subprotocol)).await.0, 503);
        }
    })
    .await;
}

pub async fn origins() {
    beside(Config::default(), async |server| {
        let mut foreign = server.request("", None);
        let origin = "https://evil.example".parse().unwrap();
        foreign.headers_mut().insert("origin", origin);
        let (status, text) = server.refused(foreign).await;
        assert_eq!((status, text.contains("evil.example")), (403, true));
    })
    .await;
}

pub async fn kept(kept_answers: usize, kept_bytes: usize) {
    let config = Config::default().with(|config| {
        config.sessions.kept_answers = kept_answers;
        config.sessions.kept_bytes = kept_bytes;
    });
    beside(config, async |server| {
        let mut client = server.connected("").await;
        let ping = |id: u64| json!({"cmd": "ping", "id": id});
        let mut first = Vec::new();
        for id in 10..14 {
            client.send(ping(id)).await;
            first.push(client.answer(id).await);
        }
        client.send(ping(10)).await;
        assert_eq!(code(&client.answer(10).await), "outcome-unknown");
        client.send(ping(13)).await;
        assert_eq!(client.answer(13).await, first[3]);
    })
    .await;
}

/// Connects, breaks, and waits until the server has seen it. Returns what brings it back.
async fn broken(server: &TestServer, user: &str) -> Value {
    let mut client = server.full(&format!("?user={user}")).await;
    let reply = client.connect(json!({})).await;
    client
        .call(json!({"cmd": "large", "param": {"bytes": 600}}))
        .await;
    let id = client.id.unwrap();
    drop(client);
    seen(|| server.sockets.connection(id).is_none()).await;
    json!({"session": reply["session"]})
}

async fn resumed(server: &TestServer, user: &str, session: Value) -> (bool, Client<Wire>) {
    let mut client = server.full(&format!("?user={user}")).await;
    let reply = client.connect(session).await;
    (reply["resumed"] == true, client)
}

pub async fn resume_window() {
    let config = Config::default().with(|config| {
        config.sessions.resume_window = millis(500);
        config.sessions.grace = millis(100);
    });
    beside(config, async |server| {
        let late = broken(server, "ann").await;
        seen(|| server.sockets.status().sessions == 0).await;
        let early = broken(server, "ann").await;
        assert!(resumed(server, "ann", early).await.0);
        assert!(!resumed(server, "ann", late).await.0);
    })
    .await;
}

pub async fn sessions(sessions: usize, user_sessions: usize, session_bytes: usize) {
    let config = Config::default().with(|config| {
        config.sessions.count = sessions;
        config.sessions.per_user = user_sessions;
        config.sessions.bytes = session_bytes;
    });
    beside(config, async |server| {
        let first = broken(server, "ann").await;
        let second = broken(server, "ann").await;
        assert_eq!(server.sockets.status().sessions, 1);
        // What it gets instead is a session too, once it waits.
        let (again, _open) = resumed(server, "ann", first).await;
        assert!(!again);
        assert!(resumed(server, "ann", second).await.0);
    })
    .await;
}

pub async fn online_members() {
    let config = Config::default().with(|config| config.members.online = 3);
    beside(config, async |server| {
        let mut first = server.connected("?ch=lobby").await;
        let mut others = Vec::new();
        for _ in 0..4 {
            others.push(server.connected("?ch=lobby").await);
        }
        let told = first.settle().await;
        assert_eq!(told.len(), 2, "{told:?}");
        let members = first.call(json!({"cmd": ":members"})).await;
        assert_eq!(members["param"]["count"], 5);
    })
    .await;
}

pub async fn members_page() {
    let config = Config::default().with(|config| {
        config.members.page = 1;
        config.members.page_max = 2;
    });
    beside(config, async |server| {
        let mut client = server.connected("?ch=lobby").await;
        let _others = [
            server.connected("?ch=lobby").await,
            server.plain("?ch=lobby").await,
        ];
        for (param, listed) in [(json!({}), 1), (json!({"limit": 100}), 2)] {
            let members = client
                .call(json!({"cmd": ":members", "param": param}))
                .await;
            assert_eq!(
                members["param"]["members"].as_array().unwrap().len(),
                listed
            );
            assert!(members["param"]["next"].is_string());
        }
    })
    .await;
}

async fn say(server: &TestServer, count: u64, bytes: usize) {
    for _ in 0..count {
        let log = server.sockets.to_channel("archive:1");
        log.send(said("", &"x".repeat(bytes))).await.unwrap();
    }
}

/// Joins the log from its beginning on; returns the answer.
async fn join(client: &mut Client<Wire>, epoch: &Value) -> Value {
    let since = json!({"epoch": epoch, "at": 0});
    let join = json!({"cmd": ":join", "channel": "archive:1", "param": {"since": since}});
    client.call(join).await["param"].clone()
}

pub async fn replay(replay_events: usize, history_bytes: usize) {
    let config = Config::default().with(|config| {
        config.history.replay_events = replay_events;
        config.history.bytes = history_bytes;
    });
    beside(config, async |server| {
        let mut member = server.connected("?ch=archive:1").await;
        let stands = member.call(json!({"cmd": ":join"})).await["param"].clone();
        for (count, recovery) in [(2, "complete"), (8, "gap")] {
            say(server, count, 1000).await;
            let mut client = server.connected("").await;
            let joined = join(&mut client, &stands["epoch"]).await;
            assert_eq!(joined["recovery"], recovery);
        }
    })
    .await;
}

pub async fn replay_bytes() {
    let config = Config::default().with(|config| config.queue.replay_bytes = 20_000);
    beside(config, async |server| {
        let mut member = server.connected("?ch=archive:1").await;
        let stands = member.call(json!({"cmd": ":join"})).await["param"].clone();
        // More than the sockets hold.
        say(server, 100, 500_000).await;
        let mut client = server.connected("").await;
        let id = client.id.unwrap();
        let joined = join(&mut client, &stands["epoch"]).await;
        assert_eq!(joined["recovery"], "complete");
        for at in 1..=100 {
            let queue = server.sockets.connection(id).unwrap().queue;
            assert!(queue.bytes < 20_000 + 501_000, "{queue:?}");
            assert_eq!(client.event("chat").await["at"], at);
        }
        drop(member);
    })
    .await;
}

pub async fn history_page() {
    let config = Config::default().with(|config| config.history.page_max = 3);
    beside(config, async |server| {
        let mut client = server.connected("?ch=archive:1").await;
        say(server, 10, 10).await;
        let ask = json!({"cmd": ":history", "param": {"limit": 1000}});
        let page = client.call(ask).await["param"]["events"].clone();
        let at: Vec<_> = page
            .as_array()
            .unwrap()
            .iter()
            .map(|event| &event["at"])
            .collect();
        assert_eq!(at, [8, 9, 10]);
    })
    .await;
}
