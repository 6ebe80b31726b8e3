//! The shared cases of `protocol/tests/wire`, those from the server, through the client.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};
use socket_runtime::client::{CallError, Closed, GapReason, Incoming};

use crate::chat::{RoomError, chat_command, said, settle};
use crate::scripted_server::{Peer, Script, script};

#[derive(Deserialize)]
struct Case {
    name: String,
    direction: String,
    mode: String,
    valid: Vec<Value>,
}

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocol/tests/wire");
    let files = std::fs::read_dir(folder).unwrap();
    let files = files.map(|entry| entry.unwrap().path());
    let mut cases: Vec<Case> = files
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .map(|path| serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
        .filter(|case: &Case| case.direction == "server-to-client" && case.mode != "plain")
        .collect();
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

#[tokio::test(start_paused = true)]
async fn what_servers_send_means_what_the_cases_say() {
    for case in cases() {
        assert!(!case.valid.is_empty(), "{}", case.name);
        for message in case.valid {
            println!("{}: {message}", case.name);
            if case.name.starts_with("connect-reply") {
                connects(&message).await;
                continue;
            }
            if case.name == "upgrade-required" {
                stays_away(&message).await;
                continue;
            }
            // Alone, and as the only element of an array.
            for frame in [message.clone(), json!([message])] {
                let (client, mut script) = script(|builder| builder);
                let (mut peer, _) = script.welcome(json!({})).await;
                client.opened().await.unwrap();
                match message["re"].as_u64() {
                    Some(re) => answers(&case.name, re, &message, &frame, &client, &mut peer).await,
                    None => tells(&case.name, &message, &frame, &client, peer, &mut script).await,
                }
            }
        }
    }
}

type Client = socket_runtime::client::Client<crate::chat::Chat>;

async fn connects(message: &Value) {
    let (client, mut script) = script(|builder| builder);
    let mut events = client.events();
    let mut peer = script.accept().await;
    peer.next().await;
    peer.send(message.clone()).await;
    let opened = client.opened().await.unwrap();
    let param = &message["param"];
    assert_eq!(json!(opened.connection), param["connection"]);
    assert_eq!(json!(opened.user), param["user"]);
    assert!(matches!(events.next().await, Some(Incoming::Opened(_))));
    for outcome in param["channels"].as_object().unwrap().values() {
        let incoming = events.next().await.unwrap();
        let joined = matches!(incoming, Incoming::Joined { .. });
        assert_eq!(joined, outcome.get("error").is_none(), "{incoming:?}");
    }
}

/// The refusal ends the client for good, with what the server said of itself.
async fn stays_away(message: &Value) {
    let (client, mut script) = script(|builder| builder);
    let mut peer = script.accept().await;
    peer.next().await;
    peer.send(message.clone()).await;
    let error = &message["error"];
    match client.opened().await.unwrap_err() {
        Closed::UpgradeRequired { loss, server } => {
            assert_eq!(loss.code, Some(4526));
            assert!(loss.message.ends_with(error["message"].as_str().unwrap()));
            assert_eq!(serde_json::to_value(server).unwrap(), error["data"]);
        }
        other => panic!("{other:?}"),
    }
    assert!(script.nobody(20).await, "it comes back");
}

/// The message answers what the client asked, under the id that the case says.
async fn answers(
    name: &str,
    re: u64,
    message: &Value,
    frame: &Value,
    client: &Client,
    peer: &mut Peer,
) {
    // Ids begin at 2.
    for _ in 2..re {
        client.send(chat_command::Ping).unwrap();
        let abandoned = client
            .call(chat_command::Ping)
            .timeout(crate::chat::seconds(0));
        assert!(matches!(
            abandoned.await,
            Err(CallError::Timeout | CallError::Disconnected { .. })
        ));
    }
    let answer = async |peer: &mut Peer| {
        loop {
            let asked = peer.next().await;
            if let Some(id) = asked["id"].as_u64() {
                let mut frame = frame.clone();
                // The id is an example; whatever this client chose is answered.
                match frame.get_mut(0) {
                    Some(message) => message["re"] = id.into(),
                    None => frame["re"] = id.into(),
                }
                peer.send(frame).await;
                if asked["timeout"].as_u64() != Some(1) {
                    return;
                }
            }
        }
    };
    let join = chat_command::JoinRoom {
        room: "full".to_owned(),
    };
    match name {
        "reply" => {
            let (pong, ()) =
                tokio::join!(client.call(chat_command::Ping).into_future(), answer(peer));
            assert_eq!(
                json!(pong.unwrap().timestamp),
                message["param"]["timestamp"]
            );
        }
        "reply-empty" => {
            let call = client.call(crate::chat::say("hi"));
            tokio::join!(call.into_future(), answer(peer)).0.unwrap();
        }
        name if name.starts_with("join-reply") => {
            let (joined, ()) = tokio::join!(client.join("lobby"), answer(peer));
            let joined = serde_json::to_value(joined.unwrap()).unwrap();
            assert_eq!(joined, message["param"]);
        }
        "history-reply" => {
            let log = client.channel("log:1").unwrap();
            let page = Default::default();
            let (page, ()) = tokio::join!(log.history(&page), answer(peer));
            let page = page.unwrap();
            let param = &message["param"];
            assert_eq!(
                json!([page.epoch, page.at]),
                json!([param["epoch"], param["at"]])
            );
            let events = page.events.iter().map(|incoming| match incoming {
                Incoming::Event(event) => json!(event.at),
                other => panic!("{other:?}"),
            });
            let expected = param["events"].as_array().unwrap();
            let expected = expected.iter().map(|event| event["at"].clone());
            assert!(events.eq(expected));
        }
        name if name.starts_with("members-reply") => {
            let lobby = client.channel("lobby").unwrap();
            let page = Default::default();
            let (members, ()) = tokio::join!(lobby.members(&page), answer(peer));
            assert_eq!(
                serde_json::to_value(members.unwrap()).unwrap(),
                message["param"]
            );
        }
        name if name.starts_with("error-") => {
            let (error, ()) = tokio::join!(client.call(join).into_future(), answer(peer));
            match error.unwrap_err() {
                CallError::Refused {
                    error,
                    message: text,
                } => {
                    let RoomError::RoomFull { max, .. } = error;
                    assert_eq!(json!(max), message["error"]["data"]["max"]);
                    assert_eq!(json!(text), message["error"]["message"]);
                }
                CallError::Server(error) => {
                    assert_ne!(error.code, "room-full");
                    assert_eq!(serde_json::to_value(error).unwrap(), message["error"]);
                }
                other => panic!("{other:?}"),
            }
        }
        other => panic!("a case that this test does not know: {other}"),
    }
}

async fn tells(
    name: &str,
    message: &Value,
    frame: &Value,
    client: &Client,
    mut peer: Peer,
    script: &mut Script,
) {
    let mut events = client.events();
    let param = &message["param"];
    // What stands in a history comes to one who has read as far.
    let place = message["at"].as_u64();
    if place.is_some() || name == "gap" {
        let at = message["prev"].as_u64().or(place.map(|at| at - 1));
        let fresh = json!({"recovery": "fresh", "epoch": "k3v9", "at": at.unwrap_or(1)});
        peer.send(json!({"cmd": ":joined", "channel": message["channel"], "param": fresh}))
            .await;
        let joined = events.next().await;
        assert!(matches!(joined, Some(Incoming::Joined { .. })));
        // Twice: the second one is no news.
        peer.send(frame.clone()).await;
    }
    peer.send(frame.clone()).await;
    match name {
        "gap" => {
            for _ in 0..2 {
                let Some(Incoming::Gap { channel, reason }) = events.next().await else {
                    panic!("no gap");
                };
                assert_eq!(json!(channel), message["channel"]);
                assert_eq!(reason, GapReason::Gap);
            }
            drop(peer);
            let (_peer, connect) = script.welcome(json!({})).await;
            assert_eq!(connect["channels"]["log:1"]["since"], *param);
        }
        "server-ping" => assert_eq!(peer.next().await["cmd"], ":pong"),
        "server-pong" => {
            settle().await;
            assert!(events.try_next().is_none());
        }
        "close-connection" => {
            assert_eq!(peer.closed().await, 1000);
            while client.state().opened().is_some() {
                settle().await;
            }
            client.close().await;
            assert_eq!(client.opened().await, Err(Closed::Asked));
        }
        "large" => {
            settle().await;
            assert!(events.try_next().is_none());
        }
        "drain" => {
            let left = tokio::time::timeout(crate::chat::seconds(31), script.accept()).await;
            assert!(left.is_ok(), "it does not leave");
        }
        _ => {
            let incoming = events.next().await.unwrap();
            let channel = match &incoming {
                Incoming::Event(event) => {
                    let expected = match &message["cmd"] {
                        Value::String(cmd) if cmd == "chat" => {
                            let text = |key: &str| param[key].as_str().unwrap();
                            said(text("user"), text("text"))
                        }
                        _ => crate::chat::ChatEvent::Silence,
                    };
                    assert_eq!(event.event, expected);
                    assert_eq!(json!(event.from), message["from"]);
                    assert_eq!(json!(event.at), message["at"]);
                    event.channel.clone()
                }
                Incoming::Online { channel, update } => {
                    assert_eq!(serde_json::to_value(update).unwrap(), *param);
                    channel.clone()
                }
                Incoming::Joined { channel, result } => {
                    assert_eq!(serde_json::to_value(result).unwrap(), *param);
                    Some(channel.clone())
                }
                Incoming::Closed { channel, reason } => {
                    assert_eq!(serde_json::to_value(reason).unwrap(), param["reason"]);
                    Some(channel.clone())
                }
                Incoming::Error(error) => {
                    assert_eq!(serde_json::to_value(error).unwrap(), *param);
                    None
                }
                other => panic!("{name}: {other:?}"),
            };
            assert_eq!(json!(channel), message["channel"]);
            settle().await;
            let more = events.try_next();
            assert!(more.is_none(), "{name}: {more:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_no_message_or_not_known_breaks_nothing() {
    let (client, mut script) = script(|builder| builder);
    let mut events = client.events();
    let (mut peer, _) = script.welcome(json!({})).await;
    for text in [
        "",
        "7",
        "{}",
        "[]",
        r#"[7,{"cmd":1}]"#,
        r#"{"re":99,"param":{}}"#,
    ] {
        peer.text(text.to_owned()).await;
    }
    peer.send(json!({"cmd": "newer", "channel": "lobby", "param": {"a": 1}, "more": 1}))
        .await;
    peer.send(json!({"cmd": "chat", "param": {"user": 7}}))
        .await;
    assert!(matches!(events.next().await, Some(Incoming::Opened(_))));
    match events.next().await {
        Some(Incoming::Unknown {
            cmd,
            channel,
            param,
            ..
        }) => {
            assert_eq!(cmd, "newer");
            assert_eq!(channel.unwrap().as_str(), "lobby");
            assert_eq!(param.unwrap().get(), r#"{"a":1}"#);
        }
        other => panic!("{other:?}"),
    }
    match events.next().await {
        Some(Incoming::Invalid { cmd, error }) => {
            assert_eq!((&*cmd, &*error.path), ("chat", "user"));
        }
        other => panic!("{other:?}"),
    }
    // A reply that does not fit ends its call.
    let call = client.call(chat_command::Ping);
    let answer = async {
        let id = peer.next().await["id"].clone();
        peer.send(json!({"re": id, "param": {"timestamp": "noon"}}))
            .await;
    };
    let (wrong, ()) = tokio::join!(call.into_future(), answer);
    assert!(matches!(wrong, Err(CallError::Reply(error)) if error.path == "timestamp"));
}
