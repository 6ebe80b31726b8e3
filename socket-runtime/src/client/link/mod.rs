//! The task of a client: it connects, carries messages both ways, and reconnects after a break.

mod address;
mod backoff;
mod handshake;
mod incoming;
mod silence;
#[cfg(feature = "tls")]
mod tls;
pub(crate) mod token;
pub(crate) mod transport;

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use fastrand::Rng;
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use parking_lot::Mutex;
use socket_protocol::CloseCode;
use socket_protocol::envelope::Batch;
use socket_protocol::system::{ProtocolId, SUBPROTOCOL, name};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode as FrameCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::calls::outcome::Outcome;
use super::calls::{Again, NewCall, Waiter};
use super::outbox::{NextMessage, Outgoing};
use super::shared::{End, Shared, text};
use super::state::{Closed, Loss, State};
use incoming::Taken;
use token::{Token, Tokens};
use transport::Transport;

/// The HTTP status with which a proxy in front of the server refuses an upgrade.
const UNAUTHORIZED: u16 = 401;

/// Bytes that are read from the socket at once.
const READ_BUFFER: usize = 4 * 1024;

#[derive(Debug)]
pub(crate) struct Link<T> {
    pub(crate) shared: Arc<Shared>,
    pub(crate) transport: T,
    pub(crate) tokens: Tokens,
    pub(crate) request: Request,
    /// The protocol's name and the manifest's fingerprint.
    pub(crate) protocol: ProtocolId,
    pub(crate) rng: Rng,
}

impl<T: Transport> Link<T> {
    /// Runs the client until it ends for good.
    pub(crate) async fn run(mut self) {
        let closed = self.lead().await;
        self.shared.end(closed);
    }

    async fn lead(&mut self) -> Closed {
        let options = self.shared.options.clone();
        let mut closing = self.shared.closing.subscribe();
        let (mut attempt, mut refusals, mut spread) = (0u32, 0u32, options.spread);
        loop {
            self.shared.set_state(State::Connecting { attempt });
            let end = self.connection(refusals > 0).await;
            let live = self.shared.broken();
            let loss = match end {
                End::Closed(closed) => return closed,
                End::Lost(loss) => loss,
            };
            tracing::debug!(%loss, "lost");
            spread = live.spread.unwrap_or(spread);
            if let Some(since) = live.since {
                refusals = 0;
                if since.elapsed() >= options.stable_after {
                    attempt = 0;
                }
            }
            if loss.code == Some(CloseCode::Unauthorized.number()) {
                refusals += 1;
                if refusals > 1 {
                    return Closed::Unauthorized(loss);
                }
            }
            if let Some(closed) = backoff::end_of(&loss) {
                return closed;
            }
            let mut delay = backoff::delay(&mut self.rng, spread, options.max_delay, attempt);
            if loss.code == Some(CloseCode::RateLimited.number()) {
                delay = delay.max(options.rate_limit_delay);
            }
            if let Some(leave) = live.leave {
                delay = leave.saturating_duration_since(Instant::now());
            }
            attempt = attempt.saturating_add(1);
            self.shared.lost(&loss);
            self.shared.set_state(State::Waiting {
                attempt,
                delay,
                loss,
            });
            tokio::select! {
                () = sleep(delay) => {}
                _ = closing.wait_for(|closing| *closing) => return Closed::ByProgram,
            }
        }
    }

