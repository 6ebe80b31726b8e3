//! A page that is loaded anew: its browser closes with 1001, and it comes back with nothing. P 6.7

use serde_json::json;
use socket_runtime::{Config, Disconnected};
use tokio::io::DuplexStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::chat::{Server, Sockets};
use crate::sessions::{connect, gone, resume};
use crate::support::Client;
use crate::timeouts::{Memory, passed, seconds};

async fn close(client: &mut Client<DuplexStream>, code: CloseCode) {
    let reason = "".into();
    client
        .socket
        .close(Some(CloseFrame { code, reason }))
        .await
        .unwrap();
}

/// Whether somebody came or went, and whether it was the user's last connection here.
async fn update(watcher: &mut Client<DuplexStream>) -> (bool, bool) {
    let param = watcher.event("online-update").await["param"].clone();
    let is = |field: &str| param[field].as_bool().unwrap();
    (is("connected"), is("last"))
}

#[tokio::test(start_paused = true)]
async fn a_page_that_is_loaded_anew_was_never_away() {
    let server = Memory::start();
    let mut watcher = server.full("?ch=lobby").await;
    let (mut page, first) = connect(&server, "?ch=lobby&user=ann", json!({})).await;
    assert_eq!(update(&mut watcher).await, (true, true));
    let begun = Instant::now();
    close(&mut page, CloseCode::Away).await;
    gone(&server, &first).await;
    sleep(seconds(2)).await;
    let (_page, _) = connect(&server, "?ch=lobby&user=ann", json!({})).await;
    // Both are connections of one user, who was there all the time.
    assert_eq!(update(&mut watcher).await, (true, false));
    assert_eq!(update(&mut watcher).await, (false, false));
    assert!(passed(begun, seconds(5)), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn who_went_away_for_good_is_told_of_after_the_short_grace() {
    let (tell, mut told) = mpsc::unbounded_channel();
    let sockets = Sockets::builder(Server).on_disconnected(move |_, why| {
        let _ = tell.send(why);
        std::future::ready(())
    });
    let server = Memory::with(sockets.build());
    let mut watcher = server.full("?ch=lobby").await;
    let (mut page, first) = connect(&server, "?ch=lobby&user=ann", json!({})).await;
    update(&mut watcher).await;
    let begun = Instant::now();
    close(&mut page, CloseCode::Away).await;
    gone(&server, &first).await;
    // One that a browser took out of its memory again goes on.
    sleep(seconds(4)).await;
    let (mut page, second) = resume(&server, "?ch=lobby&user=ann", &first).await;
    assert_eq!(second["resumed"], true);
    close(&mut page, CloseCode::Away).await;
    assert_eq!(update(&mut watcher).await, (false, true));
    assert!(passed(begun, seconds(9)), "{:?}", begun.elapsed());
    let why = told.recv().await.unwrap();
    assert!(
        matches!(
            why,
            Disconnected::Client {
                code: Some(1001),
                ..
            }
        ),
        "{why:?}"
    );
    let (_page, third) = resume(&server, "?ch=lobby&user=ann", &second).await;
    assert_eq!(third["resumed"], false);
    assert_eq!(server.sockets.status().sessions, 0);
}

#[tokio::test(start_paused = true)]
async fn a_goodbye_is_told_of_at_once() {
    let without =
        Config::default().with(|config| config.sessions.reload_grace = std::time::Duration::ZERO);
    for (config, code) in [
        (Config::default(), CloseCode::Normal),
        (without, CloseCode::Away),
    ] {
        let server = Memory::configured(config);
        let mut watcher = server.full("?ch=lobby").await;
        let (mut page, first) = connect(&server, "?ch=lobby&user=ann", json!({})).await;
        update(&mut watcher).await;
        let begun = Instant::now();
        close(&mut page, code).await;
        assert_eq!(update(&mut watcher).await, (false, true));
        assert!(passed(begun, seconds(0)), "{:?}", begun.elapsed());
        let (_page, second) = resume(&server, "?ch=lobby&user=ann", &first).await;
        assert_eq!(second["resumed"], false);
    }
}
