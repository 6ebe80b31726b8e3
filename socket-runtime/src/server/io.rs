//! The socket of an upgraded request, without what HTTP needed around it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, ReadBuf, ReadHalf};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;

use crate::outbound::WriteHalf;

/// The reading half of the socket itself, if our own `serve` accepted it: hyper's buffers go with
/// the request. From any other server, and behind TLS, it reads the stream which that server hands
/// over.
#[derive(Debug)]
pub(super) enum Io {
    Tcp {
        half: OwnedReadHalf,
        /// Bytes that the client sent directly after its request.
        read: Bytes,
    },
    Other(ReadHalf<TokioIo<Upgraded>>),
}

impl Io {
    /// Both halves.
    pub(super) fn split(upgraded: Upgraded) -> (Self, WriteHalf) {
        match upgraded.downcast::<TokioIo<TcpStream>>() {
            Ok(parts) => {
                let (half, other) = parts.io.into_inner().into_split();
                // Copied: the empty rest of a buffer would keep all of it alive.
                let read = Bytes::copy_from_slice(&parts.read_buf);
                (Self::Tcp { half, read }, WriteHalf::Tcp(other))
            }
            Err(upgraded) => {
                let (half, other) = tokio::io::split(TokioIo::new(upgraded));
                (Self::Other(half), WriteHalf::Other(Box::new(other)))
            }
        }
    }
}

impl AsyncRead for Io {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp { read, .. } if !read.is_empty() => {
                let taken = read.len().min(buf.remaining());
                buf.put_slice(&read[..taken]);
                read.advance(taken);
                if read.is_empty() {
                    *read = Bytes::new();
                }
                Poll::Ready(Ok(()))
            }
            Self::Tcp { half, .. } => Pin::new(half).poll_read(cx, buf),
            Self::Other(half) => Pin::new(half).poll_read(cx, buf),
        }
    }
}
