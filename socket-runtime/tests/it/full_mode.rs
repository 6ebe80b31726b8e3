//! Full mode.

use serde_json::json;

use socket_runtime::{BuildError, Config, Credentials, Login, Reject, User};

use crate::chat::{Server, Sockets};
use crate::sessions::connect;
use crate::support::TestServer;
use crate::timeouts::Memory;

#[tokio::test]
async fn the_handshake_tells_what_a_client_needs() {
    let server = TestServer::start().await;
    let mut client = server.full("?ch=lobby&user=ann").await;
    let reply = client
        .connect(json!({"channels": {
            "room:42": {"since": {"epoch": "x", "at": 3}, "members": true},
            "secret:1": {}, "two words": {}, "nowhere": {}, ":user": {"since": {"epoch": "x", "at": 4}},
        }}))
        .await;
    let code = |channel: &str| reply["channels"][channel]["error"]["code"].clone();
    assert_eq!(reply["channels"]["lobby"], json!({"recovery": "none"}));
    assert_eq!(reply["channels"]["room:42"]["members"]["count"], 1);
    assert_eq!(reply["channels"][":user"], json!({"recovery": "none"}));
    assert_eq!(code("secret:1"), "forbidden");
    assert_eq!(code("two words"), "invalid-channel");
    assert_eq!(code("nowhere"), "unknown-channel");
    assert_eq!(reply["user"], json!({"id": "id-ann", "name": "ann"}));
    assert_eq!(reply["resumed"], false);
    assert_eq!(reply["protocol"], json!({"name": "chat"}));
    assert_eq!(
        reply["limits"],
        json!({"message": 65536, "channels": 128, "rate": 50, "burst": 100})
    );
    let names: Vec<_> = server.sockets.connections()[0].channels.clone();
    assert_eq!(
        names.iter().map(|name| name.as_str()).collect::<Vec<_>>(),
        ["lobby", "room:42"]
    );
}

#[tokio::test]
async fn the_manifest_gives_the_fingerprint() {
    let manifest = |protocol: &str| {
        let group = json!({"rust": "", "items": []});
        json!({
            "format": 1, "protocol": protocol, "rust": "", "fingerprint": "f1", "commands": group,
            "events": group, "channels": group, "types": {"send": {}, "receive": {}},
        })
        .to_string()
    };
    let builder = || Sockets::builder(Server);
    assert!(matches!(
        builder().manifest("{}"),
        Err(BuildError::Manifest(_))
    ));
    let other = builder().manifest(&manifest("other")).unwrap_err();
    assert_eq!(
        other.to_string(),
        r#"the manifest describes protocol "other", but this service speaks "chat""#
    );
    let sockets = builder().manifest(&manifest("chat")).unwrap().build();
    let server = TestServer::with(sockets).await;
    let reply = server.full("").await.connect(json!({})).await;
    assert_eq!(
        reply["protocol"],
        json!({"name": "chat", "fingerprint": "f1"})
    );
}

#[tokio::test]
async fn the_handshake_comes_first_and_once() {
    let server = TestServer::start().await;
    let mut client = server.full("?ch=lobby").await;
    // What follows in the same frame is handled after the reply.
    client
        .send(json!([
            {"cmd": ":connect", "id": 1},
            {"cmd": "chat", "param": {"text": "at once"}},
            {"cmd": ":connect", "id": 2},
        ]))
        .await;
    assert_eq!(client.next().await["re"], 1);
    let refused = client.next().await;
    assert_eq!(refused["re"], 2);
    assert_eq!(refused["error"]["code"], "invalid-message");
    assert_eq!(client.next().await["param"]["text"], "at once");
    // And dropped where there is none.
    let mut watcher = server.connected("?ch=lobby").await;
    let mut client = server.full("?ch=lobby").await;
    client
        .send(json!([
            {"cmd": ":connect", "id": 1, "param": 7},
            {"cmd": "chat", "param": {"text": "never"}},
        ]))
        .await;
    let refused = client.next().await;
    assert_eq!(
        (&refused["re"], &refused["error"]["code"]),
        (&json!(1), &json!("invalid-param"))
    );
    assert_eq!(client.closed().await.0, 4500);
    assert!(watcher.settle().await.is_empty());
    assert_eq!(server.sockets.status().connections, 2);
}

#[tokio::test]
async fn a_hook_that_never_ends_holds_up_nobody_else() {
    let sockets = Sockets::builder(Server)
        .config(
            Config::default()
                .with(|config| config.timeouts.handler = std::time::Duration::from_millis(20)),
        )
        .on_connected(|_| std::future::pending())
        .build();
    let server = TestServer::with(sockets).await;
    let mut client = server.connected("?ch=lobby").await;
    assert!(client.settle().await.is_empty());
}

// P 4.12
#[tokio::test(start_paused = true)]
async fn a_long_answer_to_connect_leaves_the_lists_of_members_out() {
    let server =
        Memory::configured(Config::default().with(|config| config.limits.outbound_bytes = 1500));
    let mut members = Vec::new();
    for _ in 0..20 {
        members.push(server.full("?ch=lobby").await);
    }
    let channels = json!({"lobby": {"members": true}});
    let (mut client, reply) = connect(&server, "", json!({"channels": channels})).await;
    assert_eq!(reply["channels"]["lobby"], json!({"recovery": "none"}));
    let listed = client.call(json!({"cmd": ":members", "channel": "lobby", "param": {"limit": 3}}));
    assert_eq!(listed.await["param"]["count"], 21);
    // Where that is not enough it is the client that asks too much.
    let many = (0..100).map(|n| (format!("secret:{n}"), json!({})));
    let param = json!({"channels": many.collect::<serde_json::Map<_, _>>()});
    let mut client = server.open("", Some("socket.v1")).await;
    client
        .send(json!({"cmd": ":connect", "id": 1, "param": param}))
        .await;
    assert_eq!(client.answer(1).await["error"]["code"], "too-large");
    assert_eq!(client.closed().await.0, 4500);
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_seen_once_its_user_was_let_in() {
    let (asked, mut asks) = tokio::sync::mpsc::channel::<tokio::sync::oneshot::Sender<()>>(1);
    let gate = move |_: Credentials<User>| {
        let asked = asked.clone();
        async move {
            let (decide, decided) = tokio::sync::oneshot::channel();
            asked.send(decide).await.unwrap();
            decided.await.unwrap();
            Ok::<_, Reject>(Login::nobody())
        }
    };
    let server = Memory::with(Sockets::builder(Server).authenticate(gate).build());
    let mut client = server.open("?ch=lobby", Some("socket.v1")).await;
    client.send(json!({"cmd": ":connect", "id": 1})).await;
    let decide = asks.recv().await.unwrap();
    assert!(server.sockets.connections().is_empty());
    assert_eq!(server.sockets.member_count("lobby").unwrap(), 0);
    decide.send(()).unwrap();
    let reply = client.answer(1).await;
    let id = serde_json::from_value(reply["param"]["connection"].clone()).unwrap();
    assert_eq!(server.sockets.connection(id).unwrap().id, id);
    assert_eq!(server.sockets.connections().len(), 1);
}
