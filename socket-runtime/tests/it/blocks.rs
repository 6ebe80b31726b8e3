//! Handlers that keep their thread.

use serde_json::json;

use crate::log::Log;
use crate::support::{Bystanders, TestServer};

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
