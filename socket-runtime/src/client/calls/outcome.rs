//! How a call ended, before its reply or its error has a type.

use serde_json::value::RawValue;
use socket_protocol::WireError;

use crate::client::error::CallError;

/// Why a call brought no reply.
#[derive(Debug)]
pub(crate) enum Failure {
    Server(WireError),
    Disconnected {
        sent: bool,
    },
    /// More items came than were read.
    Unread {
        limit: usize,
    },
}

pub(crate) type Outcome = Result<Option<Box<RawValue>>, Failure>;

impl From<Failure> for CallError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Server(error) => Self::Server(Box::new(error)),
            Failure::Disconnected { sent } => Self::Disconnected { sent },
            Failure::Unread { limit } => Self::Unread { limit },
        }
    }
}
