//! The preface of an HTTP/2 connection.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf as _, Bytes};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};

/// RFC 9113, 3.4.
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Length (3), type, flags and stream (4) of a frame: RFC 9113, 4.1.
const FRAME_HEADER_BYTES: usize = 9;
/// The type of a SETTINGS frame: RFC 9113, 6.5.
const SETTINGS_FRAME_TYPE: u8 = 4;
/// Bytes of one setting.
const SETTING_BYTES: usize = 6;
/// More settings than any client sends.
const MAX_SETTINGS: usize = 64;

/// A stream whose first bytes have been read already.
pub(super) struct RewoundStream<S> {
    replayed: Bytes,
    stream: S,
}

/// Reads the preface and the SETTINGS frame that must follow it. Without it the HTTP library would
/// wait for ever. Sets no time limit.
///
/// # Errors
/// The stream ends, or begins with something else.
pub(super) async fn read_preface<S: AsyncRead + Unpin>(
    mut stream: S,
) -> io::Result<RewoundStream<S>> {
    let mut read = vec![0; PREFACE.len() + FRAME_HEADER_BYTES];
    stream.read_exact(&mut read).await?;
    let (preface, frame) = read.split_at(PREFACE.len());
    let length = usize::from(frame[0]) << 16 | usize::from(frame[1]) << 8 | usize::from(frame[2]);
    if preface != PREFACE
        || frame[3] != SETTINGS_FRAME_TYPE
        || length > MAX_SETTINGS * SETTING_BYTES
    {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let payload = read.len();
    read.resize(payload + length, 0);
    stream.read_exact(&mut read[payload..]).await?;
    Ok(RewoundStream {
        replayed: read.into(),
        stream,
    })
}

impl<S: AsyncRead + Unpin> AsyncRead for RewoundStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.replayed.is_empty() {
            return Pin::new(&mut self.stream).poll_read(context, buffer);
        }
        let length = self.replayed.len().min(buffer.remaining());
        buffer.put_slice(&self.replayed[..length]);
        self.replayed.advance(length);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for RewoundStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
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
    use futures_util::FutureExt as _;

    use super::*;

    /// An ENABLE_PUSH setting of 0.
    const ONE_SETTING: &[u8] = b"\0\0\x06\x04\0\0\0\0\0\0\x02\0\0\0\0";

    #[tokio::test]
    async fn read_preface_is_replayed() {
        let whole = [PREFACE, ONE_SETTING, b"more"].concat();
        let mut begun = read_preface(&whole[..]).await.unwrap();
        let mut again = Vec::new();
        begun.read_to_end(&mut again).await.unwrap();
        assert_eq!(again, whole);
    }

    #[tokio::test]
    async fn incomplete_preface_is_awaited_and_other_data_rejected() {
        for end in [
            0,
            10,
            PREFACE.len(),
            PREFACE.len() + 4,
            PREFACE.len() + ONE_SETTING.len() - 1,
        ] {
            let (mut theirs, ours) = tokio::io::duplex(100);
            tokio::io::AsyncWriteExt::write_all(
                &mut theirs,
                &[PREFACE, ONE_SETTING].concat()[..end],
            )
            .await
            .unwrap();
            assert!(read_preface(ours).now_or_never().is_none(), "{end} bytes");
        }
        let ping_first = [PREFACE, &b"\0\0\x08\x06\0\0\0\0\0"[..]].concat();
        let too_long = [PREFACE, &b"\0\x40\0\x04\0\0\0\0\0"[..]].concat();
        for wrong in [
            &b"GET / HTTP/1.1\r\nHost: a\r\nX: aaaaaaaaaaaaaaa\r\n\r\n"[..],
            &ping_first,
            &too_long,
        ] {
            assert_eq!(
                read_preface(wrong).await.err().map(|error| error.kind()),
                Some(io::ErrorKind::InvalidData)
            );
        }
    }
}
