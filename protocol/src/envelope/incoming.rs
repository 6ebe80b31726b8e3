//! From a frame of the server to its messages, for clients.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::decode::InvalidMessage;
use crate::error::WireError;
use crate::id::{ChannelName, ConnectionId, RequestId};

/// A message from a server, borrowed from its frame; what it carries is still text.
///
/// ```
/// use socket_protocol::envelope::ServerMessage;
///
/// let text = r#"{"cmd": "chat", "channel": "lobby", "param": {"text": "hi"}}"#;
/// match ServerMessage::decode(text)? {
///     ServerMessage::Event(event) => assert_eq!(event.cmd, "chat"),
///     other => panic!("{other:?}"),
/// }
/// # Ok::<(), socket_protocol::envelope::InvalidMessage>(())
/// ```
#[derive(Debug, Clone)]
pub enum ServerMessage<'a> {
    /// The answer to a call.
    Reply {
        /// The call's id.
        re: RequestId,
        /// The reply; `None` when absent or `null`.
        param: Option<&'a RawValue>,
    },
    /// Part of the answer to a streaming call.
    Item {
        /// The call's id.
        re: RequestId,
        /// The part.
        item: &'a RawValue,
    },
    /// The error that answers a call.
    Error {
        /// The call's id.
        re: RequestId,
        /// Why.
        error: WireError,
    },
    /// An event.
    Event(EventEnvelope<'a>),
}

/// An event as it came from a server.
#[derive(Debug, Clone)]
pub struct EventEnvelope<'a> {
    /// Its wire name.
    pub cmd: Cow<'a, str>,
    /// Where it was published.
    pub channel: Option<ChannelName>,
    /// The connection that caused it.
    pub from: Option<ConnectionId>,
    /// The parameters; `None` when absent or `null`.
    pub param: Option<&'a RawValue>,
    /// Its offset in the channel's history.
    pub at: Option<u64>,
    /// The offset before it, where that is not `at - 1`.
    pub prev: Option<u64>,
}

#[derive(serde::Deserialize)]
#[serde(expecting = "an object with the field `cmd` or `re`")]
struct Fields<'a> {
    #[serde(borrow, default)]
    cmd: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    channel: Option<Cow<'a, str>>,
    #[serde(default)]
    from: Option<ConnectionId>,
    #[serde(borrow, default)]
    param: Option<&'a RawValue>,
    #[serde(default)]
    at: Option<u64>,
    #[serde(default)]
    prev: Option<u64>,
    #[serde(default)]
    re: Option<RequestId>,
    #[serde(borrow, default)]
    item: Option<&'a RawValue>,
    #[serde(default)]
    error: Option<WireError>,
}

impl<'a> ServerMessage<'a> {
    /// Decodes one message.
    ///
    /// # Errors
    /// [`InvalidMessage`] when the message is invalid; its `id` is the call that it was to answer, if any.
    pub fn decode(text: &'a str) -> Result<Self, InvalidMessage> {
        if !text.trim_ascii_start().starts_with('{') {
            return Err(InvalidMessage::new("a message must be a JSON object"));
        }
        let fields: Fields<'a> = serde_json::from_str(text).map_err(|error| {
            #[derive(serde::Deserialize)]
            struct Re {
                re: RequestId,
            }
            InvalidMessage {
                id: serde_json::from_str::<Re>(text).ok().map(|re| re.re),
                reason: error.to_string(),
            }
        })?;
        match fields {
            Fields {
                re: Some(re),
                error: Some(error),
                ..
            } => Ok(Self::Error { re, error }),
            Fields {
                re: Some(re),
                item: Some(item),
                ..
            } => Ok(Self::Item { re, item }),
            Fields {
                re: Some(re),
                param,
                ..
            } => Ok(Self::Reply { re, param }),
            Fields { cmd: None, .. } => {
                Err(InvalidMessage::new("a message needs a `cmd` or a `re`"))
            }
            Fields {
                cmd: Some(cmd),
                channel,
                from,
                param,
                at,
                prev,
                ..
            } => Ok(Self::Event(EventEnvelope {
                cmd,
                channel: channel_of(channel.as_deref())?,
                from,
                param,
                at,
                prev,
            })),
        }
    }
}

/// A channel's name as servers write it, the protocol's own included; plain mode writes an
/// empty one instead of leaving it out.
fn channel_of(name: Option<&str>) -> Result<Option<ChannelName>, InvalidMessage> {
    match name {
        None | Some("") => Ok(None),
        Some(":user") => Ok(Some(ChannelName::user())),
        Some(":all") => Ok(Some(ChannelName::all())),
        Some(name) => ChannelName::new(name)
            .map(Some)
            .map_err(InvalidMessage::new),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_messages_are_told_apart() {
        for (text, expected) in [
            (r#"{"re":7,"param":{}}"#, "reply"),
            (r#"{"re":7}"#, "reply"),
            (r#"{"re":7,"item":1}"#, "item"),
            (
                r#"{"re":7,"error":{"code":"x","message":"y"},"more":1}"#,
                "error",
            ),
            (
                r#"{"cmd":"chat","channel":":all","at":3,"prev":1}"#,
                "event",
            ),
            (r#"{"cmd":"chat","channel":""}"#, "event"),
        ] {
            let found = match ServerMessage::decode(text).unwrap() {
                ServerMessage::Reply { .. } => "reply",
                ServerMessage::Item { .. } => "item",
                ServerMessage::Error { .. } => "error",
                ServerMessage::Event(_) => "event",
            };
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_message_keeps_the_call_that_it_was_to_answer() {
        for (text, id) in [
            (r#"{"re":7,"error":{"code":1}}"#, RequestId::new(7)),
            (r#"{"re":0}"#, None),
            (r#"{"param":{}}"#, None),
            (r#"{"cmd":"a","channel":"two words"}"#, None),
            ("[]", None),
            ("", None),
        ] {
            assert_eq!(ServerMessage::decode(text).unwrap_err().id, id, "{text}");
        }
    }
}
