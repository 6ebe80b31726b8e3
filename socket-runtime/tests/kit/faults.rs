//! The faults themselves.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use socket_runtime::test::{Direction, through};
use tokio::time::Instant;

use crate::chat::{Chat, chat_command, kit, said, say, seconds, settle};

#[tokio::test(start_paused = true)]
async fn what_is_delayed_comes_later_and_in_order() {
    let (kit, _) = kit();
    let mut ann = kit.client().channel("lobby").connect().await;
    ann.faults().delay(Duration::from_millis(300));
    let start = Instant::now();
    ann.call(chat_command::Ping).await.unwrap();
    assert!((600..650).contains(&start.elapsed().as_millis()));
    for i in 0..50 {
        ann.send(say(i.to_string())).unwrap();
    }
    for i in 0..50 {
        assert_eq!(ann.expect_event().await.event, said("", &i.to_string()));
    }
    assert!(start.elapsed() < seconds(2));
}

#[tokio::test(start_paused = true)]
async fn a_doubled_frame_is_a_doubled_command_and_one_call() {
    let (kit, server) = kit();
    let mut ann = kit.client().channel("lobby").connect().await;
    ann.faults().duplicate(1);
    ann.send(say("twice")).unwrap();
    for _ in 0..2 {
        assert_eq!(ann.expect_event().await.event, said("", "twice"));
    }
    // An answer that nobody waits for is no surprise.
    ann.faults().duplicate(1);
    ann.call(chat_command::Count { millis: 0 }).await.unwrap();
    ann.call(chat_command::Ping).await.unwrap();
    assert!(server.ran.load(Relaxed) >= 1);
}

#[tokio::test(start_paused = true)]
async fn a_connection_may_break_at_any_byte() {
    let (kit, _) = kit();
    for direction in [Direction::Up, Direction::Down] {
        for bytes in [0, 1, 2, 7, 40] {
            let mut ann = kit.client().channel("lobby").connect().await;
            ann.faults().kill_after(direction, bytes);
            let broken = ann.call(say("x".repeat(100))).await;
            // The session goes on, and the call is sent again.
            assert!(broken.is_ok(), "{direction:?} {bytes}: {broken:?}");
            ann.expect_loss().await;
            ann.expect_opened().await;
            ann.call(say("again")).await.unwrap();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_out_of_reach_is_tried_again_with_backoff() {
    let (kit, _) = kit();
    let mut ann = kit.client().patience(seconds(120)).start();
    ann.faults().unreachable(true);
    for _ in 0..5 {
        ann.expect_loss().await;
    }
    ann.faults().unreachable(false);
    ann.expect_opened().await;
    settle().await;
    assert_eq!(kit.service().status().connections, 1);
}

#[tokio::test(start_paused = true)]
async fn a_programs_own_router_decides_who_comes_in() {
    use axum::extract::State;
    use axum::http::HeaderMap;
    use axum::response::Response;
    use socket_runtime::{Service, SocketUpgrade, User};

    async fn socket(
        State(service): State<Service<Chat>>,
        headers: HeaderMap,
        upgrade: SocketUpgrade,
    ) -> Response {
        let name = headers["x-user"].to_str().unwrap();
        service.upgrade(upgrade).user(User::new(name, name)).await
    }

    let (kit, _) = kit();
    let app = axum::Router::new()
        .route("/socket", axum::routing::get(socket))
        .with_state(kit.service().clone());
    let ann = through::<Chat>(&app, "/socket?a=b")
        .with(|client| client.header("x-user".parse().unwrap(), "ann".parse().unwrap()))
        .connect()
        .await;
    assert_eq!(
        ann.state().opened().unwrap().user.as_ref().unwrap().id,
        "ann"
    );
    let mut lost = through::<Chat>(&app, "/elsewhere").start();
    assert!(lost.expect_loss().await.message.contains("404"));
}
