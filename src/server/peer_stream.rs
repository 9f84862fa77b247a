//! The byte stream of a connection, below TLS and HTTP.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

/// A TCP connection whose peer must keep reading: a write that waits longer than the limit fails.
///
/// The kernel reports space in its buffer only when a third of it is free, so a peer that reads a
/// few bytes now and then makes no progress here.
pub(super) struct PeerStream<S = TcpStream>
where
    S: Resettable,
{
    stream: S,
    write_timeout: Duration,
    write_timer: Option<Pin<Box<Sleep>>>,
    reset: ResetOnClose,
}

/// Turns the end of a connection into a reset, so that the kernel does not keep what its peer does
/// not read.
#[derive(Clone, Default)]
pub(super) struct ResetOnClose(Arc<AtomicBool>);

/// A connection that can be reset.
pub(super) trait Resettable {
    /// From now on, closing the connection resets it.
    fn reset_on_close(&self);
}

impl ResetOnClose {
    pub(super) fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Resettable for TcpStream {
    fn reset_on_close(&self) {
        // If it fails, the connection is closed as usual.
        let _ = socket2::SockRef::from(self).set_linger(Some(Duration::ZERO));
    }
}

impl<S: Resettable> PeerStream<S> {
    pub(super) fn new(stream: S, limit: Duration) -> Self {
        Self {
            stream,
            write_timeout: limit,
            write_timer: None,
            reset: ResetOnClose::default(),
        }
    }

    pub(super) fn reset_handle(&self) -> ResetOnClose {
        self.reset.clone()
    }

    /// Fails a write that waits too long.
    fn poll_within_timeout<T>(
        &mut self,
        context: &mut Context<'_>,
        write: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if write.is_ready() {
            self.write_timer = None;
            return write;
        }
        let limit = self.write_timeout;
        ready!(
            self.write_timer
                .get_or_insert_with(|| Box::pin(sleep(limit)))
                .as_mut()
                .poll(context)
        );
        self.reset.set();
        metrics::counter!("registry_console_closed_connections_total", "reason" => "stalled")
            .increment(1);
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl PeerStream {
    /// Peeks at the first byte that the peer sends. `None` if the connection ends first.
    pub(super) async fn peek_first_byte(&self) -> Option<u8> {
        let mut first = [0];
        matches!(self.stream.peek(&mut first).await, Ok(1)).then_some(first[0])
    }
}

impl<S: Resettable> Drop for PeerStream<S> {
    fn drop(&mut self) {
        if self.reset.0.load(Ordering::Relaxed) {
            self.stream.reset_on_close();
        }
    }
}

impl<S: AsyncRead + Resettable + Unpin> AsyncRead for PeerStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Resettable + Unpin> AsyncWrite for PeerStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let write = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.poll_within_timeout(context, write)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let write = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.poll_within_timeout(context, write)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
    use tokio::time::{Instant, sleep};

    use super::*;

    const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

    impl Resettable for DuplexStream {
        fn reset_on_close(&self) {}
    }

    #[tokio::test(start_paused = true)]
    async fn stalled_write_times_out_and_resets_the_connection() {
        let (ours, _theirs) = duplex(10);
        let mut stream = PeerStream::new(ours, WRITE_TIMEOUT);
        let (reset, started) = (stream.reset_handle(), Instant::now());
        let error = stream.write_all(&[0; 11]).await.unwrap_err();
        assert_eq!(
            (error.kind(), started.elapsed()),
            (io::ErrorKind::TimedOut, WRITE_TIMEOUT)
        );
        assert!(reset.0.load(Ordering::Relaxed));
    }

    #[tokio::test(start_paused = true)]
    async fn slow_but_progressing_peer_is_served() {
        let (ours, mut theirs) = duplex(10);
        let mut stream = PeerStream::new(ours, WRITE_TIMEOUT);
        let reading = async {
            for _ in 0..10 {
                sleep(WRITE_TIMEOUT - Duration::from_secs(1)).await;
                theirs.read_exact(&mut [0; 10]).await.unwrap();
            }
        };
        let (written, ()) = tokio::join!(stream.write_all(&[0; 100]), reading);
        written.unwrap();
    }
}
