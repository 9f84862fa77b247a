//! How long upstreams take: for the metrics, for the log, and for the line that an answered request
//! leaves behind.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::{Method, StatusCode};

use super::{TransportError, UpstreamName};

tokio::task_local! {
    static CURRENT: Timings;
}

/// What upstreams took on behalf of one request. Cheap to clone; clones count together.
///
/// Calls count where they are awaited within [`Timings::scope`], in tasks that were spawned from
/// there only with [`inherit_timings`]. Calls that run side by side count in full, so that the sum
/// may be more than the time on the clock.
#[derive(Clone, Debug, Default)]
pub struct Timings(Arc<TimingsInner>);

#[derive(Debug, Default)]
struct TimingsInner {
    tallies: [Tally; 4],
    in_flight: Mutex<InFlightCalls>,
    decoding_nanoseconds: AtomicU64,
    /// Changes that were sent and may have been made.
    changes: AtomicU64,
}

/// Calls that are on their way, and for how long there was at least one.
#[derive(Debug, Default)]
struct InFlightCalls {
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
    pub fn calls_to(&self, name: UpstreamName) -> (u64, Duration) {
        let tally = &self.0.tallies[name as usize];
        (
            tally.calls.load(Ordering::Relaxed),
            Duration::from_micros(tally.microseconds.load(Ordering::Relaxed)),
        )
    }

    /// For how long at least one call was on its way: what is left of a request's time is its own.
    #[must_use]
    pub fn waiting_time(&self) -> Duration {
        self.with_in_flight(|waiting| waiting.total)
    }

    /// How much of its own time went into reading answers, from bytes to values.
    #[must_use]
    pub fn decoding_time(&self) -> Duration {
        Duration::from_nanos(self.0.decoding_nanoseconds.load(Ordering::Relaxed))
    }

    fn with_in_flight<T>(&self, look: impl FnOnce(&mut InFlightCalls) -> T) -> T {
        look(
            &mut self
                .0
                .in_flight
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    fn add_call(&self, name: UpstreamName, took: Duration) {
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
        for name in [
            UpstreamName::ApiServer,
            UpstreamName::Oauth,
            UpstreamName::Registry,
            UpstreamName::Storage,
        ] {
            let (calls, took) = self.calls_to(name);
            if calls > 0 {
                write!(f, "{gap}{name} {calls}×{}ms", took.as_millis())?;
                gap = " ";
            }
        }
        Ok(())
    }
}

/// A call that is on its way; it has ended when this is dropped, however it ended.
pub(super) struct InFlight(Option<Timings>);

impl InFlight {
    pub(super) fn start() -> Self {
        // Without a scope (a background task) there is nobody to count for.
        let timings = CURRENT.try_with(Timings::clone).ok();
        if let Some(timings) = &timings {
            timings.with_in_flight(|waiting| {
                waiting.calls += 1;
                waiting.since.get_or_insert_with(Instant::now);
            });
        }
        Self(timings)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let Some(timings) = &self.0 else { return };
        timings.with_in_flight(|waiting| {
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
pub fn inherit_timings<F: Future>(work: F) -> impl Future<Output = F::Output> {
    let timings = CURRENT.try_with(Timings::clone).unwrap_or_default();
    CURRENT.scope(timings, work)
}

/// Notes a change that was sent on behalf of the current request, and that may have been made.
pub fn record_change() {
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
pub fn time_decoding<T>(work: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let read = work();
    let nanoseconds = u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX);
    let _ = CURRENT.try_with(|timings| {
        timings
            .0
            .decoding_nanoseconds
            .fetch_add(nanoseconds, Ordering::Relaxed)
    });
    read
}

pub(super) fn record_call(
    name: UpstreamName,
    operation: &'static str,
    method: &Method,
    took: Duration,
    result: Result<StatusCode, &TransportError>,
) {
    // Without a scope (a background task) there is nobody to count for.
    let _ = CURRENT.try_with(|timings| timings.add_call(name, took));
    let (status, outcome) = match result {
        Ok(status) => (Some(status.as_u16()), status_class(status.as_u16())),
        Err(failed) => (None, failed.kind()),
    };
    metrics::histogram!("registry_console_upstream_request_duration_seconds", "upstream" => name.as_str(), "operation" => operation, "outcome" => outcome)
        .record(took.as_secs_f64());
    tracing::debug!(upstream = name.as_str(), %method, operation, status, outcome, duration_ms = took.as_millis() as u64, "upstream request");
}

fn status_class(status: u16) -> &'static str {
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
    async fn calls_in_a_scope_are_counted_by_upstream() {
        let timings = Timings::default();
        let failed = Err(&TransportError::TooLarge {
            upstream: UpstreamName::ApiServer,
            limit: 1,
        });
        timings
            .scope(async {
                record_call(
                    UpstreamName::ApiServer,
                    "test",
                    &Method::GET,
                    Duration::from_millis(20),
                    failed,
                );
                record_call(
                    UpstreamName::ApiServer,
                    "test",
                    &Method::GET,
                    Duration::from_millis(11),
                    failed,
                );
                record_call(
                    UpstreamName::Registry,
                    "test",
                    &Method::GET,
                    Duration::from_millis(4),
                    failed,
                );
            })
            .await;
        record_call(
            UpstreamName::Oauth,
            "test",
            &Method::GET,
            Duration::from_secs(1),
            failed,
        );
        assert_eq!(timings.to_string(), "master 2×31ms registry 1×4ms");
    }

    #[tokio::test]
    async fn concurrent_calls_count_waiting_once() {
        let timings = Timings::default();
        timings
            .scope(async {
                let (one, other) = (InFlight::start(), InFlight::start());
                drop(one);
                assert_eq!(
                    timings.waiting_time(),
                    Duration::ZERO,
                    "the other is still on its way"
                );
                drop(other);
            })
            .await;
        assert!(timings.waiting_time() > Duration::ZERO);
        drop(InFlight::start());
        assert_eq!(
            timings.with_in_flight(|waiting| waiting.calls),
            0,
            "outside of the scope nothing counts"
        );
    }

    #[tokio::test]
    async fn spawned_task_counts_in_its_parents_scope() {
        let timings = Timings::default();
        assert_eq!(
            timings
                .scope(async {
                    tokio::spawn(inherit_timings(async { time_decoding(|| 7) }))
                        .await
                        .unwrap()
                })
                .await,
            7
        );
        assert!(timings.decoding_time() > Duration::ZERO);
    }

    #[tokio::test]
    async fn body_reading_counts_for_its_request() {
        let timings = Timings::default();
        assert_eq!(timings.scope(async { time_decoding(|| 7) }).await, 7);
        assert!(timings.decoding_time() > Duration::ZERO);
    }
}
