//! Which versions of the protocol are let in, and what the others are told.

use serde_json::{Value, json};
use socket_runtime::{BuildError, Config, VersionInfo, Versions};

use crate::chat::{Server, Sockets};
use crate::support::{Bystanders, TestServer};

/// Version `f3`, which the version `f2` still fits and `f1` does not.
pub(crate) fn judged(protocol: &str, format: u32) -> String {
    json!({
        "format": format, "protocol": protocol, "fingerprint": "f3",
        "older": [
            {"manifest": "1.json", "fingerprint": "f1", "accepted": false, "changes": [change()]},
            {"manifest": "2.json", "fingerprint": "f2", "accepted": true},
        ],
    })
    .to_string()
}

fn change() -> Value {
    json!({"rule": "FIELD_ADDED_REQUIRED", "path": "chat.param.kind", "reason": "is new and required"})
}

fn manifest(fingerprint: &str) -> String {
    let group = json!({"rust": "", "items": []});
    json!({
        "format": 1, "protocol": "chat", "rust": "", "fingerprint": fingerprint, "commands": group,
        "events": group, "channels": group, "types": {"send": {}, "receive": {}},
    })
    .to_string()
}

pub(crate) async fn server(versions: Versions) -> TestServer {
    let builder = Sockets::builder(Server).manifest(&manifest("f3")).unwrap();
    TestServer::with(builder.versions(versions).unwrap().build()).await
}

/// Shakes hands as a client of that version. `None`: it was let in; else the error.
async fn knock(server: &TestServer, version: Option<&str>) -> Option<Value> {
    let mut client = server.full("").await;
    let mut protocol = json!({"name": "chat"});
    if let Some(version) = version {
        protocol["fingerprint"] = version.into();
    }
    let answer = client
        .call(json!({"cmd": ":connect", "param": {"protocol": protocol}}))
        .await;
    let error = answer.get("error").cloned();
    if error.is_some() {
        let reason = "upgrade required".to_owned();
        assert_eq!(client.closed().await, (4526, reason));
    }
    error
}

#[tokio::test]
async fn a_version_that_is_broken_is_told_what_changed() {
    let versions = Versions::compatible(&judged("chat", 1)).unwrap();
    let server = server(versions.clone()).await;
    let mut bystanders = Bystanders::meet(&server).await;
    for accepted in [Some("f3"), Some("f2"), None] {
        assert_eq!(knock(&server, accepted).await, None, "{accepted:?}");
    }
    let error = knock(&server, Some("f1")).await.unwrap();
    assert_eq!(error["code"], "upgrade-required");
    let server_is = json!({"name": "chat", "fingerprint": "f3", "changes": [change()]});
    assert_eq!(error["data"], server_is);
    // Nobody knows what changed since a version that nobody kept.
    let error = knock(&server, Some("f0")).await.unwrap();
    assert_eq!(error["data"], json!({"name": "chat", "fingerprint": "f3"}));
    bystanders.talk().await;

    let server = self::server(versions.allow_unknown()).await;
    assert_eq!(knock(&server, Some("f0")).await, None);
    assert!(knock(&server, Some("f1")).await.is_some());
}

#[tokio::test]
async fn only_listed_versions_are_let_in() {
    let server = server(Versions::listed(["f1"])).await;
    for accepted in [Some("f1"), Some("f3"), None] {
        assert_eq!(knock(&server, accepted).await, None, "{accepted:?}");
    }
    assert!(knock(&server, Some("f2")).await.is_some());
    // A plain client says nothing of its version.
    let mut plain = server.plain("?ch=lobby").await;
    plain.settle().await;
}

