//! The end of a service: announced, spread, waited for, bounded.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use serde_json::json;
use socket_runtime::{Config, Credentials, Login, Reject, User};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::chat::{Server, Sockets};
use crate::timeouts::{Memory, passed, seconds};

#[tokio::test(start_paused = true)]
async fn what_runs_goes_on_to_the_end_of_the_drain() {
    let server = Memory::start();
    let mut client = server.full("?ch=lobby").await;
    let sockets = server.sockets.clone();
    let start = Instant::now();
    let shutdown = tokio::spawn(async move { sockets.shutdown().await });
    assert_eq!(client.skipping_pings().await["cmd"], ":drain");
    client
        .send(json!({"cmd": "late", "id": 10, "param": {"text": "late", "millis": 15_000}}))
        .await;
    assert_eq!(client.skipping_pings().await["param"]["text"], "late");
    assert_eq!(client.skipping_pings().await["re"], 10);
    assert_eq!(client.closed_patiently().await.0, 1001);
    assert!(passed(start, seconds(20)), "{:?}", start.elapsed());
    drop(client);
    shutdown.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_still_runs_then_ends_with_an_error_and_begins_nothing_more() {
    for config in [
        Config::default(),
        // The one number bounds the drain too.
        Config::default().with(|config| {
            config.timeouts.shutdown = seconds(25);
            config.timeouts.drain = seconds(3600);
        }),
    ] {
        let mut server = Memory::configured(config);
        let mut client = server.full("?ch=lobby").await;
        let sockets = server.sockets.clone();
        let start = Instant::now();
        let shutdown = tokio::spawn(async move { sockets.shutdown().await });
        assert_eq!(client.skipping_pings().await["cmd"], ":drain");
        // A stream, one beside it, one in its turn, and one behind that.
        let count = json!({"to": 1_000_000, "bytes": 1, "pause": 1000});
        client
            .send(json!({"cmd": "count", "id": 10, "param": count}))
            .await;
        client
            .send(json!({"cmd": "think", "id": 11, "param": {"millis": 60_000}}))
            .await;
        client.send(json!({"cmd": "hang", "id": 12})).await;
        client.send(json!({"cmd": "ping", "id": 13})).await;
        let mut ended = Vec::new();
        while ended.len() < 3 {
            let message = client.skipping_pings().await;
            if let Some(code) = message["error"]["code"].as_str() {
                assert_eq!(code, "timeout", "{message}");
                let said = message["error"]["message"].as_str().unwrap();
                assert!(said.contains("going away"), "{message}");
                ended.push(message["re"].as_u64().unwrap());
            }
        }
        ended.sort_unstable();
        assert_eq!(ended, [10, 11, 12]);
        assert_eq!(client.closed_patiently().await.0, 1001);
        assert!(passed(start, seconds(20)), "{:?}", start.elapsed());
        // Those that were told of it are gone.
        for _ in 0..2 {
            server.dropped.recv().now_or_never().unwrap().unwrap();
        }
        drop(client);
        shutdown.await.unwrap();
        assert!(start.elapsed() < seconds(22), "{:?}", start.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_does_not_outlive_a_short_shutdown() {
    let server = Memory::configured(Config::default().with(|config| {
        config.timeouts.drain = seconds(1);
        config.timeouts.handler = seconds(3);
    }));
    let mut client = server.full("?ch=lobby").await;
    let sockets = server.sockets.clone();
    let start = Instant::now();
    let shutdown = tokio::spawn(async move { sockets.shutdown().await });
    let count = json!({"to": 1_000_000, "bytes": 1, "pause": 100});
    client
        .send(json!({"cmd": "count", "id": 10, "param": count}))
        .await;
    loop {
        let message = client.skipping_pings().await;
        if message["re"] == 10 && message["error"].is_object() {
            break;
        }
    }
    assert_eq!(client.closed_patiently().await.0, 1001);
    drop(client);
    shutdown.await.unwrap();
    assert!(start.elapsed() < seconds(2), "{:?}", start.elapsed());
}

/// What the program's hooks hold.
struct State;

#[tokio::test(start_paused = true)]
async fn nothing_of_the_service_outlives_its_end() {
    let state = Arc::new(State);
    let watched = Arc::downgrade(&state);
    let hangs = state.clone();
    let sockets = Sockets::builder(Server)
        .on_disconnected(move |_, _| {
            let held = hangs.clone();
            async move {
                let _held = held;
                std::future::pending().await
            }
        })
        .build();
    drop(state);
    let server = Memory::with(sockets);
    let sockets = server.sockets.clone();
    let mut client = server.full("?ch=lobby").await;
    // A session that waits for its client, with a call that runs, and one whose hook never ends.
    let mut other = server.full("?ch=lobby").await;
    other.send(json!({"cmd": "hang", "id": 10})).await;
    // Answered when it is read, so that the call before it runs.
    other.call(json!({"cmd": ":ping"})).await;
    drop(other);
    client.leave().await;
    drop(client);
    let _stays = server.full("?ch=lobby").await;
    drop(server);
    let start = Instant::now();
    sockets.shutdown().await;
    // Nine tenths of the time, after which what is left is cut off.
    assert!(start.elapsed() < seconds(25), "{:?}", start.elapsed());
    drop(sockets);
    assert!(watched.upgrade().is_none(), "something is still held");
}

#[tokio::test(start_paused = true)]
async fn a_handshake_at_the_end_is_refused_in_words() {
    let asked = Arc::new(Notify::new());
    let asks = asked.clone();
    let hangs = move |_: Credentials<User>| {
        asks.notify_one();
        async { std::future::pending::<Result<Login<User>, Reject>>().await }
    };
    let server = Memory::with(Sockets::builder(Server).authenticate(hangs).build());
    let mut client = server.open("", Some("socket.v1")).await;
    client.send(json!({"cmd": ":connect", "id": 1})).await;
    asked.notified().await;
    let sockets = server.sockets.clone();
    let shutdown = tokio::spawn(async move { sockets.shutdown().await });
    let answer = client.patiently().await;
    assert_eq!(answer["error"]["code"], "unavailable", "{answer}");
    assert_eq!(client.closed_patiently().await.0, 1001);
    drop(client);
    shutdown.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn clients_that_know_no_drain_are_closed_one_by_one() {
    let server =
        Memory::configured(Config::default().with(|config| config.timeouts.drain = seconds(20)));
    let mut clients = Vec::new();
    for _ in 0..10 {
        let mut client = server.open("", None).await;
        client.call(json!({"cmd": "ping"})).await;
        clients.push(client);
    }
    let start = Instant::now();
    let sockets = server.sockets.clone();
    let shutdown = tokio::spawn(async move { sockets.shutdown().await });
    let closes = clients.into_iter().map(|mut client| {
        tokio::spawn(async move {
            assert_eq!(client.closed_patiently().await.0, 1001);
            start.elapsed()
        })
    });
    let mut times = Vec::new();
    for close in closes.collect::<Vec<_>>() {
        times.push(close.await.unwrap());
    }
    times.sort_unstable();
    for (time, i) in times.iter().zip(0_u32..) {
        let due = seconds(2) * i;
        assert!(
            *time >= due && *time < due + Duration::from_millis(100),
            "{times:?}"
        );
    }
    shutdown.await.unwrap();
    // Nobody is left, so nothing is waited for.
    assert!(start.elapsed() < seconds(19), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn who_comes_in_at_the_end_is_closed_at_once() {
    let server = Memory::start();
    let mut client = server.open("?ch=lobby", Some("socket.v1")).await;
    let sockets = server.sockets.clone();
    let shutdown = tokio::spawn(async move { sockets.shutdown().await });
    tokio::task::yield_now().await;
    let start = Instant::now();
    client.send(json!({"cmd": ":connect", "id": 1})).await;
    // Nothing comes before the answer to the handshake.
    assert_eq!(client.patiently().await["re"], 1);
    assert_eq!(client.closed_patiently().await.0, 1001);
    assert!(passed(start, Duration::ZERO), "{:?}", start.elapsed());
    drop(client);
    shutdown.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_end_whose_future_is_dropped_goes_on() {
    let server = Memory::start();
    let mut client = server.full("?ch=lobby").await;
    let ended = tokio::time::timeout(seconds(1), server.sockets.shutdown()).await;
    assert!(ended.is_err(), "it waits for the client");
    client.event(":drain").await;
    tokio::time::sleep(seconds(15)).await;
    assert_eq!(client.closed().await.0, 1001);
    server.sockets.shutdown().await;
    assert_eq!(server.sockets.status().connections, 0);
}
