//! Sends each message back, over the same reader, queue and writer as every connection: what suites
//! that know nothing of our protocol are run against.

use std::sync::Arc;

use socket_protocol::ConnectionId;
use tokio::net::TcpStream;

use super::close::{self, End};
use super::peer::Peer;
use super::queue::Signal;
use super::reader::{Input, ReadError};
use super::transport::{Event, Transport};
use super::writer::WriteHalf;
use crate::config::Config;
use crate::frame;
use crate::stats::Mode;

/// Echoes until the client closes. The WebSocket handshake is over.
pub async fn echo(stream: TcpStream, config: &Config) {
    let (io, half) = stream.into_split();
    let peer = Arc::new(Peer::new(
        ConnectionId::random(),
        Mode::Full,
        None,
        None,
        config,
    ));
    peer.attach(WriteHalf::Tcp(half), None);
    let mut transport = Transport::new(peer.clone(), io, config.message_bytes);
    let end = loop {
        match transport.next(true).await {
            Ok(Event::Input(Input::Text(text))) => {
                peer.queue.reply(frame::copy(frame::TEXT, text.as_bytes()));
            }
            Ok(Event::Input(Input::Binary(bytes))) => {
                peer.queue.reply(frame::copy(frame::BINARY, &bytes));
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
    peer.queue.shut();
    close::finish(&mut transport, &peer, &end, config.close_timeout).await;
}