    /// One connection, from the token to its end.
    async fn connection(&self, expired: bool) -> End {
        let mut closing = self.shared.closing.subscribe();
        let deadline = Instant::now() + self.shared.options.connect_timeout;
        let opened = tokio::select! {
            opened = timeout_at(deadline, self.open(expired)) => opened,
            _ = closing.wait_for(|closing| *closing) => return End::Closed(Closed::ByProgram),
        };
        let (socket, token) = match opened {
            Ok(Ok(opened)) => opened,
            Ok(Err(end)) => return end,
            Err(_) => return End::Lost(Loss::new("connecting timed out")),
        };
        let (mut sink, mut stream) = socket.split();
        let hello = Message::text(self.shared.hello(&self.protocol, token));
        // When the last frame arrived.
        let heard = Mutex::new(Instant::now());
        let end = tokio::select! {
            end = self.read(&mut stream, &heard) => end,
            end = self.write(&mut sink, hello) => end,
            end = self.watch(deadline, &heard) => end,
            end = self.refresh() => end,
            _ = closing.wait_for(|closing| *closing) => End::Closed(Closed::ByProgram),
        };
        if let End::Closed(closed) = &end {
            // A client that leaves says goodbye; after a break nobody would hear it.
            let flush = *closed == Closed::ByProgram;
            let goodbye = self.goodbye(&mut sink, &mut stream, flush);
            let _ = timeout(self.shared.options.close_timeout, goodbye).await;
        }
        end
    }

    async fn open(
        &self,
        expired: bool,
    ) -> Result<
        (
            tokio_tungstenite::WebSocketStream<T::Stream>,
            Option<String>,
        ),
        End,
    > {
        let token = match self.tokens.ask(expired).await {
            Ok(Token::Given(token)) => Some(token),
            Ok(Token::Unused) => None,
            Ok(Token::Gone) => {
                let loss = Loss::new("the token provider returned no token");
                return Err(End::Closed(Closed::Unauthorized(loss)));
            }
            // A failing provider counts as a lost connection.
            Err(error) => {
                return Err(End::Lost(Loss::new(format!(
                    "the token provider failed: {error}"
                ))));
            }
        };
        let mut request = self.request.clone();
        request.headers_mut().insert(
            "sec-websocket-protocol",
            HeaderValue::from_static(SUBPROTOCOL),
        );
        let limit = Some(self.shared.options.message_bytes);
        // The default of 128 KiB would be filled with zeros for each message.
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .max_message_size(limit)
            .max_frame_size(limit);
        match self.transport.open(request, config).await {
            Ok(socket) => Ok((socket, token)),
            Err(Error::Http(response)) if response.status().as_u16() == UNAUTHORIZED => {
                let code = CloseCode::Unauthorized;
                Err(End::Lost(Loss::closed(code.number(), code.reason())))
            }
            Err(error) => Err(End::Lost(Loss::new(error.to_string()))),
        }
    }

    async fn read<S>(&self, stream: &mut S, heard: &Mutex<Instant>) -> End
    where
        S: Stream<Item = Result<Message, Error>> + Unpin,
    {
        loop {
            let message = stream.next().await;
            *heard.lock() = Instant::now();
            self.shared.large.store(0, Relaxed);
            match message {
                Some(Ok(Message::Text(text))) => {
                    if let Err(end) = self.frame(&text).await {
                        return end;
                    }
                }
                Some(Ok(Message::Close(frame))) => {
                    return End::Lost(match frame {
                        Some(frame) => Loss::closed(frame.code.into(), &frame.reason),
                        None => Loss::new("the server closed the connection"),
                    });
                }
                Some(Ok(Message::Binary(_))) => {
                    return End::Lost(Loss::new("the server sent a binary frame"));
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Err(error)) => return End::Lost(Loss::new(error.to_string())),
                None => return End::Lost(Loss::new("the connection was lost")),
            }
            // A server that sends without a pause must not starve the clock and the writer.
            tokio::task::coop::consume_budget().await;
        }
    }

    /// Handles a frame from the server.
    async fn frame(&self, frame: &str) -> Result<(), End> {
        match Batch::split(frame) {
            Ok(Batch::One(message)) => self.message(message).await?,
            Ok(Batch::Many(messages)) => {
                for message in messages {
                    self.message(message.get()).await?;
                }
            }
            Err(error) => tracing::warn!(%error, "the server sent an invalid message"),
        }
        self.shared.outgoing.notify_one();
        Ok(())
    }

