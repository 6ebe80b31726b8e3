//! The same thing asked twice, by one socket or by two, at once or while it is being done (P 4.5, P 6.3,
//! P 6.9).

use serde_json::{Value, json};

use crate::sessions::{connect, gone, resume};
use crate::timeouts::Memory;

fn chat(id: u64, text: &str) -> Value {
    json!({"cmd": "chat", "id": id, "param": {"text": text}})
}

/// A server without a rate, and somebody who hears what is said there.
fn server() -> Memory {
    Memory::configured(socket_runtime::Config::default().with(|config| config.rates.rate = 0))
}

#[tokio::test(start_paused = true)]
async fn two_sockets_that_race_with_one_id_have_it_run_once() {
    let server = server();
    let mut watcher = server.full("?ch=lobby").await;
    let query = "?ch=lobby&user=ann";
    let (mut older, mut reply) = connect(&server, query, json!({})).await;
    for round in 1..=100_u64 {
        let (id, text) = (10 * round, round.to_string());
        let again = async {
            let mut newer = server.open(query, Some("socket.v1")).await;
            let param = json!({"session": reply["session"]});
            let hello = json!({"cmd": ":connect", "id": 1, "param": param});
            newer.send(json!([hello, chat(id, &text)])).await;
            newer
        };
        let (newer, ()) = tokio::join!(again, async {
            // Some are read before the session moves on, and some are not.
            for _ in 0..round % 7 {
                tokio::task::yield_now().await;
            }
            older.send(chat(id, &text)).await;
        });
        older = newer;
        let welcome = older.answer(1).await["param"].clone();
        assert_eq!(welcome["resumed"], true);
        assert_eq!(older.answer(id).await, json!({"re": id, "param": {}}));
        reply = welcome;
        assert_eq!(watcher.event("chat").await["param"]["text"], text);
    }
    watcher.hears_no("chat").await;
}

#[tokio::test(start_paused = true)]
async fn one_id_for_two_commands_is_the_first_one() {
    let server = server();
    let mut watcher = server.full("?ch=lobby").await;
    let (mut ann, _) = connect(&server, "?ch=lobby&user=ann", json!({})).await;
    let think = json!({"cmd": "think", "id": 8, "param": {"millis": 50}});
    // One array: the second of an id never runs, one that goes back neither.
    ann.send(json!([
        chat(7, "first"),
        chat(7, "second"),
        think,
        chat(8, "third"),
        chat(6, "back")
    ]))
    .await;
    let mut answers = Vec::new();
    while answers.len() < 3 {
        let message = ann.next().await;
        if message["re"].is_u64() {
            answers.push((message["re"].clone(), message["error"]["code"].clone()));
        }
    }
    let gone = (json!(6), json!("outcome-unknown"));
    assert!(answers.contains(&gone), "{answers:?}");
    answers.retain(|answer| *answer != gone);
    assert_eq!(answers, [(json!(7), Value::Null), (json!(8), Value::Null)]);
    assert_eq!(watcher.event("chat").await["param"]["text"], "first");
    watcher.hears_no("chat").await;
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_sent_again_while_it_runs_has_one_answer() {
    let server = server();
    let query = "?ch=lobby&user=ann";
    let mut watcher = server.full("?ch=lobby").await;
    let late = json!({"cmd": "late", "id": 5, "param": {"text": "once", "millis": 3000}});
    let (mut ann, mut reply) = connect(&server, query, json!({})).await;
    ann.send(json!([late, {"cmd": ":ping"}])).await;
    // Handled when it is read, so what came before it was read too.
    assert_eq!(ann.next().await["cmd"], ":pong");
    // It goes on through every break, and is asked for after each of them.
    for _ in 0..5 {
        drop(ann);
        gone(&server, &reply).await;
        (ann, reply) = resume(&server, query, &reply).await;
        assert_eq!(reply["resumed"], true);
        ann.send(json!([late, late, {"cmd": ":ping"}])).await;
        assert_eq!(ann.next().await["cmd"], ":pong");
    }
    assert_eq!(ann.answer(5).await, json!({"re": 5, "param": {}}));
    assert!(ann.settle().await.iter().all(|message| message["re"] != 5));
    assert_eq!(watcher.event("chat").await["param"]["text"], "once");
    watcher.hears_no("chat").await;
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_shown_twice_at_once_leaves_one_session() {
    let server = server();
    let query = "?ch=lobby&user=ann";
    let (mut ann, mut reply) = connect(&server, query, json!({})).await;
    for round in 0..50 {
        // Half of them come while the connection is still open.
        if round % 2 == 0 {
            drop(ann);
            gone(&server, &reply).await;
        }
        let session = reply["connection"].clone();
        let mut both = tokio::join!(
            resume(&server, query, &reply),
            resume(&server, query, &reply)
        );
        // Whoever has it in the end goes on with it; the other one was told to go, or is new.
        let open = server.sockets.connections();
        let open = open.iter().map(|connection| json!(connection.id));
        assert_eq!(open.filter(|id| *id == session).count(), 1);
        let second = both.1.1["connection"] == session;
        let first = both.0.1["connection"] == session;
        assert!(first || second);
        if first && second {
            // One took it over from the other.
            let first_lost = tokio::select! {
                biased;
                (code, _) = both.0.0.closed() => { assert_eq!(code, 4505); true }
                (code, _) = both.1.0.closed() => { assert_eq!(code, 4505); false }
            };
            (ann, reply) = if first_lost { both.1 } else { both.0 };
        } else {
            let (winner, mut other) = if first {
                (both.0, both.1)
            } else {
                (both.1, both.0)
            };
            assert_eq!(other.1["resumed"], false);
            other.0.leave().await;
            (ann, reply) = winner;
        }
        assert_eq!(reply["resumed"], true);
        ann.send(json!({"cmd": "ping", "id": 100 + round})).await;
        assert!(ann.answer(100 + round).await["error"].is_null());
    }
}
