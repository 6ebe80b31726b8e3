//! How many connections one address and one user may have.

use serde_json::json;
use socket_runtime::{Config, Credentials, Login, Reject, User};

use crate::chat::{Server, Sockets};
use crate::servers::Way;
use crate::support::TestServer;

#[tokio::test]
async fn an_address_has_as_many_connections_as_it_may_have() {
    // Another server does not say where connections come from.
    if Way::chosen() == Way::Foreign {
        return;
    }
    let config = Config::default().with(|config| config.limits.connections_per_address = 2);
    let server = TestServer::configured(config).await;
    let mut first = server.connected("").await;
    let _second = server.plain("").await;
    let (status, text) = server.refused(server.request("", None)).await;
    assert_eq!(status, 429, "{text}");
    assert!(text.contains("127.0.0.1"), "{text}");
    assert_eq!(server.sockets.status().refused.addresses, 1);
    // One that goes makes room.
    first.leave().await;
    let again = async {
        loop {
            let request = server.request("", None);
            let stream = server.stream().await;
            if tokio_tungstenite::client_async(request, stream)
                .await
                .is_ok()
            {
                return;
            }
        }
    };
    let again = tokio::time::timeout(std::time::Duration::from_secs(20), again);
    again.await.expect("the place is still taken");
}

/// A server on which a token is a user's name, with a bound for users.
async fn served() -> TestServer {
    let who = |shown: Credentials<User>| async move {
        let name = shown.token().unwrap_or("nobody").to_owned();
        Ok::<_, Reject>(Login::user(User::new(format!("id-{name}"), name)))
    };
    let config = Config::default().with(|config| config.limits.connections_per_user = 1);
    let sockets = Sockets::builder(Server).config(config).authenticate(who);
    TestServer::with(sockets.build()).await
}

#[tokio::test]
async fn a_user_has_as_many_connections_as_it_may_have() {
    let server = served().await;
    let mut ann = server.full("").await;
    ann.connect(json!({"token": "ann"})).await;
    let mut more = server.full("").await;
    let answer = more
        .call(json!({"cmd": ":connect", "param": {"token": "ann"}}))
        .await;
    assert_eq!(answer["error"]["code"], "too-many", "{answer}");
    assert_eq!(answer["error"]["data"]["limit"], 1, "{answer}");
    assert_eq!(more.closed().await.0, 4429);
    assert_eq!(server.sockets.status().refused.users, 1);
    // Another user is another user, and may not become the first.
    let mut bob = server.full("").await;
    bob.connect(json!({"token": "bob"})).await;
    let refresh = json!({"cmd": ":refresh", "param": {"token": "ann"}});
    assert_eq!(bob.refusal(refresh).await, "too-many");
    let refresh = json!({"cmd": ":refresh", "param": {"token": "bob"}});
    assert!(bob.call(refresh).await["error"].is_null());
    // A plain client's user counts, too.
    let _nobody = server.plain("").await;
    let (status, _) = server.refused(server.request("", None)).await;
    assert_eq!(status, 429);
}

#[tokio::test]
async fn a_client_that_comes_back_takes_its_own_place() {
    let server = served().await;
    let mut ann = server.full("").await;
    let session = ann.connect(json!({"token": "ann"})).await["session"].clone();
    // The first socket is still there, as it seems when a line breaks in silence.
    let mut again = server.full("").await;
    let connected = again
        .connect(json!({"token": "ann", "session": session}))
        .await;
    assert_eq!(connected["resumed"], true, "{connected}");
    assert_eq!(ann.closed().await.0, 4505);
    again.settle().await;
}
