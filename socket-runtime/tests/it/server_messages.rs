//! Makes a server send each of the messages that the shared cases show.

use std::time::Duration;

use serde_json::{Value, json};
use socket_runtime::broker::HistorySpec;
use socket_runtime::test::broker::{Trouble, TroubledBroker};
use socket_runtime::{Config, Versions};

use crate::chat::{ChatEvent, Server, Sockets, said};
use crate::servers::Wire;
use crate::support::{Client, TestServer};
use crate::versions;
use crate::wire::{CaseMode, client};

/// A channel that keeps three events.
const LOG: &str = "log:1";

/// Joins the channel, and says where it stands.
async fn stand(client: &mut Client<Wire>, channel: &str) -> Value {
    let joined = client.call(json!({"cmd": ":join", "channel": channel}));
    joined.await["param"].clone()
}

/// One comes back to a channel of each verdict.
async fn recovered(server: &TestServer) -> Value {
    let mut before = server.full("").await;
    let first = before.connect(json!({})).await;
    let epoch = stand(&mut before, "log:complete").await["epoch"].clone();
    drop(before);
    for _ in 0..2 {
        let log = server.sockets.to_channel("log:complete");
        log.send(said("ann", "hi")).await.unwrap();
    }
    let since = |epoch: &Value| json!({"since": {"epoch": epoch, "at": 0}});
    let channels = json!({
        "lobby": {}, "log:fresh": {},
        "log:complete": since(&epoch), "log:gap": since(&json!("another")),
    });
    let param = json!({"session": first["session"], "channels": channels});
    let connect = json!({"cmd": ":connect", "param": param});
    server.full("").await.call(connect).await
}

/// A client of a version that the server does not understand any more knocks.
async fn refused() -> Value {
    let versions = Versions::compatible(&versions::judged("chat", 1)).unwrap();
    let server = versions::server(versions).await;
    let mut client = server.full("").await;
    let protocol = json!({"name": "chat", "fingerprint": "f1"});
    let connect = json!({"cmd": ":connect", "param": {"protocol": protocol}});
    client.call(connect).await
}

async fn provoke_broker(name: &str, mode: CaseMode) -> Value {
    let broker = TroubledBroker::default();
    let sockets = Sockets::builder(Server).broker(broker.clone()).build();
    let server = TestServer::with(sockets).await;
    let mut client = client(&server, mode, name).await;
    stand(&mut client, LOG).await;
    let hi = || server.sockets.to_channel(LOG).send(said("ann", "hi"));
    if name == "event-kept-after-hole" {
        hi().await.unwrap();
        return client.event("chat").await;
    }
    let cut = Trouble {
        delivery: true,
        ..Trouble::default()
    };
    broker.set(cut);
    // More than the channel keeps.
    for _ in 0..5 {
        hi().await.unwrap();
    }
    broker.set(Trouble::default());
    broker.come_back(HistorySpec::new(3, 600)).await.unwrap();
    client.event(":gap").await
}

