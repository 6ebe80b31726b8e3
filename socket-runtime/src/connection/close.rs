//! The end of a connection: the last frames, and the wait for the client's own close.

use std::time::Duration;

use socket_protocol::CloseCode;
use tokio::io::AsyncRead;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use super::socket::reader::Input;
use super::socket::{Event, Transport};
use crate::frame;
use crate::hub::Handle;
use crate::outbound::Close;
use crate::service::hooks::Disconnected;
use crate::stats::Mode;

/// How long a plain client, which cannot tell our codes apart, may take to close by itself.
const PLAIN_GRACE: Duration = Duration::from_secs(1);

/// The end of the connection's loop, and its cause.
#[derive(Debug)]
pub(super) enum End {
    /// The client's close; its echo is queued.
    Client {
        code: Option<u16>,
        reason: String,
    },
    /// A close of ours while the client may still be read.
    Server(Close),
    /// A close of ours after which nothing of the client makes sense.
    Violation(CloseCode),
    Lost,
}

impl From<CloseCode> for End {
    fn from(code: CloseCode) -> Self {
        Self::Server(code.into())
    }
}

impl End {
    /// The client's close.
    pub(super) fn client(frame: Option<CloseFrame>) -> Self {
        Self::Client {
            code: frame.as_ref().map(|frame| frame.code.into()),
            reason: frame.map_or_else(String::new, |frame| frame.reason.to_string()),
        }
    }

    pub(super) fn reason(&self) -> Disconnected {
        match self {
            Self::Client { code, reason } => Disconnected::Client {
                code: *code,
                reason: reason.clone(),
            },
            Self::Server(close) => Disconnected::Server {
                code: close.code,
                reason: close.reason.clone(),
            },
            Self::Violation(code) => Disconnected::Server {
                code: *code,
                reason: code.reason().to_owned(),
            },
            Self::Lost => Disconnected::Lost,
        }
    }
}

/// Says goodbye, within the time given for each step.
pub(super) async fn finish<S: AsyncRead + Unpin>(
    transport: &mut Transport<S>,
    handle: &Handle,
    end: &End,
    limit: Duration,
) {
    match end {
        End::Lost => return,
        End::Client { .. } => {}
        End::Violation(code) => {
            transport.push_last(frame::close(code.number(), code.reason()), false);
        }
        End::Server(close) => {
            if handle.mode == Mode::Plain
                && close.code.is_final()
                && let Some(event) = frame::system::close_connection(handle.mode.no_channel())
            {
                handle.queue.push_last(event, false);
                if let Ok(true) = timeout(PLAIN_GRACE, closed(transport)).await {
                    let _ = timeout(limit, transport.finish()).await;
                    return;
                }
            }
            let discard = close.code == CloseCode::SlowConsumer;
            transport.push_last(frame::close(close.code.number(), &close.reason), discard);
            let _ = timeout(limit, closed(transport)).await;
        }
    }
    let _ = timeout(limit, transport.finish()).await;
}

/// Writes what is queued and reads until the client's close. `false`: it will not come.
async fn closed<S: AsyncRead + Unpin>(transport: &mut Transport<S>) -> bool {
    loop {
        match transport.next(true).await {
            Ok(Event::Input(Input::Close(_))) => return true,
            Ok(_) => tokio::task::coop::consume_budget().await,
            Err(_) => return false,
        }
    }
}
