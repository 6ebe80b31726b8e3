//! Large messages over slow lines.

use serde_json::json;
use socket_runtime::client::{Incoming, State};
use socket_runtime::test::Kit;
use tokio::time::{Instant, sleep};

use crate::chat::{Chat, kit, log, said, seconds, settle};
use crate::scripted_server::script;

/// 160 kbit/s.
const SLOW: u32 = 20_000;

async fn publish(kit: &Kit<Chat>, text: &str) {
    let log = kit.service().to_channel("log:1");
    log.send(said("", text)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_large_event_arrives_over_a_slow_line_at_the_first_attempt() {
    let (kit, _) = kit();
    let client = kit.client().patience(seconds(300));
    let mut ann = client.connect().await;
    ann.channel(log("1")).unwrap().join().await.unwrap();
    ann.faults().throttle(SLOW);
    let start = Instant::now();
    let large = "x".repeat(900_000);
    publish(&kit, &large).await;
    publish(&kit, "behind").await;
    assert_eq!(ann.expect_event().await.event, said("", &large));
    assert!(start.elapsed() > seconds(40), "{:?}", start.elapsed());
    assert_eq!(ann.expect_event().await.event, said("", "behind"));
    assert_eq!(kit.service().status().connections, 1);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_announces_nothing_is_given_longer_after_each_loss_in_silence() {
    let (client, mut script) = script(|builder| builder);
    for times in [1, 2, 4, 8, 8] {
        let (peer, connect) = script.welcome(json!({})).await;
        assert_eq!(connect["knows"], json!([":large"]));
        client.opened().await.unwrap();
        let start = Instant::now();
        while client.state().opened().is_some() {
            sleep(seconds(1)).await;
        }
        let silence = start.elapsed().as_secs();
        assert!(
            (35 * times..=35 * times + 1).contains(&silence),
            "{silence}"
        );
        drop(peer);
    }
    // Something new ends it.
    let mut events = client.events();
    let (mut peer, _) = script.welcome(json!({})).await;
    peer.send(json!({"cmd": "silence", "param": {}})).await;
    while !matches!(events.next().await, Some(Incoming::Event(_))) {}
    let start = Instant::now();
    while client.state().opened().is_some() {
        sleep(seconds(1)).await;
    }
    assert!(start.elapsed() <= seconds(36), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn an_announced_message_may_take_as_long_as_it_says() {
    let (client, mut script) = script(|builder| builder);
    let (mut peer, _) = script.welcome(json!({})).await;
    client.opened().await.unwrap();
    peer.send(json!({"cmd": ":large", "param": {"within": 112_500}}))
        .await;
    sleep(seconds(35 + 112)).await;
    assert!(matches!(client.state(), State::Open(_)));
    peer.send(json!({"cmd": "silence", "param": {}})).await;
    // What was allowed for it is over.
    sleep(seconds(34)).await;
    assert!(matches!(client.state(), State::Open(_)));
    sleep(seconds(3)).await;
    assert!(!matches!(client.state(), State::Open(_)));
}

#[tokio::test(start_paused = true)]
async fn the_welcome_may_be_announced_too() {
    let (client, mut script) = script(|builder| builder);
    let mut peer = script.accept().await;
    peer.next().await;
    peer.send(json!({"cmd": ":large", "param": {"within": 60_000}}))
        .await;
    sleep(seconds(60)).await;
    assert!(matches!(client.state(), State::Connecting { .. }));
}

#[tokio::test(start_paused = true)]
async fn whoever_awaits_a_reply_goes_on_before_the_event_behind_it_is_told() {
    let (client, mut script) = script(|builder| builder);
    let (mut peer, _) = script.welcome(json!({})).await;
    client.opened().await.unwrap();
    let mut events = client.events();
    settle().await;
    while events.try_next().is_some() {}
    let call = client.call(crate::chat::chat_command::Ping);
    let answer = async {
        let id = peer.next().await["id"].clone();
        let event = json!({"cmd": "silence", "param": {}});
        peer.send(json!([{"re": id, "param": {"timestamp": 7}}, event]))
            .await;
    };
    let (reply, ()) = tokio::join!(call, answer);
    assert_eq!(reply.unwrap().timestamp, 7);
    assert!(events.try_next().is_none());
    assert!(matches!(events.next().await, Some(Incoming::Event(_))));
}
