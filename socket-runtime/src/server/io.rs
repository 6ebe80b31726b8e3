//! The socket of an upgraded request, without what HTTP needed around it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf, ReadHalf};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;

use super::sockets::Tracked;
use crate::outbound::WriteHalf;

/// A byte stream of any kind.
pub(super) trait Plaintext: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Plaintext for S {}

/// The reading half of the socket itself, where our own `serve` or `axum::serve` accepted it: hyper's
/// buffers go with the request. From any other server, and behind TLS, of what that server hands over.
pub(super) enum Io {
    Tcp {
        half: OwnedReadHalf,
        /// Bytes that the client sent directly after its request.
        read: Bytes,
    },
    Other {
        half: ReadHalf<Box<dyn Plaintext>>,
        read: Bytes,
    },
}

impl Io {
    /// Both halves.
    pub(super) fn split(upgraded: Upgraded) -> (Self, WriteHalf) {
        let upgraded = match upgraded.downcast::<TokioIo<Tracked<TcpStream>>>() {
            Ok(parts) => return Self::direct(parts.io.into_inner().io, &parts.read_buf),
            Err(upgraded) => upgraded,
        };
        let upgraded = match upgraded.downcast::<TokioIo<Tracked<Box<dyn Plaintext>>>>() {
            Ok(parts) => return Self::other(parts.io.into_inner().io, &parts.read_buf),
            Err(upgraded) => upgraded,
        };
        // `axum::serve` wraps the socket once more, to find out which HTTP is spoken.
        match auto::upgrade::downcast::<TokioIo<TcpStream>>(upgraded) {
            Ok(parts) => {
                let tcp = parts.io.into_inner();
                // As our own `serve` has it from the start.
                if let Err(error) = tcp.set_nodelay(true) {
                    tracing::debug!(%error, "no TCP_NODELAY");
                }
                Self::direct(tcp, &parts.read_buf)
            }
            Err(upgraded) => Self::other(Box::new(TokioIo::new(upgraded)), &[]),
        }
    }

    fn other(io: Box<dyn Plaintext>, read: &[u8]) -> (Self, WriteHalf) {
        let (half, other) = tokio::io::split(io);
        let read = Bytes::copy_from_slice(read);
        (
            Self::Other { half, read },
            WriteHalf::Other(Box::new(other)),
        )
    }

    fn direct(tcp: TcpStream, read: &[u8]) -> (Self, WriteHalf) {
        let (half, other) = tcp.into_split();
        // Copied: the empty rest of a buffer would keep all of it alive.
        let read = Bytes::copy_from_slice(read);
        (Self::Tcp { half, read }, WriteHalf::Tcp(other))
    }
}

impl AsyncRead for Io {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp { read, .. } | Self::Other { read, .. } if !read.is_empty() => {
                let taken = read.len().min(buf.remaining());
                buf.put_slice(&read[..taken]);
                read.advance(taken);
                if read.is_empty() {
                    *read = Bytes::new();
                }
                Poll::Ready(Ok(()))
            }
            Self::Tcp { half, .. } => Pin::new(half).poll_read(cx, buf),
            Self::Other { half, .. } => Pin::new(half).poll_read(cx, buf),
        }
    }
}
