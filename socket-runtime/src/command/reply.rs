//! The answer to a call: its reply or error, or `:error` if it has no id.

use serde_json::value::RawValue;
use serde_json::{Map, Value};
use socket_protocol::envelope::{
    Empty, EventHead, MessageBuf, OpenMessage, encode_error, encode_reply,
};
use socket_protocol::system::name;
use socket_protocol::{ErrorCode, RequestId, WireError};

use crate::error::{Limit, internal};
use crate::stats::Mode;

/// The reply `{}`, if the client wants one.
pub(crate) fn empty(id: Option<RequestId>) -> Result<Option<MessageBuf>, WireError> {
    id.map(|id| encode_reply(id, &Empty))
        .transpose()
        .map_err(|error| internal(&error))
}

/// The message that answers a call, if the client wants one.
pub(crate) fn answer(
    mode: Mode,
    limit: usize,
    id: Option<RequestId>,
    cmd: &str,
    answer: Result<Option<MessageBuf>, WireError>,
) -> Option<MessageBuf> {
    match answer {
        Ok(None) => None,
        Ok(Some(reply)) if reply.text().len() <= limit => Some(reply),
        Ok(Some(reply)) => {
            let bytes = reply.text().len();
            tracing::error!(cmd, bytes, limit, "the reply is too large");
            let refused = WireError::new(ErrorCode::TooLarge, "the reply is too large");
            error(mode, id, cmd, refused.with_data(&Limit { limit }))
        }
        Err(wire) => error(mode, id, cmd, wire),
    }
}

/// The message of an error: the call's answer, or the event `:error`.
pub(crate) fn error(
    mode: Mode,
    id: Option<RequestId>,
    cmd: &str,
    mut error: WireError,
) -> Option<MessageBuf> {
    if error.code == ErrorCode::Internal.as_str() && error.data.is_none() {
        error = internal(&error);
    }
    let message = match id {
        Some(id) => encode_error(id, &error),
        None => {
            let head = EventHead {
                channel: mode.no_channel(),
                from: None,
            };
            name_command(&mut error, cmd);
            OpenMessage::event(name::ERROR, head, &error).map(OpenMessage::close)
        }
    };
    match message {
        Ok(message) => Some(message),
        Err(failure) => {
            tracing::error!(%failure, %error, "the error could not be encoded");
            None
        }
    }
}

/// Names the command in an error that answers no call.
fn name_command(error: &mut WireError, cmd: &str) {
    if cmd.is_empty() {
        return;
    }
    let data = error.data.as_deref().map(RawValue::get);
    let mut fields = match data.map(serde_json::from_str) {
        None => Map::new(),
        Some(Ok(Value::Object(fields))) => fields,
        // Data of another shape is typed by the definition, and stays as it is.
        Some(_) => return,
    };
    fields.insert("cmd".to_owned(), cmd.into());
    error.data = serde_json::value::to_raw_value(&fields).ok();
}
