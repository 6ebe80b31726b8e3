//! How a client stands with its server.

use std::time::Duration;

use socket_protocol::ConnectionId;
use socket_protocol::system::{UpgradeRequired, UserInfo};

/// How a client stands with its server.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// An attempt is under way.
    Connecting {
        /// How many attempts failed since the last connection that lasted.
        attempt: u32,
    },
    /// The server has let the client in.
    Open(Opened),
    /// Between two attempts.
    Waiting {
        /// How many attempts failed since the last connection that lasted.
        attempt: u32,
        /// How long from the moment at which this state began.
        delay: Duration,
        /// What broke.
        loss: Loss,
    },
    /// There will be no connection any more. Final.
    Closed(Closed),
}

impl State {
    /// The connection, where there is one.
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
    /// Whose it is; `None`: nobody's.
    pub user: Option<UserInfo>,
    /// Whether the session of the connection before goes on.
    pub resumed: bool,
}

/// How a connection, or an attempt at one, ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loss {
    /// The close code, where the server closed.
    pub code: Option<u16>,
    /// For people.
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
            "" => format!("the server closed with {code}"),
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

/// Why a client stays away.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Closed {
    /// The program closed it, or dropped its last handle.
    #[error("closed by the program")]
    ByProgram,
    /// The server asked by `close-connection`.
    #[error("the server asked to close")]
    Asked,
    /// There is no token, or two in a row were refused. Sign in again and make a new client.
    #[error("unauthorized: {0}")]
    Unauthorized(Loss),
    /// This program's protocol is too old for the server. Build it anew.
    #[error("the server speaks a newer protocol: {loss}")]
    UpgradeRequired {
        /// How the connection ended.
        loss: Loss,
        /// What the server speaks, and what it knows to have changed; `None` where only the close
        /// code came.
        server: Option<Box<UpgradeRequired>>,
    },
    /// The server closed with a code from 4500 on.
    #[error("refused: {0}")]
    Refused(Loss),
}
