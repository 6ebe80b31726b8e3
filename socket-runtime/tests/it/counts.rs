//! What a delivery costs, counted the same under each server.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use serde_json::json;
use socket_runtime::Config;
use tokio::net::TcpListener;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::chat::{said, sockets};
use crate::servers::Way;
use crate::support::{Client, request, router};

/// Counts how often the tasks of connections are run: each time one enters its span.
#[derive(Clone, Default)]
struct Runs(Arc<AtomicU64>);

impl Subscriber for Runs {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_span() && metadata.name() == "connection"
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {}

    fn enter(&self, _: &Id) {
        self.0.fetch_add(1, Relaxed);
    }

    fn exit(&self, _: &Id) {}
}

/// How often the connections' tasks ran, and how often their sockets were written to, for as many
/// events to as many members.
async fn delivered(way: Way, runs: &Runs, events: u32, members: u32) -> (u64, u64) {
    let sockets = sockets(Config::default());
    let (app, _dropped) = router(&sockets);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(way.serve(listener, app, sockets.clone(), std::future::pending()));
    let mut clients = Vec::new();
    for _ in 0..members {
        let url = format!("ws://127.0.0.1:{port}/socket?ch=lobby");
        let stream = way.stream(port).await.unwrap();
        let mut client = Client::over(request(&url, None), stream).await;
        client.call(json!({"cmd": "ping"})).await;
        clients.push(client);
    }
    for client in &mut clients {
        client.settle().await;
    }
    let writes = || sockets.status().statistics.writes;
    let before = (runs.0.load(Relaxed), writes());
    for _ in 0..events {
        let lobby = sockets.to_channel("lobby");
        lobby.send(said("server", "hi")).await.unwrap();
        for client in &mut clients {
            client.event("chat").await;
        }
    }
    (runs.0.load(Relaxed) - before.0, writes() - before.1)
}

#[tokio::test]
async fn a_delivery_costs_one_write_and_no_task_under_both_servers() {
    let runs = Runs::default();
    let _guard = tracing::subscriber::set_default(runs.clone());
    for way in [Way::Direct, Way::Foreign] {
        let (ran, wrote) = delivered(way, &runs, 20, 10).await;
        assert_eq!((ran, wrote), (0, 200), "{way:?}");
    }
    // Behind TLS only a connection's own task can write.
    let (ran, wrote) = delivered(Way::Tls, &runs, 20, 10).await;
    assert!(ran >= 200 && wrote == 200, "{ran} {wrote}");
}