#[tokio::test]
async fn the_status_counts_versions_and_strangers_cannot_make_it_grow() {
    let config = Config::default().with(|config| config.limits.versions = 3);
    let builder = Sockets::builder(Server).manifest(&manifest("f3")).unwrap();
    let builder = builder.versions(Versions::listed(["f1"])).unwrap();
    let mut server = TestServer::with(builder.config(config).build()).await;
    let mut open = server.full("").await;
    let hello = |version: &str| json!({"protocol": {"name": "chat", "fingerprint": version}});
    open.connect(hello("f3")).await;
    for version in ["a", "b", "a", "c", &"x".repeat(65)] {
        knock(&server, Some(version)).await.unwrap();
    }
    knock(&server, Some("f1")).await;
    let info = |fingerprint: Option<&str>, connections, accepted, refused| {
        let fingerprint = fingerprint.map(str::to_owned);
        (fingerprint, connections, accepted, refused)
    };
    let seen = |server: &TestServer| -> Vec<_> {
        let seen = server.sockets.status().versions.into_iter();
        // A connection that was refused or left may still be on its way out.
        let open = |version: &VersionInfo| match version.fingerprint.as_deref() {
            Some("f3") => version.connections,
            _ => 0,
        };
        seen.map(|one| {
            let open = open(&one);
            (one.fingerprint, open, one.accepted, one.refused)
        })
        .collect()
    };
    // `b` made room for what came after it; nothing makes room for what is known.
    assert_eq!(
        seen(&server),
        [
            info(Some("a"), 0, 0, 2),
            info(Some("c"), 0, 0, 1),
            info(Some("f1"), 0, 1, 0),
            info(Some("f3"), 1, 1, 0),
            info(None, 0, 0, 2),
        ]
    );
    drop(open);
    server.stop();
    (&mut server.served).await.unwrap().unwrap();
    let all = server.sockets.status().versions;
    assert!(
        all.iter().all(|version| version.connections == 0),
        "{all:?}"
    );
}

#[test]
fn what_does_not_fit_together_is_told_at_the_start() {
    let refused = |made: Result<Versions, BuildError>| made.unwrap_err().to_string();
    let newer = "the versions file has format 9, but this crate reads formats up to 1";
    assert_eq!(refused(Versions::compatible(&judged("chat", 9))), newer);
    assert!(refused(Versions::compatible("{}")).starts_with("invalid versions file: "));
    let builder = || Sockets::builder(Server);
    let other = Versions::compatible(&judged("other", 1)).unwrap();
    assert_eq!(
        builder().versions(other).unwrap_err().to_string(),
        r#"the manifest describes protocol "other", but this service speaks "chat""#
    );
    let versions = || Versions::compatible(&judged("chat", 1)).unwrap();
    let stale = builder()
        .versions(versions())
        .unwrap()
        .manifest(&manifest("f4"));
    let differ = "the manifest and the versions file describe different versions: f3 and f4";
    assert_eq!(stale.unwrap_err().to_string(), differ);
    let stale = builder()
        .manifest(&manifest("f4"))
        .unwrap()
        .versions(versions());
    assert!(stale.is_err());
}

#[cfg(feature = "client")]
#[tokio::test]
async fn the_rust_client_says_what_it_lacks() {
    use socket_runtime::client::{Client, Closed};

    use crate::chat::Chat;

    let server = server(Versions::compatible(&judged("chat", 1)).unwrap()).await;
    let url = format!("ws://127.0.0.1:{}/socket", server.port);
    let client = |version: &str| {
        let builder = Client::<Chat>::builder(&url).manifest(&manifest(version));
        builder.unwrap().connect().unwrap()
    };
    for accepted in ["f2", "f3"] {
        client(accepted).opened().await.unwrap();
    }
    let closed = client("f1").opened().await.unwrap_err();
    let Closed::UpgradeRequired { loss, server } = closed else {
        panic!("{closed:?}");
    };
    assert_eq!(loss.code, Some(4526));
    let server = server.unwrap();
    assert_eq!(server.fingerprint.as_deref(), Some("f3"));
    assert_eq!(server.changes[0].path, "chat.param.kind");
}
