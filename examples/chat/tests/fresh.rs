//! What is committed is what the protocol gives.

use chat as _;

#[test]
fn manifest_is_fresh() {
    let manifest = include_str!("../../../generated-ts/chat/chat.manifest.json");
    socket_runtime::manifest::assert_fresh(manifest);
}
