//! Whose a connection is after `:refresh` brought another user's token. P 4.8

use std::time::Duration;

use serde_json::{Value, json};
use socket_runtime::{Config, ConnectionId, Credentials, Identity, Login, Reject, User};
use tokio::io::DuplexStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

use crate::chat::{Server, Sockets, said};
use crate::sessions::gone;
use crate::support::Client;
use crate::timeouts::{Memory, passed, seconds};

/// A token is a user's name; `nobody` is one too.
async fn who(shown: Credentials<User>) -> Result<Login<User>, Reject> {
    let name = shown.token().unwrap_or("nobody");
    Ok(match name {
        "nobody" => Login::nobody(),
        name => Login::user(User::new(format!("id-{name}"), name)),
    })
}

fn server() -> Memory {
    let sockets = Sockets::builder(Server)
        .config(Config::default())
        .authenticate(who);
    Memory::with(sockets.build())
}

async fn connected(server: &Memory, user: &str, channels: &[&str]) -> Client<DuplexStream> {
    let mut client = server.open("", Some("socket.v1")).await;
    let channels: serde_json::Map<_, _> = channels
        .iter()
        .map(|channel| ((*channel).to_owned(), json!({})))
        .collect();
    let reply = client
        .connect(json!({"token": user, "channels": channels}))
        .await;
    for (channel, joined) in reply["channels"].as_object().unwrap() {
        assert!(joined["error"].is_null(), "{channel}: {joined}");
    }
    client
}

async fn say(server: &Memory, channel: &str, text: &str) {
    let event = said("server", text);
    server
        .sockets
        .to_channel(channel)
        .send(event)
        .await
        .unwrap();
}

/// The channels of a connection.
fn channels(server: &Memory, id: ConnectionId) -> Vec<String> {
    let info = server.sockets.connection(id).unwrap();
    info.channels.iter().map(ToString::to_string).collect()
}

/// The texts of what was said, and the channels that were closed, in their order.
fn story(messages: &[Value]) -> Vec<String> {
    let told = messages.iter().filter_map(|message| match &message["cmd"] {
        cmd if cmd == "chat" => Some(message["param"]["text"].as_str()?.to_owned()),
        cmd if cmd == ":closed" => Some(format!(
            "{} {}",
            message["channel"].as_str()?,
            message["param"]["reason"]["code"].as_str()?
        )),
        _ => None,
    });
    told.collect()
}

#[tokio::test(start_paused = true)]
async fn every_membership_is_decided_anew_and_nothing_passes_before() {
    let server = server();
    let all = ["secret:ann", "room:slow", "archive:a", "lobby"];
    let mut client = connected(&server, "ann", &all).await;
    let id = client.id.unwrap();
    // One that the program made, and that its policy would refuse to anybody.
    assert!(server.sockets.join(id, "secret:made").await.unwrap());
    client.event(":joined").await;
    let mut watcher = connected(&server, "carl", &["room:slow"]).await;
    let mut friend = connected(&server, "ann", &["secret:ann"]).await;
    while client.event("online-update").await["param"]["name"] != "ann" {}
    let begun = Instant::now();
    client
        .send(json!({"cmd": ":refresh", "id": 50, "param": {"token": "bob"}}))
        .await;
    client
        .send(
            json!({"cmd": "chat", "id": 51, "channel": "room:slow", "param": {"text": "by whom?"}}),
        )
        .await;
    client.send(json!({"cmd": ":ping", "id": 52})).await;
    client.answer(52).await;
    for round in 0..3 {
        for channel in ["secret:ann", "secret:made", "room:slow", "archive:a"] {
            say(&server, channel, &format!("{channel} {round}")).await;
        }
        let to_ann = said("", "to ann");
        server.sockets.to_user("id-ann").send(to_ann).await.unwrap();
        sleep(seconds(1)).await;
    }
    assert_eq!(channels(&server, id).len(), 5);
    client.send(json!({"cmd": ":ping", "id": 53})).await;
    assert_eq!(client.next().await["cmd"], ":pong", "something passed");
    assert_eq!(client.next().await["re"], 53, "something passed");
    let mut messages = Vec::new();
    loop {
        messages.push(client.next().await);
        let answer = messages.last().unwrap();
        if answer["re"] == 50 {
            assert_eq!(*answer, json!({"re": 50, "param": {}}));
            assert!(passed(begun, seconds(5)), "{:?}", begun.elapsed());
        }
        // What is read from history may come behind the answers.
        let answered = messages.iter().any(|message| message["re"] == 51);
        let read = |message: &Value| message["param"]["text"] == "archive:a 2";
        if answered && messages.iter().any(read) {
            break;
        }
    }
    let mut story = story(&messages);
    let (mut closed, rest): (Vec<_>, Vec<_>) = story
        .drain(..)
        .partition(|told| told.ends_with("forbidden"));
    closed.sort();
    assert_eq!(closed, ["secret:ann forbidden", "secret:made forbidden"]);
    let of = |channel: &str| -> Vec<String> {
        let mut of: Vec<_> = rest
            .iter()
            .filter(|text| text.starts_with(channel))
            .collect();
        of.drain(..).cloned().collect()
    };
    // What stayed misses nothing, and what ended told nothing more.
    assert_eq!(
        of("room:slow"),
        ["room:slow 0", "room:slow 1", "room:slow 2"]
    );
    assert_eq!(
        of("archive:a"),
        ["archive:a 0", "archive:a 1", "archive:a 2"]
    );
    assert!(of("secret").is_empty() && of("to ann").is_empty());
    assert_eq!(channels(&server, id), ["archive:a", "lobby", "room:slow"]);
    // Whoever is there hears that one went and another came, and by whom the command was.
    let went = watcher.event("online-update").await["param"].clone();
    assert_eq!(
        (&went["userID"], &went["connected"]),
        (&json!("id-ann"), &json!(false))
    );
    let came = watcher.event("online-update").await["param"].clone();
    assert_eq!(
        (&came["userID"], &came["connected"]),
        (&json!("id-bob"), &json!(true))
    );
    let heard = watcher
        .until(|message| message["param"]["text"] == "by whom?")
        .await;
    assert_eq!(heard["param"]["user"], "bob");
    let went = friend.until(|message| {
        message["cmd"] == "online-update" && message["param"]["connected"] == false
    });
    assert_eq!(went.await["param"]["userID"], "id-ann");
}

