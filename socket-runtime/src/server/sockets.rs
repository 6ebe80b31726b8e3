//! The sockets that our own `serve` has accepted, as long as they speak HTTP. Each counts against the
//! descriptors of the process from its first byte on. Where those run short, sockets on which nobody
//! asks anything make room, the one that was silent for the longest time first.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll, ready};

use axum::body::Body;
use bytes::Bytes;
use futures_util::task::AtomicWaker;
use hyper::body::{Frame, SizeHint};
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use crate::service::capacity::{self, Descriptor};

/// Those on which nobody asks. All servers of a process share its descriptors.
static SILENT: Mutex<Silent> = Mutex::new(Silent {
    next: 0,
    idle: BTreeMap::new(),
    fresh: BTreeMap::new(),
});

struct Silent {
    next: u64,
    /// Kept alive after an answer.
    idle: BTreeMap<u64, Arc<HttpSocket>>,
    /// Nothing was asked yet.
    fresh: BTreeMap<u64, Arc<HttpSocket>>,
}

/// A socket that speaks HTTP.
#[derive(Debug)]
pub(super) struct HttpSocket {
    /// `None`: it has gone to a WebSocket.
    descriptor: Mutex<Option<Descriptor>>,
    stage: Mutex<Stage>,
    evicted: AtomicBool,
    waker: AtomicWaker,
}

/// How far the present request has come.
#[derive(Debug, Clone, Copy)]
enum Stage {
    /// There is none; the number among those that are silent.
    Silent(u64),
    Asks,
    /// Since then it is answered; `whole`: all of the answer is made.
    Answers {
        since: Instant,
        whole: bool,
    },
}

/// Waits until one more socket may be accepted.
pub(super) async fn room() {
    loop {
        let freed = capacity::FREED.notified();
        if capacity::has_room() {
            return;
        }
        evict(true);
        freed.await;
    }
}

/// Ends the one that was silent for longest, of those kept alive; with `any`, else of all.
fn evict(any: bool) {
    let mut silent = SILENT.lock();
    let mut found = silent.idle.pop_first();
    if found.is_none() && any {
        found = silent.fresh.pop_first();
    }
    drop(silent);
    if let Some((_, socket)) = found {
        socket.evicted.store(true, Relaxed);
        socket.waker.wake();
    }
}

/// A socket's place among all, until it is dropped.
#[derive(Debug)]
pub(super) struct Place(pub(super) Arc<HttpSocket>);

impl Place {
    /// That of a socket that was just accepted.
    pub(super) fn new() -> Self {
        let descriptor = Descriptor::take();
        if descriptor.is_none() || capacity::is_near() {
            evict(descriptor.is_none());
        }
        let mut silent = SILENT.lock();
        silent.next += 1;
        let number = silent.next;
        let socket = Arc::new(HttpSocket {
            descriptor: Mutex::new(Some(descriptor.unwrap_or_else(Descriptor::extra))),
            stage: Mutex::new(Stage::Silent(number)),
            evicted: AtomicBool::new(false),
            waker: AtomicWaker::new(),
        });
        silent.fresh.insert(number, socket.clone());
        Self(socket)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.speaks(Stage::Asks);
        // Whoever else holds the socket's entry, the socket is gone.
        self.0.descriptor.lock().take();
    }
}

impl HttpSocket {
    /// A request has come.
    pub(super) fn asks(&self) {
        self.speaks(Stage::Asks);
        let mut descriptor = self.descriptor.lock();
        if descriptor.as_ref().is_some_and(|own| !own.is_counted())
            && let Some(counted) = Descriptor::take()
        {
            *descriptor = Some(counted);
        }
    }

    /// Its answer begins. Whether it is the last one on this socket.
    pub(super) fn answers(&self) -> bool {
        let since = Instant::now();
        self.speaks(Stage::Answers {
            since,
            whole: false,
        });
        let descriptor = self.descriptor.lock();
        capacity::is_near() || !descriptor.as_ref().is_some_and(Descriptor::is_counted)
    }

    /// The descriptor, for the WebSocket that this one becomes.
    pub(super) fn take_descriptor(&self) -> Option<Descriptor> {
        self.descriptor.lock().take_if(|own| own.is_counted())
    }

    fn speaks(&self, next: Stage) {
        let before = std::mem::replace(&mut *self.stage.lock(), next);
        if let Stage::Silent(number) = before {
            let mut silent = SILENT.lock();
            silent.idle.remove(&number);
            silent.fresh.remove(&number);
        }
    }

    /// All of the answer is made.
    fn made(&self) {
        if let Stage::Answers { whole, .. } = &mut *self.stage.lock() {
            *whole = true;
        }
    }

    /// The socket has taken all that there was for it.
    fn flushed(self: &Arc<Self>) {
        let mut stage = self.stage.lock();
        if let Stage::Answers { whole: true, .. } = *stage {
            let mut silent = SILENT.lock();
            silent.next += 1;
            let number = silent.next;
            silent.idle.insert(number, self.clone());
            *stage = Stage::Silent(number);
        }
    }

    /// Since when an answer is under way.
    pub(super) fn answers_since(&self) -> Option<Instant> {
        match *self.stage.lock() {
            Stage::Answers { since, .. } => Some(since),
            Stage::Silent(_) | Stage::Asks => None,
        }
    }

    /// Waits until it has to make room for others.
    pub(super) async fn evicted(&self) {
        poll_fn(|cx| {
            self.waker.register(cx.waker());
            let evicted = self.evicted.swap(false, Relaxed);
            // Who has asked meanwhile is answered first.
            match evicted && matches!(*self.stage.lock(), Stage::Silent(_)) {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        })
        .await;
    }
}

/// The bytes of such a socket.
#[derive(Debug)]
pub(super) struct Tracked<S> {
    pub(super) io: S,
    socket: Arc<HttpSocket>,
}

impl<S> Tracked<S> {
    pub(super) const fn new(io: S, socket: Arc<HttpSocket>) -> Self {
        Self { io, socket }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Tracked<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tracked<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.io).poll_flush(cx))?;
        self.socket.flushed();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

/// An answer's body, which tells when all of it was made.
#[derive(Debug)]
pub(super) struct Answer {
    body: Body,
    socket: Arc<HttpSocket>,
}

impl Answer {
    pub(super) const fn new(body: Body, socket: Arc<HttpSocket>) -> Self {
        Self { body, socket }
    }
}

impl hyper::body::Body for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.socket.made();
    }
}
