//! The runtime's own behaviour, seen by typed clients on a network that fails.

use socket_runtime::client::{GapReason, Options};
use socket_runtime::{CloseCode, Config};
use tokio::time::{Instant, sleep};

use crate::chat::{configured, kit, said, say, seconds, settle};

#[tokio::test(start_paused = true)]
async fn quiet_connections_stay_as_long_as_they_answer() {
    let (kit, _) = kit();
    let mut ann = kit.client().connect().await;
    ann.expect_silence(seconds(600)).await;
    let id = ann.state().opened().unwrap().connection;
    assert!(kit.service().connection(id).is_some());
}

#[tokio::test(start_paused = true)]
async fn a_dead_network_is_noticed_on_both_sides() {
    let (kit, _) = kit();
    let mut ann = kit.client().patience(seconds(60)).connect().await;
    let start = Instant::now();
    ann.faults().silence(true);
    ann.faults().unreachable(true);
    let loss = ann.expect_loss().await;
    assert_eq!(loss.message, "no sign of life");
    assert!((35..36).contains(&start.elapsed().as_secs()));
    // And by the server: 4402 after as long, and the close that nobody answers.
    sleep(seconds(5)).await;
    assert_eq!(kit.service().status().connections, 0);
    ann.faults().silence(false);
    ann.faults().unreachable(false);
    ann.expect_opened().await;
}

#[tokio::test(start_paused = true)]
async fn a_handshake_that_does_not_come_is_not_waited_for() {
    let (kit, _) =
        configured(Config::default().with(|config| config.timeouts.handshake = seconds(3)));
    let options = Options {
        connect_timeout: seconds(30),
        ..Options::default()
    };
    let client = kit.client().options(options).patience(seconds(60));
    let mut ann = client.start();
    // Let the upgrade through, and nothing after it.
    ann.faults().delay(seconds(4));
    let loss = ann.expect_loss().await;
    assert_eq!(loss.code, Some(CloseCode::HandshakeTimeout.number()));
    ann.faults().delay(seconds(0));
    ann.expect_opened().await;
}

#[tokio::test(start_paused = true)]
async fn a_slow_consumer_is_closed_alone_and_comes_back() {
    let (kit, _) = configured(Config::default().with(|config| config.queue.messages = 50));
    let mut slow = kit
        .client()
        .channel("lobby")
        .patience(seconds(60))
        .connect()
        .await;
    let mut ann = kit.client().channel("lobby").connect().await;
    let mut bob = kit.client().channel("lobby").connect().await;
    let slow_id = slow.state().opened().unwrap().connection;
    slow.faults().stop_reading(true);
    let mut sent = 0;
    while kit.service().connection(slow_id).is_some() {
        ann.call(say("x".repeat(2000))).await.unwrap();
        assert_eq!(bob.expect_event().await.event, said("", &"x".repeat(2000)));
        ann.expect_event().await;
        sent += 1;
        assert!(sent < 500, "never closed");
        settle().await;
    }
    slow.faults().stop_reading(false);
    // What was on its way comes, then the close, where the server still waited for it.
    slow.expect_loss().await;
    // The lobby keeps no history: what it missed meanwhile is lost, and it is told so.
    assert_eq!(slow.expect_gap().await.1, GapReason::NoHistory);
    ann.send(say("again")).unwrap();
    while slow.expect_event().await.event != said("", "again") {}
}

#[tokio::test(start_paused = true)]
async fn a_drain_moves_every_client_within_its_window() {
    let (old, _) = kit();
    let mut clients = Vec::new();
    for _ in 0..20 {
        let client = old.client().patience(seconds(60)).connect().await;
        clients.push(client);
    }
    let start = Instant::now();
    let service = old.service().clone();
    let shutdown = tokio::spawn(async move { service.shutdown().await });
    let mut moments = Vec::new();
    for client in &mut clients {
        client.expect_loss().await;
        moments.push(start.elapsed().as_secs());
    }
    assert!(moments.iter().all(|moment| *moment <= 30), "{moments:?}");
    shutdown.await.unwrap();
    assert!(start.elapsed() <= seconds(31), "{:?}", start.elapsed());
    // It takes no more, so that they go on asking, with backoff.
    assert!(
        clients
            .iter()
            .all(|client| client.state().opened().is_none())
    );
}
