//! From events, replies, errors and commands to the text of a frame.

use std::cell::Cell;
use std::fmt;
use std::io::Write as _;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use serde_json::value::{RawValue, to_raw_value};

use super::exact::{Exact, Trace};
use crate::error::WireError;
use crate::id::{ConnectionId, RequestId};
use crate::system::Position;

/// Why a message could not be encoded: a value that JSON cannot hold, or JavaScript not exactly.
///
/// That is NaN, an infinity, a number that is an integer beyond ±(2^53 - 1), or what a `Serialize` of
/// the program's own refuses. Nothing is sent then.
#[derive(Debug, thiserror::Error)]
#[error("{path} cannot be written as JSON: {source}")]
pub struct EncodeError {
    path: String,
    source: serde_json::Error,
}

impl EncodeError {
    /// Where the value stands in the message: `param.readings[3]`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

/// A value as JSON that every receiver reads as it was written.
fn write(bytes: &mut Vec<u8>, value: &impl Serialize) -> Result<(), EncodeError> {
    let trace = Trace::default();
    serde_json::to_writer(bytes, &Exact::new(value, &trace)).map_err(|source| EncodeError {
        path: trace.path(),
        source,
    })
}

/// The same as a JSON text, for a message to hold.
pub(crate) fn raw_value(value: &impl Serialize) -> Result<Box<RawValue>, EncodeError> {
    let trace = Trace::default();
    to_raw_value(&Exact::new(value, &trace)).map_err(|source| EncodeError {
        path: trace.path(),
        source,
    })
}

/// One encoded message, with room in front for a transport's frame header, so that framing it
/// copies nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct MessageBuf(Vec<u8>);

/// How much room a thread keeps to encode in, in bytes.
const MAX_SCRATCH: usize = 64 * 1024;

thread_local! {
    /// What messages are encoded in. Taken out meanwhile, so that a value may encode another one
    /// while it is written.
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

impl MessageBuf {
    /// The room in front of the text, in bytes: the longest header of an unmasked frame.
    pub const HEADROOM: usize = 10;

    /// Encodes a value as a whole message.
    ///
    /// # Errors
    /// [`EncodeError`] when it cannot be written as JSON, or a number in it not exactly.
    pub fn encode(message: &impl Serialize) -> Result<Self, EncodeError> {
        // Written where there is room already, and copied once its length is known: a message
        // that waits to be sent holds no more memory than it needs.
        let mut scratch = SCRATCH.take();
        scratch.clear();
        scratch.resize(Self::HEADROOM, 0);
        let written = write(&mut scratch, message);
        let bytes = scratch.as_slice().to_vec();
        if scratch.capacity() <= MAX_SCRATCH {
            SCRATCH.set(scratch);
        }
        written?;
        Ok(Self(bytes))
    }

    /// The message's JSON.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.0[Self::HEADROOM..]
    }

    /// The headroom and the text behind it.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

impl fmt::Debug for MessageBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MessageBuf({})", String::from_utf8_lossy(self.text()))
    }
}

/// What an event says besides its name and parameters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EventHead<'a> {
    /// Where it was published; plain mode writes the empty name where there is none.
    pub channel: Option<&'a str>,
    /// The connection that caused it.
    pub from: Option<ConnectionId>,
}

/// An encoded event whose end is still to come: only the broker knows its place in the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenMessage(MessageBuf);

impl OpenMessage {
    /// Encodes an event but for its end.
    ///
    /// # Errors
    /// [`EncodeError`] when the parameters cannot be written as JSON.
    pub fn event(
        name: &str,
        head: EventHead<'_>,
        param: &impl Serialize,
    ) -> Result<Self, EncodeError> {
        let mut message = MessageBuf::encode(&Event { name, head, param })?;
        message.0.pop();
        Ok(Self(message))
    }

    /// The whole message of an event that no history keeps.
    #[must_use]
    pub fn close(self) -> MessageBuf {
        let Self(mut message) = self;
        message.0.push(b'}');
        message
    }

    /// The whole message of an event that history keeps at `at`, behind the one at `prev`.
    #[must_use]
    pub fn close_at(self, at: u64, prev: u64) -> MessageBuf {
        let Self(mut message) = self;
        // Writing to a vector cannot fail.
        let _ = write!(message.0, ",\"at\":{at}");
        if prev.checked_add(1) != Some(at) {
            let _ = write!(message.0, ",\"prev\":{prev}");
        }
        message.0.push(b'}');
        message
    }