    async fn message(&self, message: &str) -> Result<(), End> {
        if self.shared.message(message)? == Taken::Awaited {
            // Whoever awaited it runs before what came behind it is handled.
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    async fn write<S>(&self, sink: &mut S, hello: Message) -> End
    where
        S: Sink<Message, Error = Error> + Unpin,
    {
        if let Err(error) = sink.send(hello).await {
            return End::Lost(Loss::new(error.to_string()));
        }
        loop {
            let until = match self.feed(sink).await {
                Ok(until) => until,
                Err(error) => return End::Lost(Loss::new(error.to_string())),
            };
            let woken = self.shared.outgoing.notified();
            match until {
                None => woken.await,
                Some(until) => tokio::select! {
                    () = woken => {}
                    () = sleep_until(until) => {}
                },
            }
        }
    }

    /// Writes everything that may be sent now. Returns the moment from which more may be sent.
    async fn feed<S>(&self, sink: &mut S) -> Result<Option<Instant>, Error>
    where
        S: Sink<Message, Error = Error> + Unpin,
    {
        loop {
            let until = match self.shared.next() {
                NextMessage::Send(Outgoing::Text(text)) => {
                    sink.feed(Message::text(text)).await?;
                    continue;
                }
                // Calls are text by now.
                NextMessage::Send(Outgoing::Call(_)) => continue,
                NextMessage::Wait(until) => Some(until),
                NextMessage::Idle => None,
            };
            sink.flush().await?;
            return Ok(until);
        }
    }

    /// Sends new tokens when they are due.
    async fn refresh(&self) -> End {
        if !self.tokens.are_used() {
            return std::future::pending().await;
        }
        loop {
            let due = self.shared.live().refresh;
            if due.is_none_or(|due| Instant::now() < due) {
                let asked = self.shared.refresh.notified();
                match due {
                    None => asked.await,
                    Some(due) => tokio::select! {
                        () = asked => {}
                        () = sleep_until(due) => {}
                    },
                }
                continue;
            }
            self.shared.refreshing();
            let token = match self.tokens.ask(true).await {
                Ok(Token::Given(token)) => token,
                Ok(Token::Gone | Token::Unused) => {
                    let loss = Loss::new("the token provider returned no token");
                    return End::Closed(Closed::Unauthorized(loss));
                }
                Err(error) => {
                    // The present token may still be valid; once it is not, the server closes with
                    // 4401.
                    tracing::warn!(%error, "the token provider failed");
                    continue;
                }
            };
            if let Ok(Ok(param)) = self.hand_in(&token).await {
                #[derive(serde::Deserialize)]
                struct Expires {
                    expires: Option<u64>,
                }
                let text = param.as_deref().map_or("{}", |param| param.get());
                let expires = serde_json::from_str(text).map_or(None, |e: Expires| e.expires);
                self.shared.refreshed(expires);
            }
        }
    }

    async fn hand_in(&self, token: &str) -> Result<Outcome, oneshot::error::RecvError> {
        let (tx, rx) = oneshot::channel();
        self.shared.call_now(NewCall {
            text: text(
                name::REFRESH,
                None,
                None,
                &serde_json::json!({ "token": token }),
            ),
            again: Again::Never,
            until: None,
            waiter: Waiter::Caller(tx),
        });
        rx.await
    }

    /// Sends what is queued if `flush` is set, closes, and waits for the server to close too.
    async fn goodbye<W, R>(&self, sink: &mut W, stream: &mut R, flush: bool) -> Result<(), Error>
    where
        W: Sink<Message, Error = Error> + Unpin,
        R: Stream<Item = Result<Message, Error>> + Unpin,
    {
        while flush && let Some(until) = self.feed(sink).await? {
            sleep_until(until).await;
        }
        let close = CloseFrame {
            code: FrameCode::Normal,
            reason: CloseCode::Done.reason().into(),
        };
        sink.send(Message::Close(Some(close))).await?;
        while let Some(Ok(_)) = stream.next().await {}
        Ok(())
    }
}
