//! What goes wrong on the client's side, and what the caller does next.

use std::fmt;

use socket_protocol::definition::Command;
use socket_protocol::envelope::EncodeError;
use socket_protocol::{
    ErrorCode, IntPolicy, InvalidChannelName, InvalidParam, NoError, Protocol, WireError,
};

/// Why a call brought no reply. `E` is the command's own set of errors.
#[derive(Debug)]
#[non_exhaustive]
pub enum CallError<E = NoError> {
    /// One of the errors that the command declares.
    Refused {
        /// Which.
        error: E,
        /// The server's phrase, for people.
        message: String,
    },
    /// Any other error of the server: its code says which. One that the command declares comes here
    /// too where its data does not fit, because the server speaks another version.
    Server(Box<WireError>),
    /// No answer in time, or none that the server gave in time. It may have run.
    Timeout,
    /// The connection ended first, or the client was closed.
    Disconnected {
        /// Whether the command went out, and so may have run. If not, calling again is harmless.
        sent: bool,
    },
    /// Too much waits to be sent already. Slow down, or raise
    /// [`Options::queue_messages`](super::Options::queue_messages) and `queue_bytes`.
    QueueFull,
    /// The command is larger than the server takes.
    TooLarge {
        /// The server's limit in bytes.
        limit: usize,
    },
    /// More items of a stream came than were read. Read faster, or raise
    /// [`Options::item_queue`](super::Options::item_queue).
    Unread {
        /// How many may wait.
        limit: usize,
    },
    /// The channel's name is none. Mend the name.
    Channel(InvalidChannelName),
    /// A parameter cannot be written as JSON.
    Encode(EncodeError),
    /// The reply does not fit its type: the server speaks another version. The command ran.
    Reply(InvalidParam),
}

impl<E> CallError<E> {
    /// The stable code: the server's, or the one that clients give it.
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
    /// Gives an error of the server its type, where the command declares it.
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
            Self::Timeout => f.write_str("no answer in time"),
            Self::Disconnected { sent: true } => {
                f.write_str("the connection broke before the answer came")
            }
            Self::Disconnected { sent: false } => f.write_str("there is no connection any more"),
            Self::QueueFull => f.write_str("too much waits to be sent already"),
            Self::TooLarge { limit } => {
                write!(f, "larger than the {limit} bytes that the server takes")
            }
            Self::Unread { limit } => write!(f, "more than {limit} items came that nobody read"),
            Self::Channel(error) => error.fmt(f),
            Self::Encode(error) => error.fmt(f),
            Self::Reply(error) => write!(f, "the reply is not what was declared: {error}"),
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

/// What became of a command that waits for no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// The connection is open, and it is on its way.
    Now,
    /// It waits: for the connection, or behind others that do.
    Queued,
    /// It is gone: it was [`volatile`](super::SendOptions::volatile), and would have had to wait.
    Dropped,
}

/// Why a command was not taken. It will not be sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The client was closed. Make a new one.
    #[error("there is no connection any more")]
    Disconnected,
    /// Too much waits already. Slow down.
    #[error("too much waits to be sent already")]
    QueueFull,
    /// Larger than the server takes.
    #[error("larger than the {limit} bytes that the server takes")]
    TooLarge {
        /// The server's limit in bytes.
        limit: usize,
    },
    /// The channel's name is none. Mend the name.
    #[error(transparent)]
    Channel(#[from] InvalidChannelName),
    /// A parameter cannot be written as JSON.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

/// Why a channel was not joined.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// The server refused; the code says why. The client does not ask again by itself.
    #[error(transparent)]
    Refused(Box<WireError>),
    /// It was left before the answer came.
    #[error("left before it was joined")]
    Left,
    /// The client was closed.
    #[error("there is no connection any more")]
    Disconnected,
    /// The channel's name is none. Mend the name.
    #[error(transparent)]
    Channel(#[from] InvalidChannelName),
}

/// Why a client could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The address is none of `ws://…`, `wss://…`. Mend it.
    #[error("not the address of a WebSocket: {0}")]
    Url(String),
    /// The address begins with `wss://`, and the feature `tls` is off. Turn it on.
    #[error(
        "wss:// needs TLS, which this program was built without: give socket-runtime the features [\"client\", \"tls\"]"
    )]
    NoTls,
    /// The manifest is not one. Make it again with `socket-codegen generate`.
    #[error("not a manifest: {0}")]
    Manifest(#[source] serde_json::Error),
    /// The manifest is another protocol's.
    #[error("the manifest is of the protocol {found:?}, the client speaks {expected:?}")]
    OtherProtocol {
        /// The name in the manifest.
        found: String,
        /// The client's own.
        expected: &'static str,
    },
    /// The channel's name is none. Mend the name.
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
