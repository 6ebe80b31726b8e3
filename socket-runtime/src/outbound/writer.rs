//! From frames to the socket: everything that is queued in one write.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedWriteHalf;

use super::frames::Frames;
use crate::frame;

/// The most frames of one write; what is behind them goes with the next.
pub(super) const MAX_SLICES: usize = 128;

/// Room for frames that a connection keeps when nothing is queued.
const KEPT_FRAMES: usize = 128;

/// The side of a socket that is written to.
pub(crate) enum WriteHalf {
    /// A socket of the system's: anyone may try to write to it.
    Tcp(OwnedWriteHalf),
    /// A stream from another server or from TLS: only a task can write to it.
    Other(Box<dyn AsyncWrite + Send + Unpin>),
}

/// How much the kernel takes of a socket beyond what it has sent, in bytes. What it holds goes out before
/// anything that we might put ahead of it, and counts as taken though it is far from the client.
#[cfg(any(target_os = "android", target_os = "linux"))]
const UNSENT: u32 = 16 * 1024;

/// Keeps what the kernel takes of the socket and has not sent small, where the system can.
pub(crate) fn limit_unsent(socket: &TcpStream) {
    #[cfg(any(target_os = "android", target_os = "linux"))]
    if let Err(error) = socket2::SockRef::from(socket).set_tcp_notsent_lowat(UNSENT) {
        tracing::debug!(%error, "no TCP_NOTSENT_LOWAT");
    }
    #[cfg(not(any(target_os = "android", target_os = "linux")))]
    let _ = socket;
}

impl WriteHalf {
    /// Returns whether it can be written to without a task.
    pub(super) const fn is_direct(&self) -> bool {
        matches!(self, Self::Tcp(_))
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Tcp(_) => true,
            Self::Other(io) => io.is_write_vectored(),
        }
    }

    /// A single slice goes without a list, which costs the kernel a walk.
    fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match (self, slices) {
            (Self::Tcp(io), [one]) => Pin::new(io).poll_write(cx, one),
            (Self::Tcp(io), all) => Pin::new(io).poll_write_vectored(cx, all),
            (Self::Other(io), [one]) => Pin::new(io).poll_write(cx, one),
            (Self::Other(io), all) => Pin::new(io).poll_write_vectored(cx, all),
        }
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(_) => Poll::Ready(Ok(())),
            Self::Other(io) => Pin::new(io).poll_flush(cx),
        }
    }

    /// Ends our side.
    pub(super) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(io) => Pin::new(io).poll_shutdown(cx),
            Self::Other(io) => Pin::new(io).poll_shutdown(cx),
        }
    }
}

impl std::fmt::Debug for WriteHalf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Tcp(_) => "Tcp",
            Self::Other(_) => "Other",
        })
    }
}

/// The frames that a turn of writing has sent.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) bytes: usize,
    pub(super) writes: usize,
    /// Whole frames, and their bytes.
    pub(super) frames: usize,
    pub(super) frame_bytes: usize,
    /// Messages among them, without control frames.
    pub(super) messages: usize,
}

/// Frames on their way out, in order, and where they go. Only who holds it can write.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    frames: Frames,
    /// Bytes of the first frame that are written.
    offset: usize,
    half: Option<WriteHalf>,
    unflushed: bool,
}

impl Outgoing {
    pub(super) fn attach(&mut self, half: WriteHalf) {
        self.half = Some(half);
    }

