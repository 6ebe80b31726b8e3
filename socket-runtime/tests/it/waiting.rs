//! Clients that wait for as long as a refusal tells them.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, advance};

use crate::timeouts::{Memory, seconds};

fn code(message: &Value) -> &str {
    message["error"]["code"].as_str().unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn a_client_that_waits_as_it_is_told_is_never_closed() {
    let server = Memory::start();
    let mut client = server.full("").await;
    let start = Instant::now();
    let (mut done, mut refused) = (0, 0);
    while start.elapsed() < seconds(30) {
        let answer = client.call(json!({"cmd": "ping"})).await;
        if code(&answer) == "rate-limited" {
            refused += 1;
            let told = answer["error"]["data"]["retryAfter"].as_u64().unwrap();
            advance(Duration::from_millis(told)).await;
        } else {
            done += 1;
        }
    }
    assert!(done > 1_000 && refused > 1_000, "{done} and {refused}");
    // Several at once that wait alike.
    while start.elapsed() < seconds(60) {
        let mut wait = 0;
        for _ in 0..10 {
            let answer = client.call(json!({"cmd": "ping"})).await;
            wait = wait.max(answer["error"]["data"]["retryAfter"].as_u64().unwrap_or(0));
        }
        advance(Duration::from_millis(wait)).await;
    }
    assert_eq!(server.sockets.status().connections, 1);
}

#[tokio::test(start_paused = true)]
async fn other_commands_may_come_while_one_has_to_wait() {
    let server = Memory::start();
    let mut client = server.full("").await;
    for _ in 0..6 {
        client.call(json!({"cmd": "knock"})).await;
    }
    for _ in 0..100 {
        assert_eq!(code(&client.call(json!({"cmd": "ping"})).await), "");
        advance(Duration::from_millis(50)).await;
    }
    assert_eq!(server.sockets.status().connections, 1);
}
