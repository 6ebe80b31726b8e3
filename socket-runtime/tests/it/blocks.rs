//! Handlers that keep their thread.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use parking_lot::Mutex;
use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use crate::support::{Bystanders, TestServer};

/// Keeps the warnings.
#[derive(Default)]
struct Log {
    warnings: Arc<Mutex<Vec<String>>>,
    spans: AtomicUsize,
}

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0 += &format!("{field}={value:?} ");
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::WARN
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(self.spans.fetch_add(1, Relaxed) as u64 + 1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = Text(String::new());
        event.record(&mut text);
        self.warnings.lock().push(text.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn a_handler_that_keeps_its_thread_is_told_of_in_the_log() {
    let log = Log::default();
    let warnings = log.warnings.clone();
    let _guard = tracing::subscriber::set_default(log);
    let server = TestServer::start().await;
    let mut bystanders = Bystanders::meet(&server).await;
    let mut client = server.connected("?ch=lobby").await;
    // One that waits keeps nobody.
    client
        .call(json!({"cmd": "late", "param": {"text": "x", "millis": 200}}))
        .await;
    assert!(warnings.lock().is_empty(), "{:?}", warnings.lock());
    client
        .call(json!({"cmd": "block", "param": {"millis": 120}}))
        .await;
    let told = warnings.lock().clone();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains("what=\"block\"") && told[0].contains("spawn_blocking"),
        "{told:?}"
    );
    bystanders.talk().await;
}
