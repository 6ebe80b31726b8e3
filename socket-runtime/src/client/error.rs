//! The client's errors, and what the caller can do about each.

use std::fmt;

use socket_protocol::definition::Command;
use socket_protocol::envelope::EncodeError;
use socket_protocol::{
    ErrorCode, IntPolicy, InvalidChannelName, InvalidParam, NoError, Protocol, WireError,
};

/// A call failed. `E` is the command's own error type.
#[derive(Debug)]
#[non_exhaustive]
pub enum CallError<E = NoError> {
    /// One of the errors that the command declares.
    Refused {
        /// The declared error.
        error: E,
        /// The server's message, for people.
        message: String,
    },
    /// Any other error from the server; its code says which. A declared error whose data does not
    /// fit also arrives here, because the server speaks another version.
    Server(Box<WireError>),
    /// The answer did not arrive in time, or the server's own time limit passed. The command may
    /// have run.
    Timeout,
    /// The connection was lost before the answer arrived, or the client was closed.
    Disconnected {
        /// True if the command was sent, and so may have run. If false, calling again is safe.
        sent: bool,
    },
    /// The send queue is full. Send more slowly, or raise
    /// [`Options::queue_messages`](super::Options::queue_messages) and `queue_bytes`.
    QueueFull,
    /// The command is larger than the server accepts.
    TooLarge {
        /// The server's limit in bytes.
        limit: usize,
    },
    /// Too many items of a stream are unread. Read faster, or raise
    /// [`Options::item_queue`](super::Options::item_queue).
    Unread {
        /// The limit of unread items.
        limit: usize,
    },
    /// The channel name is invalid. Check it against the naming rules (P 3.2).
    Channel(InvalidChannelName),
    /// A parameter cannot be encoded as JSON.
    Encode(EncodeError),
    /// The reply does not fit its type, because the server speaks another version. The command ran.
    Reply(InvalidParam),
}

impl<E> CallError<E> {
    /// The stable error code: the server's, or the one that clients use for this error.
    pub fn code(&self) -> Option<&str> {
        Some(match self {
            Self::Server(error) => &error.code,
            Self::Timeout => ErrorCode::Timeout.as_str(),
            Self::Disconnected { .. } => ErrorCode::Disconnected.as_str(),
            Self::QueueFull => ErrorCode::QueueFull.as_str(),
            Self::TooLarge { .. } => ErrorCode::TooLarge.as_str(),
            Self::Channel(_) => ErrorCode::InvalidChannel.as_str(),
            Self::Refused { .. } | Self::Unread { .. } | Self::Encode(_) | Self::Reply(_) => {
                return None;
            }
        })
    }
}

impl From<SendError> for CallError {
    fn from(error: SendError) -> Self {
        match error {
            SendError::QueueFull => Self::QueueFull,
            SendError::TooLarge { limit } => Self::TooLarge { limit },
            SendError::Channel(error) => Self::Channel(error),
            SendError::Encode(error) => Self::Encode(error),
            SendError::Disconnected => Self::Disconnected { sent: false },
        }
    }
}

impl CallError {
    /// Turns a server error into the command's own error type, if the command declares it.
    pub(super) fn declared<P: Protocol, C: Command<P::Commands>>(self) -> CallError<C::Error> {
        let error = match self {
            Self::Server(error) => *error,
            Self::Refused { error, .. } => match error {},
            Self::Timeout => return CallError::Timeout,
            Self::Disconnected { sent } => return CallError::Disconnected { sent },
            Self::QueueFull => return CallError::QueueFull,
            Self::TooLarge { limit } => return CallError::TooLarge { limit },
            Self::Unread { limit } => return CallError::Unread { limit },
            Self::Channel(error) => return CallError::Channel(error),
            Self::Encode(error) => return CallError::Encode(error),
            Self::Reply(error) => return CallError::Reply(error),
        };
        if error.code == ErrorCode::Timeout.as_str() {
            return CallError::Timeout;
        }
        let message = error.message.clone();
        match IntPolicy::of::<P>().within(|| C::decode_error(error)) {
            Ok(error) => CallError::Refused { error, message },
            Err(error) => CallError::Server(Box::new(error)),
        }
    }
}

