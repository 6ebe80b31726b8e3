//! Full mode.

use serde_json::json;

use crate::support::TestServer;

#[tokio::test]
async fn the_handshake_tells_what_a_client_needs() {
    let server = TestServer::start().await;
    let mut client = server.full("?ch=lobby&user=ann").await;
    let reply = client
        .connect(json!({"channels": {
            "room:42": {"since": {"epoch": "x", "at": 3}, "members": true},
            "secret:1": {}, "two words": {}, "nowhere": {}, ":user": {"since": {"epoch": "x", "at": 4}},
        }}))
        .await;
    let code = |channel: &str| reply["channels"][channel]["error"]["code"].clone();
    assert_eq!(reply["channels"]["lobby"], json!({"recovery": "none"}));
    assert_eq!(reply["channels"]["room:42"]["members"]["count"], 1);
    assert_eq!(reply["channels"][":user"], json!({"recovery": "none"}));
    assert_eq!(code("secret:1"), "forbidden");
    assert_eq!(code("two words"), "invalid-channel");
    assert_eq!(code("nowhere"), "unknown-channel");
    assert_eq!(reply["user"], json!({"id": "id-ann", "name": "ann"}));
    assert_eq!(reply["resumed"], false);
    assert_eq!(reply["protocol"], json!({"name": "chat"}));
    assert_eq!(reply["limits"], json!({"message": 65536}));
    let names: Vec<_> = server.sockets.connections()[0].channels.clone();
    assert_eq!(names.iter().map(|name| name.as_str()).collect::<Vec<_>>(), ["lobby", "room:42"]);
}
