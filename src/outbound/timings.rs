//! How long upstreams take: for the metrics, for the log, and for the line that an answered request
//! leaves behind.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::{Method, StatusCode};

use super::{Failed, Name};

tokio::task_local! {
    static CURRENT: Timings;
}

/// What upstreams took on behalf of one request. Cheap to clone; clones count together.
///
/// Calls count where they are awaited within [`Timings::scope`], in tasks that were spawned from
/// there only with [`elsewhere`]. Calls that run side by side count in full, so that the sum may be
/// more than the time on the clock.
#[derive(Clone, Debug, Default)]
pub struct Timings(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    tallies: [Tally; 4],
    waiting: Mutex<Waiting>,
    reading_nanoseconds: AtomicU64,
    /// Changes that were sent and may have been made.
    changes: AtomicU64,
}

/// Calls that are on their way, and for how long there was at least one.
#[derive(Debug, Default)]
struct Waiting {
    calls: u32,
    since: Option<Instant>,
    total: Duration,
}

#[derive(Debug, Default)]
struct Tally {
    calls: AtomicU64,
    microseconds: AtomicU64,
}

impl Timings {
    /// Runs `work`; upstream calls within it count here.
    pub async fn scope<F: Future>(&self, work: F) -> F::Output {
        CURRENT.scope(self.clone(), work).await
    }

    /// Number of calls to `name`, and the sum of their times.
    #[must_use]
    pub fn of(&self, name: Name) -> (u64, Duration) {
        let tally = &self.0.tallies[name as usize];
        (
            tally.calls.load(Ordering::Relaxed),
            Duration::from_micros(tally.microseconds.load(Ordering::Relaxed)),
        )
    }

    /// For how long at least one call was on its way: what is left of a request's time is its own.
    #[must_use]
    pub fn waited(&self) -> Duration {
        self.waiting(|waiting| waiting.total)
    }

    /// How much of its own time went into reading answers, from bytes to values.
    #[must_use]
    pub fn reading(&self) -> Duration {
        Duration::from_nanos(self.0.reading_nanoseconds.load(Ordering::Relaxed))
    }

    fn waiting<T>(&self, look: impl FnOnce(&mut Waiting) -> T) -> T {
        look(
            &mut self
                .0
                .waiting
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    fn add(&self, name: Name, took: Duration) {
        let tally = &self.0.tallies[name as usize];
        tally.calls.fetch_add(1, Ordering::Relaxed);
        tally.microseconds.fetch_add(
            u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            Ordering::Relaxed,
        );
    }
}

/// `master 2×31ms registry 1×4ms`: calls and the milliseconds of all of them; nothing for who was
/// not asked.
impl fmt::Display for Timings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut gap = "";
        for name in [Name::Master, Name::Oauth, Name::Registry, Name::Storage] {
            let (calls, took) = self.of(name);
            if calls > 0 {
                write!(f, "{gap}{name} {calls}×{}ms", took.as_millis())?;
                gap = " ";
            }
        }
        Ok(())
    }
}

/// A call that is on its way; it has ended when this is dropped, however it ended.
pub(super) struct OnItsWay(Option<Timings>);

impl OnItsWay {
    pub(super) fn now() -> Self {
        // Without a scope (a background task) there is nobody to count for.
        let timings = CURRENT.try_with(Timings::clone).ok();
        if let Some(timings) = &timings {
            timings.waiting(|waiting| {
                waiting.calls += 1;
                waiting.since.get_or_insert_with(Instant::now);
            });
        }
        Self(timings)
    }
}

impl Drop for OnItsWay {
    fn drop(&mut self) {
        let Some(timings) = &self.0 else { return };
        timings.waiting(|waiting| {
            waiting.calls -= 1;
            if waiting.calls == 0 {
                waiting.total += waiting
                    .since
                    .take()
                    .map_or(Duration::ZERO, |since| since.elapsed());
            }
        });
    }
}