    /// What there is of the message, for a broker that carries it elsewhere; [`Self::from_text`] is
    /// the way back.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        self.0.text()
    }

    /// The message of which [`Self::text`] was carried here.
    #[must_use]
    pub fn from_text(text: &[u8]) -> Self {
        let mut bytes = Vec::with_capacity(MessageBuf::HEADROOM + text.len() + Self::MAX_END);
        bytes.resize(MessageBuf::HEADROOM, 0);
        bytes.extend_from_slice(text);
        Self(MessageBuf(bytes))
    }

    /// The most bytes that [`Self::close`] and [`Self::close_at`] add.
    pub const MAX_END: usize = r#","at":18446744073709551615,"prev":18446744073709551615}"#.len();
}

struct Event<'a, P> {
    name: &'a str,
    head: EventHead<'a>,
    param: &'a P,
}

impl<P: Serialize> Serialize for Event<'_, P> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("cmd", self.name)?;
        if let Some(channel) = self.head.channel {
            map.serialize_entry("channel", channel)?;
        }
        if let Some(from) = &self.head.from {
            map.serialize_entry("from", from)?;
        }
        map.serialize_entry("param", self.param)?;
        map.end()
    }
}

/// A reply, as it is written.
#[derive(serde::Serialize)]
struct Reply<'a, P> {
    re: RequestId,
    param: &'a P,
}

/// Encodes the reply to a call.
///
/// # Errors
/// [`EncodeError`] when it cannot be written as JSON.
pub fn encode_reply(re: RequestId, param: &impl Serialize) -> Result<MessageBuf, EncodeError> {
    MessageBuf::encode(&Reply { re, param })
}

/// Encodes part of the answer to a streaming call.
///
/// # Errors
/// [`EncodeError`] when it cannot be written as JSON.
pub fn encode_item(re: RequestId, item: &impl Serialize) -> Result<MessageBuf, EncodeError> {
    #[derive(serde::Serialize)]
    struct Item<'a, T> {
        re: RequestId,
        item: &'a T,
    }
    MessageBuf::encode(&Item { re, item })
}

/// Encodes the error that answers a call.
///
/// # Errors
/// [`EncodeError`] when it cannot be written as JSON.
pub fn encode_error(re: RequestId, error: &WireError) -> Result<MessageBuf, EncodeError> {
    #[derive(serde::Serialize)]
    struct Failure<'a> {
        re: RequestId,
        error: &'a WireError,
    }
    MessageBuf::encode(&Failure { re, error })
}

/// Encodes the reply to `:history`: [`History`](crate::system::History) out of events that are
/// encoded already.
///
/// # Errors
/// [`EncodeError`] when it cannot be written as JSON.
pub fn encode_history<'a>(
    re: RequestId,
    position: &Position,
    events: impl Iterator<Item = &'a [u8]>,
) -> Result<MessageBuf, EncodeError> {
    let mut message = MessageBuf::encode(&Reply {
        re,
        param: position,
    })?;
    // Behind the position, inside of `param`.
    message.0.truncate(message.0.len() - 2);
    message.0.extend_from_slice(br#","events":["#);
    for (place, event) in events.enumerate() {
        if place > 0 {
            message.0.push(b',');
        }
        message.0.extend_from_slice(event);
    }
    message.0.extend_from_slice(b"]}}");
    Ok(message)
}

/// Encodes a command's message, for clients.
///
/// # Errors
/// [`EncodeError`] when the parameters cannot be written as JSON.
pub fn encode_command(
    cmd: &str,
    id: Option<RequestId>,
    channel: Option<&str>,
    param: &impl Serialize,
) -> Result<MessageBuf, EncodeError> {
    #[derive(serde::Serialize)]
    struct Command<'a, P> {
        cmd: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        channel: Option<&'a str>,
        param: &'a P,
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<RequestId>,
    }
    MessageBuf::encode(&Command {
        cmd,
        channel,
        param,
        id,
    })
}

/// The parameters of a message that has none: `{}`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Empty;

impl Serialize for Empty {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_map(Some(0))?.end()
    }
}

impl<'de> Deserialize<'de> for Empty {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Anything;

        impl<'de> Visitor<'de> for Anything {
            type Value = Empty;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Empty, A::Error> {
                while map
                    .next_entry::<de::IgnoredAny, de::IgnoredAny>()?
                    .is_some()
                {}
                Ok(Empty)
            }
        }

