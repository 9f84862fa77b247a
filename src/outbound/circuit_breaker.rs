//! A circuit breaker: requests to a server that does not respond fail at once (R9).
//!
//! A request can fail for reasons of its own: an image that the registry fetches from a slow
//! source, or an object that triggers a fault in a server. Failures alone therefore do not open the
//! circuit breaker. After seven consecutive requests without a response, the console starts a
//! health check; only if that fails too are requests rejected, until a health check succeeds. A
//! response of any status counts as a response.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::UpstreamName;

/// The number of consecutive requests without a response that start a health check.
const MAX_FAILURES: u32 = 7;
/// The shortest and longest wait between health checks; it doubles each time. A server that is
/// available again has to be detected soon (30 s, R6).
const MIN_WAIT: Duration = Duration::from_secs(1);
const MAX_WAIT: Duration = Duration::from_secs(16);
/// A request that is canceled after this time without the headers of a response counts as a
/// failure: users cancel slow requests, and the time limit of a page's sections is shorter.
const MIN_UNANSWERED_TIME: Duration = Duration::from_millis(1_500);

/// Whether a server responds.
#[derive(Debug)]
pub(super) struct CircuitBreaker {
    upstream: UpstreamName,
    state: Mutex<CircuitState>,
}

#[derive(Clone, Copy, Debug)]
enum CircuitState {
    /// The server responds. The number is that of consecutive requests without a response.
    Closed(u32),
    /// A health check is running.
    Checking,
    /// The server does not respond.
    Open {
        since: Instant,
        until: Instant,
        wait: Duration,
    },
}

/// The circuit breaker is open: the request is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CircuitOpenError {
    /// How long the server has not responded.
    pub(super) unavailable_for: Duration,
    /// The time until the next health check.
    pub(super) retry_in: Duration,
}

/// A request in progress.
pub(super) struct Attempt<'a> {
    breaker: &'a CircuitBreaker,
    started: Instant,
    is_recorded: bool,
    /// Called when a health check is needed.
    start_health_check: &'a (dyn Fn() + Send + Sync),
}

impl CircuitBreaker {
    pub(super) fn new(upstream: UpstreamName) -> Self {
        Self {
            upstream,
            state: Mutex::new(CircuitState::Closed(0)),
        }
    }