#[tokio::test(start_paused = true)]
async fn what_is_not_decided_in_time_is_left() {
    let server = server();
    let mut client = connected(&server, "ann", &["lobby"]).await;
    let id = client.id.unwrap();
    assert!(server.sockets.join(id, "room:stuck").await.unwrap());
    client.event(":joined").await;
    let begun = Instant::now();
    client
        .send(json!({"cmd": ":refresh", "id": 50, "param": {"token": "bob"}}))
        .await;
    let messages = [client.skipping_pings().await, client.skipping_pings().await];
    assert!(passed(begun, seconds(30)), "{:?}", begun.elapsed());
    assert_eq!(story(&messages), ["room:stuck timeout"]);
    assert_eq!(messages[1], json!({"re": 50, "param": {}}));
    assert_eq!(channels(&server, id), ["lobby"]);
}

#[tokio::test(start_paused = true)]
async fn a_change_that_does_not_come_to_its_end_has_changed_nothing() {
    let server = server();
    let mut client = server.open("", Some("socket.v1")).await;
    let named = json!({"secret:ann": {}, "room:slow": {}});
    let first = client
        .connect(json!({"token": "ann", "channels": named}))
        .await;
    client
        .send(json!({"cmd": ":refresh", "param": {"token": "bob"}}))
        .await;
    client.send(json!({"cmd": ":ping", "id": 51})).await;
    client.answer(51).await;
    drop(client);
    gone(&server, &first).await;
    sleep(seconds(6)).await;
    let mut client = server.open("", Some("socket.v1")).await;
    let param = json!({"token": "ann", "session": first["session"], "channels": named});
    assert_eq!(client.connect(param).await["resumed"], true);
    say(&server, "secret:ann", "hers").await;
    assert_eq!(client.event("chat").await["param"]["text"], "hers");
    let whoami = client
        .call(json!({"cmd": "whoami", "channel": "secret:ann"}))
        .await;
    assert_eq!(whoami["param"]["room"], "ann");
}

#[tokio::test(start_paused = true)]
async fn a_join_that_is_under_way_is_decided_for_the_new_user() {
    let server = server();
    let mut client = connected(&server, "ann", &[]).await;
    // It takes five seconds for whoever may, and is for Ann alone.
    client
        .send(json!({"cmd": ":join", "id": 50, "channel": "secret:slow-ann"}))
        .await;
    let renewed = client
        .call(json!({"cmd": ":refresh", "param": {"token": "bob"}}))
        .await;
    assert_eq!(renewed["param"], json!({}));
    assert_eq!(client.answer(50).await["error"]["code"], "forbidden");
    assert!(channels(&server, client.id.unwrap()).is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_program_is_told_of_whose_it_was() {
    let (tell, mut told) = mpsc::unbounded_channel();
    let sockets = Sockets::builder(Server)
        .authenticate(who)
        .on_user_changed(move |cx, before| {
            let tell = tell.clone();
            async move {
                let before = before.as_deref().name().to_owned();
                let _ = tell.send((cx.connection(), before, cx.user().name().to_owned()));
            }
        });
    let server = Memory::with(sockets.build());
    let mut client = connected(&server, "nobody", &["lobby"]).await;
    let id = client.id.unwrap();
    let expected = [
        ("nobody", ""),
        ("ann", "ann"),
        ("ann", "ann"),
        ("bob", "bob"),
        ("nobody", ""),
    ];
    let mut was = "";
    for (token, is) in expected {
        client
            .call(json!({"cmd": ":refresh", "param": {"token": token}}))
            .await;
        if was != is {
            let change = (id, was.to_owned(), is.to_owned());
            assert_eq!(told.recv().await.unwrap(), change);
        }
        was = is;
    }
    sleep(Duration::from_millis(1)).await;
    assert!(told.try_recv().is_err());
}
