//! What is refused and closed can be counted.

use std::collections::BTreeMap;

use serde_json::json;
use socket_runtime::{Config, Credentials, Login, Refused, Reject, User};

use crate::chat::{Server, Sockets};
use crate::support::TestServer;

async fn who(shown: Credentials<User>) -> Result<Login<User>, Reject> {
    match shown.token() {
        Some("evil") => Err(Reject::unauthorized("not you")),
        _ if shown.uri().query() == Some("evil") => Err(Reject::unauthorized("not you")),
        _ => Ok(Login::nobody()),
    }
}

#[tokio::test]
async fn what_is_refused_and_closed_is_counted() {
    let config = Config::default().with(|config| {
        config.limits.connections = 2;
        config.rates.burst = 3;
        config.rates.rate = 1;
        config.rates.protocol_errors = 1;
    });
    let server = TestServer::with(
        Sockets::builder(Server)
            .config(config)
            .authenticate(who)
            .build(),
    )
    .await;
    let status = || server.sockets.status();
    assert_eq!(status().refused, Refused::default());
    assert!(status().closes.is_empty());

    let mut client = server.connected("").await;
    for _ in 0..5 {
        client.call(json!({"cmd": "ping"})).await;
    }
    assert_eq!(status().refused.rate_limited, 2);

    let mut evil = server.full("").await;
    let refused = json!({"cmd": ":connect", "param": {"token": "evil"}});
    assert_eq!(evil.refusal(refused).await, "unauthorized");
    assert_eq!(evil.closed().await.0, 4401);
    drop(evil);
    // The one before has not ended, to the last byte, until there is room again.
    while server.refused(server.request("?evil", None)).await.0 != 401 {}
    let mut foreign = server.request("", None);
    foreign
        .headers_mut()
        .insert("origin", "https://evil.example".parse().unwrap());
    assert_eq!(server.refused(foreign).await.0, 403);

    let mut second = server.plain("").await;
    let full = status().refused.full;
    assert_eq!(server.refused(server.request("", None)).await.0, 503);
    assert_eq!(status().refused.full, full + 1);

    for _ in 0..2 {
        client.text("nonsense").await;
    }
    assert_eq!(client.closed().await.0, 4502);
    second.socket.close(None).await.unwrap();
    let mut expected = Refused::default();
    expected.logins = 2;
    expected.origins = 1;
    // An invalid message counts as a command too.
    expected.rate_limited = status().refused.rate_limited;
    expected.full = full + 1;
    expected.invalid = 2;
    assert_eq!(status().refused, expected);
    assert_eq!(status().closes, BTreeMap::from([(4401, 1), (4502, 1)]));

    // Who stays is waited for.
    drop((client, second));
    let sockets = server.sockets.clone();
    sockets.shutdown().await;
    assert_eq!(server.refused(server.request("", None)).await.0, 503);
    assert_eq!(status().refused.draining, 1);
}
