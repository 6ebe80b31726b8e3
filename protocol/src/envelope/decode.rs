//! From a frame to a command, which borrows from it.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde_json::value::RawValue;

use crate::id::RequestId;

/// The most messages that one frame may hold.
pub const MAX_BATCH: usize = 256;

/// A command as it came from a client, borrowed from its frame; its parameters are still text.
///
/// ```
/// use socket_protocol::envelope::CommandEnvelope;
///
/// let text = r#"{"cmd": "chat", "channel": "lobby", "param": {"text": "hi"}, "id": 7}"#;
/// let command = CommandEnvelope::decode(text).expect("a well-formed command");
/// assert_eq!(command.cmd, "chat");
/// assert_eq!(command.channel(), Some("lobby"));
/// ```
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(expecting = "an object with the field `cmd`")]
pub struct CommandEnvelope<'a> {
    /// The command's wire name.
    #[serde(borrow)]
    pub cmd: Cow<'a, str>,
    #[serde(borrow, default)]
    channel: Option<Text<'a>>,
    /// The parameters; `None` when absent or `null`.
    #[serde(borrow, default)]
    pub param: Option<&'a RawValue>,
    /// Present: exactly one reply or error answers it.
    #[serde(default)]
    pub id: Option<RequestId>,
    /// Milliseconds after which the client no longer wants the answer.
    #[serde(default)]
    pub timeout: Option<u64>,
    #[serde(borrow, default)]
    trace: Option<Text<'a>>,
}

impl<'a> CommandEnvelope<'a> {
    /// Decodes one message.
    ///
    /// # Errors
    /// [`InvalidMessage`] when it is not a valid command. It carries the `id` where one could be read, so
    /// that the caller's wait ends.
    pub fn decode(text: &'a str) -> Result<Self, InvalidMessage> {
        // serde would take an array for a struct, field by field.
        if !text.trim_ascii_start().starts_with('{') {
            return Err(match serde_json::from_str::<de::IgnoredAny>(text) {
                Ok(_) => InvalidMessage::new("a message must be a JSON object"),
                Err(error) => InvalidMessage::new(format_args!("not JSON: {error}")),
            });
        }
        serde_json::from_str(text).map_err(|error| {
            let reason = match error.classify() {
                serde_json::error::Category::Data => error.to_string(),
                _ => format!("not JSON: {error}"),
            };
            InvalidMessage::of(text, reason)
        })
    }

    /// The channel that it names; an empty name counts as absent.
    #[must_use]
    pub fn channel(&self) -> Option<&str> {
        self.channel
            .as_ref()
            .map(|text| &*text.0)
            .filter(|name| !name.is_empty())
    }

    /// The W3C traceparent of the client's span.
    #[must_use]
    pub fn trace(&self) -> Option<&str> {
        self.trace.as_ref().map(|text| &*text.0)
    }
}

/// `Option<Cow<str>>` would always copy: serde borrows only a bare `Cow`.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// The part of an invalid message that can still be read.
#[derive(serde::Deserialize)]
struct IdOnly {
    #[serde(default, deserialize_with = "lenient_id")]
    id: Option<RequestId>,
}

fn lenient_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<RequestId>, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(value.as_u64().and_then(RequestId::new))
}

/// The content of one frame in full mode: a message, or an array of them.
#[derive(Debug)]
pub enum Batch<'a> {
    /// A single message.
    One(&'a str),
    /// The elements of an array, in order.
    Many(Vec<&'a RawValue>),
}

impl<'a> Batch<'a> {
    /// Splits the frame without decoding its messages.
    ///
    /// # Errors
    /// [`InvalidMessage`] for an array that is broken, empty or longer than [`MAX_BATCH`].
    pub fn split(frame: &'a str) -> Result<Self, InvalidMessage> {
        if !frame.trim_ascii_start().starts_with('[') {
            return Ok(Self::One(frame));
        }
        let Elements(elements) = serde_json::from_str(frame).map_err(InvalidMessage::new)?;
        Ok(Self::Many(elements))
    }
}

struct Elements<'a>(Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Elements<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bounded;

        impl<'de> Visitor<'de> for Bounded {
            type Value = Vec<&'de RawValue>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "an array of 1 to {MAX_BATCH} messages")
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut elements = Vec::new();
                while let Some(element) = seq.next_element()? {
                    if elements.len() == MAX_BATCH {
                        return Err(de::Error::invalid_length(MAX_BATCH + 1, &self));
                    }
                    elements.push(element);
                }
                if elements.is_empty() {
                    return Err(de::Error::invalid_length(0, &self));
                }
                Ok(elements)
            }
        }

        deserializer.deserialize_seq(Bounded).map(Self)
    }
}

