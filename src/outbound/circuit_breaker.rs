//! A circuit breaker: a server that does not answer is left alone, and whoever wants something of
//! it is told at once (R9).
//!
//! What people ask for can fail for reasons of its own: an image that the registry fetches from a
//! slow place, an object that makes a server stumble. So failures alone open nothing. After seven
//! in a row without any answer in between, the console itself asks whether the server is there;
//! only where that is not answered either, requests are refused until it is. An answer of any
//! status is an answer.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::UpstreamName;

/// How many requests in a row get no answer before the console asks whether the server is there.
const MAX_FAILURES: u32 = 7;
/// How long a server is left alone at first, and at the most: twice as long each time. It has to be
/// known soon (30 s, R6) that it is there again.
const MIN_WAIT: Duration = Duration::from_secs(1);
const MAX_WAIT: Duration = Duration::from_secs(16);
/// A request that is given up after so long without the beginning of an answer counts as one
/// without an answer: people do not wait for ever, and the parts of a page do so for less.
const MIN_UNANSWERED_TIME: Duration = Duration::from_millis(1_500);

/// Whether a server answers.
#[derive(Debug)]
pub(super) struct CircuitBreaker {
    upstream: UpstreamName,
    state: Mutex<CircuitState>,
}

#[derive(Clone, Copy, Debug)]
enum CircuitState {
    /// It answers; so many requests in a row did not get an answer.
    Closed(u32),
    /// The console is asking whether it is there.
    Checking,
    /// It does not answer.
    Open {
        since: Instant,
        until: Instant,
        wait: Duration,
    },
}

/// A server that does not answer is not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CircuitOpenError {
    /// For how long it has not answered.
    pub(super) unavailable_for: Duration,
    /// When it is asked the next time whether it is there.
    pub(super) retry_in: Duration,
}

/// A request that is under way.
pub(super) struct Attempt<'a> {
    breaker: &'a CircuitBreaker,
    started: Instant,
    is_recorded: bool,
    /// Called where it has to be asked whether the server is there.
    start_health_check: &'a (dyn Fn() + Send + Sync),
}

impl CircuitBreaker {
    pub(super) fn new(upstream: UpstreamName) -> Self {
        Self {
            upstream,
            state: Mutex::new(CircuitState::Closed(0)),
        }
    }

    /// Lets a request through. `check` begins to ask whether the server is there, where its failure
    /// gives reason to.
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

    /// The server has answered.
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

    /// The console asked whether the server is there, and got no answer. Says how long to wait
    /// until it asks again.
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

    /// Whether it still has to be asked whether the server is there.
    pub(super) fn needs_health_check(&self) -> bool {
        !matches!(*self.state(), CircuitState::Closed(_))
    }

    /// One more request without an answer. Says whether it has to be asked whether the server is
    /// there.
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
    /// An answer has begun, or the request failed in a way that says nothing about whether the
    /// server is there.
    pub(super) fn record_response(mut self) {
        self.is_recorded = true;
        self.breaker.record_response();
    }

    /// There is no answer.
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

    /// How often it was asked whether the server is there.
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
            assert_eq!(refused.retry_in, wait / 2, "nobody else asks before that");
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
    async fn cancelled_request_counts_only_after_a_long_silence() {
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