    /// Admits a request. `check` starts a health check if the request fails and one is needed.
    pub(super) fn admit<'a>(
        &'a self,
        check: &'a (dyn Fn() + Send + Sync),
    ) -> Result<Attempt<'a>, CircuitOpenError> {
        let now = Instant::now();
        match *self.state() {
            CircuitState::Open { since, until, .. } => Err(CircuitOpenError {
                unavailable_for: now - since,
                retry_in: until.saturating_duration_since(now),
            }),
            CircuitState::Closed(_) | CircuitState::Checking => Ok(Attempt {
                breaker: self,
                started: now,
                is_recorded: false,
                start_health_check: check,
            }),
        }
    }

    /// Records a response of the server.
    pub(super) fn record_response(&self) {
        let mut state = self.state();
        if let CircuitState::Open { since, .. } = *state {
            tracing::info!(
                upstream = self.upstream.as_str(),
                unavailable_ms = since.elapsed().as_millis() as u64,
                "the upstream answers again"
            );
        }
        *state = CircuitState::Closed(0);
        drop(state);
        self.set_availability_gauge(true);
    }

    /// Records a failed health check. Returns how long to wait until the next one.
    pub(super) fn record_failed_health_check(&self) -> Duration {
        let now = Instant::now();
        let mut state = self.state();
        let (since, wait) = match *state {
            CircuitState::Open { since, wait, .. } => (since, (wait * 2).min(MAX_WAIT)),
            CircuitState::Closed(_) | CircuitState::Checking => {
                tracing::warn!(
                    upstream = self.upstream.as_str(),
                    "the upstream does not answer: requests to it are refused until it does"
                );
                (now, MIN_WAIT)
            }
        };
        *state = CircuitState::Open {
            since,
            until: now + wait,
            wait,
        };
        drop(state);
        self.set_availability_gauge(false);
        wait
    }

    /// Whether another health check is needed.
    pub(super) fn needs_health_check(&self) -> bool {
        !matches!(*self.state(), CircuitState::Closed(_))
    }

    /// Records a request without a response. Returns whether a health check is needed.
    fn record_failure(&self) -> bool {
        let mut state = self.state();
        if let CircuitState::Closed(failures) = &mut *state {
            *failures += 1;
            if *failures >= MAX_FAILURES {
                *state = CircuitState::Checking;
                return true;
            }
        }
        false
    }

    fn set_availability_gauge(&self, available: bool) {
        metrics::gauge!("registry_console_upstream_available", "upstream" => self.upstream.as_str()).set(if available { 1.0 } else { 0.0 });
    }

    fn state(&self) -> MutexGuard<'_, CircuitState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Attempt<'_> {
    /// Records that a response began, or that the request failed in a way that does not depend on
    /// whether the server is available.
    pub(super) fn record_response(mut self) {
        self.is_recorded = true;
        self.breaker.record_response();
    }

    /// Records that there was no response.
    pub(super) fn record_failure(mut self) {
        self.is_recorded = true;
        if self.breaker.record_failure() {
            (self.start_health_check)();
        }
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if !self.is_recorded
            && self.started.elapsed() >= MIN_UNANSWERED_TIME
            && self.breaker.record_failure()
        {
            (self.start_health_check)();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::time::advance;

    use super::*;

    /// The breaker, and the number of health checks that it started.
    struct TestedBreaker(CircuitBreaker, AtomicU32);

    impl TestedBreaker {
        fn new() -> Self {
            Self(
                CircuitBreaker::new(UpstreamName::Registry),
                AtomicU32::new(0),
            )
        }

        async fn request(
            &self,
            how: impl AsyncFnOnce(Attempt<'_>),
        ) -> Result<(), CircuitOpenError> {
            let check = || {
                self.1.fetch_add(1, Ordering::Relaxed);
            };
            how(self.0.admit(&check)?).await;
            Ok(())
        }

        async fn fail(&self, times: u32) {
            for _ in 0..times {
                self.request(async |attempt| attempt.record_failure())
                    .await
                    .unwrap();
            }
        }

        fn checks(&self) -> u32 {
            self.1.load(Ordering::Relaxed)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn seven_consecutive_failures_trigger_a_check() {
        let tried = TestedBreaker::new();
        tried.fail(6).await;
        tried
            .request(async |attempt| attempt.record_response())
            .await
            .unwrap();
        tried.fail(6).await;
        assert_eq!(tried.checks(), 0);
        tried.fail(1).await;
        assert_eq!(tried.checks(), 1);
        tried.fail(20).await;
        assert_eq!(tried.checks(), 1, "once, and requests go on meanwhile");
        tried.0.record_response();
        assert!(!tried.0.needs_health_check());
    }

    #[tokio::test(start_paused = true)]
    async fn open_breaker_backs_off_from_one_to_sixteen_seconds() {
        let tried = TestedBreaker::new();
        tried.fail(7).await;
        for wait in [1, 2, 4, 8, 16, 16] {
            let wait = Duration::from_secs(wait);
            assert_eq!(tried.0.record_failed_health_check(), wait);
            advance(wait / 2).await;
            let refused = tried
                .request(async |attempt| attempt.record_response())
                .await
                .unwrap_err();
            assert_eq!(
                refused.retry_in,
                wait / 2,
                "no other health check before that"
            );
            advance(wait / 2).await;
            assert!(
                tried
                    .request(async |attempt| attempt.record_response())
                    .await
                    .is_err(),
                "only the console itself asks then"
            );
        }
        let refused = tried
            .request(async |attempt| attempt.record_response())
            .await
            .unwrap_err();
        assert_eq!(refused.unavailable_for, Duration::from_secs(47));
        tried.0.record_response();
        assert!(
            tried
                .request(async |attempt| attempt.record_response())
                .await
                .is_ok()
        );
        tried.fail(6).await;
        assert!(!tried.0.needs_health_check(), "it starts from nothing");
    }

    #[tokio::test(start_paused = true)]
    async fn canceled_request_counts_only_after_a_long_silence() {
        let tried = TestedBreaker::new();
        for _ in 0..20 {
            tried.request(async |attempt| drop(attempt)).await.unwrap();
        }
        assert_eq!(tried.checks(), 0);
        for _ in 0..7 {
            let gives_up = async |attempt: Attempt<'_>| {
                advance(MIN_UNANSWERED_TIME).await;
                drop(attempt);
            };
            tried.request(gives_up).await.unwrap();
        }
        assert_eq!(tried.checks(), 1);
    }
}