    pub(super) const fn half(&mut self) -> Option<WriteHalf> {
        self.half.take()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Returns whether a writer has something to do.
    pub(super) fn is_due(&self) -> bool {
        self.half.is_some() && (self.unflushed || !self.frames.is_empty())
    }

    /// Adds a frame before all that are not begun.
    pub(super) fn push_first(&mut self, frame: Bytes) {
        self.frames.push_first(frame, self.begun());
    }

    pub(super) fn push_last(&mut self, frame: Bytes) {
        self.frames.push_back(frame);
    }

    /// The same for the newest frame of a key; [`Self::take_older`] came before.
    pub(super) fn push_latest(&mut self, frame: Bytes, key: &Arc<str>) {
        self.frames.push_latest(frame, key);
    }

    /// Takes out the older frame of a key, unless it is begun, and returns its size.
    pub(super) fn take_older(&mut self, key: &Arc<str>) -> Option<usize> {
        self.frames.take_older(key, self.begun())
    }

    /// The frames to be written have no empty places left by replaced ones.
    pub(super) fn close_up(&mut self) {
        self.frames.close_up();
    }

    /// The bytes of the frame that is written next.
    pub(super) fn front(&self) -> usize {
        self.frames.list().front().map_or(0, Bytes::len)
    }

    /// How many of the frames are begun.
    pub(super) fn begun(&self) -> usize {
        usize::from(self.offset > 0).min(self.frames.len())
    }

    /// Adds what came later, and takes over its room if it has more. Returns how many frames that
    /// replaced, and their bytes.
    pub(super) fn append(&mut self, later: &mut Self) -> (usize, usize) {
        let begun = self.begun();
        self.frames.append(&mut later.frames, begun)
    }

    /// Drops what is not begun and returns how many frames and bytes that was. A frame that is half
    /// written is finished, so that the close behind it can be read.
    pub(super) fn discard(&mut self) -> (usize, usize) {
        let begun = self.begun();
        self.frames.keep_first(begun)
    }

    /// Gives back the room of a burst.
    pub(super) fn tidy(&mut self) {
        self.frames.tidy(KEPT_FRAMES);
    }

    /// Gives back all the room that is not needed.
    pub(super) fn shrink(&mut self) {
        self.frames.shrink();
    }

    /// Writes once, without waiting. `false`: the socket took less than there was for it, or is
    /// broken, or cannot be written to without a task.
    pub(super) fn try_write(&mut self, written: &mut Written) -> bool {
        let Some(WriteHalf::Tcp(half)) = &self.half else {
            return false;
        };
        let (wanted, taken) = with_slices(self.frames.list(), self.offset, MAX_SLICES, |slices| {
            let taken = match slices {
                [one] => half.try_write(one),
                all => half.try_write_vectored(all),
            };
            let wanted: usize = slices.iter().map(|slice| slice.len()).sum();
            (wanted, taken)
        });
        let taken = taken.unwrap_or(0);
        self.advance(taken, written);
        taken == wanted
    }

    /// Writes until all is written or the socket takes no more.
    ///
    /// # Errors
    /// The socket's.
    pub(super) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        written: &mut Written,
    ) -> Poll<io::Result<()>> {
        let Some(mut half) = self.half.take() else {
            return Poll::Ready(Ok(()));
        };
        let wrote = self.poll_write_to(&mut half, cx, written);
        self.half = Some(half);
        wrote
    }

    fn poll_write_to(
        &mut self,
        half: &mut WriteHalf,
        cx: &mut Context<'_>,
        written: &mut Written,
    ) -> Poll<io::Result<()>> {
        let most = if half.is_write_vectored() {
            MAX_SLICES
        } else {
            1
        };
        while !self.frames.is_empty() {
            let taken = ready!(with_slices(
                self.frames.list(),
                self.offset,
                most,
                |slices| { half.poll_write(cx, slices) }
            ))?;
            if taken == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.unflushed = true;
            self.advance(taken, written);
        }
        if self.unflushed {
            ready!(half.poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    /// Drops what has been written.
    fn advance(&mut self, mut bytes: usize, written: &mut Written) {
        if bytes == 0 {
            return;
        }
        written.writes += 1;
        written.bytes += bytes;
        while let Some(frame) = self.frames.list().front() {
            let left = frame.len() - self.offset;
            if bytes < left {
                self.offset += bytes;
                break;
            }
            bytes -= left;
            self.offset = 0;
            written.frames += 1;
            written.frame_bytes += frame.len();
            written.messages += usize::from(frame::is_message(frame));
            self.frames.pop_front();
        }
    }
}

/// Calls with at most `most` frames, the first without its written part.
fn with_slices<R>(
    frames: &VecDeque<Bytes>,
    offset: usize,
    most: usize,
    write: impl FnOnce(&[IoSlice<'_>]) -> R,
) -> R {
    /// So many in an array that costs little to make.
    const FEW: usize = 8;
    fn fill<'a>(slices: &mut [IoSlice<'a>], frames: &'a VecDeque<Bytes>, offset: usize) -> usize {
        let mut count = 0;
        for (slice, frame) in slices.iter_mut().zip(frames) {
            *slice = IoSlice::new(if count == 0 { &frame[offset..] } else { frame });
            count += 1;
        }
        count
    }
    if frames.len().min(most) <= FEW {
        let mut slices = [IoSlice::new(&[]); FEW];
        let count = fill(&mut slices[..most.min(FEW)], frames, offset);
        write(&slices[..count])
    } else {
        let mut slices = [IoSlice::new(&[]); MAX_SLICES];
        let count = fill(&mut slices[..most], frames, offset);
        write(&slices[..count])
    }
}
