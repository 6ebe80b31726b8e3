//! Breaks, and what the client makes of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use futures_util::FutureExt;
use serde_json::json;
use socket_runtime::CloseCode;
use socket_runtime::client::{CallError, Closed, Incoming, Options, State};
use tokio::time::{Instant, sleep};

use crate::chat::{chat_command, room, say, seconds, settle};
use crate::scripted_server::script;

#[tokio::test(start_paused = true)]
async fn every_close_code_means_what_the_table_says() {
    for code in CloseCode::ALL {
        let (client, mut script) = script(|builder| builder);
        let (peer, _) = script.welcome(json!({})).await;
        client.opened().await.unwrap();
        let start = Instant::now();
        peer.close(code.number()).await;
        if code.is_final() {
            assert!(script.nobody(60).await, "{code}");
            let closed = client.opened().await.unwrap_err();
            let upgrade = matches!(closed, Closed::UpgradeRequired { .. });
            assert_eq!(upgrade, *code == CloseCode::UpgradeRequired, "{code}");
        } else {
            let (_peer, _) = script.welcome(json!({})).await;
            client.opened().await.unwrap();
            let least = if *code == CloseCode::RateLimited {
                3
            } else {
                0
            };
            assert!(start.elapsed() >= seconds(least), "{code}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_handshake_is_its_close_code() {
    for (error, ends) in [
        ("unauthorized", false),
        ("upgrade-required", true),
        ("internal", true),
    ] {
        let (client, mut script) = script(|builder| builder);
        let mut peer = script.accept().await;
        peer.next().await;
        peer.send(json!({"re": 1, "error": {"code": error, "message": "no"}}))
            .await;
        assert_eq!(script.nobody(20).await, ends, "{error}");
        assert_eq!(matches!(client.state(), State::Closed(_)), ends, "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_is_asked_for_anew_and_two_refusals_end_it() {
    let asked = Arc::new(AtomicU32::new(0));
    let (counter, expired) = (asked.clone(), Arc::new(AtomicU32::new(0)));
    let counted = expired.clone();
    let (client, mut script) = script(move |builder| {
        builder.token_from(move |ask| {
            let n = counter.fetch_add(1, Relaxed);
            counted.fetch_add(u32::from(ask.expired), Relaxed);
            async move { Ok(Some(format!("t{n}"))) }
        })
    });
    let (mut peer, connect) = script.welcome(json!({"expires": 60_000})).await;
    assert_eq!(connect["token"], "t0");
    // Refreshed in band, ahead of its end.
    let start = Instant::now();
    let refresh = peer.next().await;
    assert_eq!(start.elapsed().as_secs(), 30);
    assert_eq!(
        (&refresh["cmd"], &refresh["param"]["token"]),
        (&json!(":refresh"), &json!("t1"))
    );
    peer.send(json!({"re": refresh["id"], "param": {"expires": 40_000}}))
        .await;
    // And when the server asks.
    peer.send(json!({"cmd": ":refresh"})).await;
    assert_eq!(peer.next().await["param"]["token"], "t2");
    assert_eq!(expired.load(Relaxed), 2);
    for token in ["t3", "t4"] {
        peer.close(4401).await;
        let (next, connect) = if token == "t3" {
            script.welcome(json!({})).await
        } else {
            let mut next = script.accept().await;
            let connect = next.next().await["param"].clone();
            (next, connect)
        };
        assert_eq!(connect["token"], token);
        peer = next;
    }
    peer.close(4401).await;
    assert!(matches!(
        client.opened().await,
        Err(Closed::Unauthorized(_))
    ));
    assert_eq!(expired.load(Relaxed), 4);
}

#[tokio::test(start_paused = true)]
async fn no_token_is_the_end_and_a_provider_that_fails_is_a_break() {
    let times = Arc::new(AtomicU32::new(0));
    let counter = times.clone();
    let (client, _script) = script(move |builder| {
        builder.token_from(move |_| {
            let n = counter.fetch_add(1, Relaxed);
            async move {
                match n {
                    0 => Err("out of order".into()),
                    // Never comes: one deadline for all.
                    1 => std::future::pending().await,
                    _ => Ok(None),
                }
            }
        })
    });
    assert!(matches!(
        client.opened().await,
        Err(Closed::Unauthorized(_))
    ));
    assert_eq!(times.load(Relaxed), 3);
}

#[tokio::test(start_paused = true)]
async fn a_resumed_session_repeats_calls_and_a_lost_one_only_harmless_ones() {
    let (client, mut script) = script(|builder| builder);
    let (mut peer, connect) = script.welcome(json!({"session": "s1"})).await;
    assert!(connect.get("session").is_none());
    let (one, two) = (client.clone(), client.clone());
    let risky = tokio::spawn(async move { one.call(chat_command::Count { millis: 0 }).await });
    settle().await;
    let harmless = tokio::spawn(async move { two.call(chat_command::Ping).await });
    assert_eq!(peer.next().await["id"], 2);
    assert_eq!(peer.next().await["id"], 3);
    drop(peer);

    let (mut peer, connect) = script
        .welcome(json!({"session": "s2", "resumed": true}))
        .await;
    assert_eq!(connect["session"], "s1");
    let again = peer.next().await;
    assert_eq!((&again["cmd"], &again["id"]), (&json!("count"), &json!(2)));
    assert_eq!(peer.next().await["id"], 3);
    drop(peer);

    let (mut peer, connect) = script.welcome(json!({"session": "s3"})).await;
    assert_eq!(connect["session"], "s2");
    let lost = risky.await.unwrap();
    assert!(matches!(lost, Err(CallError::Disconnected { sent: true })));
    let again = peer.next().await;
    assert_eq!((&again["cmd"], &again["id"]), (&json!("ping"), &json!(4)));
    peer.send(json!({"re": 4, "param": {"timestamp": 9}})).await;
    assert_eq!(harmless.await.unwrap().unwrap().timestamp, 9);
}

#[tokio::test(start_paused = true)]
async fn calls_that_are_sent_again_keep_the_servers_pace_and_their_order() {
    let (client, mut script) = script(|builder| builder);
    let limits = json!({"message": 65536, "rate": 1, "burst": 6});
    let welcome = json!({"session": "s", "limits": limits});
    let (mut peer, _) = script.welcome(welcome.clone()).await;
    client.opened().await.unwrap();
    settle().await;
    // The whole burst, and no time to come by another one until the client is back.
    let start = Instant::now();
    let mut calls = Vec::new();
    for id in 2..8 {
        let client = client.clone();
        calls.push(tokio::spawn(async move {
            let count = client.call(chat_command::Count { millis: 0 });
            count.timeout(seconds(100)).await
        }));
        assert_eq!(peer.next().await["id"], id);
    }
    // Cut once while they go out again: what was not sent by then is not forgotten.
    for cut_after in [3, 6] {
        drop(peer);
        let mut resumed = welcome.clone();
        resumed["resumed"] = json!(true);
        (peer, _) = script.welcome(resumed).await;
        client.opened().await.unwrap();
        client.send(say(cut_after.to_string())).unwrap();
        for id in 2..2 + cut_after {
            assert_eq!(peer.next().await["id"], id);
        }
    }
    // Nine calls beyond the burst, at one in a second; then what came after them.
    assert_eq!(start.elapsed().as_secs(), 9);
    for text in ["3", "6"] {
        assert_eq!(peer.next().await["param"]["text"], text);
    }
    for (call, id) in calls.into_iter().zip(2..) {
        peer.send(json!({"re": id, "param": {"times": id}})).await;
        assert_eq!(call.await.unwrap().unwrap().times, id);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_is_cancelled_where_it_was_sent() {
    let (client, mut script) = script(|builder| builder);
    let mut unsent = client.call(chat_command::Hang).into_future();
    assert!(unsent.as_mut().now_or_never().is_none());
    drop(unsent);
    let (mut peer, _) = script.welcome(json!({})).await;
    client.opened().await.unwrap();
    let mut sent = client.call(chat_command::Hang).into_future();
    assert!(sent.as_mut().now_or_never().is_none());
    let call = peer.next().await;
    assert_eq!(
        (&call["cmd"], &call["timeout"]),
        (&json!("hang"), &json!(10_000))
    );
    drop(sent);
    assert_eq!(
        peer.next().await,
        json!({"cmd": ":cancel", "param": {"id": call["id"]}})
    );
}

#[tokio::test(start_paused = true)]
async fn joins_come_back_in_the_first_frame_and_the_queue_after_it_at_the_servers_pace() {
    let (client, mut script) = script(|builder| builder);
    let mut join = Box::pin(client.join(room("a")));
    assert!(join.as_mut().now_or_never().is_none());
    for i in 0..5 {
        client.send(say(i.to_string())).unwrap();
    }
    let limits = json!({"message": 65536, "rate": 2, "burst": 5});
    let welcome = json!({"limits": limits, "channels": {"room:a": {"recovery": "none"}}});
    let (mut peer, connect) = script.welcome(welcome).await;
    assert!(connect["channels"].get("room:a").is_some());
    assert_eq!(connect["protocol"]["name"], "chat");
    join.await.unwrap();
    let start = Instant::now();
    let mut came = Vec::new();
    for i in 0..5 {
        assert_eq!(peer.next().await["param"]["text"], i.to_string());
        came.push(start.elapsed().as_millis() / 100);
    }
    // A fifth of the burst stays in hand.
    assert_eq!(came, [0, 0, 0, 0, 5]);
    // Once it has drained nothing is held back.
    for _ in 0..10 {
        client.send(say("x")).unwrap();
    }
    for _ in 0..10 {
        peer.next().await;
    }
    assert!(start.elapsed() < seconds(2));
    // A wish for what the server took away is not repeated.
    peer.send(json!({"cmd": ":closed", "channel": "room:a", "param": {"reason": {"code": "forbidden", "message": "out"}}})).await;
    settle().await;
    drop(peer);
    let (_peer, connect) = script.welcome(json!({})).await;
    assert!(connect.get("channels").is_none());
}

#[tokio::test(start_paused = true)]
async fn delays_begin_anew_only_after_a_connection_that_lasted() {
    let (client, mut script) = script(|builder| builder.seed(1));
    let attempt = |state: State| match state {
        State::Connecting { attempt } | State::Waiting { attempt, .. } => attempt,
        other => panic!("{other:?}"),
    };
    for lasts in [1, 1, 1, 6, 1] {
        let (peer, _) = script.welcome(json!({})).await;
        client.opened().await.unwrap();
        sleep(seconds(lasts)).await;
        drop(peer);
        while client.state().opened().is_some() {
            settle().await;
        }
        if lasts == 6 {
            assert_eq!(attempt(client.state()), 1);
        }
    }
    assert_eq!(attempt(client.state()), 2);
}

#[tokio::test(start_paused = true)]
async fn a_drain_is_left_within_its_window() {
    let (client, mut script) = script(|builder| builder);
    let mut events = client.events();
    let (mut peer, _) = script.welcome(json!({})).await;
    let start = Instant::now();
    peer.send(json!({"cmd": ":drain", "param": {"after": [5000, 6000]}}))
        .await;
    let (next, _) = script.welcome(json!({})).await;
    let moment = start.elapsed().as_millis();
    assert!((5000..6100).contains(&moment), "{moment}");
    assert!(matches!(events.next().await, Some(Incoming::Opened(_))));
    assert!(matches!(events.next().await, Some(Incoming::Lost(_))));
    // A close before that does not bring it back sooner.
    let start = Instant::now();
    peer = next;
    peer.send(json!({"cmd": ":drain", "param": {"after": [5000, 6000]}}))
        .await;
    settle().await;
    peer.close(1001).await;
    let (_last, _) = script.welcome(json!({})).await;
    assert!((5000..6100).contains(&start.elapsed().as_millis()));
}

#[tokio::test(start_paused = true)]
async fn a_welcome_that_does_not_come_is_not_waited_for() {
    let options = Options {
        connect_timeout: seconds(4),
        ..Options::default()
    };
    let (client, mut script) = script(|builder| builder.options(options));
    let start = Instant::now();
    let mut silent = script.accept().await;
    silent.next().await;
    let (_peer, _) = script.welcome(json!({})).await;
    client.opened().await.unwrap();
    assert!((4000..6100).contains(&start.elapsed().as_millis()));
}
