//! The end of a service: announced, spread, waited for, bounded.

use std::time::Duration;

use futures_util::FutureExt;
use serde_json::json;
use socket_runtime::Config;
use tokio::time::Instant;

use crate::timeouts::{Memory, passed, seconds};

#[tokio::test(start_paused = true)]
async fn the_end_waits_for_what_runs_and_begins_nothing_more() {
    let server = Memory::start();
    let mut client = server.full("?ch=lobby").await;
    let sockets = server.sockets.clone();
    let start = Instant::now();
    let shutdown = tokio::spawn(async move { sockets.shutdown().await });
    assert_eq!(client.skipping_pings().await["cmd"], ":drain");
    tokio::time::sleep(seconds(24)).await;
    // Runs past the end of the window; what waits behind it is not begun.
    client
        .send(json!({"cmd": "late", "id": 10, "param": {"text": "late", "millis": 10_000}}))
        .await;
    client.send(json!({"cmd": "ping", "id": 11})).await;
    assert_eq!(client.skipping_pings().await["param"]["text"], "late");
    assert_eq!(client.skipping_pings().await["re"], 10);
    assert!(passed(start, seconds(34)), "{:?}", start.elapsed());
    assert_eq!(client.closed_patiently().await.0, 1001);
    assert!(passed(start, seconds(34)), "{:?}", start.elapsed());
    drop(client);
    shutdown.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_never_ends_holds_the_end_up_for_its_time_alone() {
    let mut server = Memory::start();
    let mut client = server.full("?ch=lobby").await;
    let sockets = server.sockets.clone();
    let start = Instant::now();
    let shutdown = tokio::spawn(async move { sockets.shutdown().await });
    assert_eq!(client.skipping_pings().await["cmd"], ":drain");
    tokio::time::sleep(seconds(24)).await;
    client.send(json!({"cmd": "hang", "id": 10})).await;
    let answer = client.skipping_pings().await;
    assert_eq!(answer["error"]["code"], "timeout");
    assert_eq!(client.closed_patiently().await.0, 1001);
    assert!(passed(start, seconds(54)), "{:?}", start.elapsed());
    server.dropped.recv().now_or_never().unwrap().unwrap();
    drop(client);
    shutdown.await.unwrap();
    assert!(start.elapsed() < seconds(60), "{:?}", start.elapsed());
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
