//! Every limit of the config, one by one and over real sockets: what happens at it, while a pair of
//! bystanders goes on talking and notices nothing.

mod service;
mod socket;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;
use socket_runtime::Config;

use crate::support::{Bystanders, TestServer};

/// A test of each limit, and which fields of the config it is about.
macro_rules! bounds {
    ($($fields:literal: $test:ident => $case:expr;)*) => {
        $(
            #[tokio::test]
            async fn $test() {
                $case.await;
            }
        )*

        const TRIED: &[&str] = &[$($fields),*];
    };
}

bounds! {
    "message_bytes": a_longer_message => socket::message_bytes();
    "outbound_bytes": a_longer_answer_or_event => socket::outbound_bytes();
    "queue_bytes": more_bytes_in_the_queue => socket::queue(8192, 64 * 1024);
    "queue_messages": more_messages_in_the_queue => socket::queue(100, 4 << 20);
    "write_timeout": a_client_that_takes_nothing => socket::write_timeout();
    "waiting_messages": more_messages_that_wait => socket::waiting(1, 256 * 1024);
    "waiting_bytes": more_bytes_that_wait => socket::waiting(64, 100);
    "concurrent": more_commands_at_once => socket::concurrent();
    "stream_bytes": a_stream_that_nobody_reads => socket::stream_bytes();
    "rate burst rate_patience": more_commands => socket::rate();
    "control_rate control_burst": more_control_frames => socket::control_rate();
    "json_depth": deeper_json => socket::json_depth();
    "protocol_errors": more_messages_that_are_none => socket::protocol_errors();
    "handler_timeout": a_longer_handler => socket::handler_timeout();
    "handshake_timeout": no_handshake => socket::handshake_timeout();
    "message_timeout": a_message_without_end => socket::message_timeout();
    "ping timeout": no_sign_of_life => socket::heartbeat();
    "close_request_timeout close_timeout": a_client_that_does_not_go => socket::request_close();
    "channels": one_more_channel => service::channels();
    "connections": one_more_connection => service::connections();
    "origins": a_foreign_page => service::origins();
    "kept_answers": more_answers_kept => service::kept(2, 1 << 20);
    "kept_bytes": more_bytes_of_answers_kept => service::kept(256, 100);
    "resume_window grace": a_later_return => service::resume_window();
    "sessions": more_sessions => service::sessions(1, 100, 64 << 20);
    "user_sessions": more_sessions_of_one_user => service::sessions(100, 1, 64 << 20);
    "session_bytes": more_bytes_of_sessions => service::sessions(100, 100, 1000);
    "online_members": more_members_than_are_told_of => service::online_members();
    "members_page members_page_max": a_longer_page_of_members => service::members_page();
    "replay_events": a_longer_replay => service::replay(2, 64 << 20);
    "history_bytes": more_history => service::replay(300, 5000);
    "replay_bytes": a_replay_that_nobody_reads => service::replay_bytes();
    "history_page_max": a_longer_page_of_history => service::history_page();
}

/// Limits that are no connection's: of requests (`tests/raw/heads.rs`, `tests/it/serve.rs`), of whom
/// requests are from (`tests/it/upgrade.rs`, `tests/it/crowds.rs`), of the end (`tests/it/drain.rs`),
/// of what is remembered (`tests/history`), of all together (`tests/it/in_sum.rs`), of strangers
/// (`tests/it/nobodies.rs`), of pages that are loaded anew (`tests/it/reload.rs`), and what clients are
/// only told.
const ELSEWHERE: &[&str] = &[
    "anonymous_sessions",
    "buffered_bytes",
    "connections_per_address",
    "connections_per_user",
    "drain",
    "forwarded_header",
    "head_bytes",
    "head_fields",
    "head_timeout",
    "history_channels",
    "history_remember",
    "hosts",
    "refresh_ahead",
    "reload_grace",
    "request_timeout",
    "response_timeout",
    "shutdown",
    "spread",
    "trusted_proxies",
    "versions",
];

#[test]
fn no_limit_is_left_out() {
    let tried = TRIED.iter().flat_map(|names| names.split(' '));
    let known: BTreeSet<_> = tried.chain(ELSEWHERE.iter().copied()).collect();
    assert_eq!(Config::KEYS.iter().copied().collect::<BTreeSet<_>>(), known);
}

/// Does something to a server with these limits. All the time, and after it, the pair talks.
async fn beside(config: Config, act: impl AsyncFnOnce(&TestServer)) {
    let server = TestServer::configured(config).await;
    let mut bystanders = Bystanders::meet(&server).await;
    let over = Cell::new(false);
    let act = async {
        act(&server).await;
        over.set(true);
    };
    let talk = async {
        while !over.get() {
            bystanders.talk().await;
            // No faster than their own rate allows.
            tokio::time::sleep(millis(60)).await;
        }
    };
    tokio::join!(act, talk);
    bystanders.talk().await;
}

/// Waits until something is to be seen that nobody is told of.
async fn seen(mut is: impl FnMut() -> bool) {
    while !is() {
        tokio::time::sleep(millis(1)).await;
    }
}

const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn code(answer: &Value) -> &str {
    answer["error"]["code"].as_str().unwrap_or_default()
}
