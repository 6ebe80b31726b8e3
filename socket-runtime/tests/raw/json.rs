//! Well-formed frames with text that no encoder would write.

use serde_json::{Value, json};
use socket_runtime::Config;

use crate::support::{Bystanders, TestServer};

fn code(message: &Value) -> &Value {
    match message["error"]["code"] {
        Value::Null => &message["param"]["code"],
        ref code => code,
    }
}

#[tokio::test]
async fn every_wrong_shape_is_answered_and_closes_nothing() {
    let server = TestServer::configured(Config::default().with(|config| {
        config.rates.protocol_errors = 1000;
        config.rates.rate = 0;
    }))
    .await;
    let mut bystanders = Bystanders::meet(&server).await;
    let deep = |open: &str, close: &str| {
        format!(
            "{}{}",
            open.repeat(20_000 / open.len()),
            close.repeat(20_000 / open.len())
        )
    };
    let message = "invalid-message";
    let cases = [
        (String::new(), message),
        (" ".to_owned(), message),
        ("null".to_owned(), message),
        ("true".to_owned(), message),
        ("7".to_owned(), message),
        ("1e999".to_owned(), message),
        ("\"chat\"".to_owned(), message),
        ("{}".to_owned(), message),
        ("{\"cmd\"".to_owned(), message),
        ("{\"cmd\":null}".to_owned(), message),
        ("{\"cmd\":[\"chat\"]}".to_owned(), message),
        ("{\"cmd\":\"ping\"} x".to_owned(), message),
        ("{\"cmd\":\"ping\",}".to_owned(), message),
        ("{'cmd':'ping'}".to_owned(), message),
        ("\u{feff}{\"cmd\":\"ping\"}".to_owned(), message),
        ("{\"cmd\":\"ping\",\"cmd\":\"chat\"}".to_owned(), message),
        ("{\"cmd\":\"ping\",\"id\":1,\"id\":2}".to_owned(), message),
        ("{\"cmd\":\"ping\",\"id\":-1}".to_owned(), message),
        ("{\"cmd\":\"ping\",\"id\":1.5}".to_owned(), message),
        (
            "{\"cmd\":\"ping\",\"id\":9007199254740992}".to_owned(),
            message,
        ),
        ("{\"cmd\":\"ping\",\"timeout\":-1}".to_owned(), message),
        ("{\"cmd\":\"ping\",\"channel\":{}}".to_owned(), message),
        (deep("[", "]"), message),
        (deep("{\"a\":", "}"), message),
        (
            format!("{{\"cmd\":\"chat\",\"param\":{}}}", deep("[", "]")),
            message,
        ),
        (
            format!("{{\"cmd\":\"ping\",\"x\":{}}}", deep("[", "]")),
            message,
        ),
        ("{\"cmd\":\"\\ud800\"}".to_owned(), message),
        ("{\"cmd\":\"\"}".to_owned(), "unknown-command"),
        ("{\"cmd\":\"\\u0000\"}".to_owned(), "unknown-command"),
        (
            format!("{{\"cmd\":\"{}\"}}", "x".repeat(60_000)),
            "unknown-command",
        ),
        (
            "{\"cmd\":\"chat\",\"param\":{\"text\":\"a\",\"text\":\"b\"}}".to_owned(),
            "invalid-param",
        ),
        (
            "{\"cmd\":\"chat\",\"param\":[]}".to_owned(),
            "invalid-param",
        ),
        ("{\"cmd\":\"chat\",\"param\":7}".to_owned(), "invalid-param"),
        ("{\"cmd\":\"chat\"}".to_owned(), "invalid-param"),
    ];
    for full in [true, false] {
        let mut client = match full {
            true => server.connected("?ch=lobby").await,
            false => server.plain("?ch=lobby").await,
        };
        for (text, expected) in &cases {
            client.text(text.as_str()).await;
            let answer = client.until(|m| code(m).is_string()).await;
            assert_eq!(code(&answer), expected, "{text:.80}");
        }
        bystanders.talk().await;
    }
}

#[tokio::test]
async fn hostile_channel_names_are_refused() {
    let server =
        TestServer::configured(Config::default().with(|config| config.rates.rate = 0)).await;
    let mut bystanders = Bystanders::meet(&server).await;
    let mut client = server.connected("?ch=lobby").await;
    let long = "x".repeat(129);
    for (name, expected) in [
        ("room:a b", "invalid-channel"),
        ("room:\0", "invalid-channel"),
        ("room:\u{202e}", "invalid-channel"),
        ("room:<script>", "invalid-channel"),
        ("room:a*", "invalid-channel"),
        ("room:a>", "invalid-channel"),
        ("room:\n", "invalid-channel"),
        (&long, "invalid-channel"),
        ("room:", "unknown-channel"),
        ("room:%2", "unknown-channel"),
        ("room:%41", "unknown-channel"),
        ("Lobby", "unknown-channel"),
        ("../lobby", "unknown-channel"),
    ] {
        for cmd in [":join", ":leave", ":members", ":history", "chat"] {
            let message = json!({"cmd": cmd, "channel": name, "param": {"text": "x"}});
            let refused = client.refusal(message).await;
            let fits =
                refused == expected || (expected == "unknown-channel" && refused == "not-joined");
            assert!(fits, "{cmd} {name:?}: {refused}");
        }
    }
    for name in [":user", ":all", ":user:id-ann", ":"] {
        for cmd in [":join", ":leave", "chat"] {
            let message = json!({"cmd": cmd, "channel": name, "param": {"text": "x"}});
            let refused = client.refusal(message).await;
            assert!(
                ["invalid-channel", "unknown-channel", "forbidden"].contains(&&*refused),
                "{cmd} {name}: {refused}"
            );
        }
    }
    // Nobody says who a message is from.
    let forged = json!({"cmd": "chat", "from": "00000000-0000-4000-8000-000000000000", "param": {"text": "x"}});
    client.send(forged).await;
    let heard = client.event("chat").await;
    assert_eq!(heard["from"], json!(client.id.unwrap()));
    bystanders.talk().await;
    assert_eq!(server.sockets.channels().len(), 2);
}
