//! Joining, leaving, members, and who is told.

use std::time::Duration;

use serde_json::{Value, json};
use socket_runtime::{ChannelError, Config, ConnectionId, ReachError, User};

use crate::chat::{Chat, ChatChannel, said};
use crate::servers::Way;
use crate::support::TestServer;

fn on(channel: &str, cmd: &str) -> Value {
    json!({"cmd": cmd, "channel": channel})
}

#[tokio::test]
async fn joining_and_leaving_twice_changes_nothing() {
    let server = TestServer::start().await;
    let mut watcher = server.plain("?ch=room:1").await;
    let mut client = server.connected("?user=ann").await;
    for _ in 0..2 {
        let reply = client.call(on("room:1", ":join")).await;
        assert_eq!(reply["param"], json!({"recovery": "none"}));
    }
    for _ in 0..2 {
        assert_eq!(
            client.call(on("room:1", ":leave")).await["param"],
            json!({})
        );
    }
    let id = json!(client.id);
    let updates = watcher.settle().await;
    let seen: Vec<_> = updates
        .iter()
        .map(|u| (&u["cmd"], &u["channel"], &u["param"]))
        .collect();
    let update = |connected| json!({"userID": "id-ann", "connection": id, "name": "ann", "connected": connected, "last": true});
    let (name, channel) = (json!("online-update"), json!("room:1"));
    assert_eq!(
        seen,
        [
            (&name, &channel, &update(true)),
            (&name, &channel, &update(false))
        ]
    );
    assert!(client.settle().await.is_empty());
}

#[tokio::test]
async fn the_last_connection_of_a_user_is_told_apart() {
    let server = TestServer::configured(Config::default().with(|config| {
        // Nobody waits for one that is lost.
        config.sessions.grace = Duration::ZERO;
    }))
    .await;
    let mut watcher = server.connected("?ch=room:1").await;
    let mut last = async || {
        let param = watcher.event("online-update").await["param"].clone();
        (
            param["connected"].as_bool().unwrap(),
            param["last"].as_bool().unwrap(),
        )
    };
    let first = server.connected("?ch=room:1&user=ann").await;
    assert_eq!(last().await, (true, true));
    let second = server.plain("?ch=room:1&user=ann").await;
    assert_eq!(last().await, (true, false));
    drop(first);
    assert_eq!(last().await, (false, false));
    drop(second);
    assert_eq!(last().await, (false, true));
}

#[tokio::test]
async fn large_channels_are_quiet() {
    let config = Config::default().with(|config| config.members.online = 2);
    let server = TestServer::configured(config).await;
    let mut watcher = server.connected("?ch=lobby").await;
    let mut second = server.connected("?ch=lobby").await;
    let mut third = server.connected("?ch=lobby").await;
    third.call(on("lobby", ":leave")).await;
    second.call(on("lobby", ":leave")).await;
    let told: Vec<_> = watcher.settle().await;
    let told: Vec<_> = told
        .iter()
        .map(|update| &update["param"]["connection"])
        .collect();
    assert_eq!(told, [&json!(second.id), &json!(second.id)]);
}

#[tokio::test]
async fn members_are_listed_page_by_page() {
    let server = TestServer::start().await;
    let mut clients = Vec::new();
    for i in 0..7 {
        clients.push(server.connected(&format!("?ch=lobby&user=u{i}")).await);
    }
    let ids: Vec<_> = clients.iter().map(|client| json!(client.id)).collect();
    let (mut listed, mut after, mut pages) = (Vec::new(), Value::Null, 0);
    loop {
        let query = json!({"cmd": ":members", "param": {"limit": 3, "after": after}});
        let page = clients[0].call(query).await["param"].clone();
        assert_eq!(page["count"], 7);
        let members = page["members"].as_array().unwrap();
        listed.extend(members.iter().map(|member| member["connection"].clone()));
        pages += 1;
        match page.get("next") {
            Some(next) => after = next.clone(),
            None => break,
        }
    }
    assert_eq!((listed, pages), (ids, 3));
}

