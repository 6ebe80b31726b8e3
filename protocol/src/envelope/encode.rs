//! From replies, errors and commands to the text of a frame.

use serde::ser::Serialize;

use super::buf::MessageBuf;
use crate::error::WireError;
use crate::id::RequestId;
use crate::json::{EncodeError, Write};
use crate::system::Position;

/// An answer to a call: its id, and one more key with a value.
fn answer(re: RequestId, key: &str, value: Write<'_>) -> Result<MessageBuf, EncodeError> {
    MessageBuf::written(&|to| {
        to.json(r#"{"re":"#);
        to.plain(&re)?;
        to.json(key);
        value(to)?;
        to.json("}");
        Ok(())
    })
}

/// Encodes the reply to a call.
///
/// # Errors
/// [`EncodeError`] when it cannot be written as JSON.
pub fn encode_reply(re: RequestId, param: &impl Serialize) -> Result<MessageBuf, EncodeError> {
    encode_any_reply(re, &|to| param.serialize(to))
}

/// The same without the type of the reply.
pub(crate) fn encode_any_reply(re: RequestId, param: Write<'_>) -> Result<MessageBuf, EncodeError> {
    answer(re, r#","param":"#, param)
}

/// Encodes part of the answer to a streaming call.
///
/// # Errors
/// [`EncodeError`] when it cannot be written as JSON.
pub fn encode_item(re: RequestId, item: &impl Serialize) -> Result<MessageBuf, EncodeError> {
    answer(re, r#","item":"#, &|to| item.serialize(to))
}

/// Encodes the error that answers a call.
///
/// # Errors
/// [`EncodeError`] when it cannot be written as JSON.
pub fn encode_error(re: RequestId, error: &WireError) -> Result<MessageBuf, EncodeError> {
    answer(re, r#","error":"#, &|to| error.serialize(to))
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
    let mut message = encode_reply(re, position)?;
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
    command(cmd, id, channel, &|to| param.serialize(to))
}

fn command(
    cmd: &str,
    id: Option<RequestId>,
    channel: Option<&str>,
    param: Write<'_>,
) -> Result<MessageBuf, EncodeError> {
    MessageBuf::written(&|to| {
        to.json(r#"{"cmd":"#);
        to.plain(cmd)?;
        if let Some(channel) = channel {
            to.json(r#","channel":"#);
            to.plain(channel)?;
        }
        to.json(r#","param":"#);
        param(to)?;
        if let Some(id) = id {
            to.json(r#","id":"#);
            to.plain(&id)?;
        }
        to.json("}");
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::{Empty, EventHead, OpenMessage};
    use crate::json::raw_value;

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
