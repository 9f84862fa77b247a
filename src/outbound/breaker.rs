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

use super::Name;

/// How many requests in a row get no answer before the console asks whether the server is there.
const FAILURES: u32 = 7;
/// How long a server is left alone at first, and at the most: twice as long each time. It has to be
/// known soon (30 s, R6) that it is there again.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(16);
/// A request that is given up after so long without the beginning of an answer counts as one
/// without an answer: people do not wait for ever, and the parts of a page do so for less.
const SILENT: Duration = Duration::from_millis(1_500);

/// Whether a server answers.
#[derive(Debug)]
pub(super) struct Breaker {
    upstream: Name,
    state: Mutex<BreakerState>,
}

#[derive(Clone, Copy, Debug)]
enum BreakerState {
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
pub(super) struct IsOpen {
    /// For how long it has not answered.
    pub(super) since: Duration,
    /// When it is asked the next time whether it is there.
    pub(super) next: Duration,
}

/// A request that is under way.
pub(super) struct Attempt<'a> {
    breaker: &'a Breaker,
    started: Instant,
    decided: bool,
    /// Called where it has to be asked whether the server is there.
    check: &'a (dyn Fn() + Send + Sync),
}

impl Breaker {
    pub(super) fn new(upstream: Name) -> Self {
        Self {
            upstream,
            state: Mutex::new(BreakerState::Closed(0)),
        }
    }

    /// Lets a request through. `check` begins to ask whether the server is there, where its failure
    /// gives reason to.
    pub(super) fn admit<'a>(
        &'a self,
        check: &'a (dyn Fn() + Send + Sync),
    ) -> Result<Attempt<'a>, IsOpen> {
        let now = Instant::now();
        match *self.state() {
            BreakerState::Open { since, until, .. } => Err(IsOpen {
                since: now - since,
                next: until.saturating_duration_since(now),
            }),
            BreakerState::Closed(_) | BreakerState::Checking => Ok(Attempt {
                breaker: self,
                started: now,
                decided: false,
                check,
            }),
        }
    }

    /// The server has answered.
    pub(super) fn answered(&self) {
        let mut state = self.state();
        if let BreakerState::Open { since, .. } = *state {
            tracing::info!(
                upstream = self.upstream.as_str(),
                after_ms = since.elapsed().as_millis() as u64,
                "the upstream answers again"
            );
        }
        *state = BreakerState::Closed(0);
        drop(state);
        self.measure(true);
    }

    /// The console asked whether the server is there, and got no answer. Says how long to wait
    /// until it asks again.
    pub(super) fn is_not_there(&self) -> Duration {
        let now = Instant::now();
        let mut state = self.state();
        let (since, wait) = match *state {
            BreakerState::Open { since, wait, .. } => (since, (wait * 2).min(LONGEST_WAIT)),
            BreakerState::Closed(_) | BreakerState::Checking => {
                tracing::warn!(
                    upstream = self.upstream.as_str(),
                    "the upstream does not answer: requests to it are refused until it does"
                );
                (now, FIRST_WAIT)
            }
        };
        *state = BreakerState::Open {
            since,
            until: now + wait,
            wait,
        };
        drop(state);
        self.measure(false);
        wait
    }

    /// Whether it still has to be asked whether the server is there.
    pub(super) fn is_in_doubt(&self) -> bool {
        !matches!(*self.state(), BreakerState::Closed(_))
    }

    /// One more request without an answer. Says whether it has to be asked whether the server is
    /// there.
    fn failed(&self) -> bool {
        let mut state = self.state();
        if let BreakerState::Closed(failures) = &mut *state {
            *failures += 1;
            if *failures >= FAILURES {
                *state = BreakerState::Checking;
                return true;
            }
        }
        false
    }

    fn measure(&self, available: bool) {
        metrics::gauge!("registry_console_upstream_available", "upstream" => self.upstream.as_str()).set(if available { 1.0 } else { 0.0 });
    }

    fn state(&self) -> MutexGuard<'_, BreakerState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Attempt<'_> {
    /// An answer has begun, or the request failed in a way that says nothing about whether the
    /// server is there.
    pub(super) fn answered(mut self) {
        self.decided = true;
        self.breaker.answered();
    }

    /// There is no answer.
    pub(super) fn failed(mut self) {
        self.decided = true;
        if self.breaker.failed() {
            (self.check)();
        }
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if !self.decided && self.started.elapsed() >= SILENT && self.breaker.failed() {
            (self.check)();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::time::advance;

    use super::*;

    /// How often it was asked whether the server is there.
    struct Tried(Breaker, AtomicU32);

    impl Tried {
        fn new() -> Self {
            Self(Breaker::new(Name::Registry), AtomicU32::new(0))
        }

        async fn request(&self, how: impl AsyncFnOnce(Attempt<'_>)) -> Result<(), IsOpen> {
            let check = || {
                self.1.fetch_add(1, Ordering::Relaxed);
            };
            how(self.0.admit(&check)?).await;
            Ok(())
        }

        async fn fail(&self, times: u32) {
            for _ in 0..times {
                self.request(async |attempt| attempt.failed())
                    .await
                    .unwrap();
            }
        }

        fn checks(&self) -> u32 {
            self.1.load(Ordering::Relaxed)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn seven_failures_in_a_row_are_a_reason_to_check_and_an_answer_in_between_is_none() {
        let tried = Tried::new();
        tried.fail(6).await;
        tried
            .request(async |attempt| attempt.answered())
            .await
            .unwrap();
        tried.fail(6).await;
        assert_eq!(tried.checks(), 0);
        tried.fail(1).await;
        assert_eq!(tried.checks(), 1);
        tried.fail(20).await;
        assert_eq!(tried.checks(), 1, "once, and requests go on meanwhile");
        tried.0.answered();
        assert!(!tried.0.is_in_doubt());
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_is_not_there_is_left_alone_for_one_second_and_then_for_twice_as_long_up_to_sixteen()
     {
        let tried = Tried::new();
        tried.fail(7).await;
        for wait in [1, 2, 4, 8, 16, 16] {
            let wait = Duration::from_secs(wait);
            assert_eq!(tried.0.is_not_there(), wait);
            advance(wait / 2).await;
            let refused = tried
                .request(async |attempt| attempt.answered())
                .await
                .unwrap_err();
            assert_eq!(refused.next, wait / 2, "nobody else asks before that");
            advance(wait / 2).await;
            assert!(
                tried
                    .request(async |attempt| attempt.answered())
                    .await
                    .is_err(),
                "only the console itself asks then"
            );
        }
        let refused = tried
            .request(async |attempt| attempt.answered())
            .await
            .unwrap_err();
        assert_eq!(refused.since, Duration::from_secs(47));
        tried.0.answered();
        assert!(
            tried
                .request(async |attempt| attempt.answered())
                .await
                .is_ok()
        );
        tried.fail(6).await;
        assert!(!tried.0.is_in_doubt(), "it starts from nothing");
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_leaves_counts_only_after_a_long_silence() {
        let tried = Tried::new();
        for _ in 0..20 {
            tried.request(async |attempt| drop(attempt)).await.unwrap();
        }
        assert_eq!(tried.checks(), 0);
        for _ in 0..7 {
            let gives_up = async |attempt: Attempt<'_>| {
                advance(SILENT).await;
                drop(attempt);
            };
            tried.request(gives_up).await.unwrap();
        }
        assert_eq!(tried.checks(), 1);
    }
}
