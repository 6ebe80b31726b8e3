//! Who comes in, for how long, and what becomes of a connection whose user changes.

use std::time::Duration;

use serde_json::{Value, json};
use socket_runtime::{Config, ConnectionInfo, Credentials, Login, Mode, ReachError, Reject, User};
use tokio::time::{Instant, advance};

use crate::chat::{Server, Sockets, said};
use crate::support::{Bystanders, TestServer};
use crate::timeouts::{Memory, passed, seconds};

/// Tokens are `name` or `name/seconds`; the query, a cookie and a header hold them too.
async fn who(shown: Credentials<User>) -> Result<Login<User>, Reject> {
    let query = shown.uri().query().unwrap_or_default().split('&');
    let query = query.filter_map(|pair| pair.strip_prefix("token=")).next();
    let token = shown
        .token()
        .or(shown.bearer())
        .or(shown.cookie("session"))
        .or(query);
    let token = token.ok_or_else(|| Reject::unauthorized("no token"))?;
    match token {
        "nobody" => return Ok(Login::nobody()),
        "evil" => return Err(Reject::unauthorized("not you")),
        "banned" => return Err(Reject::forbidden("never you")),
        "panic" => panic!("the hook's own secret"),
        "hang" => std::future::pending().await,
        "same" => {
            let user = shown.user().ok_or_else(|| Reject::unauthorized("who?"))?;
            return Ok(Login::user(user.clone()));
        }
        "few" => return Ok(Login::user(User::new("few", "few")).channels(1)),
        _ => {}
    }
    let (name, time) = token.split_once('/').unwrap_or((token, ""));
    let login = Login::user(User::new(format!("id-{name}"), name));
    Ok(match time.parse() {
        Ok(time) => login.expires_in(Duration::from_secs(time)),
        Err(_) => login,
    })
}

fn guarded(config: Config) -> Sockets {
    Sockets::builder(Server)
        .config(config)
        .authenticate(who)
        .build()
}

