//! The active requests of a connection.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

/// The requests of one connection, from the end of their headers to the end of their responses.
#[derive(Clone)]
pub(super) struct RequestCounter(Arc<watch::Sender<usize>>);

/// An active request. Ends when dropped.
pub(super) struct ActiveRequest(RequestCounter);

impl RequestCounter {
    pub(super) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }

    pub(super) fn begin_request(&self) -> ActiveRequest {
        self.0.send_modify(|count| *count += 1);
        ActiveRequest(self.clone())
    }

    /// Whether any request is active.
    pub(super) fn is_busy(&self) -> bool {
        *self.0.borrow() > 0
    }

    /// Waits until no request has been active for `span`, or for `first` if there has been none at
    /// all.
    pub(super) async fn wait_until_idle(&self, first: Duration, span: Duration) {
        let mut count = self.0.subscribe();
        if *count.borrow() == 0 && timeout(first, count.changed()).await.is_err() {
            return;
        }
        loop {
            // The sender is in `self`, so neither wait can fail.
            let _ = count.wait_for(|count| *count == 0).await;
            if timeout(span, count.changed()).await.is_err() {
                return;
            }
        }
    }
}

impl Drop for ActiveRequest {
    fn drop(&mut self) {
        self.0.0.send_modify(|count| *count -= 1);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn connection_is_idle_only_without_active_requests() {
        let counter = RequestCounter::new();
        let (first, second) = (counter.begin_request(), counter.begin_request());
        let mut quiet = std::pin::pin!(counter.wait_until_idle(Duration::ZERO, Duration::ZERO));
        assert!(quiet.as_mut().now_or_never().is_none());
        drop(first);
        assert!(quiet.as_mut().now_or_never().is_none());
        drop(second);
        quiet.await;
    }

    #[tokio::test(start_paused = true)]
    async fn first_request_has_a_shorter_idle_timeout() {
        let (first, span, started) = (
            Duration::from_secs(15),
            Duration::from_secs(60),
            tokio::time::Instant::now(),
        );
        let counter = RequestCounter::new();
        counter.wait_until_idle(first, span).await;
        assert_eq!(started.elapsed(), first);
        let requests = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            drop(counter.begin_request());
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = counter.wait_until_idle(first, span) => {}
            () = requests => {}
        }
        assert_eq!(started.elapsed(), first + Duration::from_secs(1) + span);
    }
}