/// A message that is not a valid command. On the wire: `invalid-message`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct InvalidMessage {
    /// The `id` of the message, where one could be read.
    pub id: Option<RequestId>,
    /// The reason.
    pub reason: String,
}

impl InvalidMessage {
    /// With the `id` that can be read of the text.
    pub(super) fn of(text: &str, reason: String) -> Self {
        // An array would be taken for the struct, field by field.
        let object = text.trim_ascii_start().starts_with('{');
        let id = object.then(|| serde_json::from_str(text).ok()).flatten();
        Self {
            id: id.and_then(|id: IdOnly| id.id),
            reason,
        }
    }

    /// A message without a readable `id`.
    pub fn new(reason: impl fmt::Display) -> Self {
        Self {
            id: None,
            reason: reason.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invalid(text: &str) -> InvalidMessage {
        CommandEnvelope::decode(text).expect_err(text)
    }

    #[test]
    fn commands_borrow_from_their_frame() {
        let text = r#" {"id":7,"param":{"a":[1]},"cmd":"chat","channel":"x","from":1,"more":{}}"#;
        let command = CommandEnvelope::decode(text).unwrap();
        assert!(matches!(command.cmd, Cow::Borrowed("chat")));
        assert!(matches!(command.channel, Some(Text(Cow::Borrowed("x")))));
        assert_eq!(command.param.unwrap().get(), r#"{"a":[1]}"#);
        assert_eq!(command.id, RequestId::new(7));
    }

    #[test]
    fn absent_null_and_empty_are_one() {
        for text in [
            r#"{"cmd":"a"}"#,
            r#"{"cmd":"a","channel":null,"param":null,"id":null,"timeout":null,"trace":null}"#,
            r#"{"cmd":"a","channel":""}"#,
        ] {
            let command = CommandEnvelope::decode(text).unwrap();
            assert_eq!((command.channel(), command.id), (None, None), "{text}");
            assert!(command.param.is_none(), "{text}");
        }
    }

    #[test]
    fn what_is_no_command_says_why_and_keeps_the_id() {
        let id = RequestId::new(3);
        for (text, expected) in [
            (r#"{"id":3}"#, id),
            (r#"{"cmd":1,"id":3}"#, id),
            (r#"{"cmd":"a","channel":1,"id":3}"#, id),
            (r#"{"cmd":"a","cmd":"b","id":3}"#, id),
            (r#"{"cmd":"a","id":"3"}"#, None),
            (r#"{"cmd":"a","id":0}"#, None),
            (r#"{"cmd":"a","id":3"#, None),
            (r#"["a"]"#, None),
            ("7", None),
            ("", None),
            ("{}", None),
            ("{} {}", None),
        ] {
            let error = invalid(text);
            assert_eq!(error.id, expected, "{text}");
            assert!(!error.reason.is_empty());
        }
        assert_eq!(invalid("[]").reason, "a message must be a JSON object");
        assert!(invalid("nope").reason.starts_with("not JSON"));
    }

    #[test]
    fn batches_are_bounded() {
        let of = |n: usize| format!("[{}]", vec!["{}"; n].join(","));
        assert!(matches!(Batch::split("{}"), Ok(Batch::One("{}"))));
        assert!(matches!(Batch::split(&of(256)), Ok(Batch::Many(all)) if all.len() == 256));
        for bad in [of(257), of(0), "[{}".to_owned(), "[{}] x".to_owned()] {
            assert!(Batch::split(&bad).is_err(), "{bad}");
        }
    }
}