/// Makes a server send that message.
pub async fn provoke(name: &str, mode: CaseMode) -> Value {
    let server = match name {
        // Its offsets have holes, and its deliveries may be cut.
        "event-kept-after-hole" | "gap" => return provoke_broker(name, mode).await,
        "upgrade-required" => return refused().await,
        "server-ping" => {
            let ping = Duration::from_millis(20);
            TestServer::configured(Config::default().with(|config| config.timeouts.ping = ping))
                .await
        }
        _ => TestServer::start().await,
    };
    let sockets = server.sockets.clone();
    if name == "connect-reply-recovery" {
        return recovered(&server).await;
    }
    if let "connect-reply" | "connect-reply-anonymous" = name {
        let anonymous = name.ends_with("anonymous");
        let mut client = server.full(if anonymous { "" } else { "?user=ann" }).await;
        let channels = if anonymous {
            json!({})
        } else {
            json!({"lobby": {}, "secret:1": {}})
        };
        let connect = json!({"cmd": ":connect", "param": {"channels": channels}});
        return client.call(connect).await;
    }
    let mut client = client(&server, mode, name).await;
    // Opened by the time that its first command is answered.
    client.settle().await;
    let id = sockets.connections()[0].id;
    let hi = || said("ann", "hi");
    match name {
        "event" => {
            client
                .send(json!({"cmd": "chat", "param": {"text": "hi"}}))
                .await;
            client.event("chat").await
        }
        "event-from-server" => {
            sockets.to_channel("lobby").send(hi()).await.unwrap();
            client.event("chat").await
        }
        "event-without-fields" => {
            sockets
                .to_channel("lobby")
                .send(ChatEvent::Silence)
                .await
                .unwrap();
            client.event("silence").await
        }
        "event-to-connection" | "event-to-connection-plain" => {
            sockets.to_connection(id).send(hi()).await.unwrap();
            client.event("chat").await
        }
        "event-to-user" => {
            sockets.to_user("id-ann").send(hi()).await.unwrap();
            client.event("chat").await
        }
        "event-to-all" => {
            sockets.to_all().send(hi()).await.unwrap();
            client.event("chat").await
        }
        "reply" => client.call(json!({"cmd": "ping"})).await,
        "reply-empty" => client.call(json!({"cmd": ":leave"})).await,
        "error-reply" => {
            client
                .call(json!({"cmd": "join-room", "param": {"room": "full"}}))
                .await
        }
        "error-reply-without-data" => {
            client
                .call(json!({"cmd": "chat", "channel": "room:1", "param": {"text": "hi"}}))
                .await
        }
        "error-event" | "error-event-plain" => {
            client
                .send(json!({"cmd": "chat", "channel": "room:1", "param": {"text": "hi"}}))
                .await;
            client.event(":error").await
        }
        "error-internal" => client.call(json!({"cmd": "panic"})).await,
        "error-unknown-command" => client.call(json!({"cmd": "chatt"})).await,
        "error-invalid-param" => {
            client
                .call(json!({"cmd": "chat", "param": {"text": ""}}))
                .await
        }
        "join-reply" => {
            client
                .call(json!({"cmd": ":join", "channel": "room:42"}))
                .await
        }
        "join-reply-members" => {
            let param = json!({"members": true});
            client
                .call(json!({"cmd": ":join", "channel": "room:42", "param": param}))
                .await
        }
        "join-reply-fresh" => client.call(json!({"cmd": ":join", "channel": LOG})).await,
        "join-reply-complete" | "join-reply-gap" => {
            let at = if name == "join-reply-gap" { 7 } else { 0 };
            let epoch = stand(&mut client, LOG).await["epoch"].clone();
            client.call(json!({"cmd": ":leave", "channel": LOG})).await;
            let since = json!({"since": {"epoch": epoch, "at": at}});
            client
                .call(json!({"cmd": ":join", "channel": LOG, "param": since}))
                .await
        }
        "event-kept" => {
            stand(&mut client, LOG).await;
            sockets.to_channel(LOG).send(hi()).await.unwrap();
            client.event("chat").await
        }
        "history-reply" => {
            stand(&mut client, LOG).await;
            for _ in 0..2 {
                sockets.to_channel(LOG).send(hi()).await.unwrap();
            }
            client
                .call(json!({"cmd": ":history", "channel": LOG}))
                .await
        }
        "error-outcome-unknown" => {
            client.send(json!({"cmd": "ping", "id": 5000})).await;
            client.answer(5000).await;
            client.send(json!({"cmd": "ping", "id": 4000})).await;
            client.answer(4000).await
        }
        "joined-kept" => {
            sockets.join(id, LOG).await.unwrap();
            client.event(":joined").await
        }
        "members-reply" => {
            let _other = server.connected("?ch=lobby").await;
            client
                .call(json!({"cmd": ":members", "param": {"limit": 1}}))
                .await
        }
        "members-reply-anonymous" => {
            let mut nobody = server.connected("?ch=room:1").await;
            nobody.call(json!({"cmd": ":members"})).await
        }
        "server-ping" => client.event(":ping").await,
        "server-pong" => {
            client.send(json!({"cmd": ":ping"})).await;
            client.event(":pong").await
        }
        "joined" => {
            assert!(sockets.join(id, "room:42").await.unwrap());
            client.event(":joined").await
        }
        "closed" => {
            sockets.join(id, "room:42").await.unwrap();
            assert!(sockets.leave(id, "room:42").await.unwrap());
            client.event(":closed").await
        }
        "large" => {
            let mut client = server.full("").await;
            client.connect(json!({"knows": [":large"]})).await;
            let all = sockets.to_all();
            all.send(said("ann", &"x".repeat(20_000))).await.unwrap();
            client.event(":large").await
        }
        "drain" => {
            tokio::spawn(async move { server.sockets.shutdown().await });
            client.event(":drain").await
        }
        "online-update" => {
            let _other = server.connected("?ch=lobby&user=ann").await;
            client.event("online-update").await
        }
        "online-update-anonymous" => {
            let _other = server.connected("?ch=lobby").await;
            client.event("online-update").await
        }
        "close-connection" | "close-connection-plain" => {
            sockets.request_close(id).await.unwrap();
            client.event("close-connection").await
        }
        name => panic!("nothing provokes {name}"),
    }
}
