//! What the client says is what `protocol/tests/wire` has clients say.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};
use socket_runtime::Timestamp;
use socket_runtime::system::MembersQuery;

use crate::chat::{chat_command, room, say};
use crate::scripted_server::{Peer, script};

/// The fields of a message, and of its parameters where the protocol has fixed them.
fn fields(message: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (key, value) in message.as_object().unwrap() {
        found.insert(key.clone());
        let own = message["cmd"]
            .as_str()
            .is_some_and(|cmd| cmd.starts_with(':'));
        if let (true, "param", Some(param)) = (own, key.as_str(), value.as_object()) {
            found.extend(param.keys().map(|field| format!("param.{field}")));
        }
    }
    found
}

/// Every field of what the client said stands in one of the messages of that case, which the
/// server's own tests take.
fn fits(case: &str, said: &Value) {
    let file = format!("../protocol/tests/wire/{case}.json");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let case: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(case["direction"], "client-to-server");
    let valid = case["valid"].as_array().unwrap();
    let known: BTreeSet<String> = valid
        .iter()
        .filter(|valid| valid.is_object())
        .flat_map(fields)
        .collect();
    // Any command may have them (P 2.1).
    let of_all = ["param", "timeout"];
    let unknown: Vec<_> = fields(said)
        .difference(&known)
        .filter(|field| !of_all.contains(&field.as_str()))
        .cloned()
        .collect();
    assert!(unknown.is_empty(), "{unknown:?} in {said}");
    // Whatever stands in all of them stands in this one too.
    let valid = valid.iter().filter(|valid| valid.is_object());
    for field in known
        .iter()
        .filter(|field| valid.clone().all(|valid| fields(valid).contains(*field)))
    {
        assert!(fields(said).contains(field), "no {field} in {said}");
    }
    let id = &said["id"];
    assert!(
        id.is_null() || id.as_u64().is_some_and(|id| id >= 1),
        "{said}"
    );
}

/// The next message, which must be that command.
async fn said(peer: &mut Peer, case: &str, cmd: &str) -> Value {
    let message = peer.next().await;
    assert_eq!(message["cmd"], cmd, "{message}");
    fits(case, &message);
    message
}

#[tokio::test(start_paused = true)]
async fn what_clients_say_is_what_the_cases_say() {
    let (client, mut script) = script(|builder| builder.token("t"));
    let channel = client.channel(room("42")).unwrap();
    let join = tokio::spawn({
        let channel = channel.clone();
        async move { channel.join().await }
    });
    tokio::task::yield_now().await;
    let mut peer = script.accept().await;
    let connect = said(&mut peer, "connect", ":connect").await;
    assert_eq!(connect["id"], 1);
    let welcome = json!({
        "connection": "0b0c6a3e-5f5e-4a8e-9a55-3c1f0a7f7d10", "resumed": false, "user": null,
        "ping": 25000, "timeout": 10000, "spread": 2000, "expires": 60_000,
        "limits": {"message": 65536}, "channels": {"room:42": {"recovery": "none"}},
    });
    peer.send(json!({"re": 1, "param": welcome})).await;
    join.await.unwrap().unwrap();

    client.send(say("hi")).unwrap();
    said(&mut peer, "command", "chat").await;
    channel.send(say("hi")).unwrap();
    assert_eq!(
        said(&mut peer, "command", "chat").await["channel"],
        "room:42"
    );
    let call = tokio::spawn({
        let client = client.clone();
        async move { client.call(chat_command::Ping).await.map(drop) }
    });
    let ping = said(&mut peer, "command", "ping").await;
    assert!(ping["id"].as_u64().unwrap() > 1, "{ping}");
    let answer = json!({"timestamp": Timestamp::now()});
    peer.send(json!({"re": ping["id"], "param": answer})).await;
    call.await.unwrap().unwrap();

    let hang = tokio::spawn({
        let client = client.clone();
        async move { client.call(chat_command::Hang).await.map(drop) }
    });
    let hanging = said(&mut peer, "command", "hang").await;
    hang.abort();
    let cancel = said(&mut peer, "cancel", ":cancel").await;
    assert_eq!(cancel["param"]["id"], hanging["id"]);

    let members = tokio::spawn({
        let channel = channel.clone();
        async move { channel.members(&MembersQuery::default()).await }
    });
    let asked = said(&mut peer, "members", ":members").await;
    peer.send(json!({"re": asked["id"], "param": {"count": 0, "members": []}}))
        .await;
    members.await.unwrap().unwrap();

    let other = client.channel(room("43")).unwrap();
    let join = tokio::spawn(async move { other.join().await });
    let asked = said(&mut peer, "join", ":join").await;
    peer.send(json!({"re": asked["id"], "param": {"recovery": "none"}}))
        .await;
    join.await.unwrap().unwrap();
    channel.leave();
    let left = said(&mut peer, "leave", ":leave").await;
    peer.send(json!({"re": left["id"], "param": {}})).await;
    peer.send(json!({"cmd": ":ping"})).await;
    said(&mut peer, "pong", ":pong").await;
    peer.send(json!({"cmd": ":refresh"})).await;
    said(&mut peer, "refresh", ":refresh").await;
}
