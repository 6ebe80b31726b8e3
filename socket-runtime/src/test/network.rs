//! The network between a client and the service: two streams in memory, and the code that carries
//! bytes between them.

use std::sync::Arc;
use std::time::Duration;
use std::{io, mem};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, sleep_until};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use super::faults::{Direction, Faults, Settings};
use crate::client::Transport;

/// The size of a stream's buffer and of one step, in bytes.
const BUFFER: usize = 16 * 1024;
const CHUNK: usize = 4 * 1024;
/// Chunks that may be under way at once.
const ON_THE_WAY: usize = 16;

/// Hands one end of a new connection to the service.
pub(super) type Door = Arc<dyn Fn(DuplexStream) + Send + Sync>;

/// Connects a client in the same process.
pub(super) struct Memory {
    pub(super) door: Door,
    pub(super) faults: Faults,
}

impl Transport for Memory {
    type Stream = DuplexStream;

    async fn open(
        &self,
        request: Request,
        config: WebSocketConfig,
    ) -> Result<WebSocketStream<DuplexStream>, Error> {
        if self.faults.settings().borrow().unreachable {
            return Err(Error::Io(io::ErrorKind::ConnectionRefused.into()));
        }
        let (client, near) = tokio::io::duplex(BUFFER);
        let (far, service) = tokio::io::duplex(BUFFER);
        (self.door)(service);
        tokio::spawn(carry(near, far, self.faults.clone()));
        let opened = tokio_tungstenite::client_async_with_config(request, client, Some(config));
        opened.await.map(|(socket, _)| socket)
    }
}

/// Carries bytes both ways until both ends are closed, or a fault ends it.
async fn carry(near: DuplexStream, far: DuplexStream, faults: Faults) {
    let mut settings = faults.settings();
    let drops = settings.borrow().drops;
    let (near_read, near_write) = tokio::io::split(near);
    let (far_read, far_write) = tokio::io::split(far);
    let both = async {
        tokio::try_join!(
            one_way(near_read, far_write, Direction::Up, &faults),
            one_way(far_read, near_write, Direction::Down, &faults),
        )
    };
    // Whatever ends first: what is left of the streams is dropped, and both sides see their end.
    tokio::select! {
        _ = both => {}
        _ = settings.wait_for(|settings| settings.drops != drops) => {}
    }
}

async fn one_way(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    direction: Direction,
    faults: &Faults,
) -> io::Result<()> {
    let (tx, mut rx) = mpsc::channel::<(Instant, Vec<u8>)>(ON_THE_WAY);
    let settings = faults.settings();
    let take = async move {
        let mut frames = Frames::default();
        let mut buffer = [0; CHUNK];
        loop {
            let count = from.read(&mut buffer).await?;
            let now = *settings.borrow();
            if count == 0 {
                return Ok(());
            }
            if now.silent {
                continue;
            }
            let bytes = match direction {
                Direction::Up => frames.carry(&buffer[..count], || faults.is_doubled()),
                Direction::Down => buffer[..count].to_vec(),
            };
            let due = Instant::now() + now.delay;
            if !bytes.is_empty() && tx.send((due, bytes)).await.is_err() {
                return Ok(());
            }
        }
    };
    let mut settings = faults.settings();
    let give = async move {
        while let Some((due, bytes)) = rx.recv().await {
            sleep_until(due).await;
            let speed = settings.borrow().speed;
            if speed > 0 && direction == Direction::Down {
                let bytes = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
                sleep(Duration::from_secs(1) * bytes / speed).await;
            }
            while_deaf(&mut settings, direction).await;
            let count = faults.let_through(direction, bytes.len());
            to.write_all(&bytes[..count]).await?;
            if count < bytes.len() {
                // Gives what was let through the time to be read.
                to.shutdown().await?;
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
        }
        to.shutdown().await
    };
    tokio::try_join!(take, give).map(|_: ((), ())| ())
}

async fn while_deaf(settings: &mut watch::Receiver<Settings>, direction: Direction) {
    if direction == Direction::Down {
        // The sender lives as long as the faults, which whoever waits here holds.
        let _ = settings.wait_for(|settings| !settings.deaf).await;
    }
}

/// Finds the boundaries of the client's frames.
#[derive(Debug, Default)]
struct Frames {
    /// True once the request head is through.
    upgraded: bool,
    /// The beginning of an incomplete frame.
    rest: Vec<u8>,
}

impl Frames {
    /// The whole frames up to here, those that are doubled twice. The rest waits.
    fn carry(&mut self, bytes: &[u8], mut is_doubled: impl FnMut() -> bool) -> Vec<u8> {
        self.rest.extend_from_slice(bytes);
        let mut carried = Vec::with_capacity(bytes.len());
        if !self.upgraded {
            let Some(end) = self.rest.windows(4).position(|four| four == b"\r\n\r\n") else {
                return mem::take(&mut self.rest);
            };
            carried.extend(self.rest.drain(..end + 4));
            self.upgraded = true;
        }
        while let Some(length) = frame_length(&self.rest).filter(|end| *end <= self.rest.len()) {
            let frame: Vec<u8> = self.rest.drain(..length).collect();
            carried.extend_from_slice(&frame);
            if is_doubled() {
                carried.extend_from_slice(&frame);
            }
        }
        carried
    }
}

/// The length of the masked frame that begins here, header included.
fn frame_length(bytes: &[u8]) -> Option<usize> {
    const MASK: usize = 4;
    let (header, length) = match bytes.get(1)? & 0x7f {
        126 => (
            4,
            u64::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?)),
        ),
        127 => (10, u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)),
        short => (2, u64::from(short)),
    };
    usize::try_from(length).ok()?.checked_add(header + MASK)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(length: usize) -> Vec<u8> {
        let mut frame = vec![0x81];
        match length {
            0..126 => frame.push(0x80 | u8::try_from(length).unwrap()),
            126..65536 => {
                frame.push(0x80 | 126);
                frame.extend(u16::try_from(length).unwrap().to_be_bytes());
            }
            _ => {
                frame.push(0x80 | 127);
                frame.extend((length as u64).to_be_bytes());
            }
        }
        frame.extend([7; 4]);
        frame.extend(vec![9; length]);
        frame
    }

    #[test]
    fn frames_are_carried_whole_however_they_come() {
        let stream: Vec<u8> = [0, 5, 125, 126, 70_000, 3]
            .into_iter()
            .flat_map(frame)
            .collect();
        for step in [1, 2, 3, 1000, stream.len()] {
            for doubled in [false, true] {
                let mut frames = Frames::default();
                let head = frames.carry(b"GET / HTTP/1.1\r\n\r\n", || doubled);
                assert_eq!(head, b"GET / HTTP/1.1\r\n\r\n");
                let carried: Vec<u8> = stream
                    .chunks(step)
                    .flat_map(|bytes| frames.carry(bytes, || doubled))
                    .collect();
                let times = 1 + usize::from(doubled);
                assert_eq!(carried.len(), stream.len() * times, "{step}");
                assert!(frames.rest.is_empty());
            }
        }
    }
}