#[tokio::test]
async fn the_server_puts_in_and_takes_out_and_says_so() {
    let server = TestServer::start().await;
    let mut client = server.connected("?user=ann").await;
    let id = client.id.unwrap();
    let room = ChatChannel::Room {
        room: "a b".to_owned(),
    };
    assert!(server.sockets.join(id, room.clone()).await.unwrap());
    assert!(!server.sockets.join(id, "room:a%20b").await.unwrap());
    server
        .sockets
        .to_channel(&room)
        .send(said("x", "hi"))
        .await
        .unwrap();
    assert_eq!(client.next().await["cmd"], ":joined");
    assert_eq!(client.next().await["cmd"], "chat");
    assert!(server.sockets.leave(id, &room).await.unwrap());
    assert!(!server.sockets.leave(id, &room).await.unwrap());
    let closed = client.next().await;
    assert_eq!(
        (&closed["cmd"], &closed["channel"]),
        (&json!(":closed"), &json!("room:a%20b"))
    );
    assert!(server.sockets.channels().is_empty());
    // A handler may do the same; its answer comes after.
    client
        .send(json!({"cmd": "join-room", "id": 50, "param": {"room": "42"}}))
        .await;
    assert_eq!(client.next().await["cmd"], ":joined");
    let reply = client.next().await;
    assert_eq!(
        reply,
        json!({"re": 50, "param": {"room": "42", "members": 1}})
    );
    client
        .send(json!({"cmd": "leave-room", "id": 51, "param": {"room": "42"}}))
        .await;
    assert_eq!(client.next().await["cmd"], ":closed");
    // Plain clients do not know those events.
    let mut plain = server.plain("").await;
    let reply = plain
        .call(json!({"cmd": "join-room", "param": {"room": "42"}}))
        .await;
    assert_eq!(reply["param"]["members"], 1);
    let nobody = ConnectionId::random();
    for (channel, expected) in [
        ("two words", "Invalid"),
        ("nowhere", "Unknown"),
        ("lobby", "NoConnection"),
    ] {
        let error: ChannelError = server.sockets.join(nobody, channel).await.unwrap_err();
        assert!(format!("{error:?}").starts_with(expected), "{error:?}");
    }
}

