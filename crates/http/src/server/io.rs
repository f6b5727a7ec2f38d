//! The transport under hyper: passes bytes on, and notes what the connection waits for.

use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::watch::{State, Watch};

/// How much of what a client still sends is thrown away before it is cut off.
const LINGER_BYTES_MAX: usize = 256 * 1024;

/// A head and a body of together at most so many bytes are copied into one piece: for the kernel to gather two pieces
/// costs more than that.
const JOINED_BYTES_MAX: usize = 1_024;

/// What bytes go through: a socket, or TLS over one.
pub(super) trait Transport: AsyncRead + AsyncWrite + Send + Unpin + 'static {
    fn socket(&self) -> &TcpStream;

    /// Says that no more comes, where the protocol has a word for it beside the socket's end.
    fn say_goodbye(&mut self) {}
}

impl Transport for TcpStream {
    fn socket(&self) -> &TcpStream {
        self
    }
}

impl Transport for TlsStream<TcpStream> {
    fn socket(&self) -> &TcpStream {
        self.get_ref().0
    }

    /// At once or not at all: the connection is being dropped, and nobody is left to wait.
    fn say_goodbye(&mut self) {
        let (socket, session) = self.get_mut();
        session.send_close_notify();
        // A socket that takes no more will end without.
        let _ = session.write_tls(&mut AtOnce(socket));
    }
}

/// Writes what the socket takes without waiting.
struct AtOnce<'s>(&'s TcpStream);

impl io::Write for AtOnce<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(super) struct Watched<T: Transport> {
    inner: T,
    watch: Arc<Watch>,
    /// What was read to tell the protocol, to be read again.
    prefix: Bytes,
    ended: bool,
    /// The client was told that no more comes.
    closed: bool,
    lingered_bytes: usize,
}

impl<T: Transport> Watched<T> {
    pub(super) fn socket(&self) -> &TcpStream {
        self.inner.socket()
    }

    pub(super) fn new(inner: T, watch: Arc<Watch>, prefix: Bytes) -> Self {
        Self { inner, watch, prefix, ended: false, closed: false, lingered_bytes: 0 }
    }
}

impl<T: Transport> Watched<T> {
    /// Reads on until the client has seen the end. To close with unread bytes would reset the connection, and the
    /// client would lose an answer that it has not read yet, a 413 for instance. The sweeper bounds the time.
    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut scratch = [MaybeUninit::uninit(); 4096];
        while !self.ended && self.lingered_bytes < LINGER_BYTES_MAX {
            let mut buffer = ReadBuf::uninit(&mut scratch);
            match ready!(Pin::new(&mut self.inner).poll_read(cx, &mut buffer)) {
                Ok(()) => {
                    self.ended = buffer.filled().is_empty();
                    self.lingered_bytes += buffer.filled().len();
                }
                Err(_) => self.ended = true,
            }
        }
        Poll::Ready(())
    }
}

impl<T: Transport> Drop for Watched<T> {
    fn drop(&mut self) {
        if self.watch.cut.load(Relaxed) {
            // Otherwise the kernel would keep what the client does not read, for minutes. Where the socket is gone
            // already, there is nothing to keep.
            let _ = SockRef::from(self.inner.socket()).set_linger(Some(Duration::ZERO));
        } else if !self.closed {
            self.inner.say_goodbye();
        }
    }
}

impl<T: Transport> AsyncRead for Watched<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if !this.prefix.is_empty() {
            let bytes = this.prefix.len().min(buf.remaining());
            buf.put_slice(&this.prefix[..bytes]);
            this.prefix.advance(bytes);
            this.watch.read(bytes);
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        let Poll::Ready(result) = Pin::new(&mut this.inner).poll_read(cx, buf) else {
            this.watch.read_pending();
            return Poll::Pending;
        };
        match buf.filled().len() - before {
            0 => this.ended = true,
            bytes => this.watch.read(bytes),
        }
        Poll::Ready(result)
    }
}

impl<T: Transport> AsyncWrite for Watched<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.inner).poll_write(cx, buf);
        match &result {
            Poll::Ready(Ok(bytes)) => self.watch.wrote(*bytes, buf.len()),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => self.watch.blocked(),
        }
        result
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wanted = bufs.iter().map(|buf| buf.len()).sum();
        let mut joined = [0; JOINED_BYTES_MAX];
        let result = match joined.get_mut(..wanted) {
            Some(joined) => {
                let mut end = 0;
                for buf in bufs {
                    joined[end..][..buf.len()].copy_from_slice(buf);
                    end += buf.len();
                }
                Pin::new(&mut self.inner).poll_write(cx, joined)
            }
            None => Pin::new(&mut self.inner).poll_write_vectored(cx, bufs),
        };
        match &result {
            Poll::Ready(Ok(bytes)) => self.watch.wrote(*bytes, wanted),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => self.watch.blocked(),
        }
        result
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.inner).poll_flush(cx);
        // TLS takes bytes before the socket does, and waits here.
        if result.is_pending() {
            self.watch.blocked();
        } else {
            self.watch.unblocked();
        }
        result
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.watch.state() != State::Linger {
            self.watch.enter(State::Linger);
        }
        ready!(Pin::new(&mut self.inner).poll_shutdown(cx))?;
        self.closed = true;
        ready!(self.poll_linger(cx));
        Poll::Ready(Ok(()))
    }
}
