//! The errors that callers of the service meet, and how they cross the wire if a handler passes
//! them on.

use socket_protocol::envelope::EncodeError;
use socket_protocol::{
    ChannelName, ConnectionId, ErrorCode, InvalidChannelName, Reject, WireError,
};
use uuid::Uuid;

use crate::broker::BrokerError;
use crate::config::OutOfRange;
use crate::shown::shown_cause;

/// A connection could not enter or leave a channel.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChannelError {
    /// The channel name is invalid. Check it against the naming rules (P 3.2).
    #[error(transparent)]
    Invalid(#[from] InvalidChannelName),
    /// The protocol has no channel of that name. Declare it in the channel enum.
    #[error("unknown channel {0}")]
    Unknown(ChannelName),
    /// The connection does not exist or has ended. There is nothing left to do for it.
    #[error("connection {0} does not exist or has ended")]
    NoConnection(ConnectionId),
    /// The connection is already in as many channels as it may be. Take it out of one, or raise
    /// [`Limits::channels`](crate::config::Limits::channels).
    #[error("the connection is already in {limit} channels")]
    TooMany {
        /// The limit.
        limit: usize,
    },
    /// The broker cannot be reached. Try again later.
    #[error(transparent)]
    Unavailable(#[from] BrokerError),
}

/// An event was not sent; nobody received it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The protocol has no such channel.
    #[error(transparent)]
    Channel(#[from] ChannelError),
    /// The command that is being handled was sent without a channel. Name one with
    /// [`Service::to_channel`](crate::Service::to_channel).
    #[error("the command was sent without a channel")]
    NoChannel,
    /// The channel's definition does not list the event. Add it to `events(…)` there.
    #[error("the channel {channel} does not carry the event {event}")]
    NotCarried {
        /// The channel.
        channel: ChannelName,
        /// The event's wire name.
        event: &'static str,
    },
    /// History keeps the event, so every member must receive it. Send it to everyone and let the
    /// client check `from`, or declare the event `latest` or `volatile`.
    #[error("{channel} keeps history, so no connection can be excluded")]
    ExceptInHistory {
        /// The channel.
        channel: ChannelName,
    },
    /// The event is larger than [`Limits::outbound_bytes`](crate::config::Limits::outbound_bytes).
    #[error("the event has {bytes} bytes; the limit is {limit}")]
    TooLarge {
        /// Its size as a message, in bytes.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// A parameter cannot be encoded as JSON.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The connection does not exist or has ended.
    #[error("connection {0} does not exist or has ended")]
    NoConnection(ConnectionId),
    /// The broker cannot be reached. Try again later.
    #[error(transparent)]
    Unavailable(#[from] BrokerError),
}

/// A request to a connection failed; nothing was asked of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReachError {
    /// The connection does not exist or has ended. There is nothing left to do for it.
    #[error("connection {0} does not exist or has ended")]
    NoConnection(ConnectionId),
    /// The connection is in plain mode, which has no tokens. Disconnect it instead.
    #[error("the connection {0} is in plain mode, which has no tokens")]
    Plain(ConnectionId),
}

/// A service could not be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The manifest is invalid. Generate it again with `socket-codegen generate`.
    #[error("invalid manifest: {0}")]
    Manifest(#[source] serde_json::Error),
    /// The manifest describes another protocol.
    #[error("the manifest describes protocol {found:?}, but this service speaks {expected:?}")]
    OtherProtocol {
        /// The protocol name in the manifest.
        found: String,
        /// The service's protocol.
        expected: &'static str,
    },
    /// A limit lies outside of its range. Set it to a value within.
    #[error(transparent)]
    Limit(#[from] OutOfRange),
    /// A listed origin is not one. Write scheme, host and, where it is not the scheme's own, port.
    #[error(
        "{0:?} is not an origin: write scheme, host and, where it is not the scheme's own, port, \
         as in \"https://app.example\" or \"http://localhost:3000\""
    )]
    Origin(String),
    /// A listed host is not one. Write a name or an address, with or without a port.
    #[error(
        "{0:?} is not a host: write a name or an address, with or without a port, \
         as in \"app.example\" or \"[::1]:8080\""
    )]
    Host(String),
    /// A trusted proxy is neither an address nor a network. Write one, as in `10.0.0.0/8`.
    #[error(
        "{0:?} is neither an address nor a network of proxies: write \"10.0.0.7\", \"10.0.0.0/8\", \
         \"fd00::/8\" or \"unix\""
    )]
    Proxy(String),
    /// The text is not a versions file (`PROTOCOL.versions.json`). Generate it again with
    /// `socket-codegen generate`.
    #[error("invalid versions file: {0}")]
    Versions(#[source] serde_json::Error),
    /// The versions file has a newer format. Update this crate.
    #[error("the versions file has format {found}, but this crate reads formats up to {known}")]
    NewerVersions {
        /// The file's format.
        found: u32,
        /// The newest format that this crate reads.
        known: u32,
    },
    /// The manifest and the versions file describe different versions. Generate both again with
    /// `socket-codegen generate`.
    #[error("the manifest and the versions file describe different versions: {one} and {other}")]
    OtherVersion {
        /// The fingerprint that came first.
        one: String,
        /// The other one.
        other: String,
    },
}

/// The error `internal`: the cause goes into the log under an incident number, and only the number
/// goes to the client.
pub(crate) fn internal(cause: &dyn std::fmt::Display) -> WireError {
    let incident = Uuid::new_v4();
    tracing::error!(%incident, "{}", shown_cause(cause));
    WireError::new(ErrorCode::Internal, "internal server error")
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
            SendError::NoChannel => Self::new(
                ErrorCode::InvalidChannel,
                "this command must be sent to a channel",
            ),
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

impl From<ReachError> for WireError {
    fn from(error: ReachError) -> Self {
        internal(&error)
    }
}

impl<E> From<ReachError> for Reject<E> {
    fn from(error: ReachError) -> Self {
        Self::built_in(error.into())
    }
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