impl<E> fmt::Display for CallError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { message, .. } => f.write_str(message),
            Self::Server(error) => error.fmt(f),
            Self::Timeout => f.write_str("the call timed out"),
            Self::Disconnected { sent: true } => {
                f.write_str("the connection was lost before the answer arrived")
            }
            Self::Disconnected { sent: false } => {
                f.write_str("the connection was lost before the command was sent")
            }
            Self::QueueFull => f.write_str("the send queue is full"),
            Self::TooLarge { limit } => {
                write!(f, "the message exceeds the server's limit of {limit} bytes")
            }
            Self::Unread { limit } => write!(f, "more than {limit} items are unread"),
            Self::Channel(error) => error.fmt(f),
            Self::Encode(error) => error.fmt(f),
            Self::Reply(error) => write!(f, "the reply does not fit its declared type: {error}"),
        }
    }
}

impl<E: fmt::Debug> std::error::Error for CallError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Server(error) => Some(error),
            Self::Channel(error) => Some(error),
            Self::Encode(error) => Some(error),
            Self::Reply(error) => Some(error),
            Self::Refused { .. }
            | Self::Timeout
            | Self::Disconnected { .. }
            | Self::QueueFull
            | Self::TooLarge { .. }
            | Self::Unread { .. } => None,
        }
    }
}

/// The result of sending a command that expects no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// The connection is open and the command is on its way.
    Now,
    /// The command is queued until the connection opens, or behind others.
    Queued,
    /// The command was [`volatile`](super::SendOptions::volatile), would have had to wait, and was
    /// dropped.
    Dropped,
}

/// A command was rejected and will not be sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The client is closed. Create a new one.
    #[error("the client is closed")]
    Disconnected,
    /// The send queue is full. Send more slowly.
    #[error("the send queue is full")]
    QueueFull,
    /// The message is larger than the server accepts.
    #[error("the message exceeds the server's limit of {limit} bytes")]
    TooLarge {
        /// The server's limit in bytes.
        limit: usize,
    },
    /// The channel name is invalid. Check it against the naming rules (P 3.2).
    #[error(transparent)]
    Channel(#[from] InvalidChannelName),
    /// A parameter cannot be encoded as JSON.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

/// Joining a channel failed.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// The server refused; the code says why. The client does not ask again on its own.
    #[error(transparent)]
    Refused(Box<WireError>),
    /// The program left the channel before the answer arrived.
    #[error("the channel was left before the join was answered")]
    Left,
    /// The client is closed.
    #[error("the client is closed")]
    Disconnected,
    /// The channel name is invalid. Check it against the naming rules (P 3.2).
    #[error(transparent)]
    Channel(#[from] InvalidChannelName),
}

/// The client could not be created.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The address does not start with `ws://` or `wss://`. Correct it.
    #[error("not a WebSocket address: {0}")]
    Url(String),
    /// The address starts with `wss://`, but the feature `tls` is off. Turn it on.
    #[error(
        "wss:// needs TLS, which this program was built without: enable the features [\"client\", \"tls\"] of socket-runtime"
    )]
    NoTls,
    /// The manifest is invalid. Generate it again with `socket-codegen generate`.
    #[error("invalid manifest: {0}")]
    Manifest(#[source] serde_json::Error),
    /// The manifest describes another protocol.
    #[error("the manifest describes protocol {found:?}, but this client speaks {expected:?}")]
    OtherProtocol {
        /// The protocol name in the manifest.
        found: String,
        /// The client's protocol.
        expected: &'static str,
    },
    /// The channel name is invalid. Check it against the naming rules (P 3.2).
    #[error(transparent)]
    Channel(#[from] InvalidChannelName),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_small() {
        assert!(size_of::<CallError>() <= 56, "{}", size_of::<CallError>());
        assert!(size_of::<JoinError>() <= 32, "{}", size_of::<JoinError>());
        assert!(size_of::<SendError>() <= 32, "{}", size_of::<SendError>());
    }
}