#[tokio::test]
async fn the_answer_to_a_join_comes_before_the_channels_first_event() {
    let server = TestServer::start().await;
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let (sockets, stopped) = (server.sockets.clone(), stop.clone());
    let publisher = tokio::spawn(async move {
        let mut i = 0;
        while !stopped.load(std::sync::atomic::Ordering::Relaxed) {
            sockets
                .to_channel("lobby")
                .send(said("p", &i.to_string()))
                .await
                .unwrap();
            i += 1;
            tokio::task::yield_now().await;
        }
    });
    let mut client = server.connected("").await;
    for id in 100..150 {
        client
            .send(json!({"cmd": ":join", "channel": "lobby", "id": id}))
            .await;
        assert_eq!(client.next().await["re"], id);
        let first: u64 = client.next().await["param"]["text"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        let second: u64 = client.next().await["param"]["text"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        assert_eq!(second, first + 1);
        client.call(on("lobby", ":leave")).await;
    }
    // And so for the channels of the handshake.
    for _ in 0..20 {
        let mut client = server.full("?ch=lobby").await;
        client.send(json!({"cmd": ":connect", "id": 1})).await;
        assert_eq!(client.next().await["re"], 1);
        assert_eq!(client.next().await["cmd"], "chat");
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    publisher.await.unwrap();
}

#[tokio::test]
async fn anyone_can_be_reached_from_anywhere() {
    let server = TestServer::start().await;
    let sockets = &server.sockets;
    let mut first = server.connected("?ch=lobby&user=ann").await;
    let mut second = server.plain("?ch=room:1&user=ann").await;
    let mut other = server.connected("?ch=lobby&user=bob").await;
    second.settle().await;
    first.event("online-update").await;
    let id = first.id.unwrap();
    sockets
        .to_connection(id)
        .send(said("", "connection"))
        .await
        .unwrap();
    sockets
        .to_channel(ChatChannel::Lobby)
        .send(said("", "channel"))
        .await
        .unwrap();
    sockets
        .to_user("id-ann")
        .send(said("", "user"))
        .await
        .unwrap();
    sockets
        .to_user("nobody")
        .send(said("", "nobody"))
        .await
        .unwrap();
    sockets.to_all().send(said("", "all")).await.unwrap();
    sockets
        .to_channel("lobby")
        .except(id)
        .send(said("", "channel but one"))
        .await
        .unwrap();
    sockets
        .to_user("id-ann")
        .except(id)
        .send(said("", "user but one"))
        .await
        .unwrap();
    sockets
        .to_all()
        .except(id)
        .send(said("", "all but one"))
        .await
        .unwrap();
    let texts = |messages: Vec<Value>| -> Vec<String> {
        messages
            .iter()
            .map(|m| m["param"]["text"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        texts(first.settle().await),
        ["connection", "channel", "user", "all"]
    );
    assert_eq!(
        texts(second.settle().await),
        ["user", "all", "user but one", "all but one"]
    );
    assert_eq!(
        texts(other.settle().await),
        ["channel", "all", "channel but one", "all but one"]
    );
    let too_large = said("", &"x".repeat(1024 * 1024));
    for (target, event, expected) in [
        (sockets.to_channel("silent"), said("", ""), "NotCarried"),
        (
            sockets.to_channel("nowhere"),
            said("", ""),
            "Channel(Unknown",
        ),
        (
            sockets.to_channel("two words"),
            said("", ""),
            "Channel(Invalid",
        ),
        (
            sockets.to_connection(ConnectionId::random()),
            said("", ""),
            "NoConnection",
        ),
        (sockets.to_all(), too_large, "TooLarge"),
    ] {
        let error = format!("{:?}", target.send(event).await.unwrap_err());
        assert!(error.starts_with(expected), "{error}");
    }
}

#[tokio::test]
async fn the_service_says_what_is_there() {
    let server = TestServer::start().await;
    let sockets = &server.sockets;
    let mut ann = server.connected("?ch=lobby&user=ann").await;
    let mut bob = server.plain("?ch=lobby&user=bob").await;
    bob.call(json!({"cmd": "chat", "param": {"text": "hi"}}))
        .await;
    ann.event("chat").await;
    let status = sockets.status();
    assert_eq!(
        (
            status.protocol,
            status.connections,
            status.channels,
            status.users
        ),
        ("chat", 2, 1, 2)
    );
    let infos = sockets.connections_in(ChatChannel::Lobby).unwrap();
    let users: Vec<_> = infos
        .iter()
        .map(|info| info.user.as_ref().unwrap().name.as_str())
        .collect();
    assert_eq!(users, ["ann", "bob"]);
    // A foreign server says where clients come from only if its program asks it to.
    let told = Way::chosen() != Way::Foreign;
    assert!(infos.iter().all(|info| info.address.is_some() == told));
    assert_eq!(infos[1].statistics.received.messages, 1);
    assert_eq!(sockets.connection(infos[0].id).as_ref(), Some(&infos[0]));
    let first = sockets.connections_page(None, 1);
    let second = sockets.connections_page(first.next, 1);
    assert_eq!(
        (first.items[0].id, second.items[0].id, second.next),
        (infos[0].id, infos[1].id, None)
    );
    assert_eq!(sockets.connections_in("room:1").unwrap().len(), 0);
    assert_eq!(sockets.member_count("lobby").unwrap(), 2);
    let channel = &sockets.channels()[0];
    assert_eq!((channel.name.as_str(), channel.members), ("lobby", 2));
    // The chat for both, the coming of the second for the first, that of the first for nobody.
    assert_eq!((channel.published.messages, channel.delivered), (3, 3));
    assert_eq!(sockets.disconnect_user("id-bob", "go").await.connections, 1);
    let again = sockets.disconnect_user("id-bob", "go").await;
    assert_eq!(again.connections, 1, "it has not gone yet");
    assert_eq!(bob.event("close-connection").await["channel"], "");
    assert_eq!(bob.closed().await, (4503, "go".to_owned()));
    ann.event("online-update").await;
    let nobody = ConnectionId::random();
    let absent = Err(ReachError::NoConnection(nobody));
    assert_eq!(sockets.disconnect(nobody, "").await, absent);
    assert_eq!(sockets.request_close(nobody).await, absent);
    assert_eq!(sockets.request_refresh(nobody).await, absent);
    assert_eq!(sockets.disconnect_user("nobody", "").await.connections, 0);
    let total = sockets.status().statistics;
    assert!(total.received.messages >= 2 && total.sent.messages >= 4 && total.writes >= 4);
    let _: &dyn Fn() -> socket_runtime::Service<Chat, User> = &|| sockets.clone();
}