fn code(message: &Value) -> &str {
    message["error"]["code"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn a_plain_client_is_let_in_by_its_request_alone() {
    let server = TestServer::with(guarded(Config::default())).await;
    for (token, status, says) in [
        ("", 401, "no token"),
        ("?token=evil", 401, "not you"),
        ("?token=banned", 403, "never you"),
        ("?token=panic", 503, "internal server error"),
    ] {
        let (found, text) = server.refused(server.request(token, None)).await;
        assert_eq!(found, status, "{token}");
        assert!(text.contains(says) && !text.contains("secret"), "{text}");
    }
    for (header, value) in [
        ("cookie", "a=1; session=ann"),
        ("authorization", "Bearer ann"),
    ] {
        let mut request = server.request("?ch=lobby", None);
        request.headers_mut().insert(header, value.parse().unwrap());
        let stream = server.stream().await;
        let mut client = crate::support::Client::over(request, stream).await;
        let answer = client.call(json!({"cmd": "whoami"})).await;
        assert_eq!(answer["param"]["room"], "ann");
    }
}

#[tokio::test]
async fn a_full_client_is_let_in_by_its_first_message() {
    let server = TestServer::with(guarded(Config::default())).await;
    let mut bystanders = Bystanders::meet_as(&server, "&token=by").await;
    for (param, refused, close) in [
        (json!({}), "unauthorized", 4401),
        (json!({"token": "evil"}), "unauthorized", 4401),
        (json!({"token": "banned"}), "forbidden", 4401),
        (json!({"token": "panic"}), "internal", 1001),
    ] {
        let mut client = server.full("?ch=lobby").await;
        let commands = json!([
            {"cmd": ":connect", "id": 1, "param": param},
            {"cmd": "chat", "id": 2, "param": {"text": "in?"}},
            {"cmd": ":join", "id": 3, "channel": "room:1"},
        ]);
        client.send(commands).await;
        let answer = client.next().await;
        assert_eq!((&answer["re"], code(&answer)), (&json!(1), refused));
        // What came behind it is dropped.
        match client.frame().await {
            tokio_tungstenite::tungstenite::Message::Close(Some(frame)) => {
                assert_eq!(u16::from(frame.code), close);
            }
            other => panic!("{other:?}"),
        }
        bystanders.talk().await;
    }
    let mut client = server.full("?ch=lobby").await;
    let connected = client.connect(json!({"token": "ann"})).await;
    assert_eq!(connected["user"], json!({"id": "id-ann", "name": "ann"}));
    assert!(connected.get("expires").is_none());
    let answer = client.call(json!({"cmd": "whoami"})).await;
    assert_eq!(answer["param"]["room"], "ann");
    // The request counts where no token comes; nobody may be let in too.
    let mut client = server.full("?token=nobody").await;
    assert_eq!(client.connect(json!({})).await["user"], Value::Null);
    // The user that the upgrade named is told to the hook.
    let mut client = server.full("?user=bob").await;
    let connected = client.connect(json!({"token": "same"})).await;
    assert_eq!(connected["user"]["name"], "bob");
    let mut client = server.full("?ch=lobby").await;
    let connected = client
        .connect(json!({"token": "few", "channels": {"room:1": {}}}))
        .await;
    assert_eq!(connected["limits"]["channels"], 1);
    assert_eq!(connected["channels"]["room:1"]["error"]["code"], "too-many");
}

#[tokio::test(start_paused = true)]
async fn a_hook_has_its_time() {
    let server = Memory::with(guarded(Config::default()));
    let mut client = server.open("", Some("socket.v1")).await;
    let start = Instant::now();
    client
        .send(json!({"cmd": ":connect", "id": 1, "param": {"token": "hang"}}))
        .await;
    let (code, _) = client.closed_patiently().await;
    assert!([1001, 4408].contains(&code), "{code}");
    assert!(passed(start, seconds(30)));
}

#[tokio::test(start_paused = true)]
async fn a_login_that_runs_out_is_asked_for_and_then_closed() {
    let server = Memory::with(guarded(Config::default()));
    let mut client = server.open("?ch=lobby", Some("socket.v1")).await;
    let connected = client.connect(json!({"token": "ann/100"})).await;
    assert_eq!(connected["expires"], 100_000);
    let start = Instant::now();
    assert_eq!(client.skipping_pings().await, json!({"cmd": ":refresh"}));
    assert!(passed(start, seconds(70)), "{:?}", start.elapsed());
    // A refused token changes nothing.
    let refused = client
        .call(json!({"cmd": ":refresh", "param": {"token": "evil"}}))
        .await;
    assert_eq!(code(&refused), "unauthorized");
    let refused = client.call(json!({"cmd": ":refresh", "param": {}})).await;
    assert_eq!(code(&refused), "invalid-param");
    let renewed = client
        .call(json!({"cmd": ":refresh", "param": {"token": "ann/30"}}))
        .await;
    assert_eq!(renewed["param"], json!({"expires": 30_000}));
    let start = Instant::now();
    assert_eq!(client.skipping_pings().await, json!({"cmd": ":refresh"}));
    assert!(passed(start, seconds(15)), "{:?}", start.elapsed());
    assert_eq!(client.closed_patiently().await.0, 4401);
    assert!(passed(start, seconds(30)), "{:?}", start.elapsed());
    // A plain client is not asked, and closed as well.
    let mut client = server.open("?token=ann/15", None).await;
    client.call(json!({"cmd": "ping"})).await;
    let start = Instant::now();
    assert_eq!(client.closed_patiently().await.0, 4401);
    assert!(passed(start, seconds(15)), "{:?}", start.elapsed());
    // One that never runs out is not asked, unless the program wants it.
    let mut client = server.open("", Some("socket.v1")).await;
    client.connect(json!({"token": "ann"})).await;
    let asked = server.sockets.request_refresh(client.id.unwrap());
    asked.await.unwrap();
    let plain = server.open("?token=ann", None).await;
    let is_plain = |info: &&ConnectionInfo| info.mode == Mode::Plain;
    let infos = server.sockets.connections();
    let id = infos.iter().rfind(is_plain).unwrap().id;
    let asked = server.sockets.request_refresh(id).await;
    assert_eq!(asked, Err(ReachError::Plain(id)));
    drop(plain);
    assert_eq!(client.skipping_pings().await, json!({"cmd": ":refresh"}));
    let renewed = client
        .call(json!({"cmd": ":refresh", "param": {"token": "ann"}}))
        .await;
    assert_eq!(renewed["param"], json!({}));
}

#[tokio::test(start_paused = true)]
async fn a_refresh_waits_for_no_handler_and_comes_one_at_a_time() {
    let server = Memory::with(guarded(Config::default()));
    let mut client = server.open("?ch=lobby", Some("socket.v1")).await;
    client.connect(json!({"token": "ann"})).await;
    client.send(json!({"cmd": "hang", "id": 50})).await;
    let renewed = client
        .call(json!({"cmd": ":refresh", "param": {"token": "ann/60"}}))
        .await;
    assert_eq!(renewed["param"]["expires"], 60_000);
    client
        .send(json!({"cmd": ":refresh", "id": 60, "param": {"token": "hang"}}))
        .await;
    let second = json!({"cmd": ":refresh", "id": 61, "param": {"token": "ann"}});
    client.send(second).await;
    assert_eq!(code(&client.until_patiently(61).await), "too-many");
    advance(seconds(30)).await;
    assert_eq!(code(&client.until_patiently(60).await), "timeout");
}

#[tokio::test]
async fn a_refresh_makes_the_connection_the_new_users() {
    let server = TestServer::with(guarded(Config::default())).await;
    let mut watches = server.full("?ch=lobby").await;
    watches.connect(json!({"token": "watch"})).await;
    let mut client = server.full("?ch=lobby").await;
    client.connect(json!({"token": "ann"})).await;
    let id = client.id.unwrap();
    let came = watches.event("online-update").await;
    assert_eq!(came["param"]["userID"], "id-ann");
    // A handler that began before keeps the user that it began with.
    client
        .send(json!({"cmd": "late", "id": 40, "param": {"text": "old", "millis": 500}}))
        .await;
    let renewed = client
        .call(json!({"cmd": ":refresh", "param": {"token": "bob"}}))
        .await;
    assert_eq!(renewed["param"], json!({}));
    let gone = watches.event("online-update").await["param"].clone();
    assert_eq!(
        (&gone["userID"], &gone["connected"], &gone["last"]),
        (&json!("id-ann"), &json!(false), &json!(true))
    );
    let came = watches.event("online-update").await["param"].clone();
    assert_eq!(
        (&came["userID"], &came["connected"], &came["name"]),
        (&json!("id-bob"), &json!(true), &json!("bob"))
    );
    client.answer(40).await;
    let answer = client.call(json!({"cmd": "whoami"})).await;
    assert_eq!(answer["param"]["room"], "bob");
    let members = client.call(json!({"cmd": ":members"})).await;
    assert_eq!(members["param"]["members"][1]["user"]["name"], "bob");
    assert_eq!(
        server.sockets.connection(id).unwrap().user.unwrap().id,
        "id-bob"
    );
    assert_eq!(server.sockets.status().users, 2);

    server
        .sockets
        .to_user("id-ann")
        .send(said("", "to ann"))
        .await
        .unwrap();
    server
        .sockets
        .to_user("id-bob")
        .send(said("", "to bob"))
        .await
        .unwrap();
    assert_eq!(client.event("chat").await["param"]["text"], "to bob");
    // A membership, then the user, is revoked.
    assert!(server.sockets.leave(id, "lobby").await.unwrap());
    assert_eq!(client.event(":closed").await["channel"], "lobby");
    let gone = watches.event("online-update").await["param"].clone();
    assert_eq!(
        (&gone["userID"], &gone["last"]),
        (&json!("id-bob"), &json!(true))
    );
    assert_eq!(
        client
            .refusal(json!({"cmd": "chat", "param": {"text": "x"}}))
            .await,
        "not-joined"
    );
    let out = async |user| server.sockets.disconnect_user(user, "out").await;
    assert_eq!(out("id-ann").await.connections, 0);
    assert_eq!(out("id-bob").await.connections, 1);
    assert_eq!(client.closed().await, (4503, "out".to_owned()));
    // Nobody else was sent away.
    watches.settle().await;
}
