//! The protocol's own messages that are the same for everyone.

use std::sync::LazyLock;

use bytes::Bytes;
use socket_protocol::envelope::{Empty, EventHead, MessageBuf, OpenMessage};
use socket_protocol::system::{Large, name};

/// The server's `:ping`.
pub(crate) static PING: LazyLock<Bytes> = LazyLock::new(|| bare(name::PING));

/// The server's `:refresh`.
pub(crate) static REFRESH: LazyLock<Bytes> = LazyLock::new(|| bare(name::REFRESH));

/// The answer to a client's `:ping`.
pub(crate) static PONG: LazyLock<Bytes> = LazyLock::new(|| bare(name::PONG));

/// An event without parameters, known only in full mode.
fn bare(cmd: &str) -> Bytes {
    let message = MessageBuf::encode(&serde_json::json!({ "cmd": cmd }));
    message.map_or_else(|_| Bytes::new(), super::text)
}

/// The event that announces a large message: it may take so many milliseconds longer than usual.
pub(crate) fn large(within: u64) -> Option<Bytes> {
    let param = Large { within };
    let message = MessageBuf::encode(&serde_json::json!({ "cmd": name::LARGE, "param": param }));
    message.ok().map(super::text)
}

/// The event that asks a client to close. `channel` is what the client's mode expects of an event
/// that belongs to no channel.
pub(crate) fn close_connection(channel: Option<&str>) -> Option<Bytes> {
    let head = EventHead {
        channel,
        from: None,
    };
    let message = OpenMessage::event(name::CLOSE_CONNECTION, head, &Empty).ok()?;
    Some(super::text(message.close()))
}
