//! The errors that callers of the service meet, and how they cross the wire where a handler passes
//! them on.

use socket_protocol::envelope::EncodeError;
use socket_protocol::{
    ChannelName, ConnectionId, ErrorCode, InvalidChannelName, Reject, WireError,
};
use uuid::Uuid;

use crate::broker::BrokerError;

/// Why a connection could not enter or leave a channel.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChannelError {
    /// The text is no channel's name. Mend the name.
    #[error(transparent)]
    Invalid(#[from] InvalidChannelName),
    /// No channel of the protocol has such a name. Declare it in the enum of channels.
    #[error("the protocol declares no channel {0}")]
    Unknown(ChannelName),
    /// There is no such connection, or not any more. Nothing is left to do for it.
    #[error("there is no connection {0}")]
    NoConnection(ConnectionId),
    /// The connection is in as many channels as it may be in. Take it out of one, or raise
    /// [`Config::channels`](crate::Config::channels).
    #[error("the connection is in {limit} channels already")]
    TooMany {
        /// The limit.
        limit: usize,
    },
    /// The broker is out of reach. Try again later.
    #[error(transparent)]
    Unavailable(#[from] BrokerError),
}

/// Why an event was not sent. Nobody got it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// There is no such channel.
    #[error(transparent)]
    Channel(#[from] ChannelError),
    /// The command that is being handled concerns no channel. Name one with
    /// [`Service::to_channel`](crate::Service::to_channel).
    #[error("the command was sent to no channel")]
    NoChannel,
    /// The channel's definition does not list the event. Add it to `events(…)` there.
    #[error("the channel {channel} does not carry the event {event}")]
    NotCarried {
        /// The channel.
        channel: ChannelName,
        /// The event's wire name.
        event: &'static str,
    },
    /// The channel keeps the event for those who come back, so that nobody can be left out. Send it
    /// to everyone and let the client look at `from`, or declare the event `latest` or `volatile`.
    #[error("{channel} keeps history, from which no connection can be left out")]
    ExceptInHistory {
        /// The channel.
        channel: ChannelName,
    },
    /// The event is larger than [`Config::outbound_bytes`](crate::Config::outbound_bytes).
    #[error("the event has {bytes} bytes, the limit is {limit}")]
    TooLarge {
        /// Its size as a message, in bytes.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// A parameter cannot be written as JSON.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// There is no such connection, or not any more.
    #[error("there is no connection {0}")]
    NoConnection(ConnectionId),
    /// The broker is out of reach. Try again later.
    #[error(transparent)]
    Unavailable(#[from] BrokerError),
}

/// Why a service could not be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The manifest is not one. Make it again with `socket-codegen generate`.
    #[error("not a manifest: {0}")]
    Manifest(#[source] serde_json::Error),
    /// The manifest is another protocol's.
    #[error("the manifest is of the protocol {found:?}, the service speaks {expected:?}")]
    OtherProtocol {
        /// The name in the manifest.
        found: String,
        /// The service's own.
        expected: &'static str,
    },
    /// The text is no `PROTOCOL.versions.json`. Make it again with `socket-codegen generate`.
    #[error("not a file of versions: {0}")]
    Versions(#[source] serde_json::Error),
    /// The file of versions is of a newer format. Update this crate.
    #[error("the file of versions has format {found}, this crate knows up to {known}")]
    NewerVersions {
        /// The file's format.
        found: u32,
        /// The newest that is known.
        known: u32,
    },
    /// The manifest and the file of versions are not of one version. Make both again with
    /// `socket-codegen generate`.
    #[error("the manifest and the file of versions differ: {one} and {other}")]
    OtherVersion {
        /// The fingerprint that came first.
        one: String,
        /// The other one.
        other: String,
    },
}

/// `internal`, with an incident that the log has too and nothing of the inside.
pub(crate) fn internal(cause: &dyn std::fmt::Display) -> WireError {
    let incident = Uuid::new_v4();
    tracing::error!(%incident, "{cause}");
    WireError::new(ErrorCode::Internal, "the server could not do it")
        .with_data(&serde_json::json!({ "incident": incident }))
}

impl From<ChannelError> for WireError {
    fn from(error: ChannelError) -> Self {
        match &error {
            ChannelError::Invalid(_) => Self::new(ErrorCode::InvalidChannel, error.to_string()),
            ChannelError::Unknown(_) => Self::new(ErrorCode::UnknownChannel, error.to_string()),
            ChannelError::TooMany { limit } => {
                Self::new(ErrorCode::TooMany, error.to_string()).with_data(&Limit { limit: *limit })
            }
            ChannelError::Unavailable(_) => Self::new(ErrorCode::Unavailable, error.to_string()),
            ChannelError::NoConnection(_) => internal(&error),
        }
    }
}

impl From<SendError> for WireError {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Channel(error) => error.into(),
            SendError::NoChannel => Self::new(ErrorCode::InvalidChannel, "this needs a channel"),
            SendError::Unavailable(_) => Self::new(ErrorCode::Unavailable, error.to_string()),
            SendError::TooLarge { limit, .. } => {
                Self::new(ErrorCode::TooLarge, error.to_string()).with_data(&Limit { limit })
            }
            SendError::NotCarried { .. }
            | SendError::ExceptInHistory { .. }
            | SendError::Encode(_)
            | SendError::NoConnection(_) => internal(&error),
        }
    }
}

/// The data of `too-large` and `too-many`.
#[derive(serde::Serialize)]
pub(crate) struct Limit {
    pub(crate) limit: usize,
}

impl<E> From<ChannelError> for Reject<E> {
    fn from(error: ChannelError) -> Self {
        Self::built_in(error.into())
    }
}

impl<E> From<SendError> for Reject<E> {
    fn from(error: SendError) -> Self {
        Self::built_in(error.into())
    }
}
