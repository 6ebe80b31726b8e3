//! The state of a client's connection.

use std::time::Duration;

use socket_protocol::ConnectionId;
use socket_protocol::system::{UpgradeRequired, UserInfo};

/// The state of a client's connection.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// An attempt to connect is under way.
    Connecting {
        /// Failed attempts since the last connection that lasted.
        attempt: u32,
    },
    /// The server has accepted the client.
    Open(Opened),
    /// Waiting before the next attempt.
    Waiting {
        /// Failed attempts since the last connection that lasted.
        attempt: u32,
        /// How long this state lasts, from its start.
        delay: Duration,
        /// The loss that led here.
        loss: Loss,
    },
    /// The client has ended for good.
    Closed(Closed),
}

impl State {
    /// The open connection, if there is one.
    #[must_use]
    pub const fn opened(&self) -> Option<&Opened> {
        match self {
            Self::Open(opened) => Some(opened),
            Self::Connecting { .. } | Self::Waiting { .. } | Self::Closed(_) => None,
        }
    }
}

/// An open connection.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Opened {
    /// Its id, which others see as `from`.
    pub connection: ConnectionId,
    /// Its user; `None` for an anonymous connection.
    pub user: Option<UserInfo>,
    /// True if the session of the previous connection was resumed.
    pub resumed: bool,
}

/// How a connection or an attempt to connect ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loss {
    /// The close code, if the server closed.
    pub code: Option<u16>,
    /// A message for people.
    pub message: String,
}

impl Loss {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self {
            code: None,
            message: message.into(),
        }
    }

    pub(super) fn closed(code: u16, reason: &str) -> Self {
        let message = match reason {
            "" => format!("the server closed the connection with {code}"),
            reason => reason.to_owned(),
        };
        Self {
            code: Some(code),
            message,
        }
    }
}

impl std::fmt::Display for Loss {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.code {
            Some(code) => write!(f, "{} ({code})", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// Why a client has ended for good.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Closed {
    /// The program closed it or dropped its last handle.
    #[error("closed by the program")]
    ByProgram,
    /// The server asked for it with `close-connection`.
    #[error("the server asked to close")]
    Asked,
    /// The provider returned no token, or two tokens in a row were refused. Sign in again and
    /// create a new client.
    #[error("unauthorized: {0}")]
    Unauthorized(Loss),
    /// This program's protocol is too old for the server. Build it with the present one.
    #[error("the server speaks a newer protocol: {loss}")]
    UpgradeRequired {
        /// How the connection ended.
        loss: Loss,
        /// The server's version, and the changes that it knows of; `None` if only the close code
        /// arrived.
        server: Option<Box<UpgradeRequired>>,
    },
    /// The server closed with a code from 4500 on.
    #[error("refused: {0}")]
    Refused(Loss),
}
