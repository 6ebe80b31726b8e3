//! Sends each message back, over the same reader, queue and writer as every connection: what suites
//! that know nothing of our protocol are run against.

use std::sync::Arc;

use socket_protocol::ConnectionId;
use tokio::net::TcpStream;

use super::reader::{Input, ReadError};
use super::{Event, Transport};
use crate::config::Config;
use crate::connection::close::{self, End};
use crate::frame;
use crate::hub::Handle;
use crate::outbound::{Buffered, Signal, WriteHalf};
use crate::stats::Mode;

/// Echoes until the client closes. The WebSocket handshake is over.
pub async fn echo(stream: TcpStream, config: &Config) {
    let (io, half) = stream.into_split();
    let handle = Arc::new(Handle::new(
        ConnectionId::random(),
        Mode::Full,
        None,
        None,
        config,
        &Arc::new(Buffered::new(usize::MAX)),
    ));
    handle.attach(WriteHalf::Tcp(half), None);
    let mut transport = Transport::new(handle.clone(), io, config.limits.message_bytes);
    let end = loop {
        match transport.next(true).await {
            Ok(Event::Input(Input::Text(text))) => {
                handle
                    .queue
                    .reply(frame::copy(frame::TEXT, text.as_bytes()));
            }
            Ok(Event::Input(Input::Binary(bytes))) => {
                handle.queue.reply(frame::copy(frame::BINARY, &bytes));
            }
            Ok(Event::Input(Input::Close(frame))) => break End::client(frame),
            Ok(Event::Signal(Signal::Close(close))) => break End::Server(close),
            Ok(
                Event::Input(Input::Control)
                | Event::Signal(Signal::Asked | Signal::Leave)
                | Event::Waits,
            ) => {}
            Err(ReadError::Lost) => break End::Lost,
            Err(ReadError::Violation(code)) => break End::Violation(code),
        }
    };
    handle.queue.shut();
    close::finish(&mut transport, &handle, &end, config.timeouts.close).await;
}