/// The same work, to be done in a task of its own, on the time of the request that it is for.
pub fn elsewhere<F: Future>(work: F) -> impl Future<Output = F::Output> {
    let timings = CURRENT.try_with(Timings::clone).unwrap_or_default();
    CURRENT.scope(timings, work)
}

/// Notes a change that was sent on behalf of the current request, and that may have been made.
pub fn note_change() {
    let _ = CURRENT.try_with(|timings| timings.0.changes.fetch_add(1, Ordering::Relaxed));
}

/// Whether the current request may have changed something. Where that is not counted (in no
/// [`Timings::scope`]), it may.
#[must_use]
pub fn may_have_changed() -> bool {
    CURRENT
        .try_with(|timings| timings.0.changes.load(Ordering::Relaxed) > 0)
        .unwrap_or(true)
}

/// Does `work`, which turns an answer into values, on the time of the request that it is for.
pub fn reading<T>(work: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let read = work();
    let nanoseconds = u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX);
    let _ = CURRENT.try_with(|timings| {
        timings
            .0
            .reading_nanoseconds
            .fetch_add(nanoseconds, Ordering::Relaxed)
    });
    read
}

pub(super) fn record(
    name: Name,
    operation: &'static str,
    method: &Method,
    took: Duration,
    result: Result<StatusCode, &Failed>,
) {
    // Without a scope (a background task) there is nobody to count for.
    let _ = CURRENT.try_with(|timings| timings.add(name, took));
    let (status, outcome) = match result {
        Ok(status) => (Some(status.as_u16()), class(status.as_u16())),
        Err(failed) => (None, failed.kind()),
    };
    metrics::histogram!("registry_console_upstream_seconds", "upstream" => name.as_str(), "operation" => operation, "outcome" => outcome)
        .record(took.as_secs_f64());
    tracing::debug!(upstream = name.as_str(), %method, operation, status, outcome, ms = took.as_millis() as u64, "asked upstream");
}

fn class(status: u16) -> &'static str {
    match status {
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn calls_within_a_scope_are_counted_by_upstream() {
        let timings = Timings::default();
        let failed = Err(&Failed::TooLarge {
            upstream: Name::Master,
            limit: 1,
        });
        timings
            .scope(async {
                record(
                    Name::Master,
                    "test",
                    &Method::GET,
                    Duration::from_millis(20),
                    failed,
                );
                record(
                    Name::Master,
                    "test",
                    &Method::GET,
                    Duration::from_millis(11),
                    failed,
                );
                record(
                    Name::Registry,
                    "test",
                    &Method::GET,
                    Duration::from_millis(4),
                    failed,
                );
            })
            .await;
        record(
            Name::Oauth,
            "test",
            &Method::GET,
            Duration::from_secs(1),
            failed,
        );
        assert_eq!(timings.to_string(), "master 2×31ms registry 1×4ms");
    }

    #[tokio::test]
    async fn waiting_is_counted_once_where_calls_run_side_by_side() {
        let timings = Timings::default();
        timings
            .scope(async {
                let (one, other) = (OnItsWay::now(), OnItsWay::now());
                drop(one);
                assert_eq!(
                    timings.waited(),
                    Duration::ZERO,
                    "the other is still on its way"
                );
                drop(other);
            })
            .await;
        assert!(timings.waited() > Duration::ZERO);
        drop(OnItsWay::now());
        assert_eq!(
            timings.waiting(|waiting| waiting.calls),
            0,
            "outside of the scope nothing counts"
        );
    }

    #[tokio::test]
    async fn a_task_of_its_own_counts_where_it_was_begun() {
        let timings = Timings::default();
        assert_eq!(
            timings
                .scope(async {
                    tokio::spawn(elsewhere(async { reading(|| 7) }))
                        .await
                        .unwrap()
                })
                .await,
            7
        );
        assert!(timings.reading() > Duration::ZERO);
    }

    #[tokio::test]
    async fn reading_counts_for_the_request_that_it_is_for() {
        let timings = Timings::default();
        assert_eq!(timings.scope(async { reading(|| 7) }).await, 7);
        assert!(timings.reading() > Duration::ZERO);
    }
}
