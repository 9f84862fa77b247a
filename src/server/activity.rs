//! Which requests of a connection are under way.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::watch;
use tokio::time::timeout;

/// The requests of one connection, from the end of their header to the end of their answer.
#[derive(Clone)]
pub(super) struct Activity(Arc<watch::Sender<usize>>);

/// One request under way. Ends when dropped.
pub(super) struct UnderWay(Activity);

impl Activity {
    pub(super) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }

    pub(super) fn begin(&self) -> UnderWay {
        self.0.send_modify(|count| *count += 1);
        UnderWay(self.clone())
    }

    /// Waits until there has been no request for all of `span`.
    pub(super) async fn quiet(&self, span: Duration) {
        let mut count = self.0.subscribe();
        loop {
            // The sender is in `self`, so neither wait can fail.
            let _ = count.wait_for(|count| *count == 0).await;
            if timeout(span, count.changed()).await.is_err() {
                return;
            }
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.0.send_modify(|count| *count -= 1);
    }
}

/// The body of an answer, which is under way until it is sent.
pub(super) struct Answering {
    pub(super) body: axum::body::Body,
    pub(super) _under_way: UnderWay,
}

impl Body for Answering {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn a_connection_is_quiet_only_when_no_request_is_under_way() {
        let activity = Activity::new();
        let (first, second) = (activity.begin(), activity.begin());
        let mut quiet = std::pin::pin!(activity.quiet(Duration::ZERO));
        assert!(quiet.as_mut().now_or_never().is_none());
        drop(first);
        assert!(quiet.as_mut().now_or_never().is_none());
        drop(second);
        quiet.await;
    }
}
