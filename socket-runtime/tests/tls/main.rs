//! The Rust client over TLS, to a server behind TLS.
#![allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    dead_code,
    clippy::unwrap_used,
    reason = "tests"
)]

#[path = "../it/chat.rs"]
mod chat;
#[path = "../it/servers.rs"]
mod servers;
#[path = "../it/support.rs"]
mod support;

use socket_runtime::Config;
use socket_runtime::client::{Client, Incoming, Loss, State, Tcp};
use tokio::net::TcpListener;

use crate::chat::{Chat, ChatEvent, chat_command, sockets};
use crate::servers::{Way, certified};
use crate::support::router;

/// A service behind TLS; its port.
async fn start() -> u16 {
    let sockets = sockets(Config::default());
    let (app, dropped) = router(&sockets);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        // Lives as long as the server.
        let _dropped = dropped;
        Way::Tls
            .serve(listener, app, sockets, std::future::pending())
            .await
    });
    port
}

fn url(port: u16) -> String {
    format!("wss://localhost:{port}/socket?ch=lobby&user=ann")
}

#[tokio::test]
async fn a_client_speaks_tls_with_whom_it_trusts() {
    let port = start().await;
    let transport = Tcp::tls(certified().1.config().clone());
    let client = Client::<Chat>::builder(&url(port))
        .transport(transport)
        .connect()
        .unwrap();
    let opened = client.opened().await.unwrap();
    assert_eq!(opened.user.unwrap().name, "ann");
    let mut events = client.events();
    let large = chat_command::Large { bytes: 500_000 };
    client.call(large).await.unwrap();
    let text = "secret".to_owned();
    client.send(chat_command::Chat { text }).unwrap();
    let said = loop {
        if let Incoming::Event(said) = events.next().await.unwrap() {
            break said;
        }
    };
    assert!(matches!(said.event, ChatEvent::Chat { text, .. } if text == "secret"));
    client.close().await;
}

/// What broke at the first attempt.
async fn loss(port: u16) -> Loss {
    let client = Client::<Chat>::connect(&url(port)).unwrap();
    let mut states = client.states();
    let waits = states.wait_for(|state| matches!(state, State::Waiting { .. }));
    match &*waits.await.unwrap() {
        State::Waiting { loss, .. } => loss.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_client_refuses_whom_the_machine_does_not_trust() {
    let loss = loss(start().await).await;
    // The machine itself may have no list of whom to trust, which is told too.
    assert!(loss.message.contains("certificate"), "{loss:?}");
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_a_loss_like_any_other() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (app, _dropped) = router(&sockets(Config::default()));
    tokio::spawn(socket_runtime::serve(listener, app).into_future());
    let loss = loss(port).await;
    assert_eq!(loss.code, None, "{loss:?}");
}