        deserializer.deserialize_map(Anything)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn histories_hold_whole_events() {
        let position = Position {
            epoch: "a\"b".to_owned(),
            at: 7,
        };
        let re = RequestId::new(3).unwrap();
        for (events, expected) in [
            (&[][..], "[]"),
            (
                &[r#"{"cmd":"a"}"#, r#"{"cmd":"b"}"#],
                r#"[{"cmd":"a"},{"cmd":"b"}]"#,
            ),
        ] {
            let events = events.iter().map(|event| event.as_bytes());
            let message = encode_history(re, &position, events).unwrap();
            let expected =
                format!(r#"{{"re":3,"param":{{"epoch":"a\"b","at":7,"events":{expected}}}}}"#);
            assert_eq!(String::from_utf8_lossy(message.text()), expected);
        }
    }

    #[test]
    fn numbers_that_are_not_exact_are_refused() {
        use std::collections::{BTreeMap, HashMap};

        #[derive(serde::Serialize)]
        #[serde(rename_all = "lowercase")]
        enum Reading {
            Of(f32),
            At {
                time: i64,
            },
            #[allow(dead_code, reason = "the other variant is what is tried")]
            Both(u64, u64),
        }
        #[derive(serde::Serialize)]
        struct Readings<T> {
            list: Vec<T>,
        }
        let said = |param: &dyn Fn() -> Result<MessageBuf, EncodeError>| match param() {
            Ok(message) => String::from_utf8_lossy(message.text()).into_owned(),
            Err(error) => error.to_string(),
        };
        let reply = RequestId::new(2).unwrap();
        let safe = (1_i64 << 53) - 1;
        for (expected, param) in [
            (
                "param cannot be written as JSON: JSON has no number NaN",
                &(|| encode_reply(reply, &f64::NAN)) as &dyn Fn() -> _,
            ),
            (
                "param.list[1].of cannot be written as JSON: JSON has no number inf",
                &|| {
                    let list = vec![Reading::At { time: 1 }, Reading::Of(f32::INFINITY)];
                    encode_reply(reply, &Readings { list })
                },
            ),
            (
                "param.list[0].a cannot be written as JSON: JSON has no number -inf",
                &|| {
                    let list = vec![BTreeMap::from([("a", Some(f64::NEG_INFINITY))])];
                    encode_reply(reply, &Readings { list })
                },
            ),
            (
                "param.at.time cannot be written as JSON: 9007199254740992 is beyond 2^53 - 1, \
                 where JavaScript rounds; `#[socket(int = \"bigint\")]` or `\"string\"` carries it \
                 exactly",
                &|| encode_reply(reply, &Reading::At { time: safe + 1 }),
            ),
            (
                r#"{"re":2,"param":{"list":[9007199254740991,-9007199254740991]}}"#,
                &|| {
                    let list = vec![safe, -safe];
                    encode_reply(reply, &Readings { list })
                },
            ),
            (r#"{"re":2,"param":{"18446744073709551615":null}}"#, &|| {
                encode_reply(reply, &HashMap::from([(u64::MAX, ())]))
            }),
            (r#"{"re":2,"param":{"list":[{"of":0.5}]}}"#, &|| {
                let list = vec![Reading::Of(0.5)];
                encode_reply(reply, &Readings { list })
            }),
        ] {
            assert_eq!(said(param), expected);
        }
        let both = encode_reply(reply, &Reading::Both(1, u64::MAX));
        assert_eq!(both.unwrap_err().path(), "param.both[1]");
        let data = raw_value(&i128::MIN).unwrap_err();
        assert!(data.to_string().contains("beyond 2^53"), "{data}");
        let raw = serde_json::value::to_raw_value(&u64::MAX).unwrap();
        assert_eq!(
            encode_reply(reply, &raw).unwrap().text(),
            br#"{"re":2,"param":18446744073709551615}"#
        );
    }

    #[test]
    fn events_end_where_the_broker_says() {
        let head = EventHead {
            channel: Some("lobby"),
            from: None,
        };
        let event = OpenMessage::event("pong", head, &Empty).unwrap().close();
        assert_eq!(
            event.text(),
            br#"{"cmd":"pong","channel":"lobby","param":{}}"#
        );
        for (at, prev, expected) in [
            (1, 0, r#","at":1}"#),
            (9, 7, r#","at":9,"prev":7}"#),
            (
                u64::MAX,
                u64::MAX,
                r#","at":18446744073709551615,"prev":18446744073709551615}"#,
            ),
        ] {
            let open = OpenMessage::event("pong", EventHead::default(), &Empty).unwrap();
            let carried = OpenMessage::from_text(open.text());
            assert_eq!(open, carried);
            let expected = format!(r#"{{"cmd":"pong","param":{{}}{expected}"#);
            assert!(expected.len() - open.text().len() <= OpenMessage::MAX_END);
            assert_eq!(carried.close_at(at, prev).text(), expected.as_bytes());
        }
    }
}
