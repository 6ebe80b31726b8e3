//! The outcome of a call, before its reply or its error has a type.

use serde_json::value::RawValue;
use socket_protocol::WireError;

use crate::client::error::CallError;

/// The reason for a call without a reply.
#[derive(Debug)]
pub(crate) enum Failure {
    Server(WireError),
    Disconnected {
        sent: bool,
    },
    /// More items arrived than the program has read.
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
